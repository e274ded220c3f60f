#include "dnn/import/fold.hpp"

#include "dnn/import/pointwise.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace xloop::importing {
namespace {

using Sizes = std::vector<std::int64_t>;
using fold::Outputs;

Sizes strides_of(const Sizes& shape) {
    Sizes strides(shape.size(), 1);
    for (std::size_t a = shape.size(); a-- > 1;)
        strides[a - 1] = strides[a] * shape[a];
    return strides;
}

Outputs one(Tensor tensor) {
    Outputs made;
    made.push_back(std::move(tensor));
    return made;
}

/// The first input, to be changed.
Tensor copied(const FoldCall& call) {
    call.budget.spend(call.input(0).size());
    return call.input(0);
}

Outputs with_shape(const FoldCall& call, Sizes shape) {
    Tensor made = copied(call);
    made.shape = std::move(shape);
    return one(std::move(made));
}

/// The tensor of this shape whose value at each index is that of `from` at offset + sum of index * stride.
Tensor gathered(const Tensor& from, Sizes shape, std::int64_t offset, const Sizes& strides, Budget& budget) {
    const std::int64_t count = count_of(shape);
    budget.spend(count);
    Tensor made{from.type, std::move(shape), {}};
    made.values.reserve(static_cast<std::size_t>(count));
    Sizes index(made.shape.size(), 0);
    std::int64_t at = offset;
    for (std::int64_t i = 0; i < count; ++i) {
        made.values.push_back(from.values[static_cast<std::size_t>(at)]);
        for (std::size_t a = index.size(); a-- > 0;) {
            at += strides[a];
            if (++index[a] < made.shape[a])
                break;
            at -= strides[a] * made.shape[a];
            index[a] = 0;
        }
    }
    return made;
}

Sizes broadcast_shape(const Sizes& a, const Sizes& b) {
    Sizes made(std::max(a.size(), b.size()), 1);
    for (std::size_t i = 0; i < made.size(); ++i) {
        const auto size = [&](const Sizes& s) {
            return i + s.size() < made.size() ? 1 : s[i + s.size() - made.size()];
        };
        if (size(a) != size(b) && size(a) != 1 && size(b) != 1)
            throw InputError(fmt::format("[{}] and [{}] do not broadcast", fmt::join(a, ", "), fmt::join(b, ", ")));
        made[i] = size(a) == 1 ? size(b) : size(a);
    }
    return made;
}

Tensor broadcast(const Tensor& tensor, const Sizes& shape, Budget& budget) {
    const Sizes own = strides_of(tensor.shape);
    Sizes strides(shape.size(), 0);
    const std::size_t front = shape.size() - tensor.shape.size();
    for (std::size_t a = 0; a < own.size(); ++a)
        strides[front + a] = tensor.shape[a] == 1 ? 0 : own[a];
    return gathered(tensor, shape, 0, strides, budget);
}

Sizes part_of(const Sizes& sizes, std::size_t begin, std::size_t end) {
    return {sizes.begin() + static_cast<std::ptrdiff_t>(begin), sizes.begin() + static_cast<std::ptrdiff_t>(end)};
}

}  // namespace

const Tensor& FoldCall::input(std::size_t i) const {
    if (!has(i))
        throw InputError(fmt::format("input {} is missing", i));
    return *inputs[i];
}

Sizes FoldCall::integers(std::size_t i, const char* attribute) const {
    return has(i) ? whole_values(*inputs[i]) : node.integers(attribute);
}

std::size_t axis_of(std::int64_t axis, std::size_t rank) {
    const auto size = static_cast<std::int64_t>(rank);
    if (axis < -size || axis >= size)
        throw InputError(fmt::format("axis {} of a tensor with {} axes", axis, rank));
    return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

Sizes reshaped(const FoldCall& call, const Sizes& from) {
    Sizes target = call.integers(1, "shape");
    const std::int64_t count = count_of(from);
    std::int64_t known = 1;
    std::ptrdiff_t open = -1;
    for (std::size_t a = 0; a < target.size(); ++a) {
        if (target[a] == 0 && call.node.integer("allowzero", 0) == 0 && a < from.size())
            target[a] = from[a];
        if (target[a] == -1 && open < 0)
            open = static_cast<std::ptrdiff_t>(a);
        else if (target[a] < 0 || __builtin_mul_overflow(known, target[a], &known))
            throw InputError(fmt::format("[{}] is no shape", fmt::join(target, ", ")));
    }
    if (open >= 0)
        target[static_cast<std::size_t>(open)] = known > 0 ? count / known : 0;
    if (count_of(target) != count)
        throw InputError(fmt::format("makes [{}] of [{}], which has another number of values", fmt::join(target, ", "),
                                     fmt::join(from, ", ")));
    return target;
}

Sizes squeezed(const FoldCall& call, const Sizes& from) {
    std::set<std::size_t> axes;
    for (std::int64_t axis : call.integers(1, "axes"))
        axes.insert(axis_of(axis, from.size()));
    Sizes made;
    for (std::size_t a = 0; a < from.size(); ++a)
        if (axes.empty() ? from[a] != 1 : axes.count(a) == 0)
            made.push_back(from[a]);
        else if (from[a] != 1)
            throw InputError(fmt::format("squeezes an axis of size {}", from[a]));
    return made;
}

Sizes unsqueezed(const FoldCall& call, const Sizes& from) {
    const Sizes given = call.integers(1, "axes");
    std::set<std::size_t> axes;
    for (std::int64_t axis : given)
        axes.insert(axis_of(axis, from.size() + given.size()));
    Sizes made;
    for (std::size_t a = 0, old = 0; a < from.size() + axes.size(); ++a)
        made.push_back(axes.count(a) > 0 || old == from.size() ? 1 : from[old++]);
    return made;
}

Sizes flattened(const FoldCall& call, const Sizes& from) {
    const std::int64_t axis = call.node.integer("axis", 1);
    const std::size_t at = axis == static_cast<std::int64_t>(from.size()) ? from.size() : axis_of(axis, from.size());
    return {count_of(part_of(from, 0, at)), count_of(part_of(from, at, from.size()))};
}

std::vector<std::size_t> permutation_of(const OpNode& node, std::size_t rank) {
    std::vector<std::size_t> order;
    for (std::int64_t axis : node.integers("perm"))
        order.push_back(axis_of(axis, rank));
    for (std::size_t a = rank; a-- > 0 && !node.has("perm");)
        order.push_back(a);
    if (order.size() != rank || std::set<std::size_t>(order.begin(), order.end()).size() != rank)
        throw InputError(fmt::format("perm is no order of {} axes", rank));
    return order;
}

std::vector<bool> reduced_axes(const FoldCall& call, std::size_t rank) {
    const Sizes axes = call.integers(1, "axes");
    std::vector<bool> reduced(rank, axes.empty() && call.node.integer("noop_with_empty_axes", 0) == 0);
    for (std::int64_t axis : axes)
        reduced[axis_of(axis, rank)] = true;
    return reduced;
}

Sizes split_sizes(const FoldCall& call, std::int64_t axis_size) {
    Sizes sizes = call.integers(1, "split");
    if (sizes.empty()) {
        const auto parts = call.node.integer("num_outputs", static_cast<std::int64_t>(call.node.outputs.size()));
        if (parts < 1 || parts > axis_size)
            throw InputError(fmt::format("splits an axis of {} into {}", axis_size, parts));
        const std::int64_t each = (axis_size + parts - 1) / parts;
        for (std::int64_t start = 0; start < axis_size; start += each)
            sizes.push_back(std::min(each, axis_size - start));
    }
    if (std::any_of(sizes.begin(), sizes.end(), [](std::int64_t size) { return size < 1; }) ||
        count_of({axis_size}) !=
            [&] {
                std::int64_t sum = 0;
                for (std::int64_t size : sizes)
                    sum += std::min<std::int64_t>(size, axis_size + 1);
                return sum;
            }() ||
        sizes.size() < call.node.outputs.size())
        throw InputError(fmt::format("splits an axis of {} into [{}]", axis_size, fmt::join(sizes, ", ")));
    return sizes;
}

Sizes shape_values(const OpNode& node, const Sizes& from) {
    const auto rank = static_cast<std::int64_t>(from.size());
    const auto place = [&](std::int64_t axis) {
        return std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
    };
    const std::int64_t start = place(node.integer("start", 0)), end = place(node.integer("end", rank));
    return part_of(from, static_cast<std::size_t>(start), static_cast<std::size_t>(std::max(start, end)));
}

std::vector<AxisSlice> slices_of(const FoldCall& call, const Sizes& from) {
    const bool by_inputs = call.opset >= 10;
    const Sizes starts = by_inputs ? whole_values(call.input(1)) : call.node.integers("starts");
    const Sizes ends = by_inputs ? whole_values(call.input(2)) : call.node.integers("ends");
    Sizes axes = by_inputs ? call.integers(3, "") : call.node.integers("axes");
    Sizes steps = by_inputs ? call.integers(4, "") : Sizes{};
    for (std::size_t i = axes.size(); i < starts.size(); ++i)
        axes.push_back(static_cast<std::int64_t>(i));
    steps.resize(std::max(steps.size(), starts.size()), 1);
    if (starts.size() != ends.size() || starts.size() != axes.size() || starts.size() != steps.size())
        throw InputError("has starts, ends, axes and steps of different numbers");
    std::vector<AxisSlice> slices;
    for (std::int64_t size : from)
        slices.push_back({0, 1, size});
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const std::size_t axis = axis_of(axes[i], from.size());
        const std::int64_t size = from[axis], step = steps[i];
        if (step == 0)
            throw InputError("has a step of 0");
        const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
        const auto place = [&](std::int64_t at, std::int64_t least) {
            return std::clamp(at < 0 ? at + size : at, least, high);
        };
        const std::int64_t start = place(starts[i], std::max<std::int64_t>(low, 0)), end = place(ends[i], low);
        const std::int64_t span = step > 0 ? end - start : start - end, stride = std::abs(step);
        slices[axis] = {start, step, span <= 0 ? 0 : (span - 1) / stride + 1};
    }
    return slices;
}

namespace fold {

Outputs unary(const FoldCall& call) {
    Tensor made = copied(call);
    std::transform(made.values.begin(), made.values.end(), made.values.begin(), unary_of(call.node.op));
    return one(std::move(made));
}

Outputs binary(const FoldCall& call) {
    const Binary operation = binary_of(call.node.op);
    Tensor made = copied(call);
    for (std::size_t i = 1; i < call.inputs.size(); ++i) {
        const Tensor& other = call.input(i);
        const Sizes shape = broadcast_shape(made.shape, other.shape);
        Tensor a = broadcast(made, shape, call.budget);
        const Tensor b = broadcast(other, shape, call.budget);
        for (std::size_t k = 0; k < a.values.size(); ++k)
            a.values[k] = operation(a.values[k], b.values[k], a.type);
        made = std::move(a);
    }
    const std::string& op = call.node.op;
    if (op == "Equal" || op == "And" || op == "Or" || op.rfind("Less", 0) == 0 || op.rfind("Greater", 0) == 0)
        made.type = Tensor::Type::boolean;
    return one(std::move(made));
}

Outputs same(const FoldCall& call) { return one(copied(call)); }

Outputs cast(const FoldCall& call) {
    // Numbers of TensorProto.DataType.
    const std::int64_t to = call.node.integer("to", 0);
    const bool real = to == 1 || to == 10 || to == 11 || to == 16, boolean = to == 9;
    if (!real && !boolean && (to < 2 || to > 13 || to == 8))
        throw InputError(fmt::format("casts to type {} of ONNX, which is not imported", to));
    Tensor made = copied(call);
    made.type = real ? Tensor::Type::real : boolean ? Tensor::Type::boolean : Tensor::Type::integer;
    for (double& value : made.values)
        value = real ? value : boolean ? (value != 0.0 ? 1.0 : 0.0) : std::trunc(value);
    return one(std::move(made));
}

Outputs clip(const FoldCall& call) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const auto bound = [&](std::size_t i, const char* attribute, double otherwise) {
        if (call.has(i) && call.input(i).size() != 1)
            throw InputError("has bounds that are no single numbers");
        return call.has(i) ? call.input(i).values.front() : call.node.real(attribute, otherwise);
    };
    const double low = bound(1, "min", -infinity), high = bound(2, "max", infinity);
    Tensor made = copied(call);
    for (double& value : made.values)
        value = std::min(std::max(value, low), high);
    return one(std::move(made));
}

Outputs concat(const FoldCall& call) {
    const Tensor& first = call.input(0);
    const std::size_t axis = axis_of(call.node.integer("axis", 1), first.shape.size());
    Tensor made{first.type, first.shape, {}};
    made.shape[axis] = 0;
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
        Sizes rest = call.input(i).shape;
        if (rest.size() != first.shape.size())
            throw InputError("joins tensors of different ranks");
        made.shape[axis] += std::exchange(rest[axis], first.shape[axis]);
        if (rest != first.shape)
            throw InputError("joins tensors of different shapes");
    }
    const std::int64_t count = count_of(made.shape);
    call.budget.spend(count);
    const std::int64_t outer = count == 0 ? 0 : count_of(part_of(first.shape, 0, axis));
    for (std::int64_t o = 0; o < outer; ++o)
        for (const TensorPtr& part : call.inputs) {
            const std::int64_t run = part->size() / outer;
            made.values.insert(made.values.end(), part->values.begin() + o * run, part->values.begin() + (o + 1) * run);
        }
    return one(std::move(made));
}

Outputs constant_of_shape(const FoldCall& call) {
    Tensor made{Tensor::Type::real, {}, {0.0}};
    if (const auto found = call.node.attributes.find("value"); found != call.node.attributes.end())
        if (const auto* tensor = std::get_if<TensorPtr>(&found->second); tensor && (*tensor)->size() == 1)
            made = **tensor;
    made.shape = whole_values(call.input(0));
    const std::int64_t count = count_of(made.shape);
    call.budget.spend(count);
    made.values.assign(static_cast<std::size_t>(count), double{made.values.front()});
    return one(std::move(made));
}

/// (value - zero point) * scale, both of the tensor or of each place of one axis.
Outputs dequantize(const FoldCall& call) {
    Tensor made = copied(call);
    const Tensor& scale = call.input(1);
    std::int64_t run = 1, along = 1;
    if (scale.size() != 1) {
        const std::size_t axis = axis_of(call.node.integer("axis", 1), made.shape.size());
        along = made.shape[axis];
        run = strides_of(made.shape)[axis];
        if (scale.shape != Sizes{along} || call.node.integer("block_size", 0) != 0)
            throw InputError("has scales that are neither one nor one for each place of its axis");
    }
    if (call.has(2) && call.input(2).size() != scale.size())
        throw InputError("has another number of zero points than of scales");
    for (std::int64_t i = 0; i < made.size(); ++i) {
        const auto s = static_cast<std::size_t>(i / run % along);
        double& value = made.values[static_cast<std::size_t>(i)];
        value = (value - (call.has(2) ? call.input(2).values[s] : 0.0)) * scale.values[s];
    }
    made.type = Tensor::Type::real;
    return one(std::move(made));
}

Outputs expand(const FoldCall& call) {
    const Sizes shape = broadcast_shape(call.input(0).shape, whole_values(call.input(1)));
    return one(broadcast(call.input(0), shape, call.budget));
}

Outputs gather(const FoldCall& call) {
    const Tensor &data = call.input(0), &indices = call.input(1);
    const std::size_t axis = axis_of(call.node.integer("axis", 0), data.shape.size());
    Tensor made{data.type, part_of(data.shape, 0, axis), {}};
    const Sizes behind = part_of(data.shape, axis + 1, data.shape.size());
    made.shape.insert(made.shape.end(), indices.shape.begin(), indices.shape.end());
    made.shape.insert(made.shape.end(), behind.begin(), behind.end());
    const std::int64_t count = count_of(made.shape), run = count_of(behind), along = data.shape[axis];
    call.budget.spend(count);
    const std::int64_t outer = count == 0 ? 0 : count_of(part_of(data.shape, 0, axis));
    const Sizes places = whole_values(indices);
    for (std::int64_t o = 0; o < outer; ++o)
        for (std::int64_t index : places) {
            const std::int64_t i = index < 0 ? index + along : index;
            if (i < 0 || i >= along)
                throw InputError(fmt::format("index {} lies outside of an axis of size {}", index, along));
            const auto from = data.values.begin() + (o * along + i) * run;
            made.values.insert(made.values.end(), from, from + run);
        }
    return one(std::move(made));
}

Outputs matmul(const FoldCall& call) {
    const Tensor &a = call.input(0), &b = call.input(1);
    if (a.shape.size() != 2 || b.shape.size() != 2 || a.shape[1] != b.shape[0])
        throw InputError("multiplies constants that are no two fitting matrices");
    const std::int64_t rows = a.shape[0], inner = a.shape[1], cols = b.shape[1];
    call.budget.spend(count_of({rows, inner, cols}));
    Tensor made{a.type, {rows, cols}, std::vector<double>(static_cast<std::size_t>(count_of({rows, cols})), 0.0)};
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t k = 0; k < inner; ++k)
            for (std::int64_t c = 0; c < cols; ++c)
                made.values[static_cast<std::size_t>(r * cols + c)] +=
                    a.values[static_cast<std::size_t>(r * inner + k)] *
                    b.values[static_cast<std::size_t>(k * cols + c)];
    return one(std::move(made));
}

Outputs range(const FoldCall& call) {
    std::array<double, 3> bounds{};
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        if (call.input(i).size() != 1)
            throw InputError("start, limit and delta are one number each");
        bounds[i] = call.input(i).values.front();
    }
    const double count = std::max(std::ceil((bounds[1] - bounds[0]) / bounds[2]), 0.0);
    if (!(count < 1e9))
        throw InputError("has too many values");
    Tensor made{call.input(0).type, {whole(count)}, {}};
    call.budget.spend(made.shape.front());
    for (std::int64_t i = 0; i < made.shape.front(); ++i)
        made.values.push_back(bounds[0] + static_cast<double>(i) * bounds[2]);
    return one(std::move(made));
}

Outputs reduce(const FoldCall& call) {
    struct Row {
        const char* op;
        double start;
        Binary operation;
    };
    const double infinity = std::numeric_limits<double>::infinity();
    const Row rows[] = {{"ReduceProd", 1.0, binary_of("Mul")},
                        {"ReduceMax", -infinity, binary_of("Max")},
                        {"ReduceMin", infinity, binary_of("Min")},
                        {"", 0.0, binary_of("Add")}};
    const Row& row =
        *std::find_if(std::begin(rows), std::end(rows) - 1, [&](const Row& r) { return r.op == call.node.op; });
    const Tensor& data = call.input(0);
    const std::vector<bool> reduced = reduced_axes(call, data.shape.size());
    Sizes kept, shape;
    for (std::size_t a = 0; a < data.shape.size(); ++a) {
        kept.push_back(reduced[a] ? 1 : data.shape[a]);
        if (!reduced[a] || call.node.integer("keepdims", 1) != 0)
            shape.push_back(kept.back());
    }
    const std::int64_t count = count_of(kept);
    call.budget.spend(data.size());
    call.budget.spend(count);
    Tensor made{data.type, shape, std::vector<double>(static_cast<std::size_t>(count), row.start)};
    const Sizes from = strides_of(data.shape), to = strides_of(kept);
    for (std::int64_t i = 0; i < data.size(); ++i) {
        std::int64_t target = 0;
        for (std::size_t a = 0; a < kept.size(); ++a)
            target += reduced[a] ? 0 : i / from[a] % data.shape[a] * to[a];
        double& value = made.values[static_cast<std::size_t>(target)];
        value = row.operation(value, data.values[static_cast<std::size_t>(i)], data.type);
    }
    if (call.node.op == "ReduceMean" && count > 0)
        for (double& value : made.values)
            value = binary_of("Div")(value, static_cast<double>(data.size() / count), data.type);
    return one(std::move(made));
}

Outputs reshape(const FoldCall& call) { return with_shape(call, reshaped(call, call.input(0).shape)); }
Outputs flatten(const FoldCall& call) { return with_shape(call, flattened(call, call.input(0).shape)); }
Outputs squeeze(const FoldCall& call) { return with_shape(call, squeezed(call, call.input(0).shape)); }
Outputs unsqueeze(const FoldCall& call) { return with_shape(call, unsqueezed(call, call.input(0).shape)); }

Outputs shape(const FoldCall& call) {
    const Sizes sizes = shape_values(call.node, call.input(0).shape);
    return one({Tensor::Type::integer, {static_cast<std::int64_t>(sizes.size())}, {sizes.begin(), sizes.end()}});
}

Outputs size(const FoldCall& call) {
    return one({Tensor::Type::integer, {}, {static_cast<double>(call.input(0).size())}});
}

Outputs slice(const FoldCall& call) {
    const Tensor& data = call.input(0);
    Sizes made, strides = strides_of(data.shape);
    std::int64_t offset = 0;
    const std::vector<AxisSlice> slices = slices_of(call, data.shape);
    for (std::size_t a = 0; a < slices.size(); ++a) {
        made.push_back(slices[a].count);
        offset += slices[a].start * strides[a];
        strides[a] *= slices[a].step;
    }
    return one(gathered(data, made, offset, strides, call.budget));
}

Outputs split(const FoldCall& call) {
    const Tensor& data = call.input(0);
    const std::size_t axis = axis_of(call.node.integer("axis", 0), data.shape.size());
    const Sizes strides = strides_of(data.shape);
    Outputs parts;
    std::int64_t start = 0;
    for (std::int64_t part : split_sizes(call, data.shape[axis])) {
        Sizes made = data.shape;
        made[axis] = part;
        parts.push_back(gathered(data, made, start * strides[axis], strides, call.budget));
        start += part;
    }
    return parts;
}

Outputs tile(const FoldCall& call) {
    const Tensor& data = call.input(0);
    const Sizes repeats = whole_values(call.input(1)), own = strides_of(data.shape);
    if (repeats.size() != data.shape.size())
        throw InputError("has another number of repeats than of axes");
    // Each axis becomes two: how often, which moves nothing, and the axis itself.
    Sizes doubled, strides, made;
    for (std::size_t a = 0; a < repeats.size(); ++a) {
        doubled.insert(doubled.end(), {repeats[a], data.shape[a]});
        strides.insert(strides.end(), {0, own[a]});
        made.push_back(count_of({repeats[a], data.shape[a]}));
    }
    Tensor tensor = gathered(data, doubled, 0, strides, call.budget);
    tensor.shape = made;
    return one(std::move(tensor));
}

Outputs transpose(const FoldCall& call) {
    const Tensor& data = call.input(0);
    const Sizes own = strides_of(data.shape);
    Sizes made, strides;
    for (std::size_t axis : permutation_of(call.node, data.shape.size())) {
        made.push_back(data.shape[axis]);
        strides.push_back(own[axis]);
    }
    return one(gathered(data, made, 0, strides, call.budget));
}

Outputs where(const FoldCall& call) {
    const Sizes made = broadcast_shape(broadcast_shape(call.input(0).shape, call.input(1).shape), call.input(2).shape);
    const Tensor chosen = broadcast(call.input(0), made, call.budget),
                 other = broadcast(call.input(2), made, call.budget);
    Tensor tensor = broadcast(call.input(1), made, call.budget);
    for (std::size_t i = 0; i < tensor.values.size(); ++i)
        if (chosen.values[i] == 0.0)
            tensor.values[i] = other.values[i];
    return one(std::move(tensor));
}

}  // namespace fold
}  // namespace xloop::importing
