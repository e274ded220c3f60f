#pragma once

#include "systemc_model/mapping/mapping.hpp"

#include <map>
#include <memory>
#include <vector>

namespace xloop {

/// What copies of one network's layers do on each of their tiles, wherever these are: worked out once for many pieces of hardware.
/// For one thread at a time.
class KnownWorks {
public:
    /// In the order in which the copy takes tiles; it begins with processing element `first_pe` of one. `layer` holds its whole
    /// matrix.
    std::shared_ptr<const std::vector<TileWork>> of(int number, const GraphLayer& layer, const HardwareConfig& hardware,
                                                    int first_pe);

private:
    std::map<std::vector<int>, std::shared_ptr<const std::vector<TileWork>>> known_;
};

/// Places every copy of every layer. The matrix of a layer is split into blocks (partition_layer); copies of a layer start
/// on a processing element of their own, layers on a tile of their own (mapping.tiles: exclusive) or on the next free
/// processing element (shared). A layer without a matrix runs in the home tile of its first input of
/// the same round, copy 0, or on the first tile when the i/o node sends all of its inputs.
/// Throws InputError when the network does not fit: a given mesh with too few tiles (it says how many are missing; with
/// mapping.oversubscribed: rounds only when one layer alone does not fit), a wrong mapping.replicas entry, a budget that
/// does not hold one copy of each layer.
/// `known`: works of the network's layers; then copies that hold whole matrices have works in the place of blocks, which is enough for
/// figures by class.
MappedNetwork map_network(WorkloadGraph graph, HardwareConfig hardware, KnownWorks* known = nullptr);

}  // namespace xloop
