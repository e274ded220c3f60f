#pragma once

#include "core/error.hpp"
#include "core/hardware_config.hpp"
#include "core/random.hpp"
#include "core/workload/workload_graph.hpp"

#include <fmt/format.h>
#include <string>
#include <vector>

namespace xloop::test {

/// No variation, no wires, ADC codes wide enough for every sum: the array computes the integer product.
inline HardwareConfig perfect_hardware() {
    HardwareConfig hw;
    hw.device.programming_sigma = 0.0;
    hw.crossbar.r_driver_ohm = hw.crossbar.r_wire_row_ohm = hw.crossbar.r_wire_col_ohm = hw.crossbar.r_sense_ohm = 0.0;
    hw.adc.bits = 12;
    return hw;
}

inline std::vector<std::uint8_t> random_pixels(int count, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::random_images);
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < pixels.size(); ++i)
        pixels[i] = static_cast<std::uint8_t>(random.below(256, i));
    return pixels;
}

inline WorkloadGraph random_graph(const std::string& network_yaml, std::uint64_t seed = 1) {
    const NetworkSpec spec = parse_network(network_yaml, "test.yaml");
    WorkloadGraph graph = build_graph(spec.resolve(spec.largest_path()));
    randomise_weights(graph, seed);
    return graph;
}

/// The network with pruned filters, rows that are zero in all filters of a layer, and single zeros, a quarter or half of each.
inline WorkloadGraph pruned(WorkloadGraph graph, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::random_images);
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        GraphLayer& layer = graph.layers[l];
        if (!layer.on_crossbars())
            continue;
        const auto zero = [&](std::uint64_t what, std::size_t number, std::uint64_t one_in) {
            return random.below(one_in, 3 * l + what, number) == 0;
        };
        std::vector<std::int8_t> weights = *layer.weights;
        const auto rows = static_cast<std::size_t>(layer.rows());
        for (std::size_t i = 0; i < weights.size(); ++i)
            if (zero(0, i / rows, 4) || zero(1, i % rows, 4) || zero(2, i, 2))
                weights[i] = 0;
        layer.weights = std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
    }
    return graph;
}

/// Beyond the table.
inline constexpr auto unknown_kind = static_cast<LayerKind>(99);

/// A small network whose second layer is of this kind, with five logits.
inline std::string network_with(LayerKind kind) {
    std::string layer = fmt::format("  - {{name: tested, type: {}, ", name_of(kind));
    switch (kind) {
    case LayerKind::conv: layer += "out_channels: 4, kernel: 3, stride: 2, activation: relu}\n"; break;
    case LayerKind::linear: layer += "out_channels: 6, activation: relu}\n"; break;
    case LayerKind::max_pool:
    case LayerKind::avg_pool: layer += "kernel: 3, stride: 2, padding: 1}\n"; break;
    case LayerKind::add: layer += "inputs: [stem, input], activation: relu}\n"; break;
    case LayerKind::concat: layer += "inputs: [stem, input, stem]}\n"; break;
    case LayerKind::multiply: layer += "inputs: [stem, input]}\n"; break;
    case LayerKind::activation: layer += "activation: hard_swish}\n"; break;
    case LayerKind::scale: layer += "activation: tanh}\n"; break;
    case LayerKind::pad_channels: layer += "channel_padding: [2, -1]}\n"; break;
    default: throw Error(layer + ": no test network has this kind of layer");
    }
    return "name: tested\ninput: {channels: 3, height: 7, width: 6}\nlayers:\n"
           "  - {name: stem, type: conv, out_channels: 3, kernel: 3, activation: relu}\n" +
           layer + "  - {name: logits, type: linear, out_channels: 5}\n";
}

/// Every kind of layer, a residual link, stride, padding and groups on an 8x8 image.
inline const char* all_kinds = R"(
name: all_kinds
input: {channels: 2, height: 8, width: 8}
layers:
  - {name: stem, type: conv, out_channels: 12, kernel: 3, activation: relu}
  - {name: deep, type: conv, out_channels: 12, kernel: 3, groups: 0, activation: relu}
  - {name: left, type: conv, out_channels: 12, kernel: 3, groups: 3}
  - {name: sum, type: add, inputs: [left, stem], activation: relu}
  - {name: half, type: conv, out_channels: 10, kernel: 5, stride: 2, activation: relu}
  - {name: peak, type: max_pool, kernel: 3, stride: 1, padding: 1}
  - {name: mean, type: avg_pool, kernel: 2, stride: 2}
  - {name: logits, type: linear, out_channels: 10}
)";

/// Every activation function; what is signed goes to an addition.
inline const char* all_activations = R"(
name: all_activations
input: {channels: 2, height: 6, width: 6}
layers:
  - {name: relu6, type: conv, out_channels: 6, kernel: 3, activation: relu6}
  - {name: sigmoid, type: conv, out_channels: 8, kernel: 3, activation: sigmoid}
  - {name: tanh, type: conv, inputs: [sigmoid], out_channels: 8, kernel: 3, activation: tanh}
  - {name: hard_swish, type: conv, inputs: [sigmoid], out_channels: 8, kernel: 3, activation: hard_swish}
  - {name: leaky_relu, type: conv, inputs: [sigmoid], out_channels: 8, kernel: 3, activation: leaky_relu}
  - {name: sum, type: add, inputs: [tanh, hard_swish, leaky_relu], activation: relu}
  - {name: logits, type: linear, out_channels: 10}
)";

/// Squeeze and excite, signed maps that arrays read, each activation with parameters, averages of what is inside only, channels
/// cut off; a pool is the output.
inline const char* gated = R"(
name: gated
input: {channels: 2, height: 7, width: 6}
layers:
  - {name: stem, type: conv, out_channels: 6, kernel: 3, activation: silu}
  - {name: squeeze, type: avg_pool, inputs: [stem], kernel: 0}
  - {name: reduce, type: conv, out_channels: 3, kernel: 1, activation: prelu, activation_parameters: [0.5, -0.25, 2]}
  - {name: gate, type: conv, out_channels: 6, kernel: 1, activation: hard_sigmoid, activation_parameters: [0.2, 0.5]}
  - {name: scaled, type: multiply, inputs: [stem, gate]}
  - {name: mean, type: avg_pool, kernel: 3, stride: 2, padding: 1, count_padding: false}
  - {name: cut, type: pad_channels, channel_padding: [1, -2]}
  - {name: left, type: conv, inputs: [cut], out_channels: 5, kernel: 3, activation: elu, activation_parameters: [0.5]}
  - {name: right, type: conv, inputs: [cut], out_channels: 5, kernel: 1, activation: clip, activation_parameters: [-2, 3]}
  - {name: both, type: concat, inputs: [left, right]}
  - {name: joined, type: scale, batch_norm: true}
  - {name: bent, type: activation, activation: gelu}
  - {name: a, type: conv, inputs: [bent], out_channels: 4, kernel: 1, activation: selu}
  - {name: b, type: conv, inputs: [bent], out_channels: 4, kernel: 1, activation: softplus}
  - {name: c, type: conv, inputs: [bent], out_channels: 4, kernel: 1, activation: mish}
  - {name: sum, type: add, inputs: [a, b, c]}
  - {name: classes, type: conv, out_channels: 5, kernel: 3, activation: relu}
  - {name: logits, type: avg_pool, kernel: 0}
)";

}  // namespace xloop::test
