#pragma once

#include "analysis/sensitivity_config.hpp"
#include "core/json.hpp"
#include "core/table.hpp"
#include "core/workload/workload_graph.hpp"

#include <map>
#include <string>
#include <vector>

namespace xloop {

/// A measure of one layer as the two numbers that it is made of:
///
/// | measure | value | reference |
/// |---|---|---|
/// | noise | mean L2 norm of what the attack changes in the layer's map | mean L2 norm of the map |
/// | snr | variance of the layer's exact sums | mean squared error of the chip's |
/// | components | principal components of the layer's map | those of the map that it reads |
struct LayerMeasure {
    double value = 0.0, reference = 0.0;

    /// Share of the map that the attack changes; 0 of a map that is 0.
    double relative_change() const;
    /// In dB: infinite without error, NaN where exact sums do not vary (LayerErrors::snr_db).
    double snr_db() const;
    /// Components that the layer adds; negative where it takes some away.
    int growth() const { return static_cast<int>(value - reference); }
};

/// A list of pairs, and the reverse, which throws Json::exception.
Json json_of(const std::vector<LayerMeasure>& measures);
std::vector<LayerMeasure> measures_from(const Json& json);

/// A layer of class matrix, as far as tables of sensitivity need it.
struct SensitiveLayer {
    std::string name;
    std::string kind;     ///< "conv", "linear"
    int channels = 0;     ///< of its map: the most components that there can be
    bool is_end = false;  ///< reads the network's input, or is an output
};

/// Layers of class matrix, in order.
std::vector<SensitiveLayer> sensitive_layers(const WorkloadGraph& graph);

/// What was measured of a network's layers of class matrix, each list in their order.
struct Sensitivity {
    SensitivityConfig config;
    std::vector<SensitiveLayer> layers;
    std::map<SensitivityMeasure, std::vector<LayerMeasure>> measured;

    /// Bits of weights and of the activations that they meet, by layer, which follow from one measure. All are rules of our own,
    /// clamped to [bits_min, bits_max]; with keep_ends the ends have bits_max:
    ///  - noise: bits_max * r / max r, rounded, r the relative change; the maximum is over layers that are not kept
    ///  - snr: ceil(SNR / 6.02 dB), the fewest bits whose own rounding, of values that fill their range evenly, is no louder than
    ///    the arrays; bits_max where no ratio is known
    ///  - components: bits_max where they grow, else bits_min
    std::vector<int> bits(SensitivityMeasure measure) const;
    /// One row for each layer: measures, bits by each of them.
    Table table() const;
    /// The bits of config.rule as a section `layers` of an experiment. `head`: lines of comment, without `#`.
    std::string bits_yaml(const std::vector<std::string>& head) const;
};

}  // namespace xloop
