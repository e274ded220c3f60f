#pragma once

#include "core/error.hpp"
#include "dnn/import/import.hpp"
#include "dnn/import/onnx_file.hpp"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>
#include <cstring>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace xloop::test {

using Sizes = std::vector<std::int64_t>;

/// 1, 2, 3, ... as weights that tell where they are.
inline std::vector<float> counting(std::int64_t count, float first = 1.0f) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = first + static_cast<float>(i);
    return values;
}

/// A model in the format of ONNX, built node by node. Its input is `x`.
class Model {
public:
    explicit Model(const Sizes& input = {1, 2, 4, 4}, int opset = 13) {
        proto.set_ir_version(8);
        auto* set = proto.add_opset_import();
        set->set_domain("");
        set->set_version(opset);
        add_input("x", input);
    }

    /// An axis of -1 has a name in place of a size.
    void add_input(const std::string& name, const Sizes& sizes) {
        auto* value = graph().add_input();
        value->set_name(name);
        auto* type = value->mutable_type()->mutable_tensor_type();
        type->set_elem_type(onnx::TensorProto::FLOAT);
        type->mutable_shape();
        for (std::int64_t size : sizes)
            if (size < 0)
                type->mutable_shape()->add_dim()->set_dim_param("N");
            else
                type->mutable_shape()->add_dim()->set_dim_value(size);
    }

    std::string tensor(const Sizes& sizes, const std::vector<float>& values) {
        auto* made = begin_tensor(sizes, onnx::TensorProto::FLOAT);
        made->set_raw_data(values.data(), values.size() * sizeof(float));
        return made->name();
    }
    std::string tensor(const Sizes& sizes) {
        std::int64_t count = 1;
        for (std::int64_t size : sizes)
            count *= size;
        return tensor(sizes, counting(count));
    }
    std::string number(float value) { return tensor({}, {value}); }
    std::string integers(const Sizes& values) {
        auto* made = begin_tensor({static_cast<std::int64_t>(values.size())}, onnx::TensorProto::INT64);
        made->mutable_int64_data()->Add(values.begin(), values.end());
        return made->name();
    }
    onnx::TensorProto* begin_tensor(const Sizes& sizes, int type) {
        auto* made = graph().add_initializer();
        made->set_name(fmt::format("t{}", graph().initializer_size()));
        made->set_data_type(type);
        made->mutable_dims()->Add(sizes.begin(), sizes.end());
        return made;
    }

    using Value = std::variant<int, float, std::string, Sizes>;
    using Attributes = std::vector<std::pair<std::string, Value>>;
    /// Adds a node named after its operator and number, with these outputs or one; returns the first.
    std::string node(const std::string& op, const std::vector<std::string>& inputs, const Attributes& attributes = {},
                     std::vector<std::string> outputs = {}) {
        auto* made = graph().add_node();
        const std::string name = fmt::format("{}{}", op, graph().node_size());
        if (outputs.empty())
            outputs = {"v_" + name};
        made->set_name(name);
        made->set_op_type(op);
        for (const std::string& input : inputs)
            made->add_input(input);
        for (const std::string& output : outputs)
            made->add_output(output);
        for (const auto& [key, value] : attributes) {
            auto* attribute = made->add_attribute();
            attribute->set_name(key);
            if (const auto* i = std::get_if<int>(&value)) {
                attribute->set_type(onnx::AttributeProto::INT);
                attribute->set_i(*i);
            } else if (const auto* f = std::get_if<float>(&value)) {
                attribute->set_type(onnx::AttributeProto::FLOAT);
                attribute->set_f(*f);
            } else if (const auto* s = std::get_if<std::string>(&value)) {
                attribute->set_type(onnx::AttributeProto::STRING);
                attribute->set_s(*s);
            } else {
                attribute->set_type(onnx::AttributeProto::INTS);
                const auto& all = std::get<Sizes>(value);
                attribute->mutable_ints()->Add(all.begin(), all.end());
            }
        }
        return outputs.front();
    }
    /// A convolution of `outputs` filters of `size` x `size` over `channels`, with weights 1, 2, 3, ...; no bias.
    std::string conv(const std::string& input, std::int64_t channels, std::int64_t outputs, int size = 1,
                     const Attributes& attributes = {}) {
        return node("Conv", {input, tensor({outputs, channels, size, size})}, attributes);
    }

    std::string bytes(const std::vector<std::string>& outputs) {
        graph().clear_output();
        for (const std::string& output : outputs)
            graph().add_output()->set_name(output);
        return proto.SerializeAsString();
    }
    Imported imported(const std::vector<std::string>& outputs) { return import_bytes(bytes(outputs)); }
    Imported imported(const std::string& output) { return imported(std::vector<std::string>{output}); }

    static Imported import_bytes(const std::string& bytes, const std::string& folder = "") {
        importing::Budget budget;
        return import_graph(importing::parse_onnx(bytes, "model.onnx", folder, budget), {}, budget);
    }

    onnx::GraphProto& graph() { return *proto.mutable_graph(); }
    onnx::ModelProto proto;
};

/// Why these bytes are refused; empty: they are not.
inline std::string refusal(const std::string& bytes, const std::string& folder = "") {
    try {
        Model::import_bytes(bytes, folder);
        return {};
    } catch (const InputError& error) {
        return error.what();
    }
}

inline const std::vector<float>& values_of(const Imported& made, const std::string& tensor) {
    return made.network.tensors.at(tensor).values;
}

/// The network without names and weights: "conv 3 relu(input) linear 4(0)", each layer with the numbers of what it reads.
inline std::string structure(const Imported& made) {
    const NetworkSpec& spec = made.network.spec;
    std::string text;
    for (const LayerSpec& layer : spec.layers) {
        text += (text.empty() ? "" : " ") + std::string(name_of(layer.kind));
        if (layer.activation != ActivationFunction::none)
            text += std::string(":") + name_of(layer.activation);
        std::string inputs;
        for (const std::string& input : layer.inputs) {
            std::size_t number = 0;
            while (number < spec.layers.size() && spec.layers[number].name != input)
                ++number;
            inputs += (inputs.empty() ? "" : ",") + (input == "input" ? "x" : std::to_string(number));
        }
        text += "(" + inputs + ")";
    }
    return text;
}

}  // namespace xloop::test
