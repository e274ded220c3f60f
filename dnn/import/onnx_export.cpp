#include "dnn/import/onnx_export.hpp"

#include "core/error.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <variant>
#include <vector>

namespace xloop {
namespace {

using onnx::TensorProto;
using Sizes = std::vector<std::int64_t>;

constexpr int opset = 14;  ///< the first with HardSwish; DequantizeLinear by channel came with 13
constexpr int ir_version = 7;

class Writer {
public:
    Writer(const NetworkSpec& spec, WorkloadGraph shapes) : spec_(spec), shapes_(std::move(shapes)) {
        model_.set_ir_version(ir_version);
        model_.set_producer_name("xloop");
        auto* operators = model_.add_opset_import();
        operators->set_domain("");
        operators->set_version(opset);
        graph().set_name(spec.name);
    }
    virtual ~Writer() = default;

    void write(const std::string& path) {
        add_input();
        for (std::size_t l = 0; l < shapes_.layers.size(); ++l)
            maps_.push_back(edge(static_cast<int>(l), layer(l)));
        for (int output : shapes_.outputs)
            add_output(output);
        std::string bytes;
        if (!model_.SerializeToString(&bytes))
            throw Error("the model is larger than a file of ONNX may be (2 GB)");
        write_file_atomically(path, bytes);
    }

protected:
    onnx::GraphProto& graph() { return *model_.mutable_graph(); }

    struct Attribute {
        std::string name;
        std::variant<std::int64_t, float, Sizes> value;
    };
    std::string node(const std::string& op, const std::vector<std::string>& inputs,
                     const std::vector<Attribute>& attributes = {}, std::string output = "") {
        if (output.empty())
            output = fmt::format("{}_{}", op, ++count_);
        auto* made = graph().add_node();
        made->set_op_type(op);
        made->set_name("node_" + output);
        for (const std::string& input : inputs)
            made->add_input(input);
        made->add_output(output);
        for (const Attribute& a : attributes) {
            auto* attribute = made->add_attribute();
            attribute->set_name(a.name);
            if (const auto* i = std::get_if<std::int64_t>(&a.value)) {
                attribute->set_type(onnx::AttributeProto::INT);
                attribute->set_i(*i);
            } else if (const auto* f = std::get_if<float>(&a.value)) {
                attribute->set_type(onnx::AttributeProto::FLOAT);
                attribute->set_f(*f);
            } else {
                attribute->set_type(onnx::AttributeProto::INTS);
                for (std::int64_t size : std::get<Sizes>(a.value))
                    attribute->add_ints(size);
            }
        }
        return output;
    }

    template <class T>
    std::string tensor(const std::string& name, TensorProto::DataType type, const Sizes& shape,
                       const std::vector<T>& values) {
        auto* made = graph().add_initializer();
        made->set_name(name);
        made->set_data_type(type);
        for (std::int64_t size : shape)
            made->add_dims(size);
        made->set_raw_data(values.data(), values.size() * sizeof(T));
        return name;
    }
    std::string floats(const Sizes& shape, const std::vector<float>& values) {
        return tensor(fmt::format("constant_{}", ++count_), TensorProto::FLOAT, shape, values);
    }
    std::string integers(const Sizes& values) {
        return tensor(fmt::format("constant_{}", ++count_), TensorProto::INT64,
                      {static_cast<std::int64_t>(values.size())}, values);
    }

    /// The names of a layer's weight and bias; no bias: empty.
    virtual std::pair<std::string, std::string> weights(std::size_t l) = 0;
    /// Whether batch normalisation follows, which `normalised` adds.
    virtual std::string normalised(std::size_t, std::string map) { return map; }
    /// What readers of a layer's (-1: the input's) map read.
    virtual std::string edge(int producer, std::string map) = 0;

    const NetworkSpec& spec_;
    WorkloadGraph shapes_;

private:
    const std::string& read(int producer) const {
        return producer < 0 ? input_ : maps_[static_cast<std::size_t>(producer)];
    }

    void describe(onnx::ValueInfoProto& value, const std::string& name, const Sizes& sizes) {
        value.set_name(name);
        auto* type = value.mutable_type()->mutable_tensor_type();
        type->set_elem_type(TensorProto::FLOAT);
        type->mutable_shape()->add_dim()->set_dim_param("N");
        for (std::int64_t size : sizes)
            type->mutable_shape()->add_dim()->set_dim_value(size);
    }

    void add_input() {
        const Shape& s = spec_.input;
        const bool hwc = spec_.input_order == MapOrder::hwc;
        describe(*graph().add_input(), "input",
                 hwc ? Sizes{s.height, s.width, s.channels} : Sizes{s.channels, s.height, s.width});
        std::string map = "input";
        if (hwc)
            map = node("Transpose", {map}, {{"perm", Sizes{0, 3, 1, 2}}});
        const auto by_channel = [&](const std::vector<double>& values) {
            return floats({static_cast<std::int64_t>(values.size()), 1, 1}, {values.begin(), values.end()});
        };
        if (!spec_.input_mean.empty())
            map = node("Sub", {map, by_channel(spec_.input_mean)});
        if (!spec_.input_std.empty())
            map = node("Div", {map, by_channel(spec_.input_std)});
        input_ = edge(-1, map);
    }

    void add_output(int producer) {
        const GraphLayer& from = shapes_.layers[static_cast<std::size_t>(producer)];
        std::string map = read(producer);
        const bool one = from.out.positions() == 1;
        Sizes sizes = {from.out.channels, from.out.height, from.out.width};
        if (one) {
            map = node("Flatten", {map}, {{"axis", std::int64_t{1}}});
            sizes = {from.out.channels};
        }
        for (HostFunction function : spec_.host_functions)
            switch (function) {
            case HostFunction::softmax: map = node("Softmax", {map}, {{"axis", std::int64_t{1}}}); break;
            case HostFunction::log_softmax: map = node("LogSoftmax", {map}, {{"axis", std::int64_t{1}}}); break;
            case HostFunction::sigmoid: map = node("Sigmoid", {map}); break;
            case HostFunction::arg_max:
                map = node("Cast", {node("ArgMax", {map}, {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{1}}})},
                           {{"to", std::int64_t{TensorProto::FLOAT}}});
                sizes.front() = 1;
                break;
            }
        if (!one && spec_.output_order == MapOrder::hwc) {
            map = node("Transpose", {map}, {{"perm", Sizes{0, 2, 3, 1}}});
            std::rotate(sizes.begin(), sizes.begin() + 1, sizes.end());
        }
        const std::string name = fmt::format("output_{}", graph().output_size());
        node("Identity", {map}, {}, name);
        describe(*graph().add_output(), name, sizes);
    }

    std::vector<Attribute> window(const GraphLayer& layer) const {
        const WindowAxis &y = layer.window.y, &x = layer.window.x;
        return {{"kernel_shape", Sizes{y.kernel, x.kernel}},
                {"strides", Sizes{y.stride, x.stride}},
                {"pads", Sizes{y.before, x.before, y.after, x.after}}};
    }

    std::string layer(std::size_t l) {
        const GraphLayer& layer = shapes_.layers[l];
        std::vector<std::string> inputs;
        for (int input : layer.inputs)
            inputs.push_back(read(input));
        std::vector<Attribute> attributes;
        const Sizes dilations = {layer.window.y.dilation, layer.window.x.dilation};
        std::string map;
        switch (layer.kind) {
        case LayerKind::conv:
        case LayerKind::linear: {
            const auto [weight, bias] = weights(l);
            inputs.push_back(weight);
            if (!bias.empty())
                inputs.push_back(bias);
            attributes = window(layer);
            attributes.push_back({"dilations", dilations});
            attributes.push_back({"group", std::int64_t{layer.groups}});
            map = node("Conv", inputs, attributes);
            break;
        }
        case LayerKind::max_pool:
            attributes = window(layer);
            attributes.push_back({"dilations", dilations});
            map = node("MaxPool", inputs, attributes);
            break;
        case LayerKind::avg_pool:
            attributes = window(layer);
            attributes.push_back({"count_include_pad", std::int64_t{layer.count_padding}});
            map = node("AveragePool", inputs, attributes);
            break;
        case LayerKind::add:
            map = inputs.front();
            for (std::size_t i = 1; i < inputs.size(); ++i)
                map = node("Add", {map, inputs[i]});
            break;
        case LayerKind::concat: map = node("Concat", inputs, {{"axis", std::int64_t{1}}}); break;
        case LayerKind::multiply: map = node("Mul", inputs); break;
        case LayerKind::activation: map = inputs.front(); break;
        case LayerKind::pad_channels: {
            const auto [before, after] = layer.channel_padding;
            map = inputs.front();
            if (before < 0 || after < 0)
                map = node("Slice", {map, integers({std::max(-before, 0)}),
                                     integers({layer.in.channels - std::max(-after, 0)}), integers({1})});
            if (before > 0 || after > 0)
                map = node("Pad", {map, integers({0, std::max(before, 0), 0, 0, 0, std::max(after, 0), 0, 0})});
            break;
        }
        case LayerKind::scale: {
            const auto [weight, bias] = weights(l);
            map = weight.empty() ? inputs.front() : node("Mul", {inputs.front(), weight});
            if (!bias.empty())
                map = node("Add", {map, bias});
            break;
        }
        }
        if (map.empty())
            fail_unsupported(layer, "export to ONNX");
        return activated(layer, normalised(l, map));
    }

    std::string activated(const GraphLayer& layer, const std::string& x) {
        const ActivationTraits& traits = traits_of(layer.activation);
        const auto parameter = [&](std::size_t p) {
            return static_cast<float>(layer.activation_parameters.empty() ? traits.defaults[p]
                                                                          : layer.activation_parameters[p]);
        };
        const auto bound = [&](float value) { return floats({}, {value}); };
        switch (layer.activation) {
        case ActivationFunction::none: return x;
        case ActivationFunction::relu: return node("Relu", {x});
        case ActivationFunction::relu6: return node("Clip", {x, bound(0.0f), bound(6.0f)});
        case ActivationFunction::sigmoid: return node("Sigmoid", {x});
        case ActivationFunction::tanh: return node("Tanh", {x});
        case ActivationFunction::hard_swish: return node("HardSwish", {x});
        case ActivationFunction::leaky_relu: return node("LeakyRelu", {x}, {{"alpha", parameter(0)}});
        case ActivationFunction::prelu: {
            std::vector<float> slopes(layer.activation_parameters.begin(), layer.activation_parameters.end());
            if (slopes.empty())
                slopes = {parameter(0)};
            return node("PRelu", {x, floats({static_cast<std::int64_t>(slopes.size()), 1, 1}, slopes)});
        }
        case ActivationFunction::clip: return node("Clip", {x, bound(parameter(0)), bound(parameter(1))});
        case ActivationFunction::hard_sigmoid:
            return node("HardSigmoid", {x}, {{"alpha", parameter(0)}, {"beta", parameter(1)}});
        case ActivationFunction::elu: return node("Elu", {x}, {{"alpha", parameter(0)}});
        case ActivationFunction::selu: return node("Selu", {x}, {{"alpha", parameter(0)}, {"gamma", parameter(1)}});
        case ActivationFunction::gelu:
            return node("Mul", {node("Mul", {x, bound(0.5f)}),
                                node("Add", {node("Erf", {node("Mul", {x, bound(0.70710678f)})}), bound(1.0f)})});
        case ActivationFunction::silu: return node("Mul", {x, node("Sigmoid", {x})});
        case ActivationFunction::softplus: return node("Softplus", {x});
        case ActivationFunction::mish: return node("Mul", {x, node("Tanh", {node("Softplus", {x})})});
        }
        throw Error(fmt::format("layer `{}`: activation {} has no form in ONNX here", layer.name, traits.name));
    }

    onnx::ModelProto model_;
    std::string input_;
    std::vector<std::string> maps_;
    int count_ = 0;
};

class FloatWriter : public Writer {
public:
    explicit FloatWriter(const FloatNetwork& network)
        : Writer(network.spec, build_graph(network.spec)), network_(network) {}

private:
    std::string part(std::size_t l, const char* name, Sizes shape = {}) {
        const auto found = network_.tensors.find(spec_.layers[l].name + "." + name);
        if (found == network_.tensors.end())
            return "";
        return tensor(found->first, TensorProto::FLOAT, shape.empty() ? found->second.shape : shape,
                      found->second.values);
    }
    std::pair<std::string, std::string> weights(std::size_t l) override {
        if (shapes_.layers[l].on_crossbars())
            return {part(l, "weight"), part(l, "bias")};
        const Sizes by_channel = {shapes_.layers[l].out.channels, 1, 1};
        return {part(l, "weight", by_channel), part(l, "bias", by_channel)};
    }
    std::string normalised(std::size_t l, std::string map) override {
        if (!spec_.layers[l].batch_norm)
            return map;
        return node("BatchNormalization",
                    {map, part(l, "gamma"), part(l, "beta"), part(l, "mean"), part(l, "variance")},
                    {{"epsilon", static_cast<float>(batch_norm_epsilon)}});
    }
    std::string edge(int, std::string map) override { return map; }

    const FloatNetwork& network_;
};

class QdqWriter : public Writer {
public:
    QdqWriter(const WorkloadGraph& graph, const NetworkSpec& spec) : Writer(spec, graph) {}

private:
    std::string dequantised(const std::string& values, const std::string& scale, const std::string& zero) {
        return node("DequantizeLinear", {values, scale, zero}, {{"axis", std::int64_t{0}}});
    }
    std::pair<std::string, std::string> weights(std::size_t l) override {
        const GraphLayer& layer = shapes_.layers[l];
        const Edge input = shapes_.edge(layer.inputs.front());
        const std::int64_t channels = layer.out.channels;
        // Steps of the sums, from those of the requantised values.
        std::vector<double> steps;
        for (int o = 0; o < layer.out.channels; ++o)
            steps.push_back(layer.rescale.empty() ? layer.output_scale
                                                  : layer.rescale[static_cast<std::size_t>(o)].real() *
                                                        (layer.table ? layer.table_step : layer.output_scale));
        std::vector<float> weight_steps, bias_steps;
        for (double step : steps) {
            weight_steps.push_back(static_cast<float>(step / input.scale));
            bias_steps.push_back(static_cast<float>(step));
        }
        const int rows = layer.rows(), taps = layer.window.taps(), per_group = rows / taps;
        std::vector<std::int8_t> values(layer.weights->size());
        std::vector<std::int32_t> bias;
        for (std::size_t o = 0; o < static_cast<std::size_t>(channels); ++o) {
            std::int64_t sum = 0;
            for (int t = 0; t < taps; ++t)
                for (int c = 0; c < per_group; ++c) {
                    const std::int8_t w = (*layer.weights)[o * static_cast<std::size_t>(rows) +
                                                           static_cast<std::size_t>(t * per_group + c)];
                    sum += w;
                    values[o * static_cast<std::size_t>(rows) + static_cast<std::size_t>(c * taps + t)] = w;
                }
            // The zero point's share, which the integers keep in the bias, is the runtime's affair.
            bias.push_back(
                static_cast<std::int32_t>((*layer.bias)[o] + (layer.on_crossbars() ? input.zero_point * sum : 0)));
        }
        const Sizes shape = layer.on_crossbars()
                                ? Sizes{channels, per_group, layer.window.y.kernel, layer.window.x.kernel}
                                : Sizes{channels, 1, 1};
        const Sizes bias_shape = layer.on_crossbars() ? Sizes{channels} : Sizes{channels, 1, 1};
        const auto count = static_cast<std::size_t>(channels);
        return {
            dequantised(
                tensor(layer.name + ".weight", TensorProto::INT8, shape, values), floats({channels}, weight_steps),
                tensor(layer.name + ".weight_zero", TensorProto::INT8, {channels}, std::vector<std::int8_t>(count, 0))),
            dequantised(tensor(layer.name + ".bias", TensorProto::INT32, bias_shape, bias),
                        floats({channels}, bias_steps),
                        tensor(layer.name + ".bias_zero", TensorProto::INT32, {channels},
                               std::vector<std::int32_t>(count, 0)))};
    }
    std::string edge(int producer, std::string map) override {
        // Logits that are sums have no steps, and what keeps the steps of its input has them already.
        if (producer >= 0) {
            const GraphLayer& layer = shapes_.layers[static_cast<std::size_t>(producer)];
            if ((layer.is_output && layer.on_crossbars()) || layer.traits().factors == FactorRule::none)
                return map;
        }
        const Edge e = shapes_.edge(producer);
        const std::string name = producer < 0 ? "input" : shapes_.layers[static_cast<std::size_t>(producer)].name;
        const std::string scale = floats({}, {static_cast<float>(e.scale)});
        const std::string zero = e.is_signed
                                     ? tensor(name + ".zero", TensorProto::INT8, {}, std::vector<std::int8_t>{0})
                                     : tensor(name + ".zero", TensorProto::UINT8, {},
                                              std::vector<std::uint8_t>{static_cast<std::uint8_t>(e.zero_point)});
        return node("DequantizeLinear", {node("QuantizeLinear", {map, scale, zero}), scale, zero});
    }
};

}  // namespace

void export_onnx(const FloatNetwork& network, const std::string& path) {
    check_tensors(network, network.spec.name);
    FloatWriter(network).write(path);
}

void export_onnx(const WorkloadGraph& graph, const NetworkSpec& spec, const std::string& path) {
    if (!graph.has_weights())
        throw Error("a network without weights cannot be exported");
    const auto narrow = [](int bits) { return bits != 8; };
    if (narrow(graph.input_bits) || std::any_of(graph.layers.begin(), graph.layers.end(), [&](const GraphLayer& layer) {
            return narrow(layer.output_bits) || narrow(layer.weight_bits);
        }))
        throw Error("integers of other widths than 8 bits have no QDQ form in ONNX here");
    QdqWriter(graph, spec).write(path);
}

}  // namespace xloop
