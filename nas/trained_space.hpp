#pragma once

#include "core/experiment_config.hpp"
#include "core/progress.hpp"
#include "core/workload/workload_graph.hpp"
#include "dnn/data/image_set.hpp"

#include <memory>
#include <string>

namespace xloop {

/// Accuracy of one subnet, as shares in [0, 1]. PGD images are made on the software network (white box there), rounded
/// to pixel levels, and given unchanged to the software network and to the chip.
struct SubnetAccuracy {
    double software_clean = 0, software_pgd = 0;  ///< float32, ideal weights
    double integer_clean = 0;                     ///< 8-bit integers, ideal arrays
    double chip_clean = 0, chip_pgd = 0;          ///< the programmed, non-ideal chip
};

/// A subnet made ready for the chip, with its accuracy.
struct EvaluatedSubnet {
    WorkloadGraph workload;
    SubnetAccuracy accuracy;
};

/// A trained search space: the supernet and the images to judge its subnets with. Hides LibTorch from its users.
class TrainedSpace {
public:
    TrainedSpace(TrainedSpace&&) noexcept;
    ~TrainedSpace();

    /// Takes one subnet out, measures its batch normalisation statistics (for the chip: with the effective weights of
    /// the chip's arrays), quantises it, programs a chip with it and measures its accuracy on the first
    /// search.test_images test images. `watch` is called now and then, without the share done.
    EvaluatedSubnet evaluate(const SubnetPath& path, int threads, const Watch& watch) const;

    /// Trains, or continues from checkpoint_dir/supernet.pt (training/trainer.hpp).
    friend TrainedSpace train_space(const NetworkSpec& space, const ExperimentConfig& config, const ImageSet& train,
                                    const ImageSet& test, const std::string& checkpoint_dir, const Watch& watch);

private:
    struct State;
    explicit TrainedSpace(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace xloop
