#pragma once

#include "analysis/layer_limits.hpp"

#include <string>
#include <vector>

namespace xloop {

/// A piece of hardware that differs from the given one in one key or by one copy of a layer.
struct HardwareChange {
    std::string text;
    std::vector<std::string> settings;  ///< that make it of the given one: "adc.columns_per_adc=16"
    HardwareConfig hardware;
    bool other_values = false;  ///< the arrays compute other values with it
};

/// What relieves limits of one kind that hold the run alike; every change keeps the copies of the mapping, but for those it
/// adds. Not all need to fit.
std::vector<HardwareChange> changes_against(const std::vector<Limit>& limits, const MappedNetwork& network);

/// For each key of what costs area: less and less of it, as far as the key goes. Copies of the mapping are kept.
std::vector<std::vector<HardwareChange>> smaller_hardware(const MappedNetwork& network);

/// Type of the tiles that a limit is about; of the network, the base.
int type_of(const Limit& limit, const MappedNetwork& network);

/// Largest numbers of used rows and of output channels that one array of a layer holds.
struct LargestBlock {
    int rows = 0, outs = 0;
};
LargestBlock largest_block(const LayerMapping& layer);

}  // namespace xloop
