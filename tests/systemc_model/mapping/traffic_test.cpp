#include "systemc_model/mapping/traffic.hpp"
#include "core/random.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <numeric>
#include <set>

namespace xloop {
namespace {

Mapping mesh(int cols, int rows, bool torus = false, int concentration = 1) {
    Mapping mapping;
    mapping.mesh_cols = cols;
    mapping.mesh_rows = rows;
    mapping.torus = torus;
    mapping.concentration = concentration;
    return mapping;
}

/// Signed steps from `a` to `b` the shorter way round.
int steps(int a, int b, int size, bool torus) {
    int best = b - a;
    for (int other : {b - a + size, b - a - size})
        if (torus && (std::abs(other) < std::abs(best) || (std::abs(other) == std::abs(best) && other > best)))
            best = other;
    return best;
}

/// The links of all paths, walked one by one.
int walked_links(const Mapping& m, int source, const std::vector<int>& destinations) {
    std::set<std::pair<int, int>> links;
    for (int destination : destinations) {
        int x = m.router_of(source) % m.mesh_cols, y = m.router_of(source) / m.mesh_cols;
        const int to = m.router_of(destination);
        const int dx = steps(x, to % m.mesh_cols, m.mesh_cols, m.torus),
                  dy = steps(y, to / m.mesh_cols, m.mesh_rows, m.torus);
        const auto step = [&](int& coordinate, int direction, int size) {
            const int from = y * m.mesh_cols + x;
            coordinate = (coordinate + direction + size) % size;
            links.insert({from, y * m.mesh_cols + x});
        };
        for (int n = 0; n < std::abs(dx); ++n)
            step(x, dx < 0 ? -1 : 1, m.mesh_cols);
        for (int n = 0; n < std::abs(dy); ++n)
            step(y, dy < 0 ? -1 : 1, m.mesh_rows);
        EXPECT_EQ(y * m.mesh_cols + x, to);
    }
    return static_cast<int>(links.size());
}

TEST(Traffic, GivenRandomTrees_ThenTheLinksAreThoseOfThePathsWalkedOneByOne) {
    const KeyedRandom random(1, RandomUse::random_images);
    std::uint64_t n = 0;
    for (const Mapping& m :
         {mesh(5, 4), mesh(6, 3, true), mesh(5, 5, true), mesh(3, 2, false, 4), mesh(1, 7), mesh(2, 2, true)})
        for (int trial = 0; trial < 200; ++trial) {
            const auto nodes = static_cast<std::uint64_t>(m.tiles()) + 1;
            const int source = static_cast<int>(random.below(nodes, n++));
            std::vector<int> destinations;
            for (int d = 0; d <= trial % 6; ++d)
                destinations.push_back(static_cast<int>(random.below(nodes, n++)));
            EXPECT_EQ(links_of_tree(m, source, destinations), walked_links(m, source, destinations));
        }
}

TEST(Traffic, GivenAMeshAndATree_ThenSharedLinksCountOnce) {
    const Mapping m = mesh(4, 3);
    EXPECT_EQ(links_of_tree(m, 0, {0}), 0);
    EXPECT_EQ(links_of_tree(m, 0, {11}), 3 + 2);
    EXPECT_EQ(links_of_tree(m, 0, {3, 11, 7}), 3 + 2);
    EXPECT_EQ(links_of_tree(m, 0, {8, 11}), 2 + 3 + 2);
    EXPECT_EQ(links_of_tree(m, m.io_node(), {0}), 0);
    EXPECT_EQ(links_of_tree(mesh(4, 3, true), 0, {3}), 1);
    EXPECT_EQ(links_of_tree(mesh(2, 2, false, 4), 1, {3}), 0);
}

constexpr const char* two_tiles = R"(
name: two_tiles
input: {channels: 4, height: 8, width: 8}
layers:
  - {name: first, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: logits, type: linear, out_channels: 4}
)";

TEST(Traffic, GivenTwoLayersInARow_ThenTheirBytesTimesLinksAddUp) {
    HardwareConfig hw;
    hw.noc.mesh_cols = 3;
    hw.noc.mesh_rows = 1;
    const WorkloadGraph graph = build_graph(parse_network(two_tiles, "test.yaml"));
    // The image to tile 0: no link. 64 positions of 4 bytes to tile 1; 4 logits of 4 bytes back to the i/o node.
    EXPECT_EQ(traffic_byte_hops(map_network(graph, hw)), 64 * 4 * 1 + 4 * 4 * 1);
}

TEST(Traffic, GivenALayerOverTwoTiles_ThenPartialSumsGoToItsHome) {
    HardwareConfig hw;
    hw.noc.mesh_cols = 3;
    hw.noc.mesh_rows = 1;
    hw.tile.pes = 2;  // the 256 rows of `logits` fill four arrays of 64 rows
    const WorkloadGraph graph = build_graph(parse_network(two_tiles, "test.yaml"));
    EXPECT_EQ(traffic_byte_hops(map_network(graph, hw)), 64 * 4 * 2 + 4 * 4 * 1 + 4 * 4 * 1);
    hw.noc.multicast = false;  // tile 0 sends to tile 1 and to tile 2
    EXPECT_EQ(traffic_byte_hops(map_network(graph, hw)), 64 * 4 * 3 + 4 * 4 * 1 + 4 * 4 * 1);
}

TEST(Placement, GivenANetwork_ThenSwapsLowerTheTrafficAndKeepEveryArray) {
    const WorkloadGraph graph = build_graph(load_network(XLOOP_SOURCE_DIR "/configs/networks/resnet18_32x32.yaml"));
    HardwareConfig hw;
    hw.crossbar.rows = hw.crossbar.cols = 128;
    hw.pe.arrays = 8;
    hw.noc.mesh_cols = hw.noc.mesh_rows = 8;
    hw.mapping.tiles = TileSharing::shared;
    const MappedNetwork plain = map_network(graph, hw);
    const Mapping& snake = plain.mapping;
    hw.mapping.placement = Placement::improved;
    const MappedNetwork swapped = map_network(graph, hw);
    const Mapping &improved = swapped.mapping, again = map_network(graph, hw).mapping;
    const std::int64_t before = traffic_byte_hops(plain), after = traffic_byte_hops(swapped);
    RecordProperty("byte_hops_snake", std::to_string(before));
    RecordProperty("byte_hops_improved", std::to_string(after));
    EXPECT_LT(static_cast<double>(after), 0.9 * static_cast<double>(before));
    std::vector<int> moved_to(static_cast<std::size_t>(snake.tiles()), -1);
    for (std::size_t l = 0; l < snake.layers.size(); ++l) {
        EXPECT_EQ(improved.layers[l].copies[0].home, again.layers[l].copies[0].home);
        for (std::size_t b = 0; b < snake.layers[l].copies[0].blocks.size(); ++b) {
            const PlacedBlock &from = snake.layers[l].copies[0].blocks[b], &to = improved.layers[l].copies[0].blocks[b];
            int& place = moved_to[static_cast<std::size_t>(from.tile)];
            if (place < 0)
                place = to.tile;
            EXPECT_EQ(place, to.tile);
            EXPECT_EQ(from.pe, to.pe);
        }
    }
    std::vector<int> places;
    std::copy_if(moved_to.begin(), moved_to.end(), std::back_inserter(places), [](int p) { return p >= 0; });
    EXPECT_EQ(static_cast<int>(places.size()), snake.used_tiles);
    EXPECT_EQ(std::set<int>(places.begin(), places.end()).size(), places.size());
}

}  // namespace
}  // namespace xloop
