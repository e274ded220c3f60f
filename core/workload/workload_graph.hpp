#pragma once

#include "core/workload/activation.hpp"
#include "core/workload/network_spec.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace xloop {

/// Activations on an edge of the graph: signed 8 bit when its values may be negative (has_signed_output), else unsigned;
/// the input is unsigned. Feature maps are stored position by position: index (y * width + x) * channels + c.
using FeatureMap = std::vector<Activation>;

/// Fixed-point factor multiplier / 2^shift, multiplier in [2^30, 2^31) or 0, shift in [0, 62].
struct Rescale {
    std::int32_t multiplier = 0;
    int shift = 0;
    /// The nearest representable factor to `real` >= 0. Throws Error when it is out of range (> 2^31 - 1) or not finite.
    static Rescale from_real(double real);
    double real() const;
};

/// One layer with its shapes and integer parameters (docs/modelling.md gives the arithmetic).
struct GraphLayer {
    std::string name;
    LayerKind kind = LayerKind::conv;
    std::vector<int> inputs;  ///< producing layers by index; -1 is the network's input
    Shape in, out;            ///< `in` is the shape of the first input
    int kernel_h = 1, kernel_w = 1, stride = 1, padding = 0, groups = 1;
    ActivationFunction activation = ActivationFunction::none;
    bool output_signed = false;  ///< the values on this layer's output edge are signed
    bool is_output = false;      ///< the last layer: its int32 accumulators (bias added) are the logits
    /// conv, linear: int8 in [-127, 127], [out channel][row], row = (ky * kernel_w + kx) * (in.channels / groups) + c.
    std::shared_ptr<const std::vector<std::int8_t>> weights;
    std::shared_ptr<const std::vector<std::int32_t>> bias;  ///< conv, linear: one for each output channel
    /// accumulator -> requantised sum. conv, linear: one per output channel; add: one per input; avg_pool: one; else none.
    std::vector<Rescale> rescale;
    /// Sum that the last ADC code stands for, in level steps times DAC steps, when calibrated for some hardware; else 0.
    double adc_range_levels = 0.0;
    double output_scale = 1.0;  ///< real value of one integer step on the output edge
    /// Requantised sum -> activation; null when they are equal (needs_table). Follows from the steps, see make_table.
    std::shared_ptr<const ActivationTable> table;
    double table_step = 0.0;  ///< real value of one step of the requantised sum, where there is a table

    bool on_crossbars() const { return kind == LayerKind::conv || kind == LayerKind::linear; }
    /// Rows of the layer's matrix, for one group.
    int rows() const { return kernel_h * kernel_w * (in.channels / groups); }
    int positions() const { return out.positions(); }
    std::int64_t macs() const;
    /// The table for table_step and output_scale; for functions without a table none.
    void make_table();
};

/// A network as the hardware sees it. Layers are in topological order; the last one is the output.
struct WorkloadGraph {
    std::string name;
    Shape input;
    double input_scale = 1.0 / 255.0;  ///< real value of one input step
    std::vector<GraphLayer> layers;

    std::int64_t macs() const;
    std::int64_t weight_count() const;
    bool has_weights() const;
    /// Layers that read the output of layer `index` (-1: the input).
    std::vector<int> consumers(int index) const;
};

/// Shapes and structure of a concrete network, without weights. Throws InputError (location of the layer) where shapes
/// do not fit: kernel larger than the padded map, add of unequal shapes, groups that do not divide the channels, a
/// crossbar layer that reads a signed edge, a last layer that is not linear or conv.
WorkloadGraph build_graph(const NetworkSpec& concrete);

/// Gives every crossbar layer random weights, and rescaling factors that keep activations in mid range.
void randomise_weights(WorkloadGraph& graph, std::uint64_t seed);

/// Writes DIR/workload.yaml and DIR/weights.bin (int8 weights, then int32 little-endian biases, layer by layer).
void save_workload(const WorkloadGraph& graph, const std::string& dir);
/// Reads a workload.yaml and the weights file it names. Throws InputError for anything that does not fit.
WorkloadGraph load_workload(const std::string& yaml_path);

}  // namespace xloop
