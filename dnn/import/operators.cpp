#include "dnn/import/operators.hpp"

#include "dnn/import/lowering.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace xloop::importing {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// What folding knows of a node whose first input is no constant. Throws unless the inputs from `first` on are constants.
FoldCall call_of(Lowering& low, const OpNode& node, const std::vector<TensorPtr>& constants, std::size_t first = 1) {
    for (std::size_t i = first; i < node.inputs.size(); ++i)
        if (node.has_input(i))
            low.constant(node, i);
    return {node, constants, low.opset(), low.budget()};
}

double one_number(Lowering& low, const OpNode& node, std::size_t i, const char* attribute, double otherwise) {
    if (!node.has_input(i))
        return node.real(attribute, otherwise);
    if (low.constant(node, i).size() != 1)
        throw InputError(fmt::format("input {} has {} values; one is imported", i, low.constant(node, i).size()));
    return low.constant(node, i).values.front();
}

// Convolutions, matrices and pools.

int bounded(std::int64_t value, std::int64_t least, const char* what) {
    constexpr std::int64_t most = 65536;
    if (value < least || value > most)
        throw InputError(fmt::format("{} of {}: {} to {} are imported", what, value, least, most));
    return static_cast<int>(value);
}

/// The window that the attributes describe over this map; `more`: how far ceil_mode reaches beyond the padding, below and right.
Window window_of(const OpNode& node, const Spatial& in, const std::vector<std::int64_t>& kernel,
                 std::array<int, 2>& more) {
    const auto kernels = in.by_axis(kernel, 1), strides = in.by_axis(node.integers("strides"), 1),
               dilations = in.by_axis(node.integers("dilations"), 1);
    std::vector<std::int64_t> pads = node.integers("pads");
    if (pads.size() % 2 != 0)
        throw InputError("has an odd number of pads");
    const auto half = pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2);
    const auto before = in.by_axis({pads.begin(), half}, 0), after = in.by_axis({half, pads.end()}, 0);
    const std::string rule = node.text("auto_pad", "NOTSET");
    if (rule != "NOTSET" && rule != "VALID" && rule != "SAME_UPPER" && rule != "SAME_LOWER")
        throw InputError(fmt::format("auto_pad is `{}`", rule));
    Window window;
    for (std::size_t a = 0; a < 2; ++a) {
        WindowAxis& axis = a == 0 ? window.y : window.x;
        const int size = a == 0 ? in.frame.shape.height : in.frame.shape.width;
        axis.kernel = bounded(kernels[a], 1, "a kernel");
        axis.stride = bounded(strides[a], 1, "a stride");
        axis.dilation = bounded(dilations[a], 1, "a dilation");
        if (std::int64_t{axis.dilation} * axis.kernel > 65536)
            throw InputError("has a window that is too large");
        if (rule == "NOTSET") {
            axis.before = bounded(before[a], 0, "a padding");
            axis.after = bounded(after[a], 0, "a padding");
        } else if (rule != "VALID") {
            const int total =
                std::max(0, ((size + axis.stride - 1) / axis.stride - 1) * axis.stride + axis.reach() - size);
            axis.before = rule == "SAME_UPPER" ? total / 2 : total - total / 2;
            axis.after = total - axis.before;
        }
        more[a] = 0;
        if (node.integer("ceil_mode", 0) != 0 && rule == "NOTSET") {
            int outputs = (size + axis.before + axis.after - axis.reach() + axis.stride - 1) / axis.stride + 1;
            // The last window begins inside the map or the padding before it.
            if ((outputs - 1) * axis.stride >= size + axis.before)
                --outputs;
            more[a] = std::max(0, (outputs - 1) * axis.stride + axis.reach() - size - axis.before - axis.after);
        }
    }
    return window;
}

void conv(Lowering& low, const OpNode& node) {
    const Tensor& weight = low.constant(node, 1);
    Spatial in = low.spatial(low.read(node, 0));
    if (weight.shape.size() != in.map.view.rank() || weight.size() == 0)
        throw InputError("has weights that do not fit its input");
    const int outputs = bounded(weight.shape[0], 1, "a number of filters"),
              groups = bounded(node.integer("group", 1), 1, "a number of groups");
    if (weight.shape[1] * groups != in.frame.shape.channels || outputs % groups != 0)
        throw InputError(fmt::format("has weights for {} channels in {} groups, but its input has {}", weight.shape[1],
                                     groups, in.frame.shape.channels));
    std::array<int, 2> more{};
    const Window window = window_of(node, in, {weight.shape.begin() + 2, weight.shape.end()}, more);
    Draft draft = low.begin(LayerKind::conv, {}, {});
    low.budget().spend(weight.size());
    draft.weight = weight.values;
    draft.bias.assign(static_cast<std::size_t>(outputs), 0.0);
    if (node.has_input(2)) {
        if (low.constant(node, 2).size() != outputs)
            throw InputError("has another number of biases than of filters");
        draft.bias = low.constant(node, 2).values;
    }
    draft.spec.groups = groups;
    low.bind(node, 0, low.convolve(std::move(in), std::move(draft), window, node));
}

/// A weight matrix, leading axes of size 1 left out.
const Tensor& matrix(const Tensor& tensor, std::int64_t& rows, std::int64_t& columns) {
    const std::size_t rank = tensor.shape.size();
    if (rank < 2 || tensor.shape[rank - 1] * tensor.shape[rank - 2] != tensor.size() || tensor.size() == 0)
        throw InputError("has weights that are no matrix");
    rows = tensor.shape[rank - 2];
    columns = tensor.shape[rank - 1];
    return tensor;
}

void check_inner(const Map& map, std::int64_t inner) {
    if (map.view.rank() == 0 || size_of(map.view.axes.back()) != inner)
        throw InputError(fmt::format("multiplies {} with a matrix of {} rows", map.view.str(), inner));
}

void matmul(Lowering& low, const OpNode& node) {
    // With the weights on the left, the other operand is a column: an axis of size 1 behind the one that is summed over.
    const bool left = low.is_constant(node, 0);
    Map map = low.read(node, left ? 1 : 0);
    std::int64_t rows = 0, columns = 0;
    const Tensor& weight = matrix(low.constant(node, left ? 0 : 1), rows, columns);
    std::vector<Axis>& axes = map.view.axes;
    if (left && (axes.size() < 2 || !axes.back().empty()))
        throw InputError("multiplies a constant matrix with more than one column");
    if (left)
        std::swap(axes.back(), axes[axes.size() - 2]);
    const std::int64_t inner = left ? columns : rows, outputs = left ? rows : columns;
    check_inner(map, inner);
    std::vector<double> bias(static_cast<std::size_t>(bounded(outputs, 1, "a number of outputs")), 0.0);
    Map made =
        low.multiply(std::move(map), weight, left ? 1 : outputs, left ? inner : 1, outputs, std::move(bias), node);
    if (left)
        std::swap(made.view.axes.back(), made.view.axes[made.view.rank() - 2]);
    low.bind(node, 0, std::move(made));
}

void gemm(Lowering& low, const OpNode& node) {
    Map map = low.read(node, 0);
    if (map.view.rank() != 2)
        throw InputError("reads a tensor that is no matrix");
    if (node.integer("transA", 0) != 0)
        std::swap(map.view.axes[0], map.view.axes[1]);
    std::int64_t rows = 0, columns = 0;
    Tensor weight = matrix(low.constant(node, 1), rows, columns);
    low.budget().spend(weight.size());
    const bool transposed = node.integer("transB", 0) != 0;
    const std::int64_t inner = transposed ? columns : rows, outputs = transposed ? rows : columns;
    check_inner(map, inner);
    for (double& w : weight.values)
        w *= node.real("alpha", 1.0);
    std::vector<double> bias(static_cast<std::size_t>(bounded(outputs, 1, "a number of outputs")), 0.0);
    if (node.has_input(2)) {
        const Tensor& given = low.constant(node, 2);
        if (given.size() != 1 && (given.size() != outputs || given.shape.back() != outputs))
            throw InputError("adds neither one bias to all outputs nor one to each");
        for (std::size_t o = 0; o < bias.size(); ++o)
            bias[o] = node.real("beta", 1.0) * Affine::at(given.values, o);
    }
    low.bind(node, 0,
             low.multiply(std::move(map), weight, transposed ? 1 : outputs, transposed ? inner : 1, outputs,
                          std::move(bias), node));
}

void pool(Lowering& low, const OpNode& node) {
    const Spatial in = low.spatial(low.read(node, 0));
    const bool average = node.op == "AveragePool";
    std::array<int, 2> more{};
    Window window = window_of(node, in, node.integers("kernel_shape"), more);
    const bool counts = node.integer("count_include_pad", 0) != 0;
    if (average && (window.y.dilation != 1 || window.x.dilation != 1))
        throw InputError("averages over a window with dilation");
    if (average && counts && more != std::array<int, 2>{})
        throw InputError(
            "averages with ceil_mode and count_include_pad over windows that reach beyond the padding, where "
            "frameworks "
            "disagree: export it without ceil_mode");
    if (node.integer("storage_order", 0) != 0)
        throw InputError("has storage_order 1");
    window.y.after += more[0];
    window.x.after += more[1];
    low.bind(node, 0, low.pool(in, average ? LayerKind::avg_pool : LayerKind::max_pool, window, counts, node));
}

void global_pool(Lowering& low, const OpNode& node) {
    const Spatial in = low.spatial(low.read(node, 0));
    Window window;
    window.y.kernel = in.frame.shape.height;
    window.x.kernel = in.frame.shape.width;
    low.bind(node, 0,
             low.pool(in, node.op == "GlobalMaxPool" ? LayerKind::max_pool : LayerKind::avg_pool, window, true, node));
}

/// ReduceMean and ReduceMax over rows, columns or both.
void reduce(Lowering& low, const OpNode& node) {
    const std::vector<TensorPtr> constants = low.constants(node);
    const Map map = low.read_plain(node, 0);
    const std::vector<bool> reduced = reduced_axes(call_of(low, node, constants), map.view.rank());
    const Frame from = low.frame(map);
    if (map.view.rank() > 2 && reduced[0])
        throw InputError("reduces over the images of a batch");
    std::int64_t rows = 1, columns = 1;
    for (std::size_t a = 0; a < reduced.size(); ++a)
        for (const Digit& d : reduced[a] ? map.view.axes[a] : Axis{})
            switch (role_of(d, from)) {
            case Role::rows: rows *= d.size; break;
            case Role::columns: columns *= d.size; break;
            case Role::positions:
                if (d.size != from.positions())
                    throw InputError("reduces a part of the positions of a map");
                rows *= from.shape.height;
                columns *= from.shape.width;
                break;
            default: throw InputError("reduces other axes than rows and columns");
            }
    if ((rows != 1 && rows != from.shape.height) || (columns != 1 && columns != from.shape.width))
        throw InputError("reduces a part of the rows or columns of a map");
    Window window;
    window.y.kernel = static_cast<int>(rows);
    window.x.kernel = static_cast<int>(columns);
    Map made = map;
    Frame to = from;
    if (rows * columns > 1) {
        Draft draft =
            low.begin(node.op == "ReduceMax" ? LayerKind::max_pool : LayerKind::avg_pool, {map.producer},
                      {from.shape.channels, rows > 1 ? 1 : from.shape.height, columns > 1 ? 1 : from.shape.width});
        if (draft.frame.positions() == 1)
            draft.spec.kernel = {0};
        else
            draft.spec.kernel_hw = {window.y.kernel, window.x.kernel};
        to = draft.frame;
        made = {low.add(std::move(draft), {node.name}), {}, nullptr, 1.0, {}};
    }
    made.view.axes.clear();
    for (std::size_t a = 0; a < reduced.size(); ++a)
        if (!reduced[a])
            made.view.axes.push_back(carried(map.view.axes[a], from, to));
        else if (node.integer("keepdims", 1) != 0)
            made.view.axes.emplace_back();
    low.bind(node, 0, made);
}

// Functions of each value.

void batch_normalization(Lowering& low, const OpNode& node) {
    if (node.integer("training_mode", 0) != 0 || (low.opset() < 7 && node.integer("is_test", 0) == 0))
        throw InputError("normalises by the statistics of a batch: export the model for inference");
    if (node.integer("spatial", 1) != 1)
        throw InputError("normalises each position by itself (spatial 0)");
    Map map = low.read(node, 0);
    if (map.view.rank() < 2)
        throw InputError("reads a tensor without channels");
    Draft::Norm norm;
    std::vector<double>* const parts[] = {&norm.gamma, &norm.beta, &norm.mean, &norm.variance};
    const double epsilon = node.real("epsilon", 1e-5);
    for (std::size_t i = 0; i < 4; ++i) {
        Tensor values = low.constant(node, i + 1);
        values.shape.assign(map.view.rank() - 1, 1);
        values.shape.front() = values.size();
        if (values.size() != size_of(map.view.axes[1]))
            throw InputError(
                fmt::format("has {} parameters for {} channels", values.size(), size_of(map.view.axes[1])));
        *parts[i] = low.spread(values, map);
    }
    if (norm.gamma.size() < norm.variance.size())
        norm.gamma.assign(norm.variance.size(), norm.gamma.front());
    if (norm.variance.size() < norm.gamma.size())
        norm.variance.assign(norm.gamma.size(), norm.variance.front());
    for (std::size_t i = 0; i < norm.variance.size(); ++i) {
        const double sum = norm.variance[i] + epsilon;
        if (!(sum > 0.0))
            throw InputError("has a variance that is not positive");
        norm.variance[i] = sum - batch_norm_epsilon;
        if (norm.variance[i] < 0.0) {
            // What cannot be said with the usual epsilon goes into the factor.
            norm.gamma[i] *= std::sqrt((1.0 + batch_norm_epsilon) / sum);
            norm.variance[i] = 1.0;
        }
    }
    low.bind(node, 0, low.normalised(std::move(map), std::move(norm), node));
}

PointwisePtr function_of(const Map& map) { return map.pointwise ? map.pointwise : the_value(); }

void with_constant(Lowering& low, const OpNode& node, std::size_t at) {
    const bool first = at == 0;
    Map map = low.read(node, 1 - at);
    Tensor constant = low.constant(node, at);
    if (constant.size() == 0)
        throw InputError("combines a map with nothing");
    // Before version 7, the constant's axes began at `axis` of the other operand.
    if (low.opset() < 7 && node.has("axis")) {
        const std::size_t behind = axis_of(node.integer("axis", 0), map.view.rank()) + constant.shape.size();
        if (behind > map.view.rank())
            throw InputError("has a constant with too many axes");
        constant.shape.insert(constant.shape.end(), map.view.rank() - behind, 1);
    }
    std::vector<double> values = low.spread(constant, map);
    const std::string& op = node.op;
    Affine affine;
    if (op == "Add" || op == "Sum")
        affine.shift = values;
    else if (op == "Sub") {
        affine.scale = {first ? -1.0 : 1.0};
        affine.shift = values;
        if (!first)
            for (double& v : affine.shift)
                v = -v;
    } else if (op == "Mul")
        affine.scale = values;
    else if (op == "Div" && !first) {
        affine.scale = values;
        for (double& v : affine.scale)
            v = 1.0 / v;
    } else {
        if (values.size() != 1)
            throw InputError("combines a map with more than one number");
        if (!map.host.empty())
            map = low.plain(map);
        const PointwisePtr c = importing::constant(values.front());
        map.pointwise = first ? combined(node, op, c, function_of(map)) : combined(node, op, function_of(map), c);
        return low.bind(node, 0, map);
    }
    low.bind(node, 0, low.affine(std::move(map), affine, node));
}

/// Add, Sub, Mul, Div, Max, Min, Pow, Sum.
void arithmetic(Lowering& low, const OpNode& node) {
    if (node.inputs.size() == 1)
        return low.bind(node, 0, low.read(node, 0));
    if (node.inputs.size() == 2)
        for (std::size_t i = 0; i < 2; ++i)
            if (low.is_constant(node, i))
                return with_constant(low, node, i);
    std::vector<Map> maps;
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
        maps.push_back(low.read(node, i));
    if (maps.size() == 2 && maps[0].producer == maps[1].producer && maps[0].view == maps[1].view &&
        maps[0].host.empty() && maps[1].host.empty()) {
        maps[0].pointwise = combined(node, node.op, function_of(maps[0]), function_of(maps[1]));
        maps[0].share += maps[1].share;
        return low.bind(node, 0, maps[0]);
    }
    if (node.op != "Add" && node.op != "Sum" && node.op != "Sub" && node.op != "Mul")
        throw InputError("combines two maps; they are added, subtracted and multiplied only");
    for (Map& map : maps)
        map = low.plain(map);
    low.bind(node, 0, low.join(node.op, std::move(maps), node));
}

Activated activation_of(Lowering& low, const OpNode& node) {
    static const std::map<std::string, ActivationFunction> plain = {
        {"Relu", ActivationFunction::relu},         {"Sigmoid", ActivationFunction::sigmoid},
        {"Tanh", ActivationFunction::tanh},         {"HardSwish", ActivationFunction::hard_swish},
        {"Softplus", ActivationFunction::softplus}, {"Mish", ActivationFunction::mish},
    };
    if (const auto found = plain.find(node.op); found != plain.end())
        return {found->second, {}};
    if (node.op == "LeakyRelu")
        return {ActivationFunction::leaky_relu, {node.real("alpha", 0.01)}};
    if (node.op == "HardSigmoid")
        return {ActivationFunction::hard_sigmoid, {node.real("alpha", 0.2), node.real("beta", 0.5)}};
    if (node.op == "Selu")
        return {ActivationFunction::selu,
                {node.real("alpha", 1.6732632423543772), node.real("gamma", 1.0507009873554805)}};
    if (node.op == "Gelu") {
        if (node.text("approximate", "none") != "none")
            throw InputError("is approximated by tanh; only the exact function is imported");
        return {ActivationFunction::gelu, {}};
    }
    if (node.op == "Clip")
        return clipped(one_number(low, node, 1, "min", -infinity), one_number(low, node, 2, "max", infinity));
    // Elu, and Celu where it is the same.
    const double alpha = node.real("alpha", 1.0);
    if (node.op == "Celu" && alpha != 1.0)
        throw InputError("has an alpha other than 1");
    return {ActivationFunction::elu, {alpha}};
}

void activation(Lowering& low, const OpNode& node) {
    Map map = low.read(node, 0);
    if (!map.host.empty())
        map = low.plain(map);
    map.pointwise = activated(node, activation_of(low, node), function_of(map));
    low.bind(node, 0, map);
}

void prelu(Lowering& low, const OpNode& node) {
    Map map = low.read_plain(node, 0);
    Tensor slope = low.constant(node, 1);
    if (low.opset() < 7 && slope.shape.size() == 1 && map.view.rank() > 2)
        slope.shape.insert(slope.shape.end(), map.view.rank() - 2, 1);
    const std::vector<double> slopes = low.spread(slope, map);
    if (slopes.size() > static_cast<std::size_t>(low.frame(map).shape.channels))
        throw InputError("has another slope for each position");
    low.bind(node, 0, low.activate(map, {ActivationFunction::prelu, slopes}, {node.name}));
}

/// Operators that are no activation functions, but may be part of one.
void part_of_function(Lowering& low, const OpNode& node) {
    Map map = low.read(node, 0);
    if (node.op == "Log" && map.host == std::vector<HostFunction>{HostFunction::softmax}) {
        map.host = {HostFunction::log_softmax};
        return low.bind(node, 0, map);
    }
    if (node.op == "Neg")
        return low.bind(node, 0, low.affine(std::move(map), {{-1.0}, {0.0}}, node));
    if (!map.host.empty())
        map = low.plain(map);
    map.pointwise = applied(node, function_of(map));
    low.bind(node, 0, map);
}

/// Softmax, LogSoftmax and ArgMax over all logits of an image.
void host_function(Lowering& low, const OpNode& node) {
    Map map = low.read(node, 0);
    const std::vector<HostFunction> before = std::exchange(map.host, {});
    map = low.plain(map);
    map.host = before;
    const bool arg_max = node.op == "ArgMax";
    const std::size_t axis = axis_of(node.integer("axis", arg_max ? 0 : low.opset() < 13 ? 1 : -1), map.view.rank());
    Axis classes = map.view.axes[axis];
    if (!arg_max && low.opset() < 13)
        for (std::size_t a = axis + 1; a < map.view.rank(); ++a)
            classes.insert(classes.end(), map.view.axes[a].begin(), map.view.axes[a].end());
    if (size_of(classes) != low.frame(map).size() || role_of(classes, low.frame(map)) == Role::batch)
        throw InputError("does not run over all values of an image, as what the host makes of logits does");
    map.host.push_back(arg_max                ? HostFunction::arg_max
                       : node.op == "Softmax" ? HostFunction::softmax
                                              : HostFunction::log_softmax);
    if (arg_max) {
        map.view.axes[axis].clear();
        if (node.integer("keepdims", 1) == 0)
            map.view.axes.erase(map.view.axes.begin() + static_cast<std::ptrdiff_t>(axis));
    }
    low.bind(node, 0, map);
}

// What only rearranges, and parts of maps.

using Rearranged = std::vector<std::int64_t> (*)(const FoldCall& call, const std::vector<std::int64_t>& from);

template <Rearranged function>
void rearrange(Lowering& low, const OpNode& node) {
    const std::vector<TensorPtr> constants = low.constants(node);
    Map map = low.read(node, 0);
    const std::vector<std::int64_t> shape = function(call_of(low, node, constants), map.view.shape());
    const std::optional<View> view = map.view.reshaped(shape);
    if (!view)
        throw InputError(fmt::format("cuts a map of {} in a way that mixes its values", map.view.str()));
    map.view = *view;
    low.count_rearranged(node);
    low.bind(node, 0, map);
}

void transpose(Lowering& low, const OpNode& node) {
    Map map = low.read(node, 0);
    View view;
    for (std::size_t axis : permutation_of(node, map.view.rank()))
        view.axes.push_back(map.view.axes[axis]);
    map.view = view;
    low.count_rearranged(node);
    low.bind(node, 0, map);
}

void same(Lowering& low, const OpNode& node) {
    const Map map = low.read(node, 0);
    const std::int64_t to = node.op == "Cast" ? node.integer("to", 1) : 1;
    if (to != 1 && to != 10 && to != 11 && to != 16 && map.host.empty())
        throw InputError("makes integers of real values");
    if (node.op == "Dropout" && node.has_input(2) && one_number(low, node, 2, "", 0.0) != 0.0)
        throw InputError("drops values as in training: export the model for inference");
    low.count_rearranged(node);
    low.bind(node, 0, map);
}

Tensor integers(const std::vector<std::int64_t>& values) {
    return {Tensor::Type::integer, {static_cast<std::int64_t>(values.size())}, {values.begin(), values.end()}};
}

void shape(Lowering& low, const OpNode& node) {
    low.count_rearranged(node);
    low.bind(node, 0, integers(shape_values(node, low.shape_of(node, 0))));
}

void size(Lowering& low, const OpNode& node) {
    Tensor tensor = integers({count_of(low.shape_of(node, 0))});
    tensor.shape.clear();
    low.bind(node, 0, tensor);
}

/// Channels [start, start + count) of a map whose channels are this axis.
Map channels_of(Lowering& low, Map map, std::size_t axis, std::int64_t start, std::int64_t count, const OpNode& node) {
    map = low.straightened(std::move(map), node);
    const Frame from = low.frame(map);
    if (!is_whole(map.view.axes[axis], from.shape.channels, from.channel))
        throw InputError("takes a part of an axis that is not the channels of a map");
    if (start == 0 && count == from.shape.channels)
        return map;
    Draft draft = low.begin(LayerKind::pad_channels, {map.producer},
                            {static_cast<int>(count), from.shape.height, from.shape.width});
    draft.spec.channel_padding = {static_cast<int>(-start), static_cast<int>(start + count - from.shape.channels)};
    const View view = low.with_channels(map, axis, draft.frame);
    return {low.add(std::move(draft), {node.name}), view, nullptr, 1.0, {}};
}

/// Rows and columns [start + i * step] of a map: a pool of one tap where they begin at 0, else a convolution that picks a tap.
Map positions_of(Lowering& low, const Map& map, const std::array<AxisSlice, 2>& slices,
                 const std::array<std::size_t, 2>& axes, const OpNode& node) {
    const Frame from = low.frame(map);
    const Shape& in = from.shape;
    Window window;
    bool picks = false;
    for (std::size_t a = 0; a < 2; ++a) {
        const int extent = a == 0 ? in.height : in.width;
        WindowAxis& axis = a == 0 ? window.y : window.x;
        axis.stride = bounded(slices[a].step, 1, "a step");
        const std::int64_t reach = (slices[a].count - 1) * slices[a].step;
        axis.kernel = slices[a].start == 0 && reach + slices[a].step >= extent ? 1 : static_cast<int>(extent - reach);
        picks = picks || axis.kernel > 1;
    }
    Draft draft = low.begin(picks ? LayerKind::conv : LayerKind::max_pool, {map.producer},
                            {in.channels, static_cast<int>(slices[0].count), static_cast<int>(slices[1].count)});
    set_window(draft.spec, window);
    if (picks) {
        const auto taps = static_cast<std::size_t>(window.taps());
        low.budget().spend(static_cast<std::int64_t>(taps) * in.channels);
        draft.weight.assign(taps * static_cast<std::size_t>(in.channels), 0.0);
        draft.bias.assign(static_cast<std::size_t>(in.channels), 0.0);
        draft.spec.groups = in.channels > 1 ? 0 : 1;
        const std::int64_t tap = slices[0].start * window.x.kernel + slices[1].start;
        for (std::size_t c = 0; c < draft.bias.size(); ++c)
            draft.weight[c * taps + static_cast<std::size_t>(tap)] = 1.0;
    }
    const View view = low.with_positions(map, axes, draft.frame);
    return {low.add(std::move(draft), {node.name}), view, nullptr, 1.0, {}};
}

/// Axes of rows and columns in the file's tensor, past its end where there are none.
std::array<std::size_t, 2> position_axes(Lowering& low, const Map& map) {
    const Frame over = low.frame(map);
    std::array<std::size_t, 2> axes = {map.view.rank(), map.view.rank()};
    std::size_t channels = 1;
    for (std::size_t a = 0; a < map.view.rank(); ++a)
        if (role_of(map.view.axes[a], over) == Role::channels)
            channels = a;
    // Without the images and the channels, what is left are rows and columns, or a line.
    std::vector<std::size_t> rest;
    for (std::size_t a = 1; a < map.view.rank(); ++a)
        if (a != channels)
            rest.push_back(a);
    const auto whole = [&](std::size_t a, std::int64_t extent, std::int64_t stride) {
        return is_whole(map.view.axes[a], extent, stride);
    };
    const Shape& s = over.shape;
    if (rest.size() == 2 && whole(rest[0], s.height, over.row) && whole(rest[1], s.width, over.column))
        axes = {rest[0], rest[1]};
    else if (rest.size() == 1 && s.height == 1 && whole(rest[0], s.width, over.column))
        axes[1] = rest[0];
    else if (rest.size() == 1 && s.width == 1 && whole(rest[0], s.height, over.row))
        axes[0] = rest[0];
    return axes;
}

/// A part of a map, an axis after the other.
Map part_of(Lowering& low, Map map, const std::vector<AxisSlice>& slices, const OpNode& node) {
    const std::array<std::size_t, 2> axes = position_axes(low, map);
    const Frame from = low.frame(map);
    std::array<AxisSlice, 2> positions = {AxisSlice{0, 1, from.shape.height}, AxisSlice{0, 1, from.shape.width}};
    bool of_positions = false;
    for (std::size_t a = 0; a < slices.size(); ++a) {
        const AxisSlice& slice = slices[a];
        const std::int64_t whole = size_of(map.view.axes[a]);
        if (slice.count < 1)
            throw InputError("takes nothing of an axis");
        if (slice.count == whole && (slice.step == 1 || whole == 1))
            continue;
        if (slice.step < 0)
            throw InputError("runs backwards over what depends on the network's input");
        if (a == axes[0] || a == axes[1]) {
            positions[a == axes[0] ? 0 : 1] = slice;
            of_positions = true;
        } else if (slice.step == 1 || slice.count == 1)
            map = channels_of(low, map, a, slice.start, slice.count, node);
        else
            throw InputError("takes channels in steps");
    }
    return of_positions ? positions_of(low, map, positions, axes, node) : map;
}

void slice(Lowering& low, const OpNode& node) {
    const std::vector<TensorPtr> constants = low.constants(node);
    const Map map = low.read_plain(node, 0);
    low.bind(node, 0, part_of(low, map, slices_of(call_of(low, node, constants), map.view.shape()), node));
}

std::vector<AxisSlice> whole_of(const Map& map) {
    std::vector<AxisSlice> slices;
    for (std::int64_t extent : map.view.shape())
        slices.push_back({0, 1, extent});
    return slices;
}

void split(Lowering& low, const OpNode& node) {
    const std::vector<TensorPtr> constants = low.constants(node);
    Map map = low.straightened(low.read_plain(node, 0), node);
    const std::size_t axis = axis_of(node.integer("axis", 0), map.view.rank());
    const std::vector<std::int64_t> sizes = split_sizes(call_of(low, node, constants), size_of(map.view.axes[axis]));
    std::vector<AxisSlice> slices = whole_of(map);
    map.share = 0.0;
    std::int64_t start = 0;
    for (std::size_t o = 0; o < sizes.size(); ++o) {
        slices[axis] = {start, 1, sizes[o]};
        if (o < node.outputs.size() && low.readers(node.outputs[o]) > 0)
            low.bind(node, o, part_of(low, map, slices, node));
        start += sizes[o];
    }
}

/// One place, or a run of places, of an axis.
void gather(Lowering& low, const OpNode& node) {
    const Tensor& indices = low.constant(node, 1);
    Map map = low.read_plain(node, 0);
    const std::size_t axis = axis_of(node.integer("axis", 0), map.view.rank());
    const std::int64_t extent = size_of(map.view.axes[axis]);
    if (indices.shape.size() > 1 || indices.size() == 0)
        throw InputError("takes nothing, or a table of places");
    const auto place = [&](std::size_t i) {
        const std::int64_t index = whole(indices.values[i]);
        return index < 0 ? index + extent : index;
    };
    std::vector<AxisSlice> slices = whole_of(map);
    slices[axis] = {place(0), 1, indices.size()};
    for (std::size_t i = 0; i < indices.values.size(); ++i)
        if (place(i) != place(0) + static_cast<std::int64_t>(i) || place(i) < 0 || place(i) >= extent)
            throw InputError("takes places that are not one after the other, or none of the axis");
    map = part_of(low, map, slices, node);
    if (indices.shape.empty())
        map.view.axes.erase(map.view.axes.begin() + static_cast<std::ptrdiff_t>(axis));
    low.bind(node, 0, map);
}

void concat(Lowering& low, const OpNode& node) {
    std::vector<Map> maps;
    std::int64_t before = 0, after = 0;
    std::size_t axis = 0;
    const auto zeros = [&](const Tensor& tensor) {
        axis = axis_of(node.integer("axis", 1), tensor.shape.size());
        if (std::any_of(tensor.values.begin(), tensor.values.end(), [](double v) { return v != 0.0; }))
            throw InputError("joins a map with a constant that is not 0");
        return tensor.shape[axis];
    };
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
        if (low.is_constant(node, i))
            (maps.empty() ? before : after) += zeros(low.constant(node, i));
        else if (after > 0)
            throw InputError("joins maps with zeros between them");
        else
            maps.push_back(low.straightened(low.read_plain(node, i), node));
    const Map first = maps.front();
    axis = axis_of(node.integer("axis", 1), first.view.rank());
    const Frame from = low.frame(first);
    std::int64_t channels = before + after;
    bool flat = true, by_channel = true;
    Draft draft = low.begin(LayerKind::concat, {}, {1, from.shape.height, from.shape.width});
    for (const Map& map : maps) {
        const Frame over = low.frame(map);
        if (map.view.rank() != first.view.rank() || over.shape.height != from.shape.height ||
            over.shape.width != from.shape.width)
            throw InputError(fmt::format("joins maps of {} and {}; only maps of the same height and width are joined",
                                         from.shape.str(), over.shape.str()));
        flat = flat && over.positions() > 1 && is_whole(map.view.axes[axis], over.size(), 1);
        by_channel = by_channel && is_whole(map.view.axes[axis], over.shape.channels, over.channel);
        channels += over.shape.channels;
        draft.inputs.push_back(map.producer);
    }
    if ((!flat && !by_channel) || (flat && before + after > 0))
        throw InputError("joins maps along another axis than their channels");
    draft.frame = Frame({bounded(channels, 1, "a number of channels"), from.shape.height, from.shape.width});
    const auto others = [&](const Map& map, const Frame& to) {
        View view;
        const Frame over = low.frame(map);
        for (std::size_t a = 0; a < map.view.rank(); ++a)
            view.axes.push_back(a != axis ? carried(map.view.axes[a], over, to)
                                : flat    ? plain_axis(to.size(), 1)
                                          : plain_axis(to.shape.channels, to.channel));
        return view;
    };
    const View view = others(first, draft.frame);
    for (const Map& map : maps)
        if (!(others(map, draft.frame) == view))
            throw InputError("joins maps whose values lie in different orders");
    if (maps.size() == 1) {
        draft.spec.kind = LayerKind::pad_channels;
        draft.spec.channel_padding = {static_cast<int>(before), static_cast<int>(after)};
        if (before + after == 0)
            return low.bind(node, 0, first);
    } else if (before + after > 0) {
        throw InputError("joins several maps and zeros");
    }
    low.bind(node, 0, {low.add(std::move(draft), {node.name}), view, nullptr, 1.0, {}});
}

void pad(Lowering& low, const OpNode& node) {
    const std::vector<TensorPtr> constants = low.constants(node);
    const FoldCall call = call_of(low, node, constants);
    std::vector<std::int64_t> pads = low.opset() < 11 ? node.integers("pads") : call.integers(1, "pads");
    Map map = low.read(node, 0);
    const std::size_t rank = map.view.rank();
    if (call.has(3)) {
        // Only some axes are listed.
        const std::vector<std::int64_t> axes = call.integers(3, ""), given = pads;
        pads.assign(2 * rank, 0);
        for (std::size_t i = 0; i < axes.size() && given.size() == 2 * axes.size(); ++i) {
            pads[axis_of(axes[i], rank)] = given[i];
            pads[rank + axis_of(axes[i], rank)] = given[axes.size() + i];
        }
    }
    if (pads.size() != 2 * rank)
        throw InputError(fmt::format("has {} pads for {} axes", pads.size(), rank));
    if (std::all_of(pads.begin(), pads.end(), [](std::int64_t p) { return p == 0; })) {
        low.count_rearranged(node);
        return low.bind(node, 0, map);
    }
    for (std::int64_t p : pads)
        bounded(std::abs(p), 0, "a padding");
    if (node.text("mode", "constant") != "constant" || one_number(low, node, 2, "value", 0.0) != 0.0)
        throw InputError("pads with other values than 0");
    map = low.plain(map);
    std::vector<AxisSlice> kept = whole_of(map);
    for (std::size_t a = 0; a < rank; ++a) {
        kept[a].start = std::max<std::int64_t>(0, -pads[a]);
        kept[a].count += std::min<std::int64_t>(0, pads[a]) + std::min<std::int64_t>(0, pads[rank + a]);
    }
    map = part_of(low, map, kept, node);
    const std::array<std::size_t, 2> axes = position_axes(low, map);
    std::array<int, 4> padding{};
    for (std::size_t a = 0; a < rank; ++a) {
        const int before = static_cast<int>(std::max<std::int64_t>(0, pads[a])),
                  after = static_cast<int>(std::max<std::int64_t>(0, pads[rank + a]));
        if (before + after == 0)
            continue;
        if (a == axes[0] || a == axes[1]) {
            padding[a == axes[0] ? 0 : 1] = before;
            padding[a == axes[0] ? 2 : 3] = after;
            continue;
        }
        map = low.straightened(map, node);
        const Frame from = low.frame(map);
        if (!is_whole(map.view.axes[a], from.shape.channels, from.channel))
            throw InputError("pads another axis than channels, rows and columns");
        Draft draft = low.begin(LayerKind::pad_channels, {map.producer},
                                {from.shape.channels + before + after, from.shape.height, from.shape.width});
        draft.spec.channel_padding = {before, after};
        const View view = low.with_channels(map, a, draft.frame);
        map = {low.add(std::move(draft), {node.name}), view, nullptr, 1.0, {}};
    }
    if (padding != std::array<int, 4>{}) {
        const Frame from = low.frame(map);
        const Frame to(Shape{from.shape.channels, from.shape.height + padding[0] + padding[2],
                             from.shape.width + padding[1] + padding[3]});
        map = low.padded(map, padding, low.with_positions(map, axes, to), node);
    }
    low.bind(node, 0, map);
}

void quantised(Lowering&, const OpNode&) {
    throw InputError(
        "quantises what depends on the network's input; the chip has steps of its own, so the file's numbers would not "
        "come "
        "out: import the float model that it was made from");
}

constexpr int newest = std::numeric_limits<int>::max();

// By name: versions, what folds it, what lowers it. A version that is left out means something else there.
// clang-format off
const Operator table[] = {
    {"Abs", 6, newest, fold::unary, part_of_function},
    {"Add", 6, newest, fold::binary, arithmetic},
    {"And", 7, newest, fold::binary, nullptr},
    {"ArgMax", 1, newest, nullptr, host_function},
    {"AveragePool", 1, newest, nullptr, pool},
    {"BatchNormalization", 6, newest, nullptr, batch_normalization},
    {"Cast", 6, newest, fold::cast, same},
    {"Ceil", 6, newest, fold::unary, nullptr},
    {"Celu", 12, newest, nullptr, activation},
    {"Clip", 6, newest, fold::clip, activation},
    {"Concat", 4, newest, fold::concat, concat},
    {"ConstantOfShape", 9, newest, fold::constant_of_shape, nullptr},
    {"Conv", 1, newest, nullptr, conv},
    {"DequantizeLinear", 10, newest, fold::dequantize, quantised},
    {"Div", 6, newest, fold::binary, arithmetic},
    {"Dropout", 6, newest, fold::same, same},
    {"Elu", 6, newest, nullptr, activation},
    {"Equal", 7, newest, fold::binary, nullptr},
    {"Erf", 9, newest, fold::unary, part_of_function},
    {"Exp", 6, newest, fold::unary, part_of_function},
    {"Expand", 8, newest, fold::expand, nullptr},
    {"Flatten", 1, newest, fold::flatten, rearrange<flattened>},
    {"Floor", 6, newest, fold::unary, nullptr},
    {"Gather", 1, newest, fold::gather, gather},
    {"Gelu", 20, newest, nullptr, activation},
    {"Gemm", 6, newest, nullptr, gemm},
    {"GlobalAveragePool", 1, newest, nullptr, global_pool},
    {"GlobalMaxPool", 1, newest, nullptr, global_pool},
    {"Greater", 7, newest, fold::binary, nullptr},
    {"GreaterOrEqual", 12, newest, fold::binary, nullptr},
    {"HardSigmoid", 6, newest, nullptr, activation},
    {"HardSwish", 14, newest, nullptr, activation},
    {"Identity", 1, newest, fold::same, same},
    {"LeakyRelu", 6, newest, nullptr, activation},
    {"Less", 7, newest, fold::binary, nullptr},
    {"LessOrEqual", 12, newest, fold::binary, nullptr},
    {"Log", 6, newest, fold::unary, part_of_function},
    {"LogSoftmax", 1, newest, nullptr, host_function},
    {"MatMul", 1, newest, fold::matmul, matmul},
    {"Max", 6, newest, fold::binary, arithmetic},
    {"MaxPool", 1, newest, nullptr, pool},
    {"Min", 6, newest, fold::binary, arithmetic},
    {"Mish", 18, newest, nullptr, activation},
    {"Mod", 10, newest, fold::binary, nullptr},
    {"Mul", 6, newest, fold::binary, arithmetic},
    {"Neg", 6, newest, fold::unary, part_of_function},
    {"Not", 1, newest, fold::unary, nullptr},
    {"Or", 7, newest, fold::binary, nullptr},
    {"PRelu", 6, newest, nullptr, prelu},
    {"Pad", 2, newest, nullptr, pad},
    {"Pow", 7, newest, fold::binary, arithmetic},
    {"QuantizeLinear", 10, newest, nullptr, quantised},
    {"Range", 11, newest, fold::range, nullptr},
    {"Reciprocal", 6, newest, fold::unary, part_of_function},
    {"ReduceMax", 1, newest, fold::reduce, reduce},
    {"ReduceMean", 1, newest, fold::reduce, reduce},
    {"ReduceMin", 1, newest, fold::reduce, nullptr},
    {"ReduceProd", 1, newest, fold::reduce, nullptr},
    {"ReduceSum", 1, newest, fold::reduce, nullptr},
    {"Relu", 6, newest, nullptr, activation},
    {"Reshape", 5, newest, fold::reshape, rearrange<reshaped>},
    {"Round", 11, newest, fold::unary, nullptr},
    {"Selu", 6, newest, nullptr, activation},
    {"Shape", 1, newest, fold::shape, shape},
    {"Sigmoid", 6, newest, nullptr, activation},
    {"Size", 1, newest, fold::size, size},
    {"Slice", 1, newest, fold::slice, slice},
    {"Softmax", 1, newest, nullptr, host_function},
    {"Softplus", 1, newest, nullptr, activation},
    {"Split", 2, newest, fold::split, split},
    {"Sqrt", 6, newest, fold::unary, part_of_function},
    {"Squeeze", 1, newest, fold::squeeze, rearrange<squeezed>},
    {"Sub", 6, newest, fold::binary, arithmetic},
    {"Sum", 6, newest, fold::binary, arithmetic},
    {"Tanh", 6, newest, nullptr, activation},
    {"Tile", 6, newest, fold::tile, nullptr},
    {"Transpose", 1, newest, fold::transpose, transpose},
    {"Unsqueeze", 1, newest, fold::unsqueeze, rearrange<unsqueezed>},
    {"Where", 9, newest, fold::where, nullptr},
};
// clang-format on

}  // namespace

const Operator* operator_named(const std::string& name, int opset) {
    const auto row =
        std::find_if(std::begin(table), std::end(table), [&](const Operator& o) { return o.name == name; });
    return row == std::end(table) || opset < row->first_opset || opset > row->last_opset ? nullptr : row;
}

std::vector<Operator> all_operators() { return {std::begin(table), std::end(table)}; }

}  // namespace xloop::importing
