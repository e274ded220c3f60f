#include "core/error.hpp"
#include "systemc_model/mapping/instance_paths.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <map>
#include <set>
#include <tuple>

namespace xloop {
namespace {

using testing::HasSubstr;

TEST(Partition, GivenALayerLargerThanAnArray_ThenBlocksTileTheMatrixExactlyOnce) {
    HardwareConfig hw;
    std::vector<int> covered(2 * 20 * 150, 0);
    std::set<std::uint64_t> ids;
    for (const MatrixBlock& b : partition_layer(3, 2, 20, 150, hw)) {
        EXPECT_LE(b.rows, hw.crossbar.rows);
        EXPECT_LE(b.outs, hw.outputs_per_array());
        EXPECT_EQ(b.out_begin / 20, b.group);
        EXPECT_TRUE(ids.insert(b.array_id).second);
        for (int o = b.out_begin; o < b.out_begin + b.outs; ++o)
            for (int r = b.row_begin; r < b.row_begin + b.rows; ++r)
                ++covered[o * 150 + r];
    }
    EXPECT_EQ(std::count(covered.begin(), covered.end(), 1), 2 * 20 * 150);
}

struct Groups {
    int groups, outs, rows, in_one;  ///< in_one: of them that fit into an array
};

class PackedPartition : public testing::TestWithParam<Groups> {};

TEST_P(PackedPartition, GivenGroups_ThenEachLiesWholeInOneArrayWithItsNeighboursOrAloneInSeveral) {
    const Groups c = GetParam();
    HardwareConfig hw;
    hw.mapping.group_packing = GroupPacking::diagonal;
    for (WeightMapping weights : {WeightMapping::differential, WeightMapping::separate}) {
        hw.crossbar.weights = weights;
        hw.crossbar.cols = weights == WeightMapping::separate ? 32 : 64;  // eight outputs
        const std::vector<MatrixBlock> blocks = partition_layer(3, c.groups, c.outs, c.rows, hw);
        EXPECT_EQ(static_cast<int>(blocks.size()), block_count(c.groups, c.outs, c.rows, hw));
        std::vector<int> covered(static_cast<std::size_t>(c.groups * c.outs * c.rows), 0);
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const MatrixBlock& b = blocks[i];
            EXPECT_EQ(b.array_id & 0xfffff, i);
            EXPECT_LE(b.rows, hw.crossbar.rows);
            EXPECT_LE(b.outs, hw.outputs_per_array());
            EXPECT_EQ(b.groups, std::min(c.in_one, c.groups - b.group));
            EXPECT_EQ(b.rows % b.groups, 0);
            const int outs_of_group = b.outs / b.groups;
            for (int g = 0; g < b.groups; ++g)
                for (int o = 0; o < outs_of_group; ++o)
                    for (int r = 0; r < b.rows_of_group(); ++r)
                        ++covered[static_cast<std::size_t>((b.out_begin + g * outs_of_group + o) * c.rows +
                                                           b.row_begin + r)];
            EXPECT_EQ(b.out_begin / c.outs, b.group);
        }
        EXPECT_EQ(std::count(covered.begin(), covered.end(), hw.separate() ? 2 : 1),
                  static_cast<std::ptrdiff_t>(covered.size()));
    }
}

// Arrays of 64 rows and eight outputs.
INSTANTIATE_TEST_SUITE_P(Shapes, PackedPartition,
                         testing::Values(Groups{20, 1, 9, 7}, Groups{20, 1, 3, 8}, Groups{6, 3, 9, 2},
                                         Groups{3, 1, 9, 3}, Groups{4, 5, 9, 1}, Groups{4, 1, 40, 1},
                                         Groups{3, 9, 9, 1}, Groups{3, 2, 65, 1}, Groups{1, 20, 150, 1}));

/// Arrays of each layer that is a convolution of as many groups as channels.
std::vector<int> arrays_of_depthwise(const WorkloadGraph& graph, const HardwareConfig& hw) {
    const MappedNetwork network = map_network(graph, hw);
    std::vector<int> arrays;
    for (std::size_t l = 0; l < graph.layers.size(); ++l)
        if (graph.layers[l].on_crossbars() && graph.layers[l].groups > 1)
            arrays.push_back(static_cast<int>(network.mapping.layers[l].copies.front().blocks.size()));
    return arrays;
}

TEST(Mapping, GivenTheDepthwiseLayersOfMobileNetsBlocks_ThenPackingTakesAnEighthOfTheArraysAtMost) {
    const NetworkSpec spec = load_network(XLOOP_SOURCE_DIR "/configs/networks/mobile_block_32x32.yaml");
    const WorkloadGraph graph = build_graph(spec.resolve(spec.largest_path()));
    HardwareConfig hw;
    hw.crossbar.rows = hw.crossbar.cols = 128;
    EXPECT_THAT(arrays_of_depthwise(graph, hw), testing::ElementsAre(16, 32, 256, 64));
    hw.mapping.group_packing = GroupPacking::diagonal;
    // Windows of nine: 14 of them in 128 rows.
    EXPECT_THAT(arrays_of_depthwise(graph, hw), testing::ElementsAre(2, 3, 19, 5));
}

TEST(Mapping, GivenANetwork_ThenNoArrayIsUsedTwiceAndAllLieOnTheMesh) {
    const auto graph = test::random_graph(test::all_kinds);
    for (TileSharing tiles : {TileSharing::exclusive, TileSharing::shared})
        for (int concentration : {1, 4}) {
            HardwareConfig hw;
            hw.tile.pes = 3;
            hw.pe.arrays = 2;
            hw.crossbar.rows = 16;
            hw.noc.concentration = concentration;
            hw.mapping.tiles = tiles;
            hw.mapping.replication = Replication::list;
            hw.mapping.replicas = {"stem=3", "half=2"};
            const Mapping mapping = map_network(graph, hw).mapping;
            std::set<std::tuple<int, int, int>> used;
            for (const LayerMapping& layer : mapping.layers)
                for (const LayerCopy& copy : layer.copies) {
                    EXPECT_LT(copy.home, mapping.tiles());
                    for (const PlacedBlock& block : copy.blocks) {
                        EXPECT_TRUE(used.insert({block.tile, block.pe, block.slot}).second);
                        EXPECT_EQ(std::count(copy.tiles.begin(), copy.tiles.end(), block.tile), 1);
                        EXPECT_LT(block.tile, mapping.tiles());
                        EXPECT_LT(block.pe, 3);
                        EXPECT_LT(block.slot, 2);
                    }
                }
            EXPECT_EQ(static_cast<int>(used.size()), mapping.used_arrays);
            EXPECT_GE(mapping.tiles(), mapping.used_tiles);
        }
}

TEST(Mapping, GivenExclusiveTiles_ThenNoTileHoldsTwoLayersAndSharedTilesAreFewer) {
    const auto graph = test::random_graph(test::all_kinds);
    HardwareConfig hw;
    const Mapping exclusive = map_network(graph, hw).mapping;
    std::map<int, std::set<std::size_t>> layers_of_tile;
    for (std::size_t l = 0; l < exclusive.layers.size(); ++l)
        for (int tile : exclusive.layers[l].copies[0].tiles)
            layers_of_tile[tile].insert(l);
    for (const auto& [tile, layers] : layers_of_tile)
        EXPECT_EQ(layers.size(), 1u) << tile;
    hw.mapping.tiles = TileSharing::shared;
    EXPECT_LT(map_network(graph, hw).mapping.used_tiles, exclusive.used_tiles);
}

TEST(Mapping, GivenCopiesThatFitIntoATile_ThenNoneIsSplit) {
    const auto graph = test::random_graph(test::all_kinds);
    HardwareConfig hw;
    hw.tile.pes = 14;  // `half` has 300 rows and 10 outputs: 5 x 2 arrays
    hw.mapping.tiles = TileSharing::shared;
    hw.mapping.replication = Replication::list;
    hw.mapping.replicas = {"half=4"};
    const Mapping mapping = map_network(graph, hw).mapping;
    for (const LayerCopy& copy : mapping.layers[4].copies) {
        EXPECT_EQ(copy.blocks.size(), 10u);
        EXPECT_EQ(copy.tiles.size(), 1u);
    }
}

TEST(Mapping, GivenLayersOfATileEach_ThenTheyFollowTheSnake) {
    HardwareConfig hw;
    hw.crossbar.rows = hw.crossbar.cols = 512;
    hw.noc.mesh_cols = 2;
    hw.noc.mesh_rows = 4;
    const Mapping mapping = map_network(test::random_graph(test::all_kinds), hw).mapping;
    std::vector<int> homes;
    for (const LayerMapping& layer : mapping.layers)
        homes.push_back(layer.copies[0].home);
    // stem, deep, left, sum (at left), half, peak and mean (at half), logits.
    EXPECT_THAT(homes, testing::ElementsAre(0, 1, 3, 3, 2, 2, 2, 4));
}

TEST(Mapping, GivenAMeshThatIsTooSmall_ThenTheMessageSaysHowManyTilesAreMissing) {
    HardwareConfig hw;
    hw.noc.mesh_cols = hw.noc.mesh_rows = 1;
    hw.noc.concentration = 2;
    try {
        map_network(test::random_graph(test::all_kinds), hw);
        FAIL();
    } catch (const InputError& e) {
        EXPECT_THAT(e.what(), HasSubstr("3 tiles are missing"));
    }
}

TEST(Mapping, GivenRounds_ThenLayersArePackedInOrderAndEachRoundFits) {
    const auto graph = test::random_graph(test::all_kinds);
    HardwareConfig hw;
    hw.noc.mesh_cols = 2;
    hw.noc.mesh_rows = 1;
    hw.mapping.oversubscribed = Oversubscribed::rounds;
    const Mapping mapping = map_network(graph, hw).mapping;
    std::vector<int> rounds;
    for (const LayerMapping& layer : mapping.layers)
        rounds.push_back(layer.round);
    // Two tiles: stem, deep | left, sum, half, peak, mean | logits.
    EXPECT_THAT(rounds, testing::ElementsAre(0, 0, 1, 1, 1, 1, 1, 2));
    EXPECT_EQ(mapping.rounds, 3);
    EXPECT_EQ(mapping.used_tiles, 2);
    EXPECT_THAT(mapping.reader_tiles(graph, 0, 0), testing::ElementsAre(1));  // deep
    EXPECT_THAT(mapping.reader_tiles(graph, 0, 1), testing::ElementsAre(0));  // sum
    hw.tile.pes = 1;
    hw.crossbar.rows = 32;
    try {
        map_network(graph, hw);
        FAIL();
    } catch (const InputError& e) {
        EXPECT_THAT(e.what(), HasSubstr("layer `"));
        EXPECT_THAT(e.what(), HasSubstr("tiles are missing"));
    }
}

TEST(Mapping, GivenConcentration_ThenTilesOfARouterAreNeighbours) {
    Mapping mapping;
    mapping.mesh_cols = 3;
    mapping.mesh_rows = 2;
    mapping.concentration = 4;
    EXPECT_EQ(mapping.tiles(), 24);
    EXPECT_EQ(mapping.router_of(7), 1);
    EXPECT_EQ(mapping.router_of(12), 3);
    EXPECT_EQ(mapping.tile_name(13), "tile_1_1");
    EXPECT_EQ(mapping.router_of(mapping.io_node()), Mapping::io_router);
}

TEST(InstancePaths, GivenAMeshWithSeveralTilesOnARouter_ThenEachInstanceHasItsNameInTheHierarchy) {
    Mapping mapping;
    mapping.mesh_cols = 3;
    mapping.mesh_rows = 2;
    mapping.concentration = 4;
    const InstancePaths paths(mapping, "soc.chip");
    EXPECT_EQ(paths.tile(13), "soc.chip.tile_1_1");
    EXPECT_EQ(paths.tile_part(13, Component::vector_unit), "soc.chip.tile_1_1.vector_unit");
    EXPECT_EQ(paths.pe_part(13, 2, Component::input_register), "soc.chip.tile_1_1.pe_2.input_register");
    EXPECT_EQ(paths.array(13, 2, 5), "soc.chip.tile_1_1.pe_2.xbar_5");
    EXPECT_EQ(paths.router(5), "soc.chip.noc.router_2_1");
    EXPECT_EQ(InstancePaths(mapping).io(), "chip.io");
}

TEST(InstancePaths, GivenAPath_ThenItsKindIsTheNameWithoutNumbers) {
    Mapping mapping;
    mapping.mesh_cols = mapping.mesh_rows = 2;
    const InstancePaths paths(mapping);
    EXPECT_EQ(InstancePaths::kind_of(paths.array(3, 1, 25)), "xbar");
    EXPECT_EQ(InstancePaths::kind_of(paths.router(3)), "router");
    EXPECT_EQ(InstancePaths::kind_of(paths.tile_part(3, Component::vector_unit)), "vector_unit");
    EXPECT_EQ(InstancePaths::kind_of(paths.io()), "io");
}

}  // namespace
}  // namespace xloop
