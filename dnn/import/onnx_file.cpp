#include "dnn/import/onnx_file.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/safetensors.hpp"

#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <onnx/onnx_pb.h>
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <limits>
#include <set>
#include <type_traits>
#include <utility>

namespace xloop::importing {
namespace {

namespace fs = std::filesystem;
using onnx::TensorProto;

constexpr std::uint64_t most_model_bytes = std::uint64_t{1} << 29;
constexpr int oldest_opset = 6, newest_opset = 23;

/// Messages of few bytes become large objects, so what the parser takes is bounded by the file's size.
class BoundedArena {
public:
    explicit BoundedArena(std::size_t file_bytes) : arena_(options((std::size_t{64} << 20) + 16 * file_bytes)) {}
    google::protobuf::Arena& operator*() { return arena_; }

private:
    static std::size_t& left() {
        thread_local std::size_t bytes = 0;
        return bytes;
    }
    static void* take(std::size_t bytes) {
        if (bytes > left())
            throw InputError("the model takes far more memory than its file has bytes");
        left() -= bytes;
        return ::operator new(bytes);
    }
    static void give(void* block, std::size_t) { ::operator delete(block); }
    static google::protobuf::ArenaOptions options(std::size_t most) {
        left() = most;
        google::protobuf::ArenaOptions made;
        made.block_alloc = take;
        made.block_dealloc = give;
        return made;
    }
    google::protobuf::Arena arena_;
};

/// A name for messages and reports, without what moves a terminal's cursor.
std::string clean(std::string name) {
    for (char& c : name)
        if (static_cast<unsigned char>(c) < ' ' || c == 127)
            c = '?';
    return name;
}

class Reader {
public:
    Reader(std::string name, std::string folder, Budget& budget)
        : name_(std::move(name)), folder_(std::move(folder)), budget_(budget) {}

    OpGraph read(const std::string& bytes) {
        if (bytes.empty())
            fail("is empty");
        BoundedArena arena(bytes.size());
        google::protobuf::io::ArrayInputStream array(bytes.data(), static_cast<int>(bytes.size()));
        google::protobuf::io::CodedInputStream stream(&array);
        stream.SetTotalBytesLimit(std::numeric_limits<int>::max());
        stream.SetRecursionLimit(32);
        auto& model = *google::protobuf::Arena::CreateMessage<onnx::ModelProto>(&*arena);
        try {
            if (!model.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage())
                fail("is no ONNX model, or not all of one");
        } catch (const InputError& error) {
            fail(error.what());
        }
        return graph_of(model);
    }

private:
    [[noreturn]] void fail(const std::string& message) const { throw InputError(name_ + ": " + message); }

    OpGraph graph_of(const onnx::ModelProto& model) {
        OpGraph graph;
        graph.file = name_;
        if (!model.has_graph())
            fail("is no ONNX model: it has no graph");
        for (const auto& set : model.opset_import())
            if (set.domain().empty() || set.domain() == "ai.onnx")
                graph.opset = static_cast<int>(std::clamp<std::int64_t>(set.version(), 0, 1000));
        if (graph.opset < oldest_opset || graph.opset > newest_opset)
            fail(fmt::format(
                "uses version {} of ONNX's operators; {} to {} are imported: convert it, or export it again with "
                "one of these",
                graph.opset, oldest_opset, newest_opset));
        graph.source =
            fmt::format("ONNX, IR {}, operators {}{}", model.ir_version(), graph.opset,
                        model.producer_name().empty()
                            ? ""
                            : fmt::format(", written by {}{}{}", model.producer_name(),
                                          model.producer_version().empty() ? "" : " ", model.producer_version()));
        std::set<std::string> functions;
        for (const auto& function : model.functions())
            functions.insert(function.domain() + "::" + function.name());
        const onnx::GraphProto& proto = model.graph();
        if (proto.sparse_initializer_size() > 0)
            fail("has sparse tensors, which are not imported: store them dense");
        for (const TensorProto& tensor : proto.initializer()) {
            const std::string tensor_name = clean(tensor.name());
            if (!graph.constants.emplace(tensor_name, tensor_of(tensor, "tensor `" + tensor_name + "`")).second)
                fail(fmt::format("tensor `{}` is there twice", tensor_name));
        }
        for (const auto& node : proto.node())
            add_node(graph, node, functions);
        // Up to IR 3, every tensor is listed as an input too.
        for (const auto& input : proto.input())
            if (graph.constants.count(clean(input.name())) == 0)
                graph.inputs.push_back(input_of(input));
        for (const auto& output : proto.output())
            graph.outputs.push_back(clean(output.name()));
        return graph;
    }

    GraphInput input_of(const onnx::ValueInfoProto& value) const {
        const std::string name = clean(value.name());
        if (!value.type().has_tensor_type() || !value.type().tensor_type().has_shape())
            fail(fmt::format("input `{}` is no tensor with a shape: export the model with the shape of its input",
                             name));
        GraphInput input{name, {}};
        for (const auto& axis : value.type().tensor_type().shape().dim()) {
            if (axis.has_dim_value() && axis.dim_value() == 0)
                fail(fmt::format("input `{}` has an axis of size 0", name));
            // Some exporters write -1 for an axis that is open.
            input.shape.push_back(axis.has_dim_value() && axis.dim_value() > 0 ? axis.dim_value()
                                                                               : GraphInput::unknown);
        }
        return input;
    }

    void add_node(OpGraph& graph, const onnx::NodeProto& proto, const std::set<std::string>& functions) {
        OpNode node;
        node.op = clean(proto.op_type());
        node.domain = proto.domain() == "ai.onnx" ? "" : clean(proto.domain());
        std::transform(proto.input().begin(), proto.input().end(), std::back_inserter(node.inputs), clean);
        std::transform(proto.output().begin(), proto.output().end(), std::back_inserter(node.outputs), clean);
        node.name = !proto.name().empty()  ? clean(proto.name())
                    : node.outputs.empty() ? fmt::format("number {}", graph.nodes.size())
                                           : node.outputs.front();
        if (functions.count(proto.domain() + "::" + node.op) > 0)
            fail(described(node) +
                 ": is a function of the model, which is not imported: export it with functions inlined");
        for (const auto& attribute : proto.attribute())
            add_attribute(node, attribute);
        if (node.op == "Constant" && node.domain.empty())
            add_constant(graph, node);
        else
            graph.nodes.push_back(std::move(node));
    }

    void add_attribute(OpNode& node, const onnx::AttributeProto& proto) {
        using onnx::AttributeProto;
        const std::string name = clean(proto.name());
        // The first files had no types.
        AttributeProto::AttributeType type = proto.type();
        if (type == AttributeProto::UNDEFINED)
            type = proto.has_t()             ? AttributeProto::TENSOR
                   : proto.has_s()           ? AttributeProto::STRING
                   : proto.has_f()           ? AttributeProto::FLOAT
                   : proto.ints_size() > 0   ? AttributeProto::INTS
                   : proto.floats_size() > 0 ? AttributeProto::FLOATS
                                             : AttributeProto::INT;
        switch (type) {
        case AttributeProto::FLOAT: node.attributes[name] = static_cast<double>(proto.f()); break;
        case AttributeProto::INT: node.attributes[name] = static_cast<std::int64_t>(proto.i()); break;
        case AttributeProto::STRING: node.attributes[name] = proto.s(); break;
        case AttributeProto::FLOATS:
            node.attributes[name] = std::vector<double>(proto.floats().begin(), proto.floats().end());
            break;
        case AttributeProto::INTS:
            node.attributes[name] = std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
            break;
        case AttributeProto::STRINGS:
            node.attributes[name] = std::vector<std::string>(proto.strings().begin(), proto.strings().end());
            break;
        case AttributeProto::TENSOR:
            node.attributes[name] = tensor_of(proto.t(), fmt::format("{}: attribute `{}`", described(node), name));
            break;
        default:
            fail(fmt::format(
                "{}: attribute `{}` is a graph, a sparse tensor or a list of such, which is not imported: export "
                "the network without control flow (If, Loop, Scan)",
                described(node), name));
        }
    }

    /// A node that is nothing but a tensor.
    void add_constant(OpGraph& graph, const OpNode& node) {
        const auto number = [](Tensor::Type type, std::vector<std::int64_t> shape, std::vector<double> values) {
            return std::make_shared<const Tensor>(Tensor{type, std::move(shape), std::move(values)});
        };
        TensorPtr made;
        for (const auto& [name, value] : node.attributes)
            if (name.rfind("value", 0) == 0)
                std::visit(
                    [&](const auto& v) {
                        using T = std::decay_t<decltype(v)>;
                        if constexpr (std::is_same_v<T, TensorPtr>)
                            made = v;
                        else if constexpr (std::is_same_v<T, double>)
                            made = number(Tensor::Type::real, {}, {v});
                        else if constexpr (std::is_same_v<T, std::int64_t>)
                            made = number(Tensor::Type::integer, {}, {static_cast<double>(v)});
                        else if constexpr (std::is_same_v<T, std::vector<double>>)
                            made = number(Tensor::Type::real, {static_cast<std::int64_t>(v.size())}, v);
                        else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>)
                            made = number(Tensor::Type::integer, {static_cast<std::int64_t>(v.size())},
                                          {v.begin(), v.end()});
                    },
                    value);
        if (!made || node.outputs.size() != 1)
            fail(described(node) + ": has no value that is a tensor of numbers");
        if (!graph.constants.emplace(node.outputs.front(), made).second)
            fail(fmt::format("value `{}` is made twice", node.outputs.front()));
    }

    TensorPtr tensor_of(const TensorProto& proto, const std::string& what) {
        Tensor tensor;
        tensor.shape.assign(proto.dims().begin(), proto.dims().end());
        const auto refuse = [&](const std::string& message) { fail(what + ": " + message); };
        std::size_t count = 0;
        try {
            count = static_cast<std::size_t>(count_of(tensor.shape));
        } catch (const InputError& error) {
            refuse(error.what());
        }
        if (proto.has_segment())
            refuse("is stored in segments, which is not imported");
        const bool outside = proto.data_location() == TensorProto::EXTERNAL;
        const std::string& raw = outside ? external_bytes(proto, what) : proto.raw_data();
        const bool is_raw = outside || proto.has_raw_data();
        const auto spend = [&](std::size_t found, std::size_t unit) {
            if (found != count * unit)
                refuse(fmt::format("has {} {}, but its shape needs {}", found, unit == 1 ? "values" : "bytes",
                                   count * unit));
            budget_.spend(static_cast<std::int64_t>(count));
        };
        // Stored: the type of the raw bytes; `list`: where the values are else.
        const auto decode = [&](auto stored, const auto& list, const auto& value_of) {
            using Stored = decltype(stored);
            if (is_raw) {
                spend(raw.size(), sizeof(Stored));
                tensor.values.resize(count);
                for (std::size_t i = 0; i < count; ++i) {
                    Stored value;
                    std::memcpy(&value, raw.data() + i * sizeof value, sizeof value);
                    tensor.values[i] = static_cast<double>(value_of(value));
                }
            } else {
                spend(static_cast<std::size_t>(list.size()), 1);
                tensor.values.reserve(count);
                for (const auto value : list)
                    tensor.values.push_back(static_cast<double>(value_of(static_cast<Stored>(value))));
            }
        };
        const auto same = [](auto value) { return value; };
        tensor.type = Tensor::Type::integer;
        switch (proto.data_type()) {
        case TensorProto::FLOAT:
            tensor.type = Tensor::Type::real;
            decode(float{}, proto.float_data(), same);
            break;
        case TensorProto::DOUBLE:
            tensor.type = Tensor::Type::real;
            decode(double{}, proto.double_data(), same);
            break;
        case TensorProto::FLOAT16:
            tensor.type = Tensor::Type::real;
            decode(std::uint16_t{}, proto.int32_data(), half_to_float);
            break;
        case TensorProto::BFLOAT16:
            tensor.type = Tensor::Type::real;
            decode(std::uint16_t{}, proto.int32_data(), bfloat_to_float);
            break;
        case TensorProto::INT64: decode(std::int64_t{}, proto.int64_data(), same); break;
        case TensorProto::INT32: decode(std::int32_t{}, proto.int32_data(), same); break;
        case TensorProto::INT16: decode(std::int16_t{}, proto.int32_data(), same); break;
        case TensorProto::INT8: decode(std::int8_t{}, proto.int32_data(), same); break;
        case TensorProto::UINT64: decode(std::uint64_t{}, proto.uint64_data(), same); break;
        case TensorProto::UINT32: decode(std::uint32_t{}, proto.uint64_data(), same); break;
        case TensorProto::UINT16: decode(std::uint16_t{}, proto.int32_data(), same); break;
        case TensorProto::UINT8: decode(std::uint8_t{}, proto.int32_data(), same); break;
        case TensorProto::BOOL:
            tensor.type = Tensor::Type::boolean;
            decode(std::uint8_t{}, proto.int32_data(), [](std::uint8_t value) { return value != 0; });
            break;
        default: refuse(fmt::format("has values of type {} of ONNX, which are not imported", proto.data_type()));
        }
        return std::make_shared<const Tensor>(std::move(tensor));
    }

    /// The bytes of a tensor in another file, which lies in the model's own folder even when links are followed.
    const std::string& external_bytes(const TensorProto& proto, const std::string& what) {
        const auto refuse = [&](const std::string& message) { fail(what + ": " + message); };
        std::string location;
        std::uint64_t offset = 0, length = 0;
        bool has_length = false;
        for (const auto& entry : proto.external_data()) {
            const auto number = [&] {
                std::uint64_t value = 0;
                if (entry.value().empty() || entry.value().size() > 18 ||
                    entry.value().find_first_not_of("0123456789") != std::string::npos)
                    refuse(fmt::format("{} `{}` is no number of bytes", entry.key(), entry.value().substr(0, 40)));
                value = std::stoull(entry.value());
                return value;
            };
            if (entry.key() == "location")
                location = entry.value();
            else if (entry.key() == "offset")
                offset = number();
            else if (entry.key() == "length") {
                length = number();
                has_length = true;
            }
        }
        const auto found = external_.find(location);
        if (found == external_.end()) {
            const fs::path place(location);
            const bool climbs =
                std::any_of(place.begin(), place.end(), [](const fs::path& part) { return part == ".."; });
            if (folder_.empty() || location.empty() || location.find('\0') != std::string::npos ||
                place.is_absolute() || climbs)
                refuse(fmt::format("lies in the file `{}`; only files in the model's own folder are read", location));
            std::error_code ignored;
            const fs::path home = fs::canonical(folder_, ignored), real = fs::canonical(home / place, ignored);
            if (real.empty())
                refuse(fmt::format("lies in the file `{}`, which is not there: keep it beside the model", location));
            if (std::mismatch(home.begin(), home.end(), real.begin(), real.end()).first != home.end())
                refuse(fmt::format("lies in the file `{}`, a link that leaves the model's folder", location));
            external_[location] = read_file(real.string(), most_bytes - external_total_);
            external_total_ += external_[location].size();
        }
        const std::string& all = external_[location];
        if (offset > all.size() || (has_length && length > all.size() - offset))
            refuse(fmt::format("lies beyond the end of the file `{}`, which has {} bytes", location, all.size()));
        part_ = all.substr(offset, has_length ? length : std::string::npos);
        return part_;
    }

    std::string name_, folder_, part_;
    Budget& budget_;
    std::map<std::string, std::string> external_;  ///< files of tensors that were read
    std::uint64_t external_total_ = 0;
};

}  // namespace

OpGraph read_onnx(const std::string& path, Budget& budget) {
    const std::string bytes = read_file(path, most_model_bytes);
    const std::string folder = fs::path(path).parent_path().string();
    return parse_onnx(bytes, path, folder.empty() ? "." : folder, budget);
}

OpGraph parse_onnx(const std::string& bytes, const std::string& name, const std::string& folder, Budget& budget) {
    return Reader(name, folder, budget).read(bytes);
}

}  // namespace xloop::importing
