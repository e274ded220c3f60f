#pragma once

#include "core/config/tree.hpp"
#include "core/workload/layer_kinds.hpp"

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

/// One layer as written in a network file. A list of several widths or kernels makes the layer searchable.
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
    bool batch_norm = false;       ///< conv: batch normalisation before the activation, folded when quantised
    ActivationFunction activation = ActivationFunction::none;
    config::Location location;  ///< where the layer was written, for messages
};

/// The choice made for one layer; {0, 0} for layers that have nothing to choose from.
struct LayerChoice {
    int out_channels = 0, kernel = 0;
    bool operator==(const LayerChoice& o) const { return out_channels == o.out_channels && kernel == o.kernel; }
};
/// One subnet of a searchable network: a choice for each layer, in order.
using SubnetPath = std::vector<LayerChoice>;

/// A network or a space of networks, described once. The LibTorch module and the workload graph are both made from it.
struct NetworkSpec {
    std::string name;
    Shape input;
    std::vector<LayerSpec> layers;
    std::vector<std::string> outputs;  ///< layers whose sums are the logits, in order; none: the last layer

    bool searchable() const;
    /// Number of different subnets.
    std::uint64_t path_count() const;
    SubnetPath smallest_path() const;
    SubnetPath largest_path() const;
    /// The path with number `index` in [0, path_count()): mixed radix over the layers' choices.
    SubnetPath path(std::uint64_t index) const;
    /// The concrete network of one subnet. Throws Error when the path does not belong to this space.
    NetworkSpec resolve(const SubnetPath& path) const;
    /// "stage1=w8k3 stage2=w16k5": the searchable layers only; "-" when nothing is searchable.
    std::string path_text(const SubnetPath& path) const;
    /// The inverse of path_text. Throws InputError for a text that names no subnet.
    SubnetPath parse_path(const std::string& text) const;
};

/// Reads a network file. Throws InputError with file and line for anything malformed: unknown kinds or keys, inputs
/// that name no earlier layer, duplicate names, keys that do not apply to a kind, ...
NetworkSpec load_network(const std::string& path);
/// The same for text; `name` stands for the file in messages.
NetworkSpec parse_network(const std::string& text, const std::string& name);

}  // namespace xloop
