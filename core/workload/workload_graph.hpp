#pragma once

#include "core/workload/activation.hpp"
#include "core/workload/network_spec.hpp"
#include "core/workload/window.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace xloop {

/// Activations of one edge, position by position: index (y * width + x) * channels + c.
using FeatureMap = std::vector<Activation>;

/// What flows from a layer, or from the input, to its readers. A stored value q means scale * (q - zero_point). Edges whose
/// values may be negative are signed, [-2^(bits - 1), 2^(bits - 1) - 1] with zero point 0, or unsigned, [0, 2^bits - 1], with a
/// zero point above 0.
struct Edge {
    Shape shape;
    double scale = 1.0;
    int zero_point = 0;
    bool is_signed = false;
    int bits = 8;
    bool may_be_negative() const { return is_signed || zero_point > 0; }
};

/// Fixed-point factor multiplier / 2^shift, multiplier in [2^30, 2^31) or 0, shift in [0, 62].
struct Rescale {
    std::int32_t multiplier = 0;
    int shift = 0;
    /// The nearest representable factor to `real` >= 0. Throws Error when it is out of range (> 2^31 - 1) or not finite.
    static Rescale from_real(double real);
    double real() const;
};

/// What is left of a layer's matrix without the rows and outputs that are all zero: numbers within a group, rising, the same for
/// all groups, at least one of each.
struct HeldMatrix {
    std::vector<int> rows, outs;

    /// `window`: all rows of a group; `values`: one for each of `rows`.
    template <class T>
    void take(const T* window, T* values) const {
        for (const int row : rows)
            *values++ = window[row];
    }
};

/// One layer with its shapes and integer parameters (docs/modelling.md gives the arithmetic).
struct GraphLayer {
    std::string name;
    LayerKind kind = LayerKind::conv;
    std::vector<int> inputs;  ///< producing layers by index; -1 is the network's input
    Shape in, out;            ///< `in` is the shape of the first input
    Window window;
    int groups = 1;
    bool count_padding = true;                 ///< as in LayerSpec
    std::array<int, 2> channel_padding{0, 0};  ///< as in LayerSpec
    ActivationFunction activation = ActivationFunction::none;
    ActivationParameters activation_parameters;
    bool output_signed = false;  ///< of the output edge, as in Edge
    int output_zero_point = 0;
    int output_bits = 8;  ///< of the output edge; signed ones have 2 or more
    int weight_bits = 8;  ///< class matrix
    /// One of WorkloadGraph::outputs: its int32 accumulators (bias added) are logits; of a layer without a matrix its activations,
    /// the zero point taken off.
    bool is_output = false;
    /// Of kinds that have weights: within largest_weight(weight_bits), with 1 bit no 0; [out channel][row], row = (ky * kernel width + kx) * (in.channels / groups) + c.
    std::shared_ptr<const std::vector<std::int8_t>> weights;
    /// One for each output channel. Of class matrix it holds what the zero point of the input adds: the arrays multiply
    /// stored values, the padding's too, which is the zero point; so bias = real bias - zero point * sum of the weights.
    std::shared_ptr<const std::vector<std::int32_t>> bias;
    std::vector<Rescale> rescale;  ///< sum -> step of the output edge; as many as factor_count() says
    /// Sum that the last ADC code stands for, in level steps times DAC steps, when calibrated for some hardware; else 0.
    double adc_range_levels = 0.0;
    /// What the arrays hold of the matrix (mapping.skip_zero_weights), set by map_network; null: all.
    std::shared_ptr<const HeldMatrix> held;
    double output_scale = 1.0;  ///< real value of one integer step on the output edge
    /// Requantised sum -> activation; null when they are equal (needs_table). Follows from the steps, see make_table.
    std::shared_ptr<const ActivationTable> table;
    double table_step = 0.0;  ///< real value of one step of the requantised sum, where there is a table

    const LayerTraits& traits() const { return traits_of(kind); }
    bool on_crossbars() const { return traits().layer_class == LayerClass::matrix; }
    /// Rows of the layer's matrix, for one group.
    int rows() const { return window.taps() * (in.channels / groups); }
    int positions() const { return out.positions(); }
    /// Rows and outputs of a group that the arrays hold.
    int held_rows() const { return held ? static_cast<int>(held->rows.size()) : rows(); }
    int held_outputs() const { return held ? static_cast<int>(held->outs.size()) : out.channels / groups; }
    /// The matrix' row that is held as number `row` of a group, and the channel that is held output `output` of all groups.
    int matrix_row(int row) const { return held ? held->rows[static_cast<std::size_t>(row)] : row; }
    int held_channel(int output) const {
        return held ? output / held_outputs() * (out.channels / groups) +
                          held->outs[static_cast<std::size_t>(output % held_outputs())]
                    : output;
    }
    /// Number of the first held row that is row `row` of the matrix or comes after it.
    int first_held(int row) const {
        return held ? static_cast<int>(std::lower_bound(held->rows.begin(), held->rows.end(), row) - held->rows.begin())
                    : row;
    }
    std::int64_t macs() const;
    std::size_t factor_count() const;
    /// Values that a layer without a matrix reads for a position of which `taps` taps are inside the map; each is one
    /// operation of the vector unit.
    std::int64_t values_read(int taps) const;
    /// Calls visit(tap, input position) for the taps of an output position that are inside the map.
    template <class Visit>
    void visit_window(int position, const Visit& visit) const {
        window.visit_inside(position / out.width, position % out.width, in.height, in.width, visit);
    }
    /// The table for table_step and the output edge; for functions without a table none.
    void make_table();
};

/// A network as the hardware sees it. Layers are in topological order.
struct WorkloadGraph {
    std::string name;
    Shape input;
    /// As in NetworkSpec: what a value of an image is made of before it is rounded to steps (input_pixels).
    std::vector<double> input_mean, input_std;
    double input_scale = 1.0 / 255.0;  ///< real value of one input step
    int input_zero_point = 0;          ///< as in Edge; the input is unsigned
    int input_bits = 8;
    std::vector<GraphLayer> layers;
    std::vector<int> outputs;  ///< layers whose sums are the logits, one layer after the other
    /// Digests of the hardware that adc_range_levels were measured on, and that biases and factors were corrected for
    /// (systemc_model/chip/hardware_digest.hpp); empty: not known, and neither.
    std::string ranges_for, corrected_for;

    /// What the first layers read for a value of an image's channel, as a real number: (value - mean) / std.
    double normalised(double value, int channel) const;
    std::int64_t macs() const;
    bool has_weights() const;
    /// Of layer `producer`, or of the input (-1).
    Edge edge(int producer) const;
    const Shape& map_of(int producer) const {
        return producer < 0 ? input : layers[static_cast<std::size_t>(producer)].out;
    }
    int logit_count() const;
    /// Where the logits of an output begin.
    int first_logit(int layer) const;
    /// Layers that read the output of layer `index` (-1: the input).
    std::vector<int> consumers(int index) const;
};

/// Whether the output edge has steps of its own: neither those of the input, nor none, as sums that are logits.
bool has_own_edge(const GraphLayer& layer);
/// Whether sums are looked up in a table that has steps of its own: those of relu6 are in steps of the output.
bool has_sum_step(const GraphLayer& layer);

/// Every relation between a layer and what it reads that the arithmetic relies on, factors left out. Throws Error.
void check_layer(const WorkloadGraph& graph, const GraphLayer& layer);
/// Makes these layers the outputs. Throws Error unless each is read by nobody and, of class matrix, without activation, and
/// every other layer is read.
void set_outputs(WorkloadGraph& graph, const std::vector<int>& outputs);

/// Shapes and structure of a concrete network, without weights. An edge whose values may be negative and that arrays read has a
/// zero point in the middle of its range, until a quantiser knows better. Throws InputError (location of the layer) where
/// something does not fit: see check_layer and set_outputs.
WorkloadGraph build_graph(const NetworkSpec& concrete);

/// Gives every crossbar layer random weights, and rescaling factors that keep activations in mid range; all of 8 bits.
void randomise_weights(WorkloadGraph& graph, std::uint64_t seed);

/// Largest magnitude of a weight: symmetric, so that a weight and its negative use the same cells. 1 bit: -1 and 1.
constexpr int largest_weight(int bits) { return bits == 1 ? 1 : highest_value(true, bits); }

/// Writes DIR/workload.yaml and DIR/weights.bin (int8 weights, then int32 little-endian biases, layer by layer).
void save_workload(const WorkloadGraph& graph, const std::string& dir);
/// Reads a workload.yaml and the weights file it names. Throws InputError for anything that does not fit.
WorkloadGraph load_workload(const std::string& yaml_path);

}  // namespace xloop
