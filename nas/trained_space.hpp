#pragma once

#include "core/progress.hpp"
#include "dnn/data/image_set.hpp"
#include "nas/candidate.hpp"
#include "nas/space_config.hpp"

#include <memory>
#include <string>

namespace xloop {

/// Images of a space's study; no validation images: none are judged while training.
struct SpaceImages {
    ImageSet train, validation, test;
};

/// A trained search space: the supernet and the images to judge its subnets with. Hides LibTorch from its users.
class TrainedSpace {
public:
    /// Trains, or continues from checkpoint_dir/training.pt (training/trainer.hpp).
    static TrainedSpace train(const NetworkSpec& space, const SpaceConfig& config, const SpaceImages& images,
                              const std::string& checkpoint_dir, const Watch& watch);
    /// What a finished run of the same training left in `dir` (load_supernet); trains and writes nothing.
    static TrainedSpace load(const NetworkSpec& space, const SpaceConfig& config, const SpaceImages& images,
                             const std::string& dir);
    TrainedSpace(TrainedSpace&&) noexcept;
    ~TrainedSpace();

    /// Takes one subnet out, measures its batch normalisation statistics (for the chip: with the effective weights of
    /// the chip's arrays), quantises it, programs a chip with it and measures its accuracy on the first
    /// search.test_images test images. PGD images are made on the software network (white box there), rounded to pixel
    /// levels, and given unchanged to the software network and to the chip. `watch` is called now and then, without the share done.
    EvaluatedSubnet evaluate(const SubnetPath& path, int threads, const Watch& watch) const;

    /// What was found wrong in LibTorch and what is done instead (dnn/convolution.hpp); empty where nothing is.
    std::string convolution_remedy() const;

private:
    struct State;
    explicit TrainedSpace(std::unique_ptr<State> state);
    template <class Supply>
    static TrainedSpace with(const NetworkSpec& space, const SpaceConfig& config, const SpaceImages& images,
                             const Supply& supernet_of);
    std::unique_ptr<State> state_;
};

}  // namespace xloop
