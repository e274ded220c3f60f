#include "systemc_model/estimate/quick_estimate.hpp"
#include "tests/support.hpp"
#include "tests/systemc_model/cost/cost_tables.hpp"
#include "tests/systemc_model/sim/edge_networks.hpp"
#include "tests/systemc_model/sim/random_hardware.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xloop {
namespace {

void expect_same_bits(const Ledger& a, const Ledger& b) {
    EXPECT_EQ(a.seconds, b.seconds);
    EXPECT_EQ(a.dynamic_j, b.dynamic_j);
    EXPECT_EQ(a.leakage_j, b.leakage_j);
    EXPECT_EQ(a.refresh_j, b.refresh_j);
    EXPECT_EQ(a.clock_j, b.clock_j);
    EXPECT_EQ(a.energy_j, b.energy_j);
    EXPECT_EQ(a.area_mm2, b.area_mm2);
    EXPECT_EQ(a.dynamic_total_j, b.dynamic_total_j);
    EXPECT_EQ(a.leakage_total_j, b.leakage_total_j);
    EXPECT_EQ(a.refresh_total_j, b.refresh_total_j);
    EXPECT_EQ(a.clock_total_j, b.clock_total_j);
    EXPECT_EQ(a.energy_total_j, b.energy_total_j);
    EXPECT_EQ(a.area_total_mm2, b.area_total_mm2);
    EXPECT_TRUE(a.instance_dynamic_j.empty() && b.instance_dynamic_j.empty());
    EXPECT_TRUE(a.layers.empty() && b.layers.empty());
}

void expect_same_bits(const QuickFigures& a, const QuickFigures& b) {
    EXPECT_EQ(a.latency_cycles, b.latency_cycles);
    EXPECT_EQ(a.interval_cycles, b.interval_cycles);
    EXPECT_EQ(a.cycles, b.cycles);
    EXPECT_EQ(a.contended, b.contended);
    expect_same_bits(a.ledger, b.ledger);
    EXPECT_EQ(a.figures.latency_s, b.figures.latency_s);
    EXPECT_EQ(a.figures.interval_s, b.figures.interval_s);
    EXPECT_EQ(a.figures.area_mm2, b.figures.area_mm2);
    EXPECT_EQ(a.figures.dynamic_j, b.figures.dynamic_j);
    EXPECT_EQ(a.figures.static_w, b.figures.static_w);
    EXPECT_EQ(a.figures.macs, b.figures.macs);
}

/// Changes one thing of a chip, of one of its types, or of one layer.
void change(test::Draw& draw, HardwareConfig& chip) {
    const auto any = [&draw](auto& list) -> auto& {
        return list[static_cast<std::size_t>(draw.of({0, 1, 2, 3, 4, 5, 6, 7})) % list.size()];
    };
    HardwareConfig& type = chip.tile_types.empty() || draw.one_in(3) ? chip : any(chip.tile_types).hardware;
    switch (draw.of({0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})) {
    case 0:
        if (!chip.layers.empty())
            any(chip.layers).tile =
                chip.tile_types.empty() || draw.one_in(4) ? std::string() : any(chip.tile_types).name;
        break;
    case 1:
        if (!chip.layers.empty())
            any(chip.layers).weight_bits = draw.of({0, 1, 2, 3, 4, 6, 8});
        break;
    case 2:
        if (!chip.layers.empty())
            any(chip.layers).activation_bits = draw.of({0, 1, 2, 4, 8});
        break;
    case 3:
        if (!chip.layers.empty())
            any(chip.layers).adc_bits = draw.of({0, 4, 5});
        break;
    case 4: type.adc.type = draw.of({AdcType::sar, AdcType::flash, AdcType::ramp}); break;
    case 5: type.adc.bits = draw.of({6, 8, 10}); break;
    case 6: type.crossbar.rows = draw.of({16, 32, 64, 128}); break;
    case 7: type.crossbar.rows_per_read = draw.of({0, 9, 16}); break;
    case 8: type.crossbar.skip_zero_reads = !type.crossbar.skip_zero_reads; break;
    case 9: type.tile.window_reuse = !type.tile.window_reuse; break;
    case 10: type.tile.pes = draw.of({4, 8, 12}); break;
    case 11: chip.mapping.group_packing = draw.of({GroupPacking::none, GroupPacking::diagonal}); break;
    case 12: chip.mapping.schedule = draw.of({Schedule::layer_by_layer, Schedule::pipelined}); break;
    case 13: chip.mapping.skip_zero_weights = !chip.mapping.skip_zero_weights; break;
    case 14:
        chip.mapping.replication = draw.of({Replication::none, Replication::automatic});
        chip.mapping.array_budget = 400;
        break;
    case 15: chip.mapping.tile_blocks = draw.of({TileBlocks::outputs, TileBlocks::rows}); break;
    case 16: type.crossbar.spare_cols = draw.of({0, 2, 4}); break;
    case 17: chip.noc.topology = draw.of({NocTopology::mesh, NocTopology::torus}); break;
    case 18: chip.noc.multicast = !chip.noc.multicast; break;
    case 19: chip.mapping.tiles = draw.of({TileSharing::exclusive, TileSharing::shared}); break;
    default: chip.noc.clock_ghz = draw.of({0.0, 0.7, 2.0}); break;
    }
}

std::optional<QuickFigures> figures_or_refusal(const std::function<QuickFigures()>& ask) {
    try {
        return ask();
    } catch (const InputError&) {
        return std::nullopt;
    }
}

/// One estimator that has seen all hardware before, against one that has seen none and against figures without what either
/// keeps.
TEST(QuickEstimate, GivenWalksThroughHardware_ThenEveryFigureIsThatOfAFreshEstimator) {
    const CostTable table = load_cost_table(test::cost_table_path("generic_22nm"));
    std::vector<WorkloadGraph> graphs = {test::pruned(test::random_graph(test::all_kinds), 3)};
    for (const auto& [name, yaml] : test::edge_networks)
        graphs.push_back(test::random_graph(yaml));
    std::vector<std::unique_ptr<QuickEstimator>> known;
    for (const WorkloadGraph& graph : graphs)
        known.push_back(std::make_unique<QuickEstimator>(graph));
    int fitted = 0, refused = 0;
    for (int walk = 0; walk < 2000; ++walk) {
        const std::size_t g = static_cast<std::size_t>(walk) % graphs.size();
        test::RandomHardware drawn;
        try {
            drawn = test::random_kinds(walk, graphs[g]);
        } catch (const InputError&) {
            continue;
        }
        test::Draw draw(static_cast<unsigned>(walk) + 500'000u);
        for (int step = 0; step < 6; ++step) {
            SCOPED_TRACE(testing::Message() << "walk " << walk << " step " << step << " " << graphs[g].name);
            const HardwareConfig& hw = drawn.hardware;
            const std::vector<UnitCosts> types = type_costs(table, HardwareKinds(hw), CostDetail::figures);
            const auto seen = figures_or_refusal([&] { return (*known[g])(hw, types, drawn.images); });
            const auto fresh = figures_or_refusal([&] { return QuickEstimator(graphs[g])(hw, types, drawn.images); });
            const auto plain = figures_or_refusal([&] {
                const MappedNetwork network = map_network(graphs[g], hw);
                const RunEstimate run = estimate_run(FlowGeometry(network.graph), network, drawn.images);
                return quick_figures(run, network, types, drawn.images, {}, static_cast<double>(graphs[g].macs()));
            });
            ASSERT_EQ(seen.has_value(), fresh.has_value());
            ASSERT_EQ(seen.has_value(), plain.has_value());
            if (seen) {
                expect_same_bits(*seen, *fresh);
                expect_same_bits(*seen, *plain);
            }
            ++(seen ? fitted : refused);
            ASSERT_FALSE(HasFailure());
            change(draw, drawn.hardware);
        }
    }
    EXPECT_GT(fitted, 10 * refused);
}

}  // namespace
}  // namespace xloop
