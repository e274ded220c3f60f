#pragma once

#include "systemc_model/mapping/mapping.hpp"

namespace xloop {

/// Places every copy of every layer. The matrix of a layer is split into blocks (partition_layer); copies of a layer start
/// on a processing element of their own, layers on a tile of their own (mapping.tiles: exclusive) or on the next free
/// processing element (shared). A layer without a matrix runs in the home tile of its first input of
/// the same round, copy 0, or on the first tile when the i/o node sends all of its inputs.
/// Throws InputError when the network does not fit: a given mesh with too few tiles (it says how many are missing; with
/// mapping.oversubscribed: rounds only when one layer alone does not fit), a wrong mapping.replicas entry, a budget that
/// does not hold one copy of each layer.
MappedNetwork map_network(WorkloadGraph graph, HardwareConfig hardware);

}  // namespace xloop
