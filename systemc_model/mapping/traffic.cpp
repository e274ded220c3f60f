#include "systemc_model/mapping/traffic.hpp"

#include "systemc_model/mapping/tile_work.hpp"
#include "systemc_model/noc/topology.hpp"

#include <algorithm>

namespace xloop {
namespace {

class TransferList {
public:
    explicit TransferList(bool multicast) : multicast_(multicast) {}

    void add(int source, std::vector<int> destinations, std::int64_t bytes) {
        destinations.erase(std::remove(destinations.begin(), destinations.end(), source), destinations.end());
        if (destinations.empty())
            return;
        if (multicast_) {
            list_.push_back({source, std::move(destinations), bytes});
            return;
        }
        for (int destination : destinations)
            list_.push_back({source, {destination}, bytes});
    }
    std::vector<Transfer> take() { return std::move(list_); }

private:
    bool multicast_;
    std::vector<Transfer> list_;
};

}  // namespace

std::vector<Transfer> transfers(const MappedNetwork& network, int round) {
    const WorkloadGraph& graph = network.graph;
    const Mapping& mapping = network.mapping;
    TransferList list(network.hardware.noc.multicast);
    for (int producer = -1; producer < static_cast<int>(graph.layers.size()); ++producer) {
        const std::int64_t bytes = position_bytes(graph, producer);
        std::vector<int> readers = mapping.reader_tiles(graph, producer, round);
        const LayerMapping* placed = producer < 0 ? nullptr : &mapping.layers[static_cast<std::size_t>(producer)];
        if (!placed || placed->round != round) {
            const Shape& shape = producer < 0 ? graph.input : graph.layers[static_cast<std::size_t>(producer)].out;
            list.add(mapping.io_node(), readers, bytes * shape.positions());
            continue;
        }
        const GraphLayer& layer = graph.layers[static_cast<std::size_t>(producer)];
        if (mapping.is_exported(graph, producer))
            readers.push_back(mapping.io_node());
        const int copies = placed->copy_count();
        for (int r = 0; r < copies; ++r) {
            const LayerCopy& copy = placed->copies[static_cast<std::size_t>(r)];
            const int positions = (layer.positions() - r + copies - 1) / copies;
            list.add(copy.home, readers, bytes * positions);
            const std::vector<TileWork> works = tile_works(network, producer, r, WorkDetail::sizes);
            for (int tile : copy.tiles)
                list.add(tile, {copy.home},
                         std::find_if(works.begin(), works.end(), [tile](const TileWork& w) { return w.tile == tile; })
                                 ->partial_bytes() *
                             positions);
        }
    }
    return list.take();
}

int links_of_tree(const Mapping& mapping, int source, const std::vector<int>& destinations) {
    const int from = mapping.router_of(source);
    const int x0 = from % mapping.mesh_cols, y0 = from / mapping.mesh_cols;
    // The row of the source as far as the outermost columns, and each column as far as its outermost destinations.
    int left = 0, right = 0, vertical = 0;
    struct Reach {
        int up = 0, down = 0;
    };
    std::vector<Reach> columns(2 * static_cast<std::size_t>(mapping.mesh_cols));
    for (int destination : destinations) {
        const int to = mapping.router_of(destination);
        const int dx = noc::steps(x0, to % mapping.mesh_cols, mapping.mesh_cols, mapping.torus);
        const int dy = noc::steps(y0, to / mapping.mesh_cols, mapping.mesh_rows, mapping.torus);
        left = std::max(left, -dx);
        right = std::max(right, dx);
        Reach& reach = columns[static_cast<std::size_t>(dx + mapping.mesh_cols)];
        vertical += std::max(-dy - reach.up, 0) + std::max(dy - reach.down, 0);
        reach.up = std::max(reach.up, -dy);
        reach.down = std::max(reach.down, dy);
    }
    return left + right + vertical;
}

std::int64_t traffic_byte_hops(const MappedNetwork& network) {
    std::int64_t sum = 0;
    for (int round = 0; round < network.mapping.rounds; ++round)
        for (const Transfer& t : transfers(network, round))
            sum += t.bytes * links_of_tree(network.mapping, t.source, t.destinations);
    return sum;
}

}  // namespace xloop
