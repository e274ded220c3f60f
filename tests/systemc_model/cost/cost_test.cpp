#include "core/error.hpp"
#include "core/files.hpp"
#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/cost/ledger.hpp"
#include "tests/systemc_model/cost/cost_tables.hpp"

#include <gmock/gmock.h>
#include <algorithm>
#include <limits>
#include <ostream>

namespace xloop {
namespace {

using test::error_of;
using test::line_of;

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const char* const table_path = XLOOP_SOURCE_DIR "/configs/tech/isaac_32nm.yaml";

const CostTable& isaac() {
    static const CostTable table = load_cost_table(table_path);
    return table;
}

std::size_t at(Component c) { return static_cast<std::size_t>(c); }

/// Tiles in a row, each with a router.
ChipShape chip_of(int tiles) { return {tiles, tiles, 1, false}; }

ActivityRecord one_instance(Event event, std::uint64_t count, const std::string& path = "chip.unit") {
    ActivityRecord record;
    record.instances[path][event] = count;
    return record;
}

/// Counts of every event in several instances, different for each seed.
ActivityRecord mixed_activity(std::uint64_t seed, const HardwareConfig& hw) {
    ActivityRecord record;
    for (std::uint64_t instance = 0; instance < 50; ++instance) {
        Counters& counters = record.instances["chip.tile_" + std::to_string(instance)];
        for (std::size_t i = 0; i < event_count; ++i)
            counters.events[i] = (seed + 7919 * instance + 104729 * i) % 1000003;
        counters.busy_cycles = static_cast<std::uint64_t>(hw.tile.pes) + instance;
    }
    return record;
}

/// The real table with every leakage set, so that leakage is not trivially zero.
CostTable leaking_table() {
    CostTable table = isaac();
    for (std::size_t i = 0; i < component_count; ++i)
        table.components[i].leakage_uw = 0.1 * static_cast<double>(i + 1);
    return table;
}

/// Average power in mW of `count` events in `seconds`.
double power_mw(Event event, double count, double seconds) {
    return count * unit_costs(isaac(), HardwareConfig())[event].energy_pj * 1e-12 / seconds * 1e3;
}

TEST(CostTable, GivenTheIsaacTable_ThenEveryRowHasASource) {
    EXPECT_EQ(isaac().name, "isaac_32nm");
    EXPECT_EQ(isaac().node_nm, 32.0);
    for (std::size_t e = 0; e < event_count; ++e) {
        if (is_optional(static_cast<Event>(e)))
            continue;
        const EventCost& row = isaac().events[e];
        EXPECT_NE(row.energy_pj > 0.0, row.origin.source.substr(0, 5) == "none:") << row.origin.source;
        EXPECT_GT(row.origin.source.size(), 10u);
    }
    for (std::size_t c = 0; c < component_count; ++c) {
        if (is_optional(static_cast<Component>(c)))
            continue;
        const ComponentCost& row = isaac().components[c];
        EXPECT_NE(row.area_um2 > 0.0, row.origin.source.substr(0, 5) == "none:") << row.origin.source;
        EXPECT_EQ(row.leakage_uw, 0.0);
    }
}

TEST(CostTable, GivenIsaacsRates_ThenItsPublishedPowersReturn) {
    EXPECT_NEAR(power_mw(Event::conversion, 8 * 1.2e9, 1.0), 16.0, 0.16);
    EXPECT_NEAR(power_mw(Event::row_drive, 8 * 128, 100e-9), 4.0, 0.04);
    EXPECT_NEAR(power_mw(Event::column_sample, 8 * 128, 100e-9), 0.01, 1e-4);
    EXPECT_NEAR(power_mw(Event::cell_read, 8 * 128 * 128, 100e-9), 2.4, 0.024);
    EXPECT_NEAR(power_mw(Event::shift_add, 8 * 1.2e9, 1.0), 0.2, 0.002);
    EXPECT_NEAR(power_mw(Event::input_register_byte, 2048, 1.6e-6), 1.24, 0.0124);
    EXPECT_NEAR(power_mw(Event::output_register_byte, 256, 1.6e-6), 0.23, 0.0023);
    EXPECT_NEAR(power_mw(Event::io_byte, 4 * 6.4e9, 1.0), 10400.0, 104.0);
}

TEST(CostTable, GivenAWiderFlit_ThenRouterRowsScaleLinearlyAndOthersDoNot) {
    HardwareConfig hw;
    hw.noc.flit_bits = 256;
    CostTable leaking = leaking_table();
    leaking.components[at(Component::router)].leakage_uw = 3.0;
    const UnitCosts costs = unit_costs(leaking, hw);
    EXPECT_DOUBLE_EQ(costs[Event::router_flit].energy_pj, 20.74);
    EXPECT_DOUBLE_EQ(costs[Component::router].area_um2, 1208000.0);
    EXPECT_DOUBLE_EQ(costs[Component::router].leakage_uw, 24.0);
    EXPECT_DOUBLE_EQ(costs[Event::bus_byte].energy_pj, 0.432);
    EXPECT_DOUBLE_EQ(costs[Component::bus].area_um2, 234.375);
}

TEST(Inventory, GivenTwoTiles_ThenUnitsAreCountedByHand) {
    HardwareConfig hw;  // 12 arrays of 64 x 64, 4 slices, differential: 8 outputs and 32 conversions an array
    hw.adc.columns_per_adc = 12;
    const Inventory inventory = make_inventory(hw, chip_of(2));
    EXPECT_EQ(inventory[Component::crossbar], 2u * 12 * 64 * 64);
    EXPECT_EQ(inventory[Component::dac], 1536u);
    EXPECT_EQ(inventory[Component::sample_hold], 1536u);
    EXPECT_EQ(inventory[Component::adc], 72u);
    EXPECT_EQ(inventory[Component::shift_add], 72u);
    EXPECT_EQ(inventory[Component::input_register], 3072u);
    EXPECT_EQ(inventory[Component::output_register], 768u);
    EXPECT_EQ(inventory[Component::buffer], 131072u);
    EXPECT_EQ(inventory[Component::bus], 768u);
    EXPECT_EQ(inventory[Component::accumulator], 32u);
    EXPECT_EQ(inventory[Component::vector_unit], 32u);
    EXPECT_EQ(inventory[Component::router], 2u);
    EXPECT_EQ(inventory[Component::io_link], 1u);
}

TEST(Inventory, GivenDigitalTiles_ThenTheyHaveMultipliersAndWeightsInsteadOfArrays) {
    HardwareConfig hw;
    hw.tile.engine = TileEngine::digital;
    hw.digital.rows = 20;
    hw.digital.cols = 3;
    hw.digital.weight_sets = 5;
    hw.digital.bits = 6;  // a set of 60 weights: 45 bytes
    const Inventory inventory = make_inventory(hw, chip_of(2));
    EXPECT_EQ(inventory[Component::mac_array], 2u * 12 * 60);
    EXPECT_EQ(inventory[Component::weight_memory], 2u * 12 * 5 * 45);
    EXPECT_EQ(inventory[Component::input_register], 2u * 12 * 20 * 2);
    EXPECT_EQ(inventory[Component::output_register], 2u * 12 * 15 * 4);
    for (Component c : {Component::crossbar, Component::dac, Component::sample_hold, Component::column_mux,
                        Component::adc, Component::shift_add})
        EXPECT_EQ(inventory[c], 0u) << name_of(c);
}

TEST(Inventory, GivenSeveralArraysAndVectorsInAProcessingElement_ThenRegistersHoldThemAll) {
    HardwareConfig hw;
    hw.tile.pes = 3;
    hw.pe.arrays = 5;
    hw.pe.input_vectors = 4;
    hw.pe.output_vectors = 3;
    hw.numerics.activation_bits = 9;
    const Inventory inventory = make_inventory(hw, chip_of(2));
    EXPECT_EQ(inventory[Component::crossbar], 2u * 15 * 64 * 64);
    EXPECT_EQ(inventory[Component::input_register], 2u * 15 * 64 * 4 * 2);
    EXPECT_EQ(inventory[Component::output_register], 2u * 15 * 8 * 4 * 3);
}

TEST(Inventory, GivenTilesThatShareRouters_ThenRoutersAndTheirLinksAreCounted) {
    HardwareConfig hw;
    hw.noc.concentration = 4;
    EXPECT_EQ(make_inventory(hw, {8, 2, 1, false})[Component::router], 2u);
    EXPECT_EQ(make_inventory(hw, {36, 3, 3, false})[Component::link],
              24u);  // 6 horizontal, 6 vertical, both directions
    EXPECT_EQ(make_inventory(hw, {36, 3, 3, true})[Component::link], 36u);
}

TEST(Inventory, GivenAnyTypeOfConverter_ThenTheirNumberIsTheSame) {
    HardwareConfig hw;
    hw.adc.columns_per_adc = 12;
    for (AdcType type : {AdcType::sar, AdcType::flash, AdcType::ramp}) {
        hw.adc.type = type;
        EXPECT_EQ(hw.adcs_per_array(), 3) << name_of(type);
    }
}

TEST(Inventory, GivenConversionsThatJustFit_ThenNoAdcIsAdded) {
    HardwareConfig hw;  // 32 conversions an array
    hw.adc.columns_per_adc = 32;
    EXPECT_EQ(hw.adcs_per_array(), 1);
    hw.adc.columns_per_adc = 31;
    EXPECT_EQ(hw.adcs_per_array(), 2);
    hw.adc.columns_per_adc = 1;
    EXPECT_EQ(hw.adcs_per_array(), 32);
}

TEST(Inventory, GivenMoreCellsThanAnIntHolds_ThenTheCountIsExact) {
    HardwareConfig hw;
    hw.crossbar.rows = hw.crossbar.cols = 1024;
    hw.tile.pes = 64;
    hw.pe.arrays = 64;
    EXPECT_EQ(make_inventory(hw, chip_of(4096))[Component::crossbar], 17592186044416u);
}

TEST(Inventory, GivenNoTile_ThenItThrows) { EXPECT_THROW(make_inventory(HardwareConfig(), chip_of(0)), Error); }

struct EventCase {
    Event event;
    std::uint64_t count;
    double joules;
};

void PrintTo(const EventCase& c, std::ostream* out) { *out << name_of(c.event) << " x " << c.count; }

class LedgerOfOneEvent : public testing::TestWithParam<EventCase> {};

TEST_P(LedgerOfOneEvent, GivenACount_ThenItsClassHasTheEnergyComputedByHand) {
    const EventCase& c = GetParam();
    const Ledger ledger = make_ledger(one_instance(c.event, c.count), 1.0, HardwareConfig(), chip_of(1),
                                      unit_costs(isaac(), HardwareConfig()));
    const std::size_t own = at(component_of(c.event));
    EXPECT_NEAR(ledger.dynamic_j[own], c.joules, 1e-12 * c.joules);
    EXPECT_EQ(ledger.dynamic_total_j, ledger.dynamic_j[own]);
    EXPECT_EQ(ledger.instance_dynamic_j.at("chip.unit"), ledger.dynamic_j[own]);
}

INSTANTIATE_TEST_SUITE_P(
    EveryEvent, LedgerOfOneEvent,
    testing::Values(EventCase{Event::cell_read, 1000000, 1.831e-9}, EventCase{Event::row_drive, 1024, 400e-12},
                    EventCase{Event::column_sample, 1024, 1e-12}, EventCase{Event::conversion, 100, 167e-12},
                    EventCase{Event::shift_add, 1000, 21e-12}, EventCase{Event::input_register_byte, 2048, 1984e-12},
                    EventCase{Event::output_register_byte, 256, 368e-12},
                    EventCase{Event::buffer_read_byte, 32, 20.45e-12},
                    EventCase{Event::buffer_write_byte, 64, 40.9e-12}, EventCase{Event::bus_byte, 1000, 432e-12},
                    EventCase{Event::accumulate, 100, 5e-12}, EventCase{Event::vector_operation, 100, 26e-12},
                    EventCase{Event::router_flit, 8, 20.74e-12}, EventCase{Event::io_byte, 4, 1625e-12},
                    EventCase{Event::cell_write, 4096, 239042.56e-12}),
    [](const auto& tested) { return std::string(name_of(tested.param.event)); });

TEST(Ledger, GivenBufferReadsAndWrites_ThenTheirClassHoldsBoth) {
    ActivityRecord record = one_instance(Event::buffer_read_byte, 32);
    record += one_instance(Event::buffer_write_byte, 64);
    const Ledger ledger = make_ledger(record, 1.0, HardwareConfig(), chip_of(1), unit_costs(isaac(), HardwareConfig()));
    EXPECT_NEAR(ledger.dynamic_j[at(Component::buffer)], 61.35e-12, 1e-22);
}

TEST(Ledger, GivenAnIsaacTile_ThenAreaIsTheSumOfItsRows) {
    HardwareConfig hw;
    hw.crossbar.rows = hw.crossbar.cols = 128;
    hw.pe.arrays = 8;
    hw.tile.vector_lanes = 2;
    hw.adc.columns_per_adc = 64;  // 16 outputs of 4 slices: one ADC an array
    const Ledger ledger = make_ledger({}, 0.0, hw, chip_of(1), unit_costs(isaac(), hw));
    EXPECT_NEAR(ledger.area_mm2[at(Component::crossbar)], 12 * 0.0002, 1e-12);
    EXPECT_NEAR(ledger.area_mm2[at(Component::dac)], 12 * 0.00017, 1e-12);
    EXPECT_NEAR(ledger.area_mm2[at(Component::sample_hold)], 12 * 0.00004, 1e-12);
    EXPECT_NEAR(ledger.area_mm2[at(Component::adc)], 12 * 0.0096, 1e-12);
    EXPECT_NEAR(ledger.area_mm2[at(Component::shift_add)], 2 * 12 * 0.00024, 1e-12);  // ISAAC: one for two ADCs
    EXPECT_NEAR(ledger.area_mm2[at(Component::input_register)], 12 * 2 * 128 * 8 * 0.0021 / 2048, 1e-12);
    EXPECT_NEAR(ledger.area_mm2[at(Component::output_register)], 12 * 8 * 16 * 4 * 0.00077 / 256, 1e-12);
    EXPECT_NEAR(ledger.area_mm2[at(Component::buffer)], 0.083, 1e-12);
    EXPECT_NEAR(ledger.area_mm2[at(Component::bus)], 0.090, 1e-12);
    EXPECT_NEAR(ledger.area_mm2[at(Component::accumulator)], 2 * 0.00006, 1e-12);
    EXPECT_NEAR(ledger.area_mm2[at(Component::vector_unit)], 0.0006, 1e-12);
    EXPECT_NEAR(ledger.area_mm2[at(Component::router)], 0.151, 1e-12);
    EXPECT_NEAR(ledger.area_mm2[at(Component::io_link)], 5.72, 1e-12);
}

TEST(Ledger, GivenLeakage_ThenItIsPowerTimesUnitsTimesSecondsAndNeedsNoActivity) {
    CostTable table = isaac();
    table.components[at(Component::adc)].leakage_uw = 2.0;
    const Ledger ledger =
        make_ledger({}, 0.5, HardwareConfig(), chip_of(3), unit_costs(table, HardwareConfig()));  // 3 tiles of 12 ADCs
    EXPECT_NEAR(ledger.leakage_j[at(Component::adc)], 36e-6, 1e-18);
    EXPECT_EQ(ledger.energy_total_j, ledger.leakage_j[at(Component::adc)]);
    EXPECT_EQ(ledger.dynamic_total_j, 0.0);
    EXPECT_TRUE(ledger.instance_dynamic_j.empty());
}

TEST(Ledger, GivenAnyActivity_ThenClassesCloseBitForBit) {
    const HardwareConfig hw;
    for (std::uint64_t seed : {1u, 12345u, 999983u}) {
        const Ledger ledger =
            make_ledger(mixed_activity(seed, hw), 1.25e-3, hw, chip_of(7), unit_costs(leaking_table(), hw));
        double energy = 0, dynamic = 0, leakage = 0, area = 0;
        for (std::size_t i = 0; i < component_count; ++i) {
            EXPECT_EQ(ledger.energy_j[i], ledger.dynamic_j[i] + ledger.leakage_j[i]);
            EXPECT_EQ(ledger.energy_j[i] > 0.0, !is_optional(static_cast<Component>(i)));
            energy += ledger.energy_j[i];
            dynamic += ledger.dynamic_j[i];
            leakage += ledger.leakage_j[i];
            area += ledger.area_mm2[i];
        }
        EXPECT_EQ(energy, ledger.energy_total_j);
        EXPECT_EQ(dynamic, ledger.dynamic_total_j);
        EXPECT_EQ(leakage, ledger.leakage_total_j);
        EXPECT_EQ(area, ledger.area_total_mm2);
        EXPECT_NEAR(dynamic + leakage, energy, 1e-12 * energy);
    }
}

TEST(Ledger, GivenManyInstances_ThenTheySumToTheDynamicTotal) {
    const HardwareConfig hw;
    const Ledger ledger = make_ledger(mixed_activity(3, hw), 1e-3, hw, chip_of(7), unit_costs(leaking_table(), hw));
    double sum = 0;
    for (const auto& [path, joules] : ledger.instance_dynamic_j)
        sum += joules;
    EXPECT_EQ(ledger.instance_dynamic_j.size(), 50u);
    EXPECT_NEAR(sum, ledger.dynamic_total_j, 1e-12 * ledger.dynamic_total_j);
}

TEST(Ledger, GivenTwoActivities_ThenDynamicEnergyOfTheSumIsTheSumOfTheirs) {
    const HardwareConfig hw;
    const ActivityRecord a = mixed_activity(5, hw), b = mixed_activity(77, hw);
    ActivityRecord both = a;
    both += b;
    const Ledger of_a = make_ledger(a, 1.0, hw, chip_of(2), unit_costs(isaac(), hw)),
                 of_b = make_ledger(b, 2.0, hw, chip_of(2), unit_costs(isaac(), hw));
    const Ledger of_both = make_ledger(both, 3.0, hw, chip_of(2), unit_costs(isaac(), hw));
    for (std::size_t i = 0; i < component_count; ++i)
        EXPECT_NEAR(of_both.dynamic_j[i], of_a.dynamic_j[i] + of_b.dynamic_j[i], 1e-12 * of_both.dynamic_j[i]);
    EXPECT_NEAR(of_both.dynamic_total_j, of_a.dynamic_total_j + of_b.dynamic_total_j, 1e-12 * of_both.dynamic_total_j);
    EXPECT_EQ(of_both.area_total_mm2, of_a.area_total_mm2);
}

TEST(Ledger, GivenTheSameEventsInOtherInstances_ThenClassesAreTheSameBits) {
    const HardwareConfig hw;
    const ActivityRecord spread = mixed_activity(11, hw);
    ActivityRecord lumped;
    lumped.instances["chip"] = spread.total();
    EXPECT_EQ(make_ledger(spread, 1.0, hw, chip_of(2), unit_costs(isaac(), hw)).dynamic_j,
              make_ledger(lumped, 1.0, hw, chip_of(2), unit_costs(isaac(), hw)).dynamic_j);
}

TEST(Ledger, GivenATimeThatIsNone_ThenItThrows) {
    for (double seconds : {-1e-9, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
        EXPECT_THROW(make_ledger({}, seconds, HardwareConfig(), chip_of(1), unit_costs(isaac(), HardwareConfig())),
                     Error);
}

std::string changed(const std::string& from, const std::string& to) {
    return test::changed_table("isaac_32nm", from, to);
}

const std::string write_source =
    "source: \"as buffer_read_byte: the Accelergy library charges reads and writes alike\"";

struct BadTable {
    const char* name;
    std::string from, to;
    std::string at;       ///< text on the line that the message must point at
    std::string message;  ///< part of the message
};

void PrintTo(const BadTable& bad, std::ostream* out) { *out << bad.name; }

class MalformedTable : public testing::TestWithParam<BadTable> {};

TEST_P(MalformedTable, GivenOneFault_ThenTheMessageHasPlaceAndReason) {
    const BadTable& bad = GetParam();
    const std::string text = changed(bad.from, bad.to);
    const std::string error = error_of(text);
    EXPECT_THAT(error, AllOf(StartsWith(line_of(text, bad.at)), HasSubstr(bad.message)));
    EXPECT_THAT(error, Not(HasSubstr("\n"))) << "one fault, one message";
}

INSTANTIATE_TEST_SUITE_P(
    EveryFault, MalformedTable,
    testing::Values(
        BadTable{"unknown_event", "event: conversion", "event: conversoin", "conversoin", "did you mean `conversion`?"},
        BadTable{"unknown_component", "component: adc", "component: acd", "acd", "did you mean `adc`?"},
        BadTable{"unknown_key", "energy_pj: 1.67", "energy_fj: 1.67\n    energy_pj: 1.67", "energy_fj",
                 "did you mean `energy_pj`?"},
        BadTable{"unknown_key_at_the_top", "node_nm: 32", "node_nm: 32\nnode_nn: 32", "node_nn",
                 "did you mean `node_nm`?"},
        BadTable{"repeated_event", "event: row_drive", "event: cell_read", "event: cell_read\n    energy_pj: 0.39",
                 "`cell_read` has a row already, at bad.yaml:"},
        BadTable{"repeated_component", "component: dac\n    unit: row line", "component: crossbar\n    unit: cell",
                 "component: crossbar\n    unit: cell\n    area_um2: 0.166", "`crossbar` has a row already"},
        BadTable{"negative_energy", "energy_pj: 1.67", "energy_pj: -1.67", "-1.67",
                 "expected a number in [0, 1e+15], got `-1.67`"},
        BadTable{"negative_area", "area_um2: 1200", "area_um2: -1", "area_um2: -1", "expected a number in [0, 1e+15]"},
        BadTable{"negative_leakage", "leakage_uw: 0", "leakage_uw: -2", "leakage_uw: -2",
                 "expected a number in [0, 1e+15]"},
        BadTable{"energy_nan", "energy_pj: 1.67", "energy_pj: nan", "energy_pj: nan",
                 "expected a number in [0, 1e+15], got `nan`"},
        BadTable{"energy_yaml_nan", "energy_pj: 1.67", "energy_pj: .nan", "energy_pj: .nan",
                 "expected a number in [0, 1e+15]"},
        BadTable{"area_infinite", "area_um2: 1200", "area_um2: inf", "area_um2: inf",
                 "expected a number in [0, 1e+15], got `inf`"},
        BadTable{"area_too_large", "area_um2: 1200", "area_um2: 1e999", "area_um2: 1e999",
                 "expected a number in [0, 1e+15]"},
        BadTable{"energy_missing", "    energy_pj: 1.67\n", "", "event: conversion", "energy_pj: missing"},
        BadTable{"leakage_missing", "area_um2: 1200\n    leakage_uw: 0\n", "area_um2: 1200\n", "component: adc",
                 "leakage_uw: missing"},
        BadTable{"source_empty", write_source, "source: \" \"", "source: \" \"",
                 "source: expected where the figures come from"},
        BadTable{"source_missing", "\n    " + write_source, "", "event: buffer_write_byte", "source: missing"},
        BadTable{"wrong_unit", "unit: cell", "unit: array", "unit: array", "expected `cell` for component `crossbar`"},
        BadTable{"per_bits_elsewhere", "energy_pj: 1.67", "energy_pj: 1.67\n    per_bits: 8", "per_bits: 8",
                 "`router_flit` and `router`"},
        BadTable{"per_bits_zero", "per_bits: 32", "per_bits: 0", "per_bits: 0", "expected an integer in [1, 1024]"},
        BadTable{"node_zero", "node_nm: 32", "node_nm: 0", "node_nm", "expected a number in [1, 100000]"},
        BadTable{"name_missing", "name: isaac_32nm\n", "", "node_nm", "name: missing"},
        BadTable{"hardware_not_stated", "  crossbar.write_time_ns: 1000\n", "", "event: cell_write",
                 "for: the row's numbers depend on crossbar.write_time_ns; state what they are for"},
        BadTable{"hardware_of_no_key", "  adc.bits: 8\n", "  adc.bits: 8\n  adc.bit: 8\n", "adc.bit: 8",
                 "did you mean `adc.bits`?"},
        BadTable{"hardware_value", "  adc.type: sar\n", "  adc.type: fast\n", "adc.type: fast",
                 "expected one of sar, flash, ramp, `any` or `unknown`, got `fast`"},
        BadTable{"hardware_number", "  adc.bits: 8\n", "  adc.bits: eight\n", "adc.bits: eight",
                 "expected a number, `any` or `unknown`, got `eight`"},
        BadTable{"row_not_a_map", "  - event: conversion", "  - conversion\n  - event: conversion", "- conversion",
                 "expected a section"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(CostTable, GivenMissingRows_ThenTheyAreAllListed) {
    const std::string error = error_of(
        "name: n\nnode_nm: 32\nevents:\n"
        "  - {event: cell_read, energy_pj: 0, source: here}\n"
        "components:\n"
        "  - {component: adc, unit: converter, area_um2: 0, leakage_uw: 0,"
        " source: here}\n");
    for (std::size_t i = 0; i < event_count; ++i)
        EXPECT_EQ(error.find("`" + std::string(name_of(static_cast<Event>(i))) + "`") == std::string::npos,
                  i == 0 || is_optional(static_cast<Event>(i)));
    for (Component c : {Component::crossbar, Component::router, Component::io_link})
        EXPECT_THAT(error, HasSubstr("`" + std::string(name_of(c)) + "`"));
    EXPECT_THAT(error, AllOf(HasSubstr("bad.yaml:4:3: events"), HasSubstr("bad.yaml:6:3: components")));
}

TEST(CostTable, GivenNoLists_ThenBothAreAskedFor) {
    const std::string error = error_of("name: n\nnode_nm: 32\nevents: none\n");
    EXPECT_THAT(error, HasSubstr("bad.yaml:3:9: events: expected a list of rows, one for every event"));
    EXPECT_THAT(error, HasSubstr("bad.yaml:1:1: components: expected a list of rows, one for every component"));
}

TEST(CostTable, GivenSeveralFaults_ThenAllAreReportedAtOnce) {
    const std::string error = error_of(
        "name: n\nnode_nm: -1\nevents:\n  - {event: cell_red, energy_pj: x}\n"
        "components: []\n");
    EXPECT_THAT(error, AllOf(HasSubstr("node_nm"), HasSubstr("did you mean `cell_read`?"), HasSubstr("energy_pj"),
                             HasSubstr("source: missing"), HasSubstr("components: expected a row")));
}

TEST(CostTable, GivenNoFile_ThenTheMessageNamesIt) {
    try {
        load_cost_table("no_such_table.yaml");
        FAIL();
    } catch (const InputError& e) {
        EXPECT_THAT(e.what(), HasSubstr("no_such_table.yaml"));
    }
}

}  // namespace
}  // namespace xloop
