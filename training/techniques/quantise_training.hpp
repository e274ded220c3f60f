#pragma once

#include "training/techniques/fake_quantise.hpp"
#include "training/techniques/quantise_training_config.hpp"
#include "training/techniques/technique.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace xloop {

/// Trains a network with the integers that it will have on its hardware (quantisation-aware training): forward passes have the
/// weights and activations of the integer network (docs/modelling.md) as real numbers, gradients pass straight through the
/// rounding, and the steps are trained beside the weights.
///
/// - Widths are those of asked_bits and set_precision, layer by layer.
/// - Weights of 2 to 8 bits have a step for each output channel, those of an output one step for all (LSQ: Esser et al., arXiv
///   1902.08153; there one for a layer). Those of 1 bit are their signs times the mean magnitude of the channel (Rastegari et al.,
///   "XNOR-Net", arXiv 1603.05279). Batch normalisation multiplies whole channels, so the integers are those of the folded weight.
/// - Edges have one step each, by LSQ or PACT (Choi et al., arXiv 1805.06085, whose end of the range is the step times the largest
///   integer; signed edges, which PACT has none of, have both ends follow it, and weights are those of LSQ: the ones of PACT have
///   no 0). Zero points are set by the first batch and stay.
/// - Sums that are looked up in a table have 8 bits and a step of their own, as edges have.
/// - Summands are rounded one by one, as the vector unit does. Biases are rounded where batch normalisation has no part in them
///   or uses its statistics: in evaluation mode, so that there the integer network gives the same logits, to the precision of
///   floating-point numbers. In training mode batch normalisation's own statistics are those of the batch.
///
/// Steps start with the first batch that is seen: 2 mean |v| / sqrt(largest integer) (LSQ), or the largest magnitude over the
/// largest integer (PACT, where the paper leaves it open). They are kept as shares of that start: see relative().
///
/// Comes before others that change outputs, whose changes it would undo.
class QuantiseTraining : public Technique {
public:
    /// `low`, `high`: ends of the input's values, before the network's own normalisation. Throws KeyError for widths beyond 8 bits,
    /// InputError for an output with batch normalisation, whose logits would have several steps.
    QuantiseTraining(const NetworkSpec& spec, const QuantiseTrainingConfig& config, const HardwareConfig& hardware,
                     double low = 0.0, double high = 1.0, torch::Device device = torch::kCPU);

    torch::Tensor input(const torch::Tensor& x) override;
    torch::Tensor weight(const LayerAt& at, const torch::Tensor& active) override;
    torch::Tensor summand(const LayerAt& at, const torch::Tensor& map) override;
    torch::Tensor output(const LayerAt& at, const torch::Tensor& before, const torch::Tensor& map) override;

    std::vector<torch::Tensor> parameters() override;
    void start_step(const TrainingMoment& now) override;
    /// Of the ends that PACT trains.
    torch::Tensor penalty() override;
    void end_step(const TrainingMoment& now) override;
    void save(TrainingState& state) const override;
    void load(const TrainingState& state) override;
    /// Adds the steps (step_shapes), before the start epoch none. Throws Error when no batch was seen yet.
    void hand_over(FloatNetwork& network) const override;

private:
    /// One or one a channel, of which the first `known` were seen; of the others `start` is 0.
    struct Step {
        torch::Tensor start, factor;
        std::int64_t known = 0;
    };

    void add_step(const std::string& name, std::int64_t size, torch::Device device);
    const GraphLayer& own(const LayerAt& at) const { return graph_.layers[static_cast<std::size_t>(at.index)]; }
    torch::Tensor weight_step(const std::string& name, const torch::Tensor& active, int largest);
    torch::Tensor quantised(const std::string& name, const torch::Tensor& x, IntegerRange range);
    bool knows(const std::string& name) const { return steps_.at(name).known > 0; }
    void set_zero_point(GraphLayer& layer, const torch::Tensor& x) const;
    /// Of a layer's output or the input (-1).
    double scale_of(int producer) const;
    torch::Tensor bias_shift(const LayerAt& at) const;

    const QuantiseTrainingConfig config_;
    WorkloadGraph graph_;                      ///< of the largest subnet: widths and zero points
    std::map<std::string, Step> steps_;        ///< by their names in a FloatNetwork
    std::vector<torch::Tensor> weight_steps_;  ///< of the last forward pass, [out]
    bool active_;
};

/// For the table of techniques.
bool asks_for_quantise_training(const QuantiseTrainingConfig& config);
std::unique_ptr<Technique> make_quantise_training(const QuantiseTrainingConfig& config, Supernet& supernet,
                                                  const TrainingTask& task);

}  // namespace xloop
