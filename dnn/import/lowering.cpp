#include "dnn/import/lowering.hpp"

#include "core/words.hpp"
#include "core/workload/workload_graph.hpp"
#include "dnn/import/operators.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace xloop::importing {
namespace {

/// A function of more operators than this is split into layers.
constexpr int deepest_pointwise = 16;
constexpr std::int64_t largest_size = 1 << 20;

/// By channel where values are given by channel, and by value, in the order of the map, where not.
std::vector<double> expanded(const std::vector<double>& values, std::size_t count) {
    std::vector<double> made(count);
    for (std::size_t i = 0; i < count; ++i)
        made[i] = values[i / (count / values.size())];
    return made;
}

Affine after(const Affine& first, const Affine& then) {
    const std::size_t count = std::max(first.size(), then.size());
    Affine made{expanded(first.scale, count), expanded(first.shift, count)};
    const std::vector<double> scale = expanded(then.scale, count), shift = expanded(then.shift, count);
    for (std::size_t i = 0; i < count; ++i) {
        made.scale[i] *= scale[i];
        made.shift[i] = made.shift[i] * scale[i] + shift[i];
    }
    return made;
}

std::array<int, 4> padding_of(const Window& w) { return {w.y.before, w.x.before, w.y.after, w.x.after}; }
bool is_padded(const Window& w) { return padding_of(w) != std::array<int, 4>{}; }

/// Zeros outside of those that the window has already.
void add_padding(Window& window, const Window& outer) {
    window.y.before += outer.y.before;
    window.y.after += outer.y.after;
    window.x.before += outer.x.before;
    window.x.after += outer.x.after;
}

Window window_of_padding(const Draft& draft) {
    Window window;
    const std::vector<int>& p = draft.spec.padding;
    if (p.size() == 4) {
        window.y.before = p[0];
        window.x.before = p[1];
        window.y.after = p[2];
        window.x.after = p[3];
    }
    return window;
}

Shape output_of(const Window& window, int channels, const Shape& in) {
    const Shape out{channels, window.y.output(in.height), window.x.output(in.width)};
    if (out.height < 1 || out.width < 1)
        throw InputError(
            fmt::format("has a window that is larger than its padded input of {}x{}", in.height, in.width));
    return out;
}

/// Letters, digits and `_`, which every part of the program takes in a name.
std::string sanitised(const std::string& text) {
    std::string made;
    for (char c : text)
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            made += c;
        else if (!made.empty() && made.back() != '_')
            made += '_';
    while (!made.empty() && made.back() == '_')
        made.pop_back();
    return made.substr(0, 60);
}

}  // namespace

void set_window(LayerSpec& spec, const Window& w) {
    const auto pair = [](int y, int x) { return y == x ? std::vector<int>{y} : std::vector<int>{y, x}; };
    spec.kernel.clear();
    spec.kernel_hw.clear();
    if (w.y.kernel == w.x.kernel)
        spec.kernel = {w.y.kernel};
    else
        spec.kernel_hw = {w.y.kernel, w.x.kernel};
    spec.stride = pair(w.y.stride, w.x.stride);
    spec.dilation = pair(w.y.dilation, w.x.dilation);
    const std::array<int, 4> p = padding_of(w);
    spec.padding.assign(p.begin(), p.end());
}

bool Affine::is_identity() const {
    return !has_shift() && std::all_of(scale.begin(), scale.end(), [](double s) { return s == 1.0; });
}
bool Affine::has_shift() const {
    return std::any_of(shift.begin(), shift.end(), [](double s) { return s != 0.0; });
}

std::array<std::int64_t, 2> Spatial::by_axis(const std::vector<std::int64_t>& values, std::int64_t otherwise) const {
    if (values.empty())
        return {otherwise, otherwise};
    if (values.size() != map.view.rank() - 2)
        throw InputError(fmt::format("has a window of {} axes over a map of {}", values.size(), map.view.rank() - 2));
    return {has(0) ? values.front() : otherwise, has(1) ? values.back() : otherwise};
}

Lowering::Lowering(OpGraph graph, Budget& budget) : graph_(std::move(graph)), budget_(budget) {}

FloatNetwork Lowering::run(const std::string& name) {
    try {
        begin_input();
    } catch (const InputError& error) {
        throw InputError(graph_.file + ": " + error.what());
    }
    for (const auto& [constant, tensor] : graph_.constants)
        values_[constant].constant = tensor;
    for (const OpNode& node : graph_.nodes)
        if (node.op != "Shape" && node.op != "Size")
            for (const std::string& input : node.inputs)
                ++readers_[input];
    for (const std::string& output : graph_.outputs)
        ++readers_[output];
    for (const OpNode& node : graph_.nodes)
        lower(node);
    try {
        for (const std::string& output : graph_.outputs)
            finish_output(output);
        return finish(name);
    } catch (const InputError& error) {
        throw InputError(graph_.file + ": " + error.what());
    }
}

void Lowering::begin_input() {
    if (graph_.inputs.size() != 1)
        throw InputError(fmt::format("has {}; networks with one are imported",
                                     counted(static_cast<std::int64_t>(graph_.inputs.size()), "input")));
    const GraphInput& input = graph_.inputs.front();
    std::vector<std::int64_t> sizes = input.shape;
    if (sizes.empty() || sizes.size() > 4)
        throw InputError(
            fmt::format("input `{}` has {} axes; 1 to 4, of which the first of several counts images, are imported",
                        input.name, sizes.size()));
    // A column of numbers has no axis of images.
    const bool column = sizes.size() == 2 && sizes[0] > 1 && sizes[1] == 1;
    const bool has_batch = sizes.size() > 1 && !column;
    if (has_batch && sizes.front() == GraphInput::unknown)
        sizes.front() = 1;
    for (std::int64_t size : sizes)
        if (size < 1 || size > largest_size)
            throw InputError(
                fmt::format("input `{}` has an axis without a size, or one beyond {}: export the model for one size of "
                            "images, or give it with --input-shape",
                            input.name, largest_size));
    const std::int64_t batch = has_batch ? sizes.front() : 1;
    input_sizes_.assign(sizes.begin() + (has_batch ? 1 : 0), sizes.end());
    std::int64_t stride = count_of(input_sizes_);
    if (stride > std::numeric_limits<std::int32_t>::max() || stride * batch > std::numeric_limits<std::int32_t>::max())
        throw InputError(fmt::format("input `{}` has too many values", input.name));
    Map map;
    if (has_batch)
        map.view.axes.push_back(plain_axis(batch, stride));
    for (std::int64_t size : input_sizes_) {
        stride /= size;
        map.view.axes.push_back(plain_axis(size, stride));
    }
    values_[input.name].map = map;
}

std::string Lowering::input_text() const {
    return fmt::format("`{}` [{}]", graph_.inputs.front().name, fmt::join(input_sizes_, ", "));
}

void Lowering::lower(const OpNode& node) {
    try {
        const Operator* row = node.domain.empty() ? operator_named(node.op, graph_.opset) : nullptr;
        if (!row)
            throw InputError(node.domain.empty()
                                 ? "this operator is not imported; docs/import.md lists those that are"
                                 : "operators of other domains than ai.onnx are not imported: export the float model "
                                   "with those of ai.onnx");
        const bool folds =
            !node.inputs.empty() && std::all_of(node.inputs.begin(), node.inputs.end(), [&](const std::string& input) {
                return input.empty() || value(input).constant;
            });
        if (folds && row->fold) {
            const std::vector<TensorPtr> inputs = constants(node);
            fold::Outputs made = row->fold({node, inputs, graph_.opset, budget_});
            for (std::size_t o = 0; o < node.outputs.size() && o < made.size(); ++o)
                bind(node, o, std::move(made[o]));
            ++folded_[node.op];
        } else if (row->lower) {
            row->lower(*this, node);
        } else {
            throw InputError("this operator is imported on constants only, not on what depends on the network's input");
        }
    } catch (const InputError& error) {
        throw InputError(fmt::format("{}: {}: {}", graph_.file, described(node), error.what()));
    }
}

const Lowering::Value& Lowering::value(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end())
        throw InputError(fmt::format("reads `{}`, an output of its operator that is not imported", name));
    return found->second;
}

int Lowering::readers(const std::string& name) const {
    const auto found = readers_.find(name);
    return found == readers_.end() ? 0 : found->second;
}

bool Lowering::is_constant(const OpNode& node, std::size_t i) const {
    return node.has_input(i) && value(node.inputs[i]).constant;
}

const Tensor& Lowering::constant(const OpNode& node, std::size_t i) const {
    if (!node.has_input(i))
        throw InputError(fmt::format("input {} is missing", i));
    if (!is_constant(node, i))
        throw InputError(fmt::format(
            "input {} (`{}`) depends on the network's input; only a constant is imported there", i, node.inputs[i]));
    return *value(node.inputs[i]).constant;
}

std::vector<TensorPtr> Lowering::constants(const OpNode& node) const {
    std::vector<TensorPtr> made;
    for (const std::string& input : node.inputs)
        made.push_back(input.empty() ? nullptr : value(input).constant);
    return made;
}

std::vector<std::int64_t> Lowering::shape_of(const OpNode& node, std::size_t i) const {
    if (!node.has_input(i))
        throw InputError(fmt::format("input {} is missing", i));
    const Value& v = value(node.inputs[i]);
    return v.constant ? v.constant->shape : v.map->view.shape();
}

Map Lowering::read(const OpNode& node, std::size_t i) {
    if (!node.has_input(i))
        throw InputError(fmt::format("input {} is missing", i));
    const std::string& name = node.inputs[i];
    if (value(name).constant)
        throw InputError(
            fmt::format("input {} (`{}`) is a constant; expected what depends on the network's input", i, name));
    Map& map = *values_[name].map;
    // Else each reader would make a layer of its own of it.
    if (map.pointwise && (readers(name) > 1 || map.pointwise->depth > deepest_pointwise))
        map = plain(map);
    Map as_read = map;
    as_read.share /= std::max(readers(name), 1);
    return as_read;
}

void Lowering::bind(const OpNode& node, std::size_t output, Map map) {
    if (output < node.outputs.size() && !node.outputs[output].empty())
        values_[node.outputs[output]].map = std::move(map);
}

void Lowering::bind(const OpNode& node, std::size_t output, Tensor tensor) {
    if (output < node.outputs.size() && !node.outputs[output].empty())
        values_[node.outputs[output]].constant = std::make_shared<const Tensor>(std::move(tensor));
}

const Draft* Lowering::draft(const Map& map) const {
    return map.producer < 0 ? nullptr : &drafts_[static_cast<std::size_t>(map.producer)];
}

const Frame& Lowering::frame(const Map& map) {
    if (const Draft* made = draft(map))
        return made->frame;
    if (!input_frame_)
        guess_input_frame({});
    return *input_frame_;
}

/// Where an operator says which axes of the input are channels, rows and columns.
void Lowering::set_input_frame(const Axis& channels, const Axis& rows, const Axis& columns) {
    const std::array<Axis, 3> axes = {joined(channels), joined(rows), joined(columns)};
    std::array<std::int64_t, 3> sizes{}, strides{};
    for (std::size_t a = 0; a < axes.size(); ++a) {
        if (axes[a].size() > 1)
            throw InputError(
                "the network's input is cut into channels, rows and columns in a way that no image file has");
        sizes[a] = size_of(axes[a]);
        strides[a] = axes[a].empty() ? 0 : axes[a].front().stride;
    }
    for (std::int64_t size : sizes)
        if (size > largest_size)
            throw InputError("the network's input is too large");
    const Shape shape{static_cast<int>(sizes[0]), static_cast<int>(sizes[1]), static_cast<int>(sizes[2])};
    Frame chw(shape), hwc(shape);
    hwc.channel = 1;
    hwc.row = sizes[2] * sizes[0];
    hwc.column = sizes[0];
    const auto fits = [&](const Frame& frame) {
        return (sizes[0] == 1 || strides[0] == frame.channel) && (sizes[1] == 1 || strides[1] == frame.row) &&
               (sizes[2] == 1 || strides[2] == frame.column);
    };
    if (count_of(input_sizes_) != sizes[0] * sizes[1] * sizes[2] || (!fits(chw) && !fits(hwc)))
        throw InputError(
            "the network's input lies neither channel by channel nor with its channels last: export it with one of "
            "these layouts");
    spec_.input_order = fits(chw) ? MapOrder::chw : MapOrder::hwc;
    input_frame_ = fits(chw) ? chw : hwc;
}

/// Where nothing says what the axes of the input are but perhaps which are channels.
void Lowering::guess_input_frame(const Axis& channels) {
    std::vector<Axis> axes;
    std::int64_t stride = count_of(input_sizes_);
    for (std::int64_t size : input_sizes_)
        axes.push_back(plain_axis(size, stride /= size));
    const Axis none, hint = joined(channels);
    if (!hint.empty() && size_of(hint) == count_of(input_sizes_))
        return set_input_frame(hint, none, none);
    const bool last = !hint.empty() && hint == axes.back(), first = !hint.empty() && hint == axes.front();
    if (axes.size() == 1 || (axes.size() == 2 && (axes[0].empty() || axes[1].empty())))
        return set_input_frame(axes[0].empty() ? axes.back() : axes[0], none, none);
    if (axes.size() == 2)
        return last    ? set_input_frame(axes[1], none, axes[0])
               : first ? set_input_frame(axes[0], none, axes[1])
                       : set_input_frame(none, axes[0], axes[1]);
    // Images have few channels.
    constexpr std::int64_t few = 4;
    if (last || (!first && input_sizes_[2] <= few && input_sizes_[0] > few))
        return set_input_frame(axes[2], axes[0], axes[1]);
    set_input_frame(axes[0], axes[1], axes[2]);
}

Map Lowering::plain(Map map) {
    if (!map.host.empty())
        throw InputError(fmt::format("reads the result of {}, which is imported at the network's output only",
                                     name_of(map.host.back())));
    if (!map.pointwise)
        return map;
    const PointwisePtr function = std::exchange(map.pointwise, nullptr);
    return lowered(*function, std::move(map));
}

Map Lowering::lowered(const Pointwise& function, Map source) {
    if (function.is_value())
        return source;
    std::vector<std::string> nodes;
    collect_nodes(function, nodes);
    OpNode node;
    node.name = function.node;
    if (function.activation && function.a->is_value())
        return activate(std::move(source), *function.activation, nodes);
    if (const auto activation = recognised(function))
        return activate(std::move(source), *activation, nodes);
    if (function.is_affine)
        return affine_layer(lowered(*function.a, std::move(source)), {{function.scale}, {function.shift}}, node);
    if (function.activation)
        return activate(lowered(*function.a, std::move(source)), *function.activation, {function.node});
    const bool joins = function.op == "Add" || function.op == "Sub" || function.op == "Sum" || function.op == "Mul";
    if (!joins || !function.b || function.b->constant || function.a->constant)
        throw InputError(
            fmt::format("needs what node `{}` ({}) computes, which is no activation function that layers have",
                        function.node, function.op));
    source.share = 0.0;
    return join(function.op, {lowered(*function.a, source), lowered(*function.b, source)}, node);
}

std::vector<double> Lowering::spread(const Tensor& tensor, Map& map) {
    const std::vector<double>& values = tensor.values;
    std::size_t rank = std::max(map.view.rank(), tensor.shape.size());
    map.view.axes.insert(map.view.axes.begin(), rank - map.view.rank(), Axis{});
    const std::size_t front = rank - tensor.shape.size();
    Axis
        digits;  // of the axes along which the constant has values of its own, each with the constant's stride behind it
    std::vector<std::int64_t> strides;
    std::int64_t stride = tensor.size();
    for (std::size_t a = 0; a < tensor.shape.size(); ++a) {
        stride = tensor.shape[a] > 0 ? stride / tensor.shape[a] : 0;
        if (tensor.shape[a] == 1)
            continue;
        if (tensor.shape[a] != size_of(map.view.axes[front + a]))
            throw InputError(fmt::format("combines a map of {} with a constant of [{}]", map.view.str(),
                                         fmt::join(tensor.shape, ", ")));
        std::int64_t inner = tensor.shape[a] * stride;
        for (const Digit& d : map.view.axes[front + a]) {
            digits.push_back(d);
            strides.push_back(inner /= d.size);
        }
    }
    if (std::all_of(values.begin(), values.end(), [&](double v) { return v == values.front(); }))
        return {values.at(0)};
    if (map.producer < 0 && !input_frame_)
        guess_input_frame(digits);
    const Frame& over = frame(map);
    bool by_channel = true;
    for (const Digit& d : digits) {
        const Role role = role_of(d, over);
        if (role == Role::batch || d.stride * d.size > over.size())
            throw InputError("combines each image of a batch with another constant");
        by_channel = by_channel && role == Role::channels;
    }
    const Shape shape = by_channel ? Shape{over.shape.channels, 1, 1} : over.shape;
    budget_.spend(shape.size());
    std::vector<double> made;
    for (int c = 0; c < shape.channels; ++c)
        for (int y = 0; y < shape.height; ++y)
            for (int x = 0; x < shape.width; ++x) {
                const std::int64_t place = over.place(c, y, x);
                std::int64_t at = 0;
                for (std::size_t i = 0; i < digits.size(); ++i)
                    at += place / digits[i].stride % digits[i].size * strides[i];
                made.push_back(values[static_cast<std::size_t>(at)]);
            }
    return made;
}

int Lowering::add(Draft draft, const std::vector<std::string>& nodes) {
    budget_.spend(static_cast<std::int64_t>(draft.weight.size()) + 64);
    const Shape& out = draft.frame.shape;
    if (draft.frame.size() > std::numeric_limits<std::int32_t>::max() || out.channels < 1)
        throw InputError(fmt::format("makes a map of {}, which is more than a layer can have", out.str()));
    draft.nodes.insert(draft.nodes.begin(), nodes.begin(), nodes.end());
    drafts_.push_back(std::move(draft));
    return static_cast<int>(drafts_.size()) - 1;
}

Draft Lowering::begin(LayerKind kind, const std::vector<int>& inputs, const Shape& out) const {
    Draft made;
    made.spec.kind = kind;
    made.inputs = inputs;
    made.frame = Frame(out);
    return made;
}

View Lowering::with_channels(const Map& map, std::size_t axis, const Frame& to) {
    const Frame from = frame(map);
    View made;
    for (std::size_t a = 0; a < map.view.rank(); ++a)
        made.axes.push_back(a == axis ? plain_axis(to.shape.channels, to.channel)
                                      : carried(map.view.axes[a], from, to));
    return made;
}

View Lowering::with_positions(const Map& map, const std::array<std::size_t, 2>& axes, const Frame& to) {
    const Frame from = frame(map);
    View made;
    for (std::size_t a = 0; a < map.view.rank(); ++a)
        made.axes.push_back(a == axes[0]   ? plain_axis(to.shape.height, to.row)
                            : a == axes[1] ? plain_axis(to.shape.width, to.column)
                                           : carried(map.view.axes[a], from, to));
    return made;
}

bool Lowering::fold_affine(const Map& map, const Affine& affine, const OpNode& node) {
    if (map.producer < 0) {
        if (std::any_of(affine.scale.begin(), affine.scale.end(), [](double s) { return !(s > 0.0); }) ||
            (affine.size() > 1 && affine.size() != static_cast<std::size_t>(frame(map).shape.channels)))
            return false;
        input_affine_ = after(input_affine_, affine);
        return true;
    }
    Draft& draft = drafts_[static_cast<std::size_t>(map.producer)];
    const auto channels = static_cast<std::size_t>(draft.frame.shape.channels);
    const bool by_value = affine.size() > channels;
    if (!draft.on_arrays() || draft.spec.activation != ActivationFunction::none ||
        (by_value && (!draft.is_affine || is_padded(window_of_padding(draft)))))
        return false;
    draft.nodes.push_back(node.name);
    if (draft.is_affine) {
        draft.affine = after(draft.affine, affine);
        return true;
    }
    for (std::size_t c = 0; c < channels; ++c) {
        const double scale = Affine::at(affine.scale, c), shift = Affine::at(affine.shift, c);
        double& bias = draft.norm ? draft.norm->beta[c] : draft.bias[c];
        bias = bias * scale + shift;
        if (draft.norm) {
            draft.norm->gamma[c] *= scale;
        } else {
            const std::size_t row = draft.weight.size() / channels;
            for (std::size_t i = c * row; i < (c + 1) * row; ++i)
                draft.weight[i] *= scale;
        }
    }
    return true;
}

Map Lowering::affine_layer(Map map, const Affine& affine, const OpNode& node) {
    if (affine.is_identity() || (map.is_all() && fold_affine(map, affine, node)))
        return map;
    const Frame from = frame(map);
    Draft draft = begin(LayerKind::conv, {map.producer}, from.shape);
    draft.is_affine = true;
    draft.affine = affine;
    const Frame to = draft.frame;
    return {add(std::move(draft), {node.name}), carried(map.view, from, to), nullptr, 1.0, {}};
}

Map Lowering::affine(Map map, const Affine& affine, const OpNode& node) {
    if (affine.is_identity())
        return map;
    if (!map.host.empty())
        return plain(map);
    for (const std::vector<double>* values : {&affine.scale, &affine.shift})
        if (std::any_of(values->begin(), values->end(), [](double v) { return !std::isfinite(v); }))
            throw InputError("combines a map with a constant that is not finite");
    if (!map.pointwise && map.is_all() && fold_affine(map, affine, node))
        return map;
    if (affine.size() > 1)
        return affine_layer(plain(std::move(map)), affine, node);
    // One number for all may be part of an activation function.
    PointwisePtr function = map.pointwise ? map.pointwise : the_value();
    if (affine.scale[0] != 1.0)
        function = combined(node, "Mul", function, importing::constant(affine.scale[0]));
    if (affine.shift[0] != 0.0)
        function = combined(node, "Add", function, importing::constant(affine.shift[0]));
    map.pointwise = function;
    return map;
}

Map Lowering::normalised(Map map, Draft::Norm norm, const OpNode& node) {
    std::array<std::vector<double>*, 4> parts = {&norm.gamma, &norm.beta, &norm.mean, &norm.variance};
    std::size_t count = 1;
    for (const std::vector<double>* part : parts)
        count = std::max(count, part->size());
    if (const Draft* made = draft(map); made && count < static_cast<std::size_t>(made->frame.shape.channels))
        count = static_cast<std::size_t>(made->frame.shape.channels);
    for (std::vector<double>* part : parts)
        *part = expanded(*part, count);
    if (!map.pointwise && map.is_all() && map.host.empty() && map.producer >= 0) {
        Draft& draft = drafts_[static_cast<std::size_t>(map.producer)];
        if (draft.spec.kind == LayerKind::conv && !draft.is_affine && !draft.norm &&
            draft.spec.activation == ActivationFunction::none &&
            count == static_cast<std::size_t>(draft.frame.shape.channels)) {
            for (std::size_t c = 0; c < count; ++c)
                norm.mean[c] -= draft.bias[c];
            draft.norm = std::move(norm);
            draft.bias.clear();
            draft.nodes.push_back(node.name);
            return map;
        }
    }
    Affine made;
    made.scale.resize(count);
    made.shift.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        made.scale[i] = norm.gamma[i] / std::sqrt(norm.variance[i] + batch_norm_epsilon);
        made.shift[i] = norm.beta[i] - norm.mean[i] * made.scale[i];
    }
    return affine(std::move(map), made, node);
}

Map Lowering::activate(Map map, const Activated& activation, const std::vector<std::string>& nodes) {
    if (activation.function == ActivationFunction::none)
        return map;
    if (map.producer >= 0 && map.is_all()) {
        Draft& draft = drafts_[static_cast<std::size_t>(map.producer)];
        const ActivationRule rule = traits_of(draft.spec.kind).activation;
        if (draft.spec.activation == ActivationFunction::none &&
            (rule == ActivationRule::any ||
             (rule == ActivationRule::none_or_relu && activation.function == ActivationFunction::relu))) {
            draft.spec.activation = activation.function;
            draft.spec.activation_parameters = activation.parameters;
            draft.nodes.insert(draft.nodes.end(), nodes.begin(), nodes.end());
            return map;
        }
    }
    const Frame from = frame(map);
    Draft draft = begin(LayerKind::activation, {map.producer}, from.shape);
    draft.spec.activation = activation.function;
    draft.spec.activation_parameters = activation.parameters;
    const Frame to = draft.frame;
    return {add(std::move(draft), nodes), carried(map.view, from, to), nullptr, 1.0, {}};
}

Map Lowering::straightened(Map map, const OpNode& node) {
    const Frame from = frame(map);
    for (std::size_t a = 0; a < map.view.rank(); ++a) {
        const std::vector<int> order = channel_order(map.view.axes[a], from);
        if (map.view.axes[a].empty() || order.empty() || is_identity(order))
            continue;
        const std::int64_t channels = from.shape.channels;
        Draft draft = begin(LayerKind::conv, {map.producer}, from.shape);
        budget_.spend(channels * channels);
        draft.weight.assign(static_cast<std::size_t>(channels * channels), 0.0);
        for (std::size_t k = 0; k < order.size(); ++k)
            draft.weight[k * order.size() + static_cast<std::size_t>(order[k])] = 1.0;
        draft.bias.assign(order.size(), 0.0);
        set_window(draft.spec, {});
        const View view = with_channels(map, a, draft.frame);
        return {add(std::move(draft), {node.name}), view, nullptr, 1.0, {}};
    }
    return map;
}

Map Lowering::join(const std::string& op, std::vector<Map> maps, const OpNode& node) {
    std::size_t rank = 0;
    for (const Map& map : maps)
        rank = std::max(rank, map.view.rank());
    if (op == "Sub")
        maps[1] = affine_layer(maps[1], {{-1.0}, {0.0}}, node);
    const bool product = op == "Mul";
    if (product && frame(maps[0]).positions() < frame(maps[1]).positions())
        std::swap(maps[0], maps[1]);
    const Shape shape = frame(maps[0]).shape;
    Draft draft = begin(product ? LayerKind::multiply : LayerKind::add, {}, shape);
    View view;
    for (std::size_t i = 0; i < maps.size(); ++i) {
        Map& map = maps[i];
        map.view.axes.insert(map.view.axes.begin(), rank - map.view.rank(), Axis{});
        const Shape& other = frame(map).shape;
        const bool broadcast = product && i == 1 && other.height * other.width == 1 && other.channels == shape.channels;
        if (other != shape && !broadcast)
            throw InputError(
                fmt::format("combines maps of {} and {}; only equal ones, and in a product channels x 1 x 1 with a "
                            "whole map, can be",
                            shape.str(), other.str()));
        View found = carried(map.view, frame(map), draft.frame);
        if (i > 0 && !(found == view)) {
            // A factor for each channel has no rows and columns.
            View expected = view;
            for (Axis& axis : expected.axes)
                if (broadcast && role_of(axis, draft.frame) != Role::channels &&
                    role_of(axis, draft.frame) != Role::batch)
                    axis.clear();
            if (!(found == expected))
                throw InputError(
                    fmt::format("combines two maps of {} whose values lie in different orders", shape.str()));
        }
        if (i == 0)
            view = found;
        draft.inputs.push_back(map.producer);
    }
    return {add(std::move(draft), {node.name}), view, nullptr, 1.0, {}};
}

Spatial Lowering::spatial(Map map) {
    Spatial in{plain(std::move(map)), {}, {}, {}};
    const std::vector<Axis>& axes = in.map.view.axes;
    if (axes.size() != 3 && axes.size() != 4)
        throw InputError(
            fmt::format("moves over a tensor of {} axes; images x channels x rows x columns, and images x channels "
                        "x length, are imported",
                        axes.size()));
    const bool line = axes.size() == 3;
    if (in.map.producer < 0 && !input_frame_)
        set_input_frame(axes[1], line ? Axis{} : axes[2], axes.back());
    in.frame = frame(in.map);
    in.order = channel_order(axes[1], in.frame);
    const Shape& shape = in.frame.shape;
    const bool rows = is_whole(axes[2], shape.height, in.frame.row),
               columns = is_whole(axes.back(), shape.width, in.frame.column);
    const Role first = role_of(axes[0], in.frame);
    const bool across = columns && shape.height == 1;
    in.axes = !line    ? std::array<std::size_t, 2>{2, 3}
              : across ? std::array<std::size_t, 2>{3, 2}
                       : std::array<std::size_t, 2>{2, 3};
    const bool fits = line ? across || (rows && shape.width == 1) : rows && columns;
    if (in.order.empty() || !fits || (first != Role::batch && first != Role::one))
        throw InputError(
            fmt::format("reads a map of {} as {}: reshapes and transposes in front of it mixed its channels, rows and "
                        "columns, which no layer can undo",
                        shape.str(), in.map.view.str()));
    return in;
}

bool Lowering::absorb(Map& map, Draft& reader, Window& window) {
    const Draft* affine = draft(map);
    if (!affine || !affine->is_affine || !map.is_all() || affine->spec.activation != ActivationFunction::none)
        return false;
    Window outer = window_of_padding(*affine);
    const Shape& shape = affine->frame.shape;
    const bool linear = reader.spec.kind == LayerKind::linear;
    const bool by_value = affine->affine.size() > static_cast<std::size_t>(shape.channels);
    if ((linear ? is_padded(outer) : by_value) ||
        (affine->affine.has_shift() && (is_padded(outer) || is_padded(window))))
        return false;
    const std::size_t outputs = reader.bias.size(), row = reader.weight.size() / outputs;
    const auto groups = static_cast<std::size_t>(reader.spec.groups);
    const std::size_t channels = static_cast<std::size_t>(shape.channels) / groups, taps = row / channels;
    for (std::size_t o = 0; o < outputs; ++o)
        for (std::size_t i = 0; i < row; ++i) {
            const std::size_t channel = o / (outputs / groups) * channels + i / taps;
            const std::size_t at = by_value ? i : channel;
            double& weight = reader.weight[o * row + i];
            reader.bias[o] += weight * Affine::at(affine->affine.shift, at);
            weight *= Affine::at(affine->affine.scale, at);
        }
    add_padding(window, outer);
    reader.nodes.insert(reader.nodes.end(), affine->nodes.begin(), affine->nodes.end());
    const int producer = affine->inputs.front();
    drafts_[static_cast<std::size_t>(map.producer)].is_gone = true;
    reader.inputs = {producer};
    return true;
}

Map Lowering::convolve(Spatial in, Draft draft, Window window, const OpNode& node) {
    const int outputs = static_cast<int>(draft.bias.size()), channels = in.frame.shape.channels,
              groups = draft.spec.groups;
    const bool depthwise = groups == channels && groups > 1;
    bool keeps_order = false;
    if (!is_identity(in.order)) {
        if (groups != 1 && !(depthwise && outputs == channels))
            in = spatial(straightened(in.map, node));
        else {
            // The weights of the channels, or with one filter each the filters, move to where the channels are.
            const std::size_t row = draft.weight.size() / static_cast<std::size_t>(depthwise ? 1 : outputs);
            const std::size_t taps = row / static_cast<std::size_t>(channels);
            const std::vector<double> weight = draft.weight, bias = draft.bias;
            for (std::size_t i = 0; i < weight.size(); ++i) {
                const std::size_t k = i % row / taps, to = static_cast<std::size_t>(in.order[k]);
                draft.weight[i / row * row + to * taps + i % taps] = weight[i];
                if (depthwise)
                    draft.bias[to] = bias[k];
            }
            keeps_order = depthwise;
        }
    }
    draft.inputs = {in.map.producer};
    draft.frame = Frame(output_of(window, outputs, in.frame.shape));
    View view = with_positions(in.map, in.axes, draft.frame);
    absorb(in.map, draft, window);
    set_window(draft.spec, window);
    if (depthwise)
        draft.spec.groups = 0;
    if (!keeps_order)
        view.axes[1] = plain_axis(outputs, draft.frame.channel);
    return {add(std::move(draft), {node.name}), view, nullptr, 1.0, {}};
}

bool Lowering::never_negative(int producer) const {
    // Layers that only pass values on are few in a row.
    for (int steps = 0; producer >= 0 && steps < 64; ++steps) {
        const Draft& made = drafts_[static_cast<std::size_t>(producer)];
        if (traits_of(made.spec.kind).sign == SignRule::of_activation)
            return !has_signed_output(made.spec.activation, made.spec.activation_parameters);
        if (made.inputs.size() != 1)
            return false;
        producer = made.inputs.front();
    }
    return false;
}

Map Lowering::pool(const Spatial& in, LayerKind kind, Window window, bool count_padding, const OpNode& node) {
    int producer = in.map.producer;
    const Frame from = in.frame;
    std::vector<std::string> nodes;
    Shape out = output_of(window, from.shape.channels, from.shape);
    // Zeros around a map in front of a pool: they count in an average, and never win where no value is negative.
    if (const Draft* pad = draft(in.map); pad && pad->is_affine && in.map.is_all() && pad->affine.is_identity() &&
                                          pad->spec.activation == ActivationFunction::none) {
        const Window outer = window_of_padding(*pad);
        const bool average = kind == LayerKind::avg_pool;
        const bool fits =
            average
                ? !is_padded(window)
                : never_negative(pad->inputs.front()) &&
                      std::max(outer.y.before + window.y.before, outer.y.after + window.y.after) < window.y.kernel &&
                      std::max(outer.x.before + window.x.before, outer.x.after + window.x.after) < window.x.kernel;
        if (fits) {
            count_padding = average || count_padding;
            add_padding(window, outer);
            producer = pad->inputs.front();
            nodes = pad->nodes;
            drafts_[static_cast<std::size_t>(in.map.producer)].is_gone = true;
        }
    }
    Draft draft = begin(kind, {producer}, out);
    set_window(draft.spec, window);
    const bool whole =
        window.y.kernel == from.shape.height && window.x.kernel == from.shape.width && out.positions() == 1;
    if (whole && !is_padded(window)) {
        draft.spec.kernel = {0};
        draft.spec.kernel_hw.clear();
        draft.spec.stride = draft.spec.dilation = {1};
    }
    draft.spec.count_padding = kind != LayerKind::avg_pool || count_padding || !is_padded(window);
    nodes.insert(nodes.begin(), node.name);
    const View view = with_positions(in.map, in.axes, draft.frame);
    return {add(std::move(draft), nodes), view, nullptr, 1.0, {}};
}

Map Lowering::multiply(Map map, const Tensor& weight, std::int64_t k_stride, std::int64_t o_stride,
                       std::int64_t outputs, std::vector<double> bias, const OpNode& node) {
    map = plain(std::move(map));
    if (map.view.rank() == 0)
        throw InputError("multiplies a matrix with a single number");
    const std::size_t last = map.view.rank() - 1;
    const Axis axis = map.view.axes[last];
    if (map.producer < 0 && !input_frame_ && size_of(axis) < count_of(input_sizes_))
        guess_input_frame(axis);
    const Frame from = frame(map);
    const bool by_channel =
        from.positions() > 1 && !channel_order(axis, from).empty() && from.shape.channels < from.size();
    for (const Digit& d : axis)
        if (role_of(d, from) == Role::batch)
            throw InputError("multiplies across the images of a batch");
    if (!by_channel && size_of(axis) != from.size())
        throw InputError(
            fmt::format("multiplies a matrix with a part of each map of {}: with all of it, or with the channels of "
                        "each position, is imported",
                        from.shape.str()));
    const Shape taps = by_channel ? Shape{from.shape.channels, 1, 1} : from.shape;
    const Shape out = by_channel ? Shape{static_cast<int>(outputs), from.shape.height, from.shape.width}
                                 : Shape{static_cast<int>(outputs), 1, 1};
    Draft draft = begin(by_channel ? LayerKind::conv : LayerKind::linear, {map.producer}, out);
    budget_.spend(outputs * taps.size());
    draft.weight.reserve(static_cast<std::size_t>(outputs * taps.size()));
    for (std::int64_t o = 0; o < outputs; ++o)
        for (int c = 0; c < taps.channels; ++c)
            for (int y = 0; y < taps.height; ++y)
                for (int x = 0; x < taps.width; ++x)
                    draft.weight.push_back(weight.values[static_cast<std::size_t>(
                        index_on(axis, from.place(c, y, x)) * k_stride + o * o_stride)]);
    draft.bias = std::move(bias);
    const View view = with_channels(map, last, draft.frame);
    Window window;
    absorb(map, draft, window);
    if (by_channel)
        set_window(draft.spec, window);
    return {add(std::move(draft), {node.name}), view, nullptr, 1.0, {}};
}

Map Lowering::padded(Map map, const std::array<int, 4>& padding, const View& view, const OpNode& node) {
    const Frame from = frame(map);
    Draft draft = begin(
        LayerKind::conv, {map.producer},
        {from.shape.channels, from.shape.height + padding[0] + padding[2], from.shape.width + padding[1] + padding[3]});
    draft.is_affine = true;
    draft.spec.padding.assign(padding.begin(), padding.end());
    return {add(std::move(draft), {node.name}), view, nullptr, 1.0, {}};
}

void Lowering::finish_output(const std::string& name) {
    OpNode node;
    node.name = name;
    if (value(name).constant)
        throw InputError(fmt::format("output `{}` is a constant: it does not depend on the input", name));
    Map map = *value(name).map;
    map.share /= std::max(readers(name), 1);
    std::vector<HostFunction> host = std::exchange(map.host, {});
    if (map.pointwise && map.pointwise->op == "Sigmoid" && map.pointwise->activation) {
        host.insert(host.begin(), HostFunction::sigmoid);
        map.pointwise = map.pointwise->a->is_value() ? nullptr : map.pointwise->a;
    }
    map = plain(std::move(map));
    const auto order_of = [&](const Map& of) -> std::optional<MapOrder> {
        const Frame over = frame(of);
        Axis digits;
        for (const Axis& axis : of.view.axes)
            std::copy_if(axis.begin(), axis.end(), std::back_inserter(digits),
                         [&](const Digit& d) { return role_of(d, over) != Role::batch; });
        const auto is_order = [&](const std::vector<std::pair<std::int64_t, std::int64_t>>& expected) {
            Axis axis;
            for (const auto& [size, stride] : expected)
                if (size > 1)
                    axis.push_back({size, stride});
            return joined(axis) == joined(digits);
        };
        const Shape& s = over.shape;
        const std::pair<std::int64_t, std::int64_t> c{s.channels, over.channel}, y{s.height, over.row},
            x{s.width, over.column};
        const bool one = std::count(host.begin(), host.end(), HostFunction::arg_max) > 0 && digits.empty();
        return one || is_order({c, y, x}) ? std::optional(MapOrder::chw)
               : is_order({y, x, c})      ? std::optional(MapOrder::hwc)
                                          : std::nullopt;
    };
    std::optional<MapOrder> order = order_of(map);
    if (!order) {
        map = straightened(map, node);
        order = order_of(map);
    }
    if (!order)
        throw InputError(fmt::format(
            "output `{}` lies neither channel by channel nor with its channels last, as results must", name));
    // Accumulators of the arrays, before any activation, or a layer of its own that nobody reads.
    const Draft* made = draft(map);
    if (made && map.is_all() && made->on_arrays() && made->spec.activation != ActivationFunction::none) {
        Draft& carrier = drafts_[static_cast<std::size_t>(map.producer)];
        const Activated activation{std::exchange(carrier.spec.activation, ActivationFunction::none),
                                   std::exchange(carrier.spec.activation_parameters, {})};
        map.share = 0.0;
        map = activate(map, activation, {node.name});
    } else if (!made || !map.is_all()) {
        const Frame from = frame(map);
        Draft copy = begin(LayerKind::activation, {map.producer}, from.shape);
        const View view = carried(map.view, from, copy.frame);
        map = {add(std::move(copy), {node.name}), view, nullptr, 1.0, {}};
    }
    if (!outputs_.empty() && (host != spec_.host_functions || *order != spec_.output_order))
        throw InputError(
            fmt::format("output `{}` ends in other functions, or in another order, than the outputs before it", name));
    if (graph_.outputs.size() > 1 && !host.empty() && host != std::vector<HostFunction>{HostFunction::sigmoid})
        throw InputError(
            fmt::format("has {} outputs, of which each is normalised by itself ({}): import one that ends before that",
                        graph_.outputs.size(), name_of(host.front())));
    spec_.host_functions = host;
    spec_.output_order = *order;
    outputs_.push_back(map.producer);
}

FloatNetwork Lowering::finish(const std::string& name) {
    if (outputs_.empty())
        throw InputError("has no output");
    std::vector<bool> needed(drafts_.size(), false);
    for (int output : outputs_)
        needed[static_cast<std::size_t>(output)] = true;
    for (std::size_t d = drafts_.size(); d-- > 0;)
        for (int input : drafts_[d].inputs)
            if (needed[d] && input >= 0)
                needed[static_cast<std::size_t>(input)] = true;
    if (!input_frame_)
        guess_input_frame({});
    FloatNetwork network;
    spec_.name = name;
    spec_.input = input_frame_->shape;
    if (!input_affine_.is_identity()) {
        for (std::size_t i = 0; i < input_affine_.size(); ++i) {
            const double scale = Affine::at(input_affine_.scale, i);
            spec_.input_std.push_back(1.0 / scale);
            spec_.input_mean.push_back(-Affine::at(input_affine_.shift, i) / scale);
        }
    }
    std::set<std::string> taken = {"input"};
    std::map<std::string, int> numbers;
    std::vector<std::string> names(drafts_.size());
    for (std::size_t d = 0; d < drafts_.size(); ++d) {
        if (!needed[d])
            continue;
        Draft& made = drafts_[d];
        LayerSpec& layer = made.spec;
        const auto channels = static_cast<std::size_t>(made.frame.shape.channels);
        if (made.is_affine) {
            if (made.affine.size() > channels)
                throw InputError(fmt::format(
                    "node `{}`: another factor or summand for each position of a map is imported only in front "
                    "of a fully connected layer",
                    made.nodes.back()));
            made.weight = expanded(made.affine.scale, channels);
            made.bias = expanded(made.affine.shift, channels);
            if (const Window window = window_of_padding(made); is_padded(window)) {
                layer.groups = channels > 1 ? 0 : 1;
                set_window(layer, window);
            } else {
                layer.kind = LayerKind::scale;
            }
        }
        if (std::all_of(layer.padding.begin(), layer.padding.end(), [&](int p) { return p == layer.padding.front(); }))
            layer.padding = {layer.padding.front()};
        // The node that gave the layer its kind stands last but for activations; numbers alone say nothing.
        std::string base = sanitised(made.nodes.empty() ? "" : made.nodes.front());
        if (base.empty() || std::isdigit(static_cast<unsigned char>(base.front())) != 0)
            base = fmt::format("{}{}", name_of(layer.kind), ++numbers[name_of(layer.kind)]);
        layer.name = base;
        for (int n = 2; !taken.insert(layer.name).second; ++n)
            layer.name = fmt::format("{}_{}", base, n);
        names[d] = layer.name;
        nodes_of_[layer.name] = made.nodes;
        for (int input : made.inputs)
            layer.inputs.push_back(input < 0 ? "input" : names[static_cast<std::size_t>(input)]);
        const auto put = [&](const char* part, std::vector<std::int64_t> shape, const std::vector<double>& values) {
            network.tensors[layer.name + "." + part] = {std::move(shape), {values.begin(), values.end()}};
        };
        if (layer.kind == LayerKind::scale) {
            put("weight", {made.frame.shape.channels}, made.weight);
            put("bias", {made.frame.shape.channels}, made.bias);
        }
        if (made.on_arrays()) {
            layer.out_channels = {made.frame.shape.channels};
            layer.batch_norm = made.norm.has_value();
            const Shape in = made.inputs.front() < 0
                                 ? spec_.input
                                 : drafts_[static_cast<std::size_t>(made.inputs.front())].frame.shape;
            const int groups = layer.groups == 0 ? in.channels : layer.groups;
            const int height = layer.kind == LayerKind::linear ? in.height
                               : layer.kernel.empty()          ? layer.kernel_hw[0]
                                                               : layer.kernel[0];
            const int width = layer.kind == LayerKind::linear ? in.width
                              : layer.kernel.empty()          ? layer.kernel_hw[1]
                                                              : layer.kernel[0];
            put("weight", {made.frame.shape.channels, in.channels / groups, height, width}, made.weight);
            const std::vector<std::int64_t> by_channel = {made.frame.shape.channels};
            if (made.norm) {
                put("gamma", by_channel, made.norm->gamma);
                put("beta", by_channel, made.norm->beta);
                put("mean", by_channel, made.norm->mean);
                put("variance", by_channel, made.norm->variance);
            } else {
                put("bias", by_channel, made.bias);
            }
            made.weight = {};
        }
        spec_.layers.push_back(layer);
    }
    for (int output : outputs_)
        spec_.outputs.push_back(names[static_cast<std::size_t>(output)]);
    if (spec_.outputs.size() == 1 && spec_.outputs.front() == spec_.layers.back().name)
        spec_.outputs.clear();
    network.spec = spec_;
    return network;
}

}  // namespace xloop::importing
