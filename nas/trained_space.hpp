#pragma once

#include "core/experiment_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "dnn/data/image_set.hpp"

#include <functional>
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
    /// Called as training goes on: share done in [0, 1], seconds left, text with loss and accuracy.
    using Progress = std::function<void(double done, double seconds_left, const std::string& detail)>;

    /// Trains, or continues from checkpoint_dir/supernet.pt (see nas/supernet_training.hpp). `interrupted` is asked
    /// before each step; Interrupted is thrown when it says true.
    TrainedSpace(const NetworkSpec& space, const ExperimentConfig& config, const ImageSet& train, const ImageSet& test,
                 const std::string& checkpoint_dir, const Progress& progress, const std::function<bool()>& interrupted);
    ~TrainedSpace();

    /// Takes one subnet out, measures its batch normalisation statistics (for the chip: with the effective weights of
    /// the chip's arrays), quantises it, programs a chip with it and measures its accuracy on the first
    /// search.test_images test images. `between` is called now and then and may throw Interrupted.
    EvaluatedSubnet evaluate(const SubnetPath& path, int threads, const std::function<void()>& between) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace xloop
