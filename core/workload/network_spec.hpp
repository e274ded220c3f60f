#pragma once

#include "core/config/tree.hpp"
#include "core/workload/layer_kinds.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// Channels, height and width of a feature map.
struct Shape {
    int channels = 0, height = 0, width = 0;
    int positions() const { return height * width; }
    int size() const { return channels * height * width; }
    bool operator==(const Shape& o) const { return channels == o.channels && height == o.height && width == o.width; }
    bool operator!=(const Shape& o) const { return !(*this == o); }
    std::string str() const;  ///< "16x14x14"
};

/// Something to choose in a space of networks, by a name that several layers may refer to.
struct NamedChoice {
    std::string name;
    std::vector<int> values;
};

/// A layer is in the network where the choice has at least this value.
struct Presence {
    std::string choice;  ///< empty: always
    int least = 0;
};

/// One layer as written in a network file. A list of several widths or kernels makes the layer searchable, and so do names of
/// choices of the whole network.
struct LayerSpec {
    std::string name;
    LayerKind kind = LayerKind::conv;
    std::vector<std::string> inputs;          ///< names of producing layers; "input" is the network's input
    std::vector<int> out_channels;            ///< widths to choose from, of a layer with weights
    std::vector<int> kernel;                  ///< square windows to choose from; pools: one, 0 = whole map
    std::vector<int> kernel_hw;               ///< instead: height and width of a window that is not square
    std::vector<int> stride{1}, dilation{1};  ///< of both axes, or height and width
    std::vector<int> padding{-1};  ///< of all sides, or top, left, bottom, right; -1: half the kernel (conv), 0 (pools)
    int groups = 1;                ///< conv: channel groups; 0 = one group a channel (depthwise)
    std::vector<std::string>
        out_channels_from;  ///< instead of out_channels: names of choices, or numbers, whose product it is
    std::string kernel_from, groups_from;  ///< instead of kernel and groups: names of choices
    Presence present;
    bool batch_norm = false;    ///< conv, scale: batch normalisation before the activation, folded when quantised
    bool bias = true;           ///< conv, linear: a bias; with batch normalisation there is none anyway
    bool count_padding = true;  ///< avg_pool: padding counts as zeros; else only what is inside is averaged
    std::vector<int> channel_padding{0,
                                     0};  ///< pad_channels: zero channels before and after; negative ones are cut off
    ActivationFunction activation = ActivationFunction::none;
    ActivationParameters activation_parameters;
    config::Location location;  ///< where the layer was written, for messages
};

/// What a network leaves open: a named choice, or the own list of a layer.
struct OpenChoice {
    enum class Of { name, width, kernel };
    Of of = Of::name;
    std::string name;  ///< of the choice, or of the layer
    std::vector<int> values;
    int layer = -1;  ///< whose own list it is
};
/// One subnet of a searchable network: the value of each of NetworkSpec::open_choices(), in order.
using SubnetPath = std::vector<int>;

/// In which order a file of samples or results holds the values of a map; the network itself has no order.
enum class MapOrder { chw, hwc };
constexpr auto names_of(MapOrder) { return std::array{"chw", "hwc"}; }

/// What the host makes of the logits; the chip ends with them.
enum class HostFunction { softmax, log_softmax, sigmoid, arg_max };
constexpr auto names_of(HostFunction) { return std::array{"softmax", "log_softmax", "sigmoid", "arg_max"}; }

/// A network or a space of networks, described once. The LibTorch module and the workload graph are both made from it.
struct NetworkSpec {
    std::string name;
    Shape input;
    /// Of the input's channels, or one for all: what the layers read is (x - mean) / std, and padding is 0 there.
    std::vector<double> input_mean, input_std;
    MapOrder input_order = MapOrder::chw, output_order = MapOrder::chw;
    std::vector<NamedChoice> choices;  ///< each with several values
    std::vector<LayerSpec> layers;
    std::vector<std::string> outputs;          ///< layers whose sums are the logits, in order; none: the last layer
    std::vector<HostFunction> host_functions;  ///< of the logits, one after the other

    /// Named choices, then each layer's width and kernel; those with several values only.
    std::vector<OpenChoice> open_choices() const;
    bool searchable() const;
    /// Number of different paths; of the largest number that there is, where there are more.
    std::uint64_t path_count() const;
    /// The fewest and the most weights: of choices of groups the most and the fewest.
    SubnetPath smallest_path() const;
    SubnetPath largest_path() const;
    /// The path with number `index` in [0, path_count()): mixed radix over the choices.
    SubnetPath path(std::uint64_t index) const;
    /// The path with the same network whose choices without effect, those of layers that are not there, have their first value.
    SubnetPath canonical(const SubnetPath& path) const;
    /// The concrete network of one subnet. What read a layer that is not there reads the first input of that layer that is there.
    /// Throws Error when the path does not belong to this space.
    NetworkSpec resolve(const SubnetPath& path) const;
    /// "stage1=w8k3 depth=2": what there is to choose only; "-" when nothing is searchable.
    std::string path_text(const SubnetPath& path) const;
    /// The inverse of path_text. Throws InputError for a text that names no subnet.
    SubnetPath parse_path(const std::string& text) const;
};

/// The text of a network file that reads back as `net`; what is a default is not written.
std::string network_yaml(const NetworkSpec& net);

/// Reads a network file. Throws InputError with file and line for anything malformed: unknown kinds or keys, inputs
/// that name no earlier layer, duplicate names, keys that do not apply to a kind, ...
NetworkSpec load_network(const std::string& path);
/// The same for text; `name` stands for the file in messages.
NetworkSpec parse_network(const std::string& text, const std::string& name);

}  // namespace xloop
