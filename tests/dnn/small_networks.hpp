#pragma once

#include "dnn/supernet.hpp"

#include <torch/torch.h>

#include <string>
#include <vector>

namespace xloop::test {

inline LayerSpec conv(std::string name, std::string input, std::vector<int> widths, std::vector<int> kernels,
                      int stride = 1, int groups = 1, ActivationFunction activation = ActivationFunction::relu) {
    LayerSpec layer;
    layer.name = std::move(name);
    layer.inputs = {std::move(input)};
    layer.out_channels = std::move(widths);
    layer.kernel = std::move(kernels);
    layer.stride = {stride};
    layer.groups = groups;
    layer.batch_norm = true;
    layer.activation = activation;
    return layer;
}

inline LayerSpec pool(std::string name, std::string input, LayerKind kind, int kernel, int stride = 1,
                      int padding = -1) {
    LayerSpec layer;
    layer.name = std::move(name);
    layer.kind = kind;
    layer.inputs = {std::move(input)};
    layer.kernel = {kernel};
    layer.stride = {stride};
    layer.padding = {padding};
    return layer;
}

inline LayerSpec add(std::string name, std::vector<std::string> inputs) {
    LayerSpec layer;
    layer.name = std::move(name);
    layer.kind = LayerKind::add;
    layer.inputs = std::move(inputs);
    layer.activation = ActivationFunction::relu;
    return layer;
}

inline LayerSpec linear(std::string name, std::string input, int outputs) {
    LayerSpec layer;
    layer.name = std::move(name);
    layer.kind = LayerKind::linear;
    layer.inputs = {std::move(input)};
    layer.out_channels = {outputs};
    return layer;
}

/// One of everything: stride, residual add of a signed and an unsigned edge, depthwise, grouped, both pools, and a
/// linear layer over a map of several positions.
inline NetworkSpec varied_network() {
    NetworkSpec net;
    net.name = "varied";
    net.input = {3, 13, 11};
    net.layers = {conv("stem", "input", {8}, {3}, 2),
                  conv("body", "stem", {8}, {3}, 1, 1, ActivationFunction::none),
                  add("sum", {"body", "stem"}),
                  conv("depthwise", "sum", {8}, {3}, 1, 0),
                  pool("max", "depthwise", LayerKind::max_pool, 3, 2, 1),
                  conv("grouped", "max", {12}, {3}, 1, 2),
                  pool("mean", "grouped", LayerKind::avg_pool, 2, 1),
                  linear("logits", "mean", 10)};
    return net;
}

/// Windows that are not square, even, dilated and padded on some sides only, and a second head whose logits come first.
inline NetworkSpec odd_windows() {
    NetworkSpec net;
    net.name = "odd";
    net.input = {3, 13, 12};
    net.layers = {conv("wide", "input", {8}, {}),
                  conv("even", "wide", {8}, {4}),
                  conv("apart", "even", {8}, {3}),
                  pool("max", "apart", LayerKind::max_pool, 2),
                  pool("mean", "max", LayerKind::avg_pool, 2),
                  linear("logits", "mean", 10),
                  linear("early", "even", 4)};
    net.layers[0].kernel_hw = {1, 5};
    net.layers[0].stride = {1, 2};
    net.layers[1].padding = {1, 2, 2, 1};
    net.layers[2].dilation = {2, 1};
    net.layers[3].dilation = {1, 2};
    net.layers[3].padding = {1, 0, 0, 1};
    net.layers[4].padding = {0, 1, 0, 0};
    net.layers[4].stride = {2, 1};
    net.outputs = {"early", "logits"};
    return net;
}

/// Every activation function; what is signed goes to an addition.
inline NetworkSpec network_of_activations() {
    const auto layer = [](const char* name, const char* input, ActivationFunction f) {
        return conv(name, input, {12}, {3}, 1, 1, f);
    };
    NetworkSpec net;
    net.name = "activations";
    net.input = {3, 10, 10};
    net.layers = {layer("relu6", "input", ActivationFunction::relu6),
                  layer("sigmoid", "relu6", ActivationFunction::sigmoid),
                  layer("tanh", "sigmoid", ActivationFunction::tanh),
                  layer("hard_swish", "sigmoid", ActivationFunction::hard_swish),
                  layer("leaky_relu", "sigmoid", ActivationFunction::leaky_relu),
                  add("sum", {"tanh", "hard_swish", "leaky_relu"}),
                  linear("logits", "joined", 10)};
    LayerSpec joined;
    joined.name = "joined";
    joined.kind = LayerKind::concat;
    joined.inputs = {"sum", "relu6", "sigmoid"};
    net.layers.insert(net.layers.end() - 1, joined);
    return net;
}

/// A small space: widths, kernels, and a layer between the choices that has none.
inline NetworkSpec small_space() {
    NetworkSpec net;
    net.name = "space";
    net.input = {1, 12, 12};
    net.layers = {conv("a", "input", {4, 8}, {3, 5}, 2), conv("b", "a", {6, 10}, {1, 3}),
                  pool("mean", "b", LayerKind::avg_pool, 0), linear("logits", "mean", 10)};
    return net;
}

/// Batch normalisation factors and statistics as training might leave them, some factors negative.
inline void disturb(Supernet& net, std::uint64_t seed) {
    const torch::NoGradGuard no_grad;
    torch::manual_seed(seed);
    for (auto& p : net->named_parameters()) {
        if (p.key().find("gamma") != std::string::npos)
            p.value().uniform_(0.5, 1.5).mul_(torch::rand_like(p.value()).sub(0.2).sign());
        if (p.key().find("beta") != std::string::npos || p.key().find("bias") != std::string::npos)
            p.value().normal_(0.0, 0.3);
    }
    for (auto& b : net->named_buffers()) {
        if (b.key().find("mean") != std::string::npos)
            b.value().normal_(0.0, 0.2);
        if (b.key().find("variance") != std::string::npos)
            b.value().uniform_(0.5, 2.0);
    }
}

}  // namespace xloop::test
