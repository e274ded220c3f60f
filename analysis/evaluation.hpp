#pragma once

#include "analysis/accuracy_table.hpp"
#include "analysis/evaluation_config.hpp"
#include "core/hardware_config.hpp"
#include "core/progress.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/chip/layer_errors.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// What one engine made of the test images.
struct EngineResult {
    AccuracyCell::Engine engine = AccuracyCell::Engine::software;
    std::uint64_t chip_seed = 0;  ///< of a chip; else 0
    bool recalibrated = false;
    std::string attack = "clean";     ///< as in AccuracyCell
    double epsilon = 0.0;             ///< of an attack
    std::vector<int> predictions;     ///< the largest logit of each image, the first of equals
    std::vector<int> ranks;           ///< of its label: logits that are larger, or equal and before it
    std::vector<LayerErrors> layers;  ///< of a chip

    bool attacked() const { return attack != "clean"; }
    /// "integer", "integer_pgd", "chip_seed1_recalibrated".
    std::string name() const;
    AccuracyCell cell() const;
    Json json() const;
    /// The reverse. Throws Json::exception and InputError.
    static EngineResult from_json(const Json& json);
};

/// Predictions and ranks from logits, float or integer.
template <class Logit>
void judge(EngineResult& result, const std::vector<std::vector<Logit>>& logits, const std::vector<int>& labels);

/// The engines that a configuration asks for, in order; chips by seed from `first_chip` on, each as it is and corrected as asked.
std::vector<EngineChoice> engines_of(const EvaluationConfig& config, std::uint64_t first_chip);

/// What is finished of an evaluation.
class EngineResultStore {
public:
    virtual ~EngineResultStore() = default;
    /// By EngineResult::name().
    virtual std::optional<EngineResult> find(const std::string& name) const = 0;
    /// `workload`: the network as a chip runs it, where that is not the integer network itself; else null.
    virtual void keep(const EngineResult& result, const WorkloadGraph* workload) = 0;
};

/// A trained network and the images that it is judged by.
struct EvaluationTask {
    EvaluationConfig config;
    HardwareConfig hardware;
    WorkloadGraph integer;                      ///< at the hardware's widths
    std::vector<std::uint8_t> test_pixels;      ///< as the integer network reads them (input_pixels), as are the next
    std::vector<std::uint8_t> train_pixels;     ///< of the calibration images
    std::vector<std::uint8_t> attacked_pixels;  ///< of the first test images, with evaluation.attack
    std::string attack = "clean";               ///< how, as in AccuracyCell
    double epsilon = 0.0;
    std::vector<int> labels;  ///< of the test images
    /// Logits of the real network for the test images, as they are or attacked.
    std::function<std::vector<std::vector<float>>(bool attacked, const Watch& watch)> software;
    int threads = 1;
};

/// Runs the engines of the configuration one after the other, chips by seed; what `store` has is taken from there. Results do
/// not depend on threads, nor on what was in the store. `watch` is told the share of all that is to be done.
std::vector<EngineResult> evaluate(const EvaluationTask& task, EngineResultStore& store, const Watch& watch);

AccuracyTable accuracies(const std::vector<EngineResult>& results);
/// Signal-to-noise ratio, non-ideality factor and clipped conversions of each layer of each chip.
Table layer_table(const std::vector<EngineResult>& results);
/// One row for each image: its number, its label, what each engine predicts, as it is and, where it was, attacked.
std::string predictions_csv(const std::vector<EngineResult>& results, const std::vector<int>& labels);

/// How often images of each class are taken for each class, by all chips that are recalibrated, or where there are none by
/// those that are not.
struct ConfusionMatrix {
    std::vector<std::vector<std::int64_t>> counts;  ///< by label, then prediction; empty without a chip
    int chips = 0;
    bool recalibrated = false;

    /// With a column of labels, and one for each prediction.
    std::string csv() const;
};
ConfusionMatrix confusion_matrix(const std::vector<EngineResult>& results, const std::vector<int>& labels, int classes);

}  // namespace xloop
