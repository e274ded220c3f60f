#pragma once

#include "core/progress.hpp"
#include "core/workload/float_network.hpp"
#include "core/workload/precision.hpp"
#include "core/workload/quantise_config.hpp"
#include "core/workload/workload_graph.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xloop {

/// Samples of a network's input, one after the other, in the order that its file has (NetworkSpec::input_order). Values are real
/// numbers before the network's own normalisation.
struct Samples {
    const float* values = nullptr;
    int count = 0;
};

/// A trained network in LibTorch, which it hides from its users. Everything runs on the calling thread.
class TrainedNetwork {
public:
    /// Throws InputError where the weights do not belong to the description.
    explicit TrainedNetwork(FloatNetwork network);
    TrainedNetwork(TrainedNetwork&&) noexcept;
    ~TrainedNetwork();

    const NetworkSpec& spec() const;
    /// Of one image: output by output, position by position, channel by channel, as the integer network has them.
    int logit_count() const;
    /// Logits of each sample, float32 arithmetic.
    std::vector<float> logits(const Samples& samples) const;

    /// Of the input, after the network's own normalisation, then of each layer's output: how many principal components hold at
    /// least `share` of its variance together. Channels are the dimensions, positions and images the samples; a map that does
    /// not vary has 0.
    std::vector<int> principal_components(const Samples& samples, double share, const Watch& watch = {}) const;

    /// The integer network, with ranges from `calibration` (dnn/quantise.hpp), the input's too unless its ends are known: `range`.
    /// `bits`: of each layer, at most 8; none: 8. A network that was trained with integers (core/workload/float_network.hpp) has
    /// those: only `bits` count, and KeyError tells where they, or keys of `config`, would change them.
    WorkloadGraph quantise(const QuantiseConfig& config, const Samples& calibration,
                           const std::vector<LayerBits>& bits = {},
                           const std::optional<std::pair<double, double>>& range = {}) const;
    /// What run_images takes for these samples.
    std::vector<std::uint8_t> pixels(const WorkloadGraph& graph, const Samples& samples) const;

    /// What was found wrong in LibTorch and what is done instead (dnn/convolution.hpp); empty where nothing is.
    static std::string convolution_remedy();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Real logits of one image from the integer network's.
std::vector<float> real_logits(const WorkloadGraph& graph, const std::vector<std::int32_t>& logits);

/// What the network's file gives for the logits of one image: host functions applied, outputs in the order of the file, each in
/// its order of values. softmax, log_softmax and arg_max are over the channels of a position; arg_max leaves one number, the first
/// of equals.
std::vector<float> results_of(const NetworkSpec& spec, const WorkloadGraph& shapes, std::vector<float> logits);

}  // namespace xloop
