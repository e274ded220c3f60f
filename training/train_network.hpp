#pragma once

#include "core/json.hpp"
#include "core/progress.hpp"
#include "core/workload/float_network.hpp"
#include "training/training_task.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Why a run ended, and what it found on its way.
struct TrainingRecord {
    std::string end;           ///< "epochs", "early stop", "budget"
    std::vector<Json> epochs;  ///< a line of metrics for each: docs/training.md
    int best_epoch = 0;        ///< on the validation images, from 1; 0: there were none, the last one counts
    bool collapsed = false;    ///< learnt to fool its adversary: lost its robustness while the adversary saw none of it
    double seconds = 0.0;      ///< of all runs that led here
};

/// A trained network: weights of the best epoch on the validation images, or of the last.
struct TrainedResult {
    FloatNetwork network;
    TrainingRecord record;
};

/// train_supernet (training/trainer.hpp) for a network with nothing to choose from. After each epoch it is judged on the
/// validation images, as it is and, where training has an adversary, under the section `attack`; the best epoch's weights are
/// the result.
TrainedResult train_network(const TrainingTask& task, const std::string& checkpoint_dir = {}, const Watch& watch = {});

/// Right answers of a trained network on images that it was not trained on: of its float32 form in LibTorch, or where it was
/// trained with the hardware's integers (training.quantise) of those, with exact sums.
struct TestFigures {
    bool of_integers = false;
    int images = 0, right = 0;
    int attacked_images = 0,
        attacked_right = 0;  ///< under the section `attack`; 0 of 0 where training has no adversary
};
TestFigures test_network(const FloatNetwork& network, const TrainingTask& task, const ImageSet& test);

/// In words, for reports: "fp32 on the CPU", "bf16 on the CPU, which has no instructions for it".
std::string arithmetic_text(const TrainingConfig& training);

/// What was found wrong in LibTorch and what is done instead (dnn/convolution.hpp); empty where nothing is.
std::string training_remedy();

}  // namespace xloop
