#include "dnn/torchscript.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "dnn/one_thread.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/remove_mutation.h>
#include <torch/script.h>

#include <sys/resource.h>
#include <zlib.h>
#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <unordered_map>
#include <utility>

namespace xloop {
namespace {

using importing::Attribute;
using importing::OpGraph;
using importing::OpNode;
using importing::Tensor;
using torch::jit::Node;
using torch::jit::Value;

/// Of ONNX; that the nodes made here are of.
constexpr int opset = 20;

std::uint32_t word_at(const std::string& bytes, std::size_t at, int size) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + at, static_cast<std::size_t>(size));
    return word;
}

/// What an entry that is compressed may grow to: TorchScript compresses its code alone.
constexpr std::uint32_t most_code_bytes = 1 << 26;

/// The content of an entry that was compressed (deflate); nothing when it is not of that size.
std::optional<std::string> inflated(std::string_view stored, std::uint32_t size) {
    std::string content(size, '\0');
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return std::nullopt;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stored.data()));
    stream.avail_in = static_cast<uInt>(stored.size());
    stream.next_out = reinterpret_cast<Bytef*>(content.data());
    stream.avail_out = size;
    const int ended = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    return ended == Z_STREAM_END && stream.avail_out == 0 ? std::optional(content) : std::nullopt;
}

/// Walks over the entries of a zip archive. What is compressed may only be as large as code is, so that no small file takes all memory.
/// Gives each one's name and content.
void visit_entries(const std::string& path, const std::string& bytes,
                   const std::function<void(const std::string& name, std::string_view content)>& visit) {
    // Sizes and places of fields: PKWARE, APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.
    constexpr std::size_t end_size = 22, entry_size = 46, local_size = 30, most_comment = 65535;
    const auto fail = [&](const char* what) {
        throw InputError(fmt::format("{}: no archive as torch.jit.save writes it: {}", path, what));
    };
    const std::size_t search = bytes.size() > end_size + most_comment ? bytes.size() - end_size - most_comment : 0;
    const std::size_t end = bytes.rfind(std::string_view("PK\x05\x06", 4));
    if (end == std::string::npos || end < search || bytes.size() - end < end_size)
        fail("its directory is missing; the file is damaged or not complete");
    std::size_t at = word_at(bytes, end + 16, 4);
    std::uint64_t all_code = 0;
    for (std::uint32_t left = word_at(bytes, end + 10, 2); left > 0; --left) {
        if (at > bytes.size() || bytes.size() - at < entry_size || bytes.compare(at, 4, "PK\x01\x02") != 0)
            fail("its directory is damaged");
        const std::uint32_t method = word_at(bytes, at + 10, 2), stored = word_at(bytes, at + 20, 4),
                            size = word_at(bytes, at + 24, 4), name_size = word_at(bytes, at + 28, 2),
                            local = word_at(bytes, at + 42, 4);
        const std::size_t next = at + entry_size + name_size + word_at(bytes, at + 30, 2) + word_at(bytes, at + 32, 2);
        if (next > bytes.size() || local > bytes.size() || bytes.size() - local < local_size)
            fail("its directory is damaged");
        constexpr std::uint32_t as_it_is = 0, deflated = 8;
        if (method != deflated && (method != as_it_is || stored != size))
            fail("an entry is neither stored as it is nor deflated");
        if (method == deflated && (size > most_code_bytes || (all_code += size) > most_code_bytes))
            fail("what is compressed in it is larger than code is");
        const std::size_t content = local + local_size + word_at(bytes, local + 26, 2) + word_at(bytes, local + 28, 2);
        if (content > bytes.size() || bytes.size() - content < stored)
            fail("an entry reaches beyond the file");
        const std::string_view kept = std::string_view(bytes).substr(content, stored);
        const std::optional<std::string> code = method == deflated ? inflated(kept, size) : std::nullopt;
        if (method == deflated && !code)
            fail("an entry does not unpack to the size that it says");
        visit(bytes.substr(at + entry_size, name_size), code ? std::string_view(*code) : kept);
        at = next;
    }
}

/// Loading runs a module's __setstate__, and freezing may run what does not depend on the input.
void check_archive(const std::string& path) {
    constexpr std::uint64_t most_file_bytes = std::uint64_t{1} << 32;
    const std::string bytes = read_file(path, most_file_bytes);
    constexpr std::string_view refused[] = {"__setstate__", "from_file(", "save(", "load("};
    visit_entries(path, bytes, [&](const std::string& name, std::string_view content) {
        if (name.size() < 3 || name.compare(name.size() - 3, 3, ".py") != 0)
            return;
        for (std::string_view word : refused)
            if (content.find(word) != std::string_view::npos)
                throw InputError(
                    fmt::format("{}: its code ({}) uses `{}`, which an import does not run; export the float "
                                "network alone, or as ONNX",
                                path, name, word));
    });
}

/// What loading and freezing may take in a process that does nothing else.
void limit_memory() {
    constexpr rlim_t most = rlim_t{24} << 30;
    rlimit limit{};
    if (::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur > most) {
        limit.rlim_cur = most;
        ::setrlimit(RLIMIT_AS, &limit);
    }
}

class Reader {
public:
    Reader(std::string file, const std::vector<std::int64_t>& input_shape, importing::Budget& budget)
        : budget_(budget) {
        graph_.file = std::move(file);
        graph_.source = "TorchScript";
        graph_.opset = opset;
        shape_ = {1};
        shape_.insert(shape_.end(), input_shape.begin(), input_shape.end());
    }

    OpGraph read(const torch::jit::Graph& graph) {
        if (graph.inputs().size() != 2)
            fail(fmt::format("forward takes {} inputs; networks with one are imported", graph.inputs().size() - 1));
        names_[graph.inputs()[1]] = "input";
        graph_.inputs.push_back({"input", shape_});
        // What it computes with first is of less interest.
        for (const Node* node : graph.nodes())
            if (is_control_flow(*node))
                read_node(*node);
        for (const Node* node : graph.nodes())
            read_node(*node);
        const Value* output = graph.outputs().size() == 1 ? graph.outputs()[0] : nullptr;
        if (!output)
            fail("forward has several results");
        if (output->node()->kind() == torch::jit::prim::TupleConstruct)
            for (const Value* part : output->node()->inputs())
                graph_.outputs.push_back(name_of(part));
        else
            graph_.outputs.push_back(name_of(output));
        return std::move(graph_);
    }

private:
    using Handler = void (Reader::*)(const Node& node);

    [[noreturn]] void fail(const std::string& message) const { throw InputError(graph_.file + ": " + message); }
    [[noreturn]] void fail(const Node& node, const std::string& message) const {
        fail(fmt::format("node `{}` ({}): {}", where(node), node.kind().toQualString(), message));
    }
    static std::string where(const Node& node) {
        const std::string scope = node.scopeName();
        const std::string output = node.outputs().empty() ? "" : node.outputs()[0]->debugName();
        return scope.empty() ? output : scope + "/" + output;
    }

    // Values.
    const std::string& name_of(const Value* value) {
        const auto found = names_.find(value);
        if (found != names_.end())
            return found->second;
        if (const auto constant = torch::jit::toIValue(value))
            return names_[value] = constant_of(*value->node(), *constant);
        if (value->node()->kind() == torch::jit::prim::ListConstruct)
            return names_[value] = list_of(*value->node());
        fail(*value->node(), "its result is used in a way that is not imported");
    }
    std::string fresh(const char* what) { return fmt::format("{}#{}", what, ++count_); }
    std::string add_constant(Tensor tensor) {
        budget_.spend(tensor.size());
        const std::string name = fresh("constant");
        graph_.constants[name] = std::make_shared<const Tensor>(std::move(tensor));
        return name;
    }
    std::string integers(const std::vector<std::int64_t>& values) {
        return add_constant({Tensor::Type::integer,
                             {static_cast<std::int64_t>(values.size())},
                             std::vector<double>(values.begin(), values.end())});
    }
    std::string constant_of(const Node& node, const c10::IValue& value) {
        if (value.isTensor()) {
            at::Tensor tensor = value.toTensor();
            if (tensor.is_quantized() || tensor.is_sparse() || tensor.is_complex())
                fail(node, "a constant that is quantised, sparse or complex");
            budget_.spend(tensor.numel());
            const bool real = tensor.is_floating_point();
            const auto type = real                                           ? Tensor::Type::real
                              : tensor.scalar_type() == at::ScalarType::Bool ? Tensor::Type::boolean
                                                                             : Tensor::Type::integer;
            tensor = tensor.to(at::kCPU, at::kDouble).contiguous();
            const auto* data = tensor.data_ptr<double>();
            return add_constant({type, tensor.sizes().vec(), {data, data + tensor.numel()}});
        }
        if (value.isInt())
            return add_constant({Tensor::Type::integer, {}, {static_cast<double>(value.toInt())}});
        if (value.isDouble())
            return add_constant({Tensor::Type::real, {}, {value.toDouble()}});
        if (value.isBool())
            return add_constant({Tensor::Type::boolean, {}, {value.toBool() ? 1.0 : 0.0}});
        if (value.isIntList())
            return integers(value.toIntVector());
        fail(node, "a constant of type " + value.tagKind() + " is used as a tensor");
    }
    /// A list of numbers, of which some may follow from sizes.
    std::string list_of(const Node& node) {
        const std::string axis = integers({0});
        std::vector<std::string> parts;
        for (const Value* item : node.inputs())
            parts.push_back(emit(node, "Unsqueeze", {name_of(item), axis}));
        if (parts.empty())
            return integers({});
        return parts.size() == 1 ? parts.front() : emit(node, "Concat", parts, {{"axis", std::int64_t{0}}});
    }

    /// The argument as a known value.
    c10::IValue known(const Node& node, std::size_t i) const {
        if (i >= node.inputs().size())
            fail(node, "an argument is missing");
        const Value* value = node.inputs()[i];
        if (const auto constant = torch::jit::toIValue(value))
            return *constant;
        if (value->node()->kind() == torch::jit::prim::ListConstruct) {
            std::vector<std::int64_t> list;
            for (const Value* item : value->node()->inputs()) {
                const auto constant = torch::jit::toIValue(item);
                if (!constant || !constant->isInt())
                    fail(node, fmt::format("argument {} is not known when the file is read", i));
                list.push_back(constant->toInt());
            }
            return c10::IValue(list);
        }
        fail(node, fmt::format("argument {} is not known when the file is read", i));
    }
    std::int64_t integer(const Node& node, std::size_t i) const {
        const c10::IValue value = known(node, i);
        if (!value.isInt())
            fail(node, fmt::format("argument {} is no integer", i));
        return value.toInt();
    }
    double real(const Node& node, std::size_t i) const {
        const c10::IValue value = known(node, i);
        if (!value.isScalar())
            fail(node, fmt::format("argument {} is no number", i));
        return value.toScalar().toDouble();
    }
    bool is_true(const Node& node, std::size_t i) const {
        const c10::IValue value = known(node, i);
        return value.isBool() && value.toBool();
    }
    bool is_none(const Node& node, std::size_t i) const {
        return i >= node.inputs().size() || node.inputs()[i]->mustBeNone();
    }
    /// One number stands for `count`.
    std::vector<std::int64_t> list(const Node& node, std::size_t i, std::size_t count = 0) const {
        const c10::IValue value = known(node, i);
        std::vector<std::int64_t> items;
        if (value.isInt())
            items = {value.toInt()};
        else if (value.isIntList())
            items = value.toIntVector();
        else
            fail(node, fmt::format("argument {} is no list of integers", i));
        if (count > 0 && items.size() == 1)
            items.assign(count, items.front());
        if (count > 0 && items.size() != count)
            fail(node, fmt::format("argument {} has {} numbers, expected {}", i, items.size(), count));
        return items;
    }
    const std::string& arg(const Node& node, std::size_t i) {
        if (i >= node.inputs().size())
            fail(node, "an argument is missing");
        return name_of(node.inputs()[i]);
    }
    const Value* result(const Node& node) const { return node.outputs()[0]; }

    using Attributes = std::map<std::string, Attribute>;
    std::string emit(const Node& node, const std::string& op, std::vector<std::string> inputs,
                     Attributes attributes = {}, std::string output = "") {
        if (output.empty())
            output = fresh("value");
        OpNode made;
        made.name = where(node);
        made.op = op;
        made.inputs = std::move(inputs);
        made.outputs = {output};
        made.attributes = std::move(attributes);
        graph_.nodes.push_back(std::move(made));
        return output;
    }
    void give(const Node& node, const std::string& op, std::vector<std::string> inputs, Attributes attributes = {}) {
        names_[result(node)] = emit(node, op, std::move(inputs), std::move(attributes),
                                    fmt::format("{}#{}", result(node)->debugName(), ++count_));
    }

    // Operators.
    void same(const Node& node) { names_[result(node)] = arg(node, 0); }
    void unary(const Node& node) {
        static const std::unordered_map<std::string, const char*> ops = {{"aten::relu", "Relu"},
                                                                         {"aten::sigmoid", "Sigmoid"},
                                                                         {"aten::tanh", "Tanh"},
                                                                         {"aten::hardswish", "HardSwish"},
                                                                         {"aten::mish", "Mish"},
                                                                         {"aten::selu", "Selu"},
                                                                         {"aten::exp", "Exp"},
                                                                         {"aten::erf", "Erf"},
                                                                         {"aten::sqrt", "Sqrt"},
                                                                         {"aten::neg", "Neg"},
                                                                         {"aten::log", "Log"},
                                                                         {"aten::abs", "Abs"},
                                                                         {"aten::reciprocal", "Reciprocal"},
                                                                         {"aten::floor", "Floor"}};
        give(node, ops.at(node.kind().toQualString()), {arg(node, 0)});
    }
    void binary(const Node& node) {
        static const std::unordered_map<std::string, const char*> ops = {
            {"aten::mul", "Mul"},       {"aten::div", "Div"},     {"aten::pow", "Pow"},
            {"aten::matmul", "MatMul"}, {"aten::minimum", "Min"}, {"aten::maximum", "Max"}};
        if (std::string(node.kind().toQualString()) == "aten::div" && !is_none(node, 2) && node.inputs().size() > 2)
            fail(node, "a rounding mode");
        give(node, ops.at(node.kind().toQualString()), {arg(node, 0), arg(node, 1)});
    }
    void sum(const Node& node) {
        const bool subtracts = std::string(node.kind().toQualString()) == "aten::sub";
        std::string second = arg(node, 1);
        if (node.inputs().size() > 2 && real(node, 2) != 1.0)
            second = emit(node, "Mul", {second, arg(node, 2)});
        give(node, subtracts ? "Sub" : "Add", {arg(node, 0), second});
    }
    void convolution(const Node& node) {
        // conv2d(x, w, b, stride, padding, dilation, groups); _convolution(..., dilation, transposed, output_padding, groups, ...)
        const bool general = std::string(node.kind().toQualString()) == "aten::_convolution" ||
                             std::string(node.kind().toQualString()) == "aten::convolution";
        if (general && is_true(node, 6))
            fail(node, "a transposed convolution");
        std::vector<std::string> inputs = {arg(node, 0), arg(node, 1)};
        if (!is_none(node, 2))
            inputs.push_back(arg(node, 2));
        const auto weight = graph_.constants.find(inputs[1]);
        if (weight == graph_.constants.end() || weight->second->shape.size() < 3)
            fail(node, "its weight is no constant");
        const std::size_t axes = weight->second->shape.size() - 2;
        Attributes attributes = {{"strides", list(node, 3, axes)},
                                 {"dilations", list(node, 5, axes)},
                                 {"group", integer(node, general ? 8 : 6)}};
        if (const c10::IValue padding = known(node, 4); padding.isString()) {
            if (padding.toStringRef() == "same")
                attributes["auto_pad"] = std::string("SAME_UPPER");
        } else {
            std::vector<std::int64_t> both = list(node, 4, axes);
            both.insert(both.end(), both.begin(), both.begin() + static_cast<std::ptrdiff_t>(axes));
            attributes["pads"] = both;
        }
        give(node, "Conv", std::move(inputs), std::move(attributes));
    }
    void linear(const Node& node) {
        const std::string transposed =
            emit(node, "Transpose", {arg(node, 1)}, {{"perm", std::vector<std::int64_t>{1, 0}}});
        if (is_none(node, 2)) {
            give(node, "MatMul", {arg(node, 0), transposed});
            return;
        }
        give(node, "Add", {emit(node, "MatMul", {arg(node, 0), transposed}), arg(node, 2)});
    }
    void addmm(const Node& node) {
        give(node, "Gemm", {arg(node, 1), arg(node, 2), arg(node, 0)},
             {{"beta", real(node, 3)}, {"alpha", real(node, 4)}});
    }
    void transpose_matrix(const Node& node) { give(node, "Transpose", {arg(node, 0)}); }
    void batch_norm(const Node& node) {
        if (is_true(node, 5))
            fail(node, "batch normalisation by the batch's own statistics: call eval() before saving");
        const std::string& mean = arg(node, 3);
        const auto statistics = graph_.constants.find(mean);
        if (statistics == graph_.constants.end())
            fail(node, "its statistics are no constants");
        const auto all = [&](double value) {
            Tensor tensor = *statistics->second;
            std::fill(tensor.values.begin(), tensor.values.end(), value);
            return add_constant(std::move(tensor));
        };
        const std::string gamma = is_none(node, 1) ? all(1.0) : arg(node, 1),
                          beta = is_none(node, 2) ? all(0.0) : arg(node, 2);
        give(node, "BatchNormalization", {arg(node, 0), gamma, beta, mean, arg(node, 4)}, {{"epsilon", real(node, 7)}});
    }
    void pool(const Node& node) {
        const std::string name = node.kind().toQualString();
        const bool maximum = name.find("max_pool") != std::string::npos;
        const std::size_t axes = name.back() == 'd' && name[name.size() - 2] == '1' ? 1 : 2;
        const std::vector<std::int64_t> kernel = list(node, 1, axes);
        std::vector<std::int64_t> stride = list(node, 2), pads = list(node, 3, axes);
        if (stride.empty())
            stride = kernel;
        stride.resize(axes, stride.front());
        pads.insert(pads.end(), pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(axes));
        Attributes attributes = {{"kernel_shape", kernel}, {"strides", stride}, {"pads", pads}};
        if (maximum)
            attributes["dilations"] = list(node, 4, axes);
        attributes["ceil_mode"] = std::int64_t{is_true(node, maximum ? 5 : 4)};
        if (!maximum) {
            attributes["count_include_pad"] = std::int64_t{is_true(node, 5)};
            if (axes == 2 && !is_none(node, 6))
                fail(node, "a divisor of its own");
        }
        give(node, maximum ? "MaxPool" : "AveragePool", {arg(node, 0)}, std::move(attributes));
    }
    void adaptive_pool(const Node& node) {
        const bool maximum = std::string(node.kind().toQualString()).find("max") != std::string::npos;
        const std::vector<std::int64_t> size = list(node, 1);
        if (std::any_of(size.begin(), size.end(), [](std::int64_t s) { return s != 1; }))
            fail(node, fmt::format("to {}; only pools to one position, or with a kernel, are imported",
                                   fmt::join(size, " x ")));
        give(node, maximum ? "GlobalMaxPool" : "GlobalAveragePool", {arg(node, 0)});
    }
    void mean(const Node& node) {
        if (is_none(node, 1))
            fail(node, "the mean of everything");
        give(node, "ReduceMean", {arg(node, 0), integers(list(node, 1))},
             {{"keepdims", std::int64_t{is_true(node, 2)}}});
    }
    void maximum_over(const Node& node) {
        give(node, "ReduceMax", {arg(node, 0), integers(list(node, 1))},
             {{"keepdims", std::int64_t{is_true(node, 2)}}});
    }
    void flatten(const Node& node) {
        const std::int64_t first = integer(node, 1), last = integer(node, 2);
        if (first != 1 || last != -1)
            fail(node, "of other axes than all behind the first");
        give(node, "Flatten", {arg(node, 0)}, {{"axis", std::int64_t{1}}});
    }
    void reshape(const Node& node) { give(node, "Reshape", {arg(node, 0), arg(node, 1)}); }
    void permute(const Node& node) { give(node, "Transpose", {arg(node, 0)}, {{"perm", list(node, 1)}}); }
    void unsqueeze(const Node& node) { give(node, "Unsqueeze", {arg(node, 0), integers({integer(node, 1)})}); }
    void squeeze(const Node& node) {
        if (node.inputs().size() < 2)
            fail(node, "without an axis");
        give(node, "Squeeze", {arg(node, 0), integers({integer(node, 1)})});
    }
    void size(const Node& node) {
        const std::string shape = emit(node, "Shape", {arg(node, 0)});
        if (node.inputs().size() < 2)
            names_[result(node)] = shape;
        else
            give(node, "Gather", {shape, arg(node, 1)}, {{"axis", std::int64_t{0}}});
    }
    void list_item(const Node& node) {
        give(node, "Gather", {arg(node, 0), arg(node, 1)}, {{"axis", std::int64_t{0}}});
    }
    void concatenate(const Node& node) {
        const Value* items = node.inputs()[0];
        if (items->node()->kind() != torch::jit::prim::ListConstruct)
            fail(node, "of a list that is not written out");
        std::vector<std::string> parts;
        for (const Value* item : items->node()->inputs())
            parts.push_back(name_of(item));
        give(node, "Concat", std::move(parts), {{"axis", integer(node, 1)}});
    }
    void clamp(const Node& node) {
        const bool named = std::string(node.kind().toQualString()) == "aten::relu6";
        const auto bound = [&](std::size_t i, double relu6) -> std::string {
            if (!named && is_none(node, i))
                return "";
            return add_constant({Tensor::Type::real, {}, {named ? relu6 : real(node, i)}});
        };
        const std::string low = bound(1, 0.0), high = bound(2, 6.0);
        give(node, "Clip", {arg(node, 0), low, high});
    }
    void leaky_relu(const Node& node) { give(node, "LeakyRelu", {arg(node, 0)}, {{"alpha", real(node, 1)}}); }
    void prelu(const Node& node) {
        std::string slope = arg(node, 1);
        const auto constant = graph_.constants.find(slope);
        if (constant != graph_.constants.end() && constant->second->size() > 1) {
            Tensor by_channel = *constant->second;
            by_channel.shape = {by_channel.size(), 1, 1};
            slope = add_constant(std::move(by_channel));
        }
        give(node, "PRelu", {arg(node, 0), slope});
    }
    void elu(const Node& node) {
        if (real(node, 2) != 1.0 || real(node, 3) != 1.0)
            fail(node, "with scales of its own");
        give(node, "Elu", {arg(node, 0)}, {{"alpha", real(node, 1)}});
    }
    void hard_sigmoid(const Node& node) {
        give(node, "HardSigmoid", {arg(node, 0)}, {{"alpha", 1.0 / 6.0}, {"beta", 0.5}});
    }
    void silu(const Node& node) { give(node, "Mul", {arg(node, 0), emit(node, "Sigmoid", {arg(node, 0)})}); }
    void gelu(const Node& node) {
        Attributes attributes;
        if (node.inputs().size() > 1)
            attributes["approximate"] = known(node, 1).toStringRef();
        give(node, "Gelu", {arg(node, 0)}, std::move(attributes));
    }
    void softplus(const Node& node) {
        if (real(node, 1) != 1.0)
            fail(node, "with a beta of its own");
        give(node, "Softplus", {arg(node, 0)});
    }
    void softmax(const Node& node) {
        const bool log = std::string(node.kind().toQualString()).find("log") != std::string::npos;
        give(node, log ? "LogSoftmax" : "Softmax", {arg(node, 0)}, {{"axis", integer(node, 1)}});
    }
    void arg_max(const Node& node) {
        if (is_none(node, 1))
            fail(node, "over everything");
        give(node, "ArgMax", {arg(node, 0)},
             {{"axis", integer(node, 1)}, {"keepdims", std::int64_t{is_true(node, 2)}}});
    }
    void pad(const Node& node) {
        if (std::string(node.kind().toQualString()) == "aten::pad" && known(node, 2).toStringRef() != "constant")
            fail(node, "of mode " + known(node, 2).toStringRef());
        const std::size_t value_at = std::string(node.kind().toQualString()) == "aten::pad" ? 3 : 2;
        // The last axis first, pair by pair; in ONNX all beginnings, then all ends.
        const std::vector<std::int64_t> pairs = list(node, 1);
        const std::size_t rank = shape_.size(), given = pairs.size() / 2;
        if (given > rank)
            fail(node, "of more axes than there are");
        std::vector<std::int64_t> pads(2 * rank, 0);
        for (std::size_t a = 0; a < given; ++a) {
            pads[rank - 1 - a] = pairs[2 * a];
            pads[2 * rank - 1 - a] = pairs[2 * a + 1];
        }
        const double value = is_none(node, value_at) ? 0.0 : real(node, value_at);
        give(node, "Pad", {arg(node, 0), integers(pads), add_constant({Tensor::Type::real, {}, {value}})});
    }
    void slice(const Node& node) {
        constexpr std::int64_t to_the_end = std::numeric_limits<std::int64_t>::max() / 2;
        const std::int64_t begin = is_none(node, 2) ? 0 : integer(node, 2),
                           end = is_none(node, 3) ? to_the_end : std::min(integer(node, 3), to_the_end);
        give(node, "Slice",
             {arg(node, 0), integers({begin}), integers({end}), integers({integer(node, 1)}),
              integers({integer(node, 4)})});
    }
    /// chunk(x, parts, axis): equal parts, by slices of a size that the shape gives.
    void chunk(const Node& node) { split_into(node, integer(node, 1), integer(node, 2)); }
    void split_into(const Node& node, std::int64_t parts, std::int64_t axis) {
        for (const Value* user_output : node.outputs()) {
            const Node* unpack = user_output->uses().empty() ? nullptr : user_output->uses()[0].user;
            if (!unpack || unpack->kind() != torch::jit::prim::ListUnpack)
                fail(node, "whose parts are not taken one by one");
            OpNode made;
            made.name = where(node);
            made.op = "Split";
            made.inputs = {arg(node, 0)};
            made.attributes = {{"axis", axis}, {"num_outputs", parts}};
            for (const Value* part : unpack->outputs()) {
                made.outputs.push_back(fmt::format("{}#{}", part->debugName(), ++count_));
                names_[part] = made.outputs.back();
            }
            graph_.nodes.push_back(std::move(made));
        }
    }

    static const std::unordered_map<std::string, Handler>& handlers() {
        static const std::unordered_map<std::string, Handler> table = [] {
            std::unordered_map<std::string, Handler> all;
            const auto add = [&](std::initializer_list<const char*> names, Handler handler) {
                for (const char* name : names)
                    all[name] = handler;
            };
            add({"aten::conv1d", "aten::conv2d", "aten::_convolution", "aten::convolution"}, &Reader::convolution);
            add({"aten::linear"}, &Reader::linear);
            add({"aten::addmm"}, &Reader::addmm);
            add({"aten::t"}, &Reader::transpose_matrix);
            add({"aten::batch_norm"}, &Reader::batch_norm);
            add({"aten::max_pool1d", "aten::max_pool2d", "aten::avg_pool1d", "aten::avg_pool2d"}, &Reader::pool);
            add({"aten::adaptive_avg_pool1d", "aten::adaptive_avg_pool2d", "aten::adaptive_max_pool1d",
                 "aten::adaptive_max_pool2d"},
                &Reader::adaptive_pool);
            add({"aten::mean"}, &Reader::mean);
            add({"aten::amax"}, &Reader::maximum_over);
            add({"aten::relu", "aten::sigmoid", "aten::tanh", "aten::hardswish", "aten::mish", "aten::selu",
                 "aten::exp", "aten::erf", "aten::sqrt", "aten::neg", "aten::log", "aten::abs", "aten::reciprocal",
                 "aten::floor"},
                &Reader::unary);
            add({"aten::mul", "aten::div", "aten::pow", "aten::matmul", "aten::minimum", "aten::maximum"},
                &Reader::binary);
            add({"aten::add", "aten::sub"}, &Reader::sum);
            add({"aten::relu6", "aten::hardtanh", "aten::clamp"}, &Reader::clamp);
            add({"aten::leaky_relu"}, &Reader::leaky_relu);
            add({"aten::prelu"}, &Reader::prelu);
            add({"aten::elu"}, &Reader::elu);
            add({"aten::hardsigmoid"}, &Reader::hard_sigmoid);
            add({"aten::silu"}, &Reader::silu);
            add({"aten::gelu"}, &Reader::gelu);
            add({"aten::softplus"}, &Reader::softplus);
            add({"aten::softmax", "aten::log_softmax"}, &Reader::softmax);
            add({"aten::argmax"}, &Reader::arg_max);
            add({"aten::flatten"}, &Reader::flatten);
            add({"aten::view", "aten::reshape"}, &Reader::reshape);
            add({"aten::permute"}, &Reader::permute);
            add({"aten::unsqueeze"}, &Reader::unsqueeze);
            add({"aten::squeeze"}, &Reader::squeeze);
            add({"aten::size"}, &Reader::size);
            add({"aten::__getitem__"}, &Reader::list_item);
            add({"aten::cat"}, &Reader::concatenate);
            add({"aten::pad", "aten::constant_pad_nd"}, &Reader::pad);
            add({"aten::slice"}, &Reader::slice);
            add({"aten::chunk"}, &Reader::chunk);
            add({"aten::dropout", "aten::feature_dropout", "aten::dropout2d", "aten::contiguous", "aten::detach",
                 "aten::to", "aten::clone", "aten::Int", "aten::ScalarImplicit", "prim::NumToTensor", "aten::type_as"},
                &Reader::same);
            return all;
        }();
        return table;
    }

    static bool is_control_flow(const Node& node) {
        return node.kind() == torch::jit::prim::If || node.kind() == torch::jit::prim::Loop;
    }

    void read_node(const Node& node) {
        const std::string kind = node.kind().toQualString();
        if (kind == "prim::Constant" || kind == "prim::ListConstruct" || kind == "prim::TupleConstruct" ||
            kind == "prim::ListUnpack")
            return;  // read where they are used
        if (is_control_flow(node))
            fail(node,
                 "control flow that depends on the input; trace the module (torch.jit.trace), or export it as ONNX");
        const auto handler = handlers().find(kind);
        if (handler == handlers().end())
            fail(node,
                 "this operator is not imported; docs/import.md lists those that are. Exporting the module as ONNX may "
                 "put others in its place");
        (this->*handler->second)(node);
    }

    OpGraph graph_;
    importing::Budget& budget_;
    std::vector<std::int64_t> shape_;
    std::unordered_map<const Value*, std::string> names_;
    int count_ = 0;
};

/// On one line; it may quote bytes of the file, which are not for a terminal.
[[noreturn]] void fail_in_torch(const std::string& path, std::string what) {
    what.erase(0, what.find_first_not_of(" \n"));
    what = what.substr(0, what.find('\n'));
    std::replace_if(
        what.begin(), what.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    throw InputError(fmt::format("{}: LibTorch does not take it: {}", path, what));
}

/// The operators of the module's forward function, without those of training.
std::shared_ptr<torch::jit::Graph> frozen_graph(const std::string& path) {
    try {
        torch::jit::Module module = torch::jit::load(path, at::kCPU);
        module.eval();
        if (module.hasattr("training"))
            module = torch::jit::freeze(module);
        auto graph = module.get_method("forward").graph();
        torch::jit::Inline(*graph);
        torch::jit::RemoveTensorMutation(graph);
        return graph;
    } catch (const std::bad_alloc&) {
        throw InputError(path + ": takes more memory than an import may");
    } catch (const c10::Error& error) {
        fail_in_torch(path, error.what_without_backtrace());
    } catch (const std::exception& error) {
        fail_in_torch(path, error.what());  // its parser's, and those of containers that it looks into
    }
}

}  // namespace

Imported import_model(const std::string& path, const ImportOptions& options) {
    return is_torchscript(path) ? import_torchscript(path, options) : import_onnx(path, options);
}

Imported import_torchscript(const std::string& path, const ImportOptions& options) {
    use_one_thread();
    check_archive(path);
    if (options.input_shape.empty())
        throw InputError(path +
                         ": a TorchScript file does not say the size of its input; give it, for instance "
                         "--input-shape 3,32,32");
    limit_memory();
    const std::shared_ptr<torch::jit::Graph> graph = frozen_graph(path);
    importing::Budget budget;
    return import_graph(Reader(path, options.input_shape, budget).read(*graph), options, budget);
}

}  // namespace xloop
