#include "core/error.hpp"
#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <set>

namespace xloop {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// 64 positions, 16 positions, 1 position; one array each on arrays of 64 x 64.
constexpr const char* three_paces = R"(
name: three_paces
input: {channels: 4, height: 8, width: 8}
layers:
  - {name: wide, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: half, type: conv, out_channels: 4, kernel: 3, stride: 2, activation: relu}
  - {name: logits, type: linear, out_channels: 4}
)";

WorkloadGraph three_layers() { return build_graph(parse_network(three_paces, "test.yaml")); }

std::vector<int> copies(const Mapping& mapping) {
    std::vector<int> counts;
    for (const LayerMapping& layer : mapping.layers)
        counts.push_back(layer.copy_count());
    return counts;
}

std::string message_of(const std::vector<std::string>& copies) {
    HardwareConfig hw;
    hw.mapping.replication = Replication::list;
    hw.mapping.replicas = copies;
    try {
        map_network(build_graph(parse_network(test::all_kinds, "test.yaml")), hw);
    } catch (const InputError& e) {
        return e.what();
    }
    return "";
}

// Copy me: a small network, and what the mapping must hold.
TEST(Replication, GivenAList_ThenLayersHaveThatManyCopiesWithArraysOfTheirOwn) {
    HardwareConfig hw;
    hw.mapping.replication = Replication::list;
    hw.mapping.replicas = {"half=3"};
    const Mapping mapping = map_network(three_layers(), hw).mapping;
    EXPECT_EQ(copies(mapping), (std::vector<int>{1, 3, 1}));
    std::set<std::uint64_t> ids;
    std::set<std::pair<int, int>> elements;
    for (const LayerCopy& copy : mapping.layers[1].copies)
        for (const PlacedBlock& block : copy.blocks) {
            EXPECT_TRUE(ids.insert(block.array_id).second);
            EXPECT_TRUE(elements.insert({block.tile, block.pe}).second);
        }
    EXPECT_EQ(mapping.layers[1].copy_of(4), 1);
    EXPECT_EQ(mapping.used_arrays, 5);
}

TEST(Replication, GivenAWrongEntry_ThenTheMessageNamesItAndTheKey) {
    EXPECT_THAT(message_of({"stm=2"}),
                AllOf(HasSubstr("mapping.replicas: `stm=2`"), HasSubstr("did you mean `stem`?")));
    EXPECT_THAT(message_of({"sum=2"}), AllOf(HasSubstr("`sum` (add)"), HasSubstr("no matrix")));
    EXPECT_THAT(message_of({"stem"}), HasSubstr("layer=copies"));
    EXPECT_THAT(message_of({"stem=0"}), HasSubstr("from 1 to 64"));
    EXPECT_THAT(message_of({"stem=65"}), HasSubstr("from 1 to 64"));
    EXPECT_THAT(message_of({"stem=2x"}), HasSubstr("whole number"));
    EXPECT_THAT(message_of({"stem=2", "stem=3"}), HasSubstr("named twice"));
    EXPECT_EQ(message_of({"stem=64"}), "");
}

TEST(Replication, GivenABudget_ThenTheSlowestLayerIsCopiedUntilItIsNotTheSlowest) {
    HardwareConfig hw;
    hw.mapping.replication = Replication::automatic;
    // Paces 64, 16 and 1 positions: wide gets copies until it takes 16, 4 copies; then both, in turn.
    hw.mapping.array_budget = 3;
    EXPECT_EQ(copies(map_network(three_layers(), hw).mapping), (std::vector<int>{1, 1, 1}));
    hw.mapping.array_budget = 6;
    EXPECT_EQ(copies(map_network(three_layers(), hw).mapping), (std::vector<int>{4, 1, 1}));
    hw.mapping.array_budget = 11;
    EXPECT_EQ(copies(map_network(three_layers(), hw).mapping), (std::vector<int>{8, 2, 1}));
    // More arrays than positions: every layer takes one position at a time.
    hw.mapping.array_budget = 1000;
    EXPECT_EQ(copies(map_network(three_layers(), hw).mapping), (std::vector<int>{64, 16, 1}));
}

TEST(Replication, GivenABudgetBelowOneCopyOfEach_ThenTheMessageSaysHowManyArraysAreMissing) {
    HardwareConfig hw;
    hw.mapping.replication = Replication::automatic;
    hw.mapping.array_budget = 1;
    try {
        map_network(three_layers(), hw);
        FAIL();
    } catch (const InputError& e) {
        EXPECT_THAT(e.what(), AllOf(HasSubstr("mapping.array_budget"), HasSubstr("2 are missing")));
    }
}

TEST(Replication, GivenAMesh_ThenCopiesFillItAndFit) {
    const auto graph = build_graph(parse_network(test::all_kinds, "test.yaml"));
    for (TileSharing tiles : {TileSharing::exclusive, TileSharing::shared}) {
        HardwareConfig hw;
        hw.mapping.replication = Replication::automatic;
        hw.mapping.tiles = tiles;
        hw.noc.mesh_cols = 4;
        hw.noc.mesh_rows = 3;
        hw.pe.arrays = 2;
        hw.tile.pes = 4;
        const Mapping mapping = map_network(graph, hw).mapping;
        EXPECT_LE(mapping.used_tiles, 12);
        EXPECT_GE(mapping.used_tiles, 10);
        EXPECT_GT(mapping.layers[0].copy_count(), 1);
        EXPECT_EQ(mapping.layers[3].copy_count(), 1);  // an addition
    }
}

TEST(Partition, GivenACopy_ThenItsIdsFollowThoseOfTheCopyBefore) {
    HardwareConfig hw;
    const auto first = partition_layer(3, 1, 20, 150, hw), second = partition_layer(3, 1, 20, 150, hw, 1);
    ASSERT_EQ(first.size(), second.size());
    for (std::size_t b = 0; b < first.size(); ++b) {
        EXPECT_EQ(first[b].array_id, (3u << 20) + b);
        EXPECT_EQ(second[b].array_id, (3u << 20) + first.size() + b);
        EXPECT_EQ(first[b].row_begin, second[b].row_begin);
    }
    const int last = max_arrays_of_layer / static_cast<int>(first.size()) - 1;
    EXPECT_NO_THROW(partition_layer(3, 1, 20, 150, hw, last));
    EXPECT_THROW(partition_layer(3, 1, 20, 150, hw, last + 1), InputError);
}

}  // namespace
}  // namespace xloop
