#pragma once

#include "core/workload/activation.hpp"

#include <array>
#include <cstddef>
#include <limits>

namespace xloop {

struct GraphLayer;

enum class LayerKind { conv, linear, max_pool, avg_pool, add, concat, multiply, activation, pad_channels, scale };
inline constexpr std::size_t layer_kind_count = 10;

/// Which part of the chip carries a layer out, and what it reads for an output position.
enum class LayerClass {
    matrix,    ///< arrays: a window of the one input, times weights
    window,    ///< vector unit: a window of the one input
    pointwise  ///< vector unit: the same position of each input
};

/// Where the window of a layer comes from.
enum class WindowRule {
    position,         ///< it is one position
    half_padded,      ///< the file; padding that is not given is half the kernel
    without_padding,  ///< the file; padding that is not given is 0
    whole_map         ///< it is the whole input map
};

enum class ActivationRule { any, none_or_relu, none };
enum class SignRule { of_activation, of_inputs };
/// Requantisation factors; none: the output keeps the steps of the input; product: one, from the product of the inputs' steps.
/// The sums of an output of class matrix are not requantised.
enum class FactorRule { none, one, one_per_input, one_per_output, product };

/// How the channels of the output follow from those of the inputs; given: by the file.
enum class ChannelRule { given, of_input, joined, padded };

/// Keys of a layer in a network file that only some kinds take.
enum LayerKeys : unsigned {
    out_channels_key = 1,
    window_keys = 2,  ///< kernel, kernel_hw, stride, padding
    dilation_key = 4,
    groups_key = 8,
    batch_norm_key = 16,
    count_padding_key = 32,
    channel_padding_key = 64,
    bias_key = 128
};

/// One input of a layer, the whole map of an image.
struct InputMap {
    const Activation* values;
    int channels;
    int zero_point = 0;
    int positions = 0;
};

/// All that is known of a kind of layer, but for its LibTorch counterpart (dnn/supernet.cpp).
struct LayerTraits {
    static constexpr int many = std::numeric_limits<int>::max();

    const char* name;
    LayerClass layer_class;
    int min_inputs, max_inputs;
    unsigned keys;  ///< LayerKeys
    WindowRule window;
    ActivationRule activation;
    SignRule sign;
    FactorRule factors;
    ChannelRule channels;
    bool broadcasts;  ///< inputs after the first may have one position, which stands for all
    /// What an input's real value is divided by on its way to the output, weights left out.
    double (*divisor)(const GraphLayer& layer);
    /// One output position, all channels, from the whole input maps; null: of class matrix.
    void (*position)(const GraphLayer& layer, const InputMap* inputs, int position, Activation* out);

    /// Weights and a bias for each output channel: of class matrix, or one weight a channel in the vector unit.
    bool has_weights() const { return factors == FactorRule::one_per_output; }
    bool takes_window() const { return (keys & window_keys) != 0; }
};

/// Throws Error, with the number, for a kind that has no row in the table.
const LayerTraits& traits_of(LayerKind kind);
const char* name_of(LayerKind kind);
/// For core/names.hpp.
std::array<const char*, layer_kind_count> names_of(LayerKind);

/// Throws Error: `engine` does not know layers of this kind.
[[noreturn]] void fail_unsupported(const GraphLayer& layer, const char* engine);

}  // namespace xloop
