#include "core/error.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <set>

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

TEST(Mapping, GivenANetwork_ThenNoArrayIsUsedTwiceAndAllLieOnTheMesh) {
    const auto graph = test::random_graph(test::all_kinds);
    HardwareConfig hw;
    hw.tile.arrays = 3;
    const Mapping mapping = map_network(graph, hw);
    std::set<std::pair<int, int>> used;
    for (const LayerMapping& layer : mapping.layers)
        for (const PlacedBlock& block : layer.blocks) {
            EXPECT_TRUE(used.insert({block.tile, block.slot}).second);
            EXPECT_LT(block.tile, mapping.tiles());
            EXPECT_LT(block.slot, 3);
        }
    EXPECT_EQ(static_cast<int>(used.size()), mapping.used_arrays);
    EXPECT_GE(mapping.tiles(), mapping.used_tiles);
}

TEST(Mapping, GivenAMeshThatIsTooSmall_ThenTheMessageSaysHowManyTilesAreMissing) {
    HardwareConfig hw;
    hw.noc.mesh_cols = hw.noc.mesh_rows = 1;
    try {
        map_network(test::random_graph(test::all_kinds), hw);
        FAIL();
    } catch (const InputError& e) {
        EXPECT_THAT(e.what(), HasSubstr("tiles are missing"));
    }
}

TEST(Mapping, GivenABufferThatIsTooSmall_ThenTheMessageNamesTileAndLayer) {
    HardwareConfig hw;
    hw.tile.buffer_bytes = 500;
    try {
        map_network(test::random_graph(test::all_kinds), hw);
        FAIL();
    } catch (const InputError& e) {
        EXPECT_THAT(e.what(), HasSubstr("tile_1_0 needs 768 bytes"));
        EXPECT_THAT(e.what(), HasSubstr("`stem`"));
    }
}

TEST(Mapping, GivenTwoTiles_ThenAPacketPassesTheManhattanDistancePlusOneRouters) {
    Mapping mapping;
    mapping.mesh_cols = 4;
    mapping.mesh_rows = 3;
    EXPECT_EQ(mapping.routers_between(0, 0), 1);
    EXPECT_EQ(mapping.routers_between(1, 11), 1 + 2 + 2);
}

}  // namespace
}  // namespace xloop
