#include "systemc_model/mapping/instance_ledger.hpp"
#include "systemc_model/mapping/owned_units.hpp"

#include "core/error.hpp"
#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"

#include <gtest/gtest.h>

namespace xloop {
namespace {

UnitCosts unit_costs_of_one() {
    UnitCosts costs;
    for (UnitCosts::Action& action : costs.events)
        action.energy_pj = 1.0;
    for (UnitCosts::Unit& unit : costs.components)
        unit = {1.0, 1.0, 2.0, 0.003, 0.0, "test"};
    return costs;
}

MappedNetwork mapped(const HardwareConfig& hardware = {}) {
    return map_network(test::random_graph(test::all_kinds), hardware);
}

TEST(InstanceLedger, GivenAnyTopology_ThenEverySumIsTheLedgers) {
    for (NocTopology topology : {NocTopology::mesh, NocTopology::torus})
        for (int concentration : {1, 3}) {
            HardwareConfig hw;
            hw.noc.topology = topology;
            hw.noc.concentration = concentration;
            const MappedNetwork s = mapped(hw);
            ActivityRecord activity;
            activity.instances["chip." + s.mapping.tile_name(0) + ".buffer"][Event::buffer_read_byte] = 100;
            activity.instances["chip.io"][Event::io_byte] = 50;
            const UnitCosts costs = unit_costs_of_one();
            const Ledger ledger = make_ledger(activity, 1e-3, s.hardware, s.mapping.chip(), costs);
            double dynamic = 0, leakage = 0, refresh = 0, clock = 0, area = 0;
            for (const InstanceCost& i : instance_ledger(ledger, s, {costs})) {
                dynamic += i.dynamic_j;
                leakage += i.leakage_j;
                refresh += i.refresh_j;
                clock += i.clock_j;
                area += i.area_mm2;
            }
            EXPECT_NEAR(dynamic / ledger.dynamic_total_j, 1.0, 1e-9);
            EXPECT_NEAR(leakage / ledger.leakage_total_j, 1.0, 1e-9);
            EXPECT_NEAR(refresh / ledger.refresh_total_j, 1.0, 1e-9);
            EXPECT_NEAR(clock / ledger.clock_total_j, 1.0, 1e-9);
            EXPECT_NEAR(area / ledger.area_total_mm2, 1.0, 1e-9) << name_of(topology) << concentration;
        }
}

TEST(InstanceLedger, GivenAnInstanceThatIsNotOnTheChip_ThenItThrows) {
    const MappedNetwork s = mapped();
    ActivityRecord activity;
    activity.instances["chip.tile_99_0.buffer"][Event::buffer_read_byte] = 1;
    const UnitCosts costs = unit_costs_of_one();
    const Ledger ledger = make_ledger(activity, 1e-3, s.hardware, s.mapping.chip(), costs);
    EXPECT_THROW(instance_ledger(ledger, s, {costs}), Error);
}

TEST(OwnedUnits, GivenATileOfItsOwn_ThenALayerOwnsItsSharedPartsAndItsArrays) {
    const MappedNetwork s = mapped();
    const OwnedUnits owned = owned_units(s);
    ASSERT_EQ(owned.size(), s.graph.layers.size() + 1);
    const auto rows = static_cast<std::size_t>(Component::dac), bytes = static_cast<std::size_t>(Component::buffer);
    const double arrays = static_cast<double>(s.mapping.layers[0].copies[0].blocks.size());
    EXPECT_DOUBLE_EQ(owned[0][rows], 64 * arrays);
    EXPECT_DOUBLE_EQ(owned[0][bytes], 65536);
    EXPECT_EQ(owned[3][rows], 0.0);  // an addition has no arrays
    EXPECT_EQ(owned.back()[bytes], 0.0);
}

TEST(OwnedUnits, GivenSharedTiles_ThenTheirPartsAreDividedByArraysAndAddUp) {
    HardwareConfig hw;
    hw.mapping.tiles = TileSharing::shared;
    const MappedNetwork s = mapped(hw);
    const OwnedUnits owned = owned_units(s);
    const auto bytes = static_cast<std::size_t>(Component::buffer);
    double sum = 0;
    for (const PerComponent& layer : owned)
        sum += layer[bytes];
    const Inventory all = make_inventory(s.hardware, s.mapping.chip());
    EXPECT_NEAR(sum, 65536.0 * s.mapping.used_tiles, 1e-6);
    EXPECT_LE(sum, static_cast<double>(all[Component::buffer]));
}

}  // namespace
}  // namespace xloop
