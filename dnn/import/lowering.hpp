#pragma once

#include "core/workload/float_network.hpp"
#include "core/workload/window.hpp"
#include "dnn/import/fold.hpp"
#include "dnn/import/pointwise.hpp"
#include "dnn/import/view.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace xloop::importing {

/// scale * x + shift: one number for all, one for each channel, or one for each value of a map.
struct Affine {
    std::vector<double> scale{1.0}, shift{0.0};

    static double at(const std::vector<double>& values, std::size_t i) {
        return values.size() == 1 ? values[0] : values[i];
    }
    std::size_t size() const { return std::max(scale.size(), shift.size()); }
    bool is_identity() const;
    bool has_shift() const;
};

/// Output of the last layer, or of the network's input (-1), as the values of the file see it.
struct Map {
    int producer = -1;
    View view;
    PointwisePtr pointwise;  ///< of each value; null: nothing
    /// Share of all that reads the producer: 1 for a value that leads to all of it, so that the producer may still be changed.
    double share = 1.0;
    std::vector<HostFunction> host;  ///< of all values

    bool is_all() const { return share > 1.0 - 1e-9; }
};

/// A layer in the making.
struct Draft {
    LayerSpec spec;                    ///< without name and inputs
    std::vector<int> inputs;           ///< producers
    Frame frame;                       ///< of the output
    std::vector<double> weight, bias;  ///< class matrix: as in FloatNetwork
    struct Norm {
        std::vector<double> gamma, beta, mean, variance;
    };
    std::optional<Norm> norm;
    /// Nothing but an affine function, and perhaps padding: a depthwise convolution of one tap that its reader may take over.
    bool is_affine = false;
    Affine affine;         ///< when it is; by value only a fully connected reader can take it
    bool is_gone = false;  ///< its reader took it over
    std::vector<std::string> nodes;

    bool on_arrays() const { return traits_of(spec.kind).layer_class == LayerClass::matrix; }
};

/// A map as operators read it that move over its positions: images x channels x rows x columns, or x length.
struct Spatial {
    Map map;
    Frame frame;                        ///< of the map
    std::vector<int> order;             ///< channel of the map at each place of the file's channels
    std::array<std::size_t, 2> axes{};  ///< rows and columns among the file's axes; past their end: there is none

    bool has(std::size_t rows_or_columns) const { return axes[rows_or_columns] < map.view.rank(); }
    /// A value of the file for each axis of positions; `otherwise` where there is none.
    std::array<std::int64_t, 2> by_axis(const std::vector<std::int64_t>& values, std::int64_t otherwise) const;
};

/// Writes the window into the layer.
void set_window(LayerSpec& spec, const Window& window);

/// What lowering did with the operators that became no layers, by operator.
using OperatorCounts = std::map<std::string, int>;

/// Walks over the operators of a graph and makes layers of them. The handlers of the operators (operators.cpp) are written in its
/// terms. All functions throw InputError where something cannot be expressed.
class Lowering {
public:
    Lowering(OpGraph graph, Budget& budget);

    /// Layers and weights; throws InputError that names file and node.
    FloatNetwork run(const std::string& name);

    // For the report.
    const OpGraph& graph() const { return graph_; }
    std::string input_text() const;
    const std::vector<std::string>& nodes_of(const std::string& layer) const { return nodes_of_.at(layer); }
    const OperatorCounts& folded() const { return folded_; }
    const OperatorCounts& rearranged() const { return rearranged_; }

    // For handlers.
    int opset() const { return graph_.opset; }
    Budget& budget() { return budget_; }
    bool is_constant(const OpNode& node, std::size_t i) const;
    /// Throws unless the input is there and constant.
    const Tensor& constant(const OpNode& node, std::size_t i) const;
    /// The constant inputs, null where there is none.
    std::vector<TensorPtr> constants(const OpNode& node) const;
    /// The shape of an input, constant or not.
    std::vector<std::int64_t> shape_of(const OpNode& node, std::size_t i) const;
    /// An input as this node reads it.
    Map read(const OpNode& node, std::size_t i);
    /// The same with nothing left to be done to the values.
    Map read_plain(const OpNode& node, std::size_t i) { return plain(read(node, i)); }
    Map plain(Map map);
    void bind(const OpNode& node, std::size_t output, Map map);
    void bind(const OpNode& node, std::size_t output, Tensor tensor);
    void count_rearranged(const OpNode& node) { ++rearranged_[node.op]; }
    int readers(const std::string& value) const;

    /// How the map of a producer lies in memory.
    const Frame& frame(const Map& map);
    const Draft* draft(const Map& map) const;
    /// Values for each channel, or each value, of the map, from a constant that is broadcast against it; one where all are equal.
    std::vector<double> spread(const Tensor& constant, Map& map);
    /// scale * x + shift, folded into what is there already where that is possible.
    Map affine(Map map, const Affine& affine, const OpNode& node);
    Map normalised(Map map, Draft::Norm norm, const OpNode& node);
    Map activate(Map map, const Activated& activation, const std::vector<std::string>& nodes);
    /// Sums (Add, Sum, Sub) and products (Mul) of maps.
    Map join(const std::string& op, std::vector<Map> maps, const OpNode& node);
    /// The same map with its channels in the file's order.
    Map straightened(Map map, const OpNode& node);

    Spatial spatial(Map map);
    Map convolve(Spatial in, Draft draft, Window window, const OpNode& node);
    Map pool(const Spatial& in, LayerKind kind, Window window, bool count_padding, const OpNode& node);
    /// Weight of output `o` and place `k` of the last axis: values[k * k_stride + o * o_stride].
    Map multiply(Map map, const Tensor& weight, std::int64_t k_stride, std::int64_t o_stride, std::int64_t outputs,
                 std::vector<double> bias, const OpNode& node);
    Map padded(Map map, const std::array<int, 4>& padding, const View& view, const OpNode& node);
    /// Adds a layer; its output is bound to nothing yet.
    int add(Draft draft, const std::vector<std::string>& nodes);
    Draft begin(LayerKind kind, const std::vector<int>& inputs, const Shape& out) const;
    /// The view whose channels, at this axis, are those of `to`, and all else is as it was.
    View with_channels(const Map& map, std::size_t axis, const Frame& to);
    /// The view whose rows and columns, at these axes, are those of `to`.
    View with_positions(const Map& map, const std::array<std::size_t, 2>& axes, const Frame& to);

private:
    struct Value {
        TensorPtr constant;
        std::optional<Map> map;
    };
    void begin_input();
    void lower(const OpNode& node);
    void set_input_frame(const Axis& channels, const Axis& rows, const Axis& columns);
    void guess_input_frame(const Axis& channels);
    bool fold_affine(const Map& map, const Affine& affine, const OpNode& node);
    Map affine_layer(Map map, const Affine& affine, const OpNode& node);
    Map lowered(const Pointwise& function, Map source);
    bool never_negative(int producer) const;
    bool absorb(Map& map, Draft& reader, Window& window);
    void finish_output(const std::string& name);
    FloatNetwork finish(const std::string& name);
    const Value& value(const std::string& name) const;

    OpGraph graph_;
    Budget& budget_;
    std::map<std::string, Value> values_;
    std::map<std::string, int> readers_;
    std::vector<Draft> drafts_;
    std::vector<int> outputs_;
    NetworkSpec spec_;
    std::vector<std::int64_t> input_sizes_;  ///< without the batch
    std::optional<Frame> input_frame_;
    Affine input_affine_;
    std::map<std::string, std::vector<std::string>> nodes_of_;
    OperatorCounts folded_, rearranged_;
};

}  // namespace xloop::importing
