#pragma once

#include "analysis/accuracy_table.hpp"
#include "core/progress.hpp"
#include "core/workload/float_network.hpp"
#include "dnn/data/image_set.hpp"
#include "nas/space_config.hpp"

#include <memory>
#include <string>

namespace xloop {

/// Images of a space's study: those that weights are trained on, those that candidates are judged by, and those that only the chosen
/// are judged by, in the end.
struct SpaceImages {
    ImageSet train, validation, test;
};
enum class JudgedBy { validation, test };

/// Which subnet, and whose weights.
struct Subnet {
    SubnetPath path;
    std::string weights = {};  ///< folder of a network that was trained further; empty: those of the space
};

/// A subnet made ready for the chip, with its accuracy.
struct EvaluatedSubnet {
    WorkloadGraph workload;
    AccuracyTable accuracy;
};

/// A trained search space: the supernet and the images to judge its subnets with. Hides LibTorch from its users.
class TrainedSpace {
public:
    /// Trains, or continues from checkpoint_dir/training.pt (training/trainer.hpp). `images` must outlive the space.
    static TrainedSpace train(const NetworkSpec& space, const SpaceConfig& config, const SpaceImages& images,
                              const std::string& checkpoint_dir, const Watch& watch);
    /// What a finished run of the same training left in `dir` (load_supernet); trains and writes nothing.
    static TrainedSpace load(const NetworkSpec& space, const SpaceConfig& config, const SpaceImages& images,
                             const std::string& dir);
    TrainedSpace(TrainedSpace&&) noexcept;
    ~TrainedSpace();

    /// Takes one subnet out, measures its batch normalisation statistics (for the chip: with the effective weights of
    /// the chip's arrays), quantises it, programs a chip of this hardware with it and measures its accuracy on the first
    /// search.judged_images or search.test_images images. PGD images are made on the software network (white box there), rounded to
    /// pixel levels, and given to the software network; the chip gets the same, or of search.threat hh its own, made with it in the
    /// loop. `watch` is called now and then, without the share done.
    EvaluatedSubnet evaluate(const Subnet& subnet, const HardwareConfig& hardware, JudgedBy images, int threads,
                             const Watch& watch) const;
    /// The subnet as evaluate() programs it, without judging it.
    WorkloadGraph prepare(const Subnet& subnet, const HardwareConfig& hardware, int threads) const;
    /// Trains a subnet further for search.fine_tune_epochs, by itself and on this hardware, from the weights that it inherits. What is
    /// unfinished is kept in `folder`, the network in `folder`/network.
    void fine_tune(const SubnetPath& path, const HardwareConfig& hardware, const std::string& folder,
                   const Watch& watch) const;
    /// Probabilities of the choices that training left in a folder; none where it learnt none.
    static std::vector<std::vector<double>> probabilities(const std::string& dir);
    /// Its real weights, with statistics of exact products.
    FloatNetwork network(const Subnet& subnet) const;

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
