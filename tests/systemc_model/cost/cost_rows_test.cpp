#include "core/error.hpp"
#include "core/files.hpp"
#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/cost/unit_costs.hpp"
#include "tests/systemc_model/cost/cost_tables.hpp"

#include <gmock/gmock.h>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace xloop {
namespace {

using test::error_of;
using test::line_of;

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

CostTable table_named(const std::string& name) { return load_cost_table(test::cost_table_path(name)); }

/// The 32 nm table with one text in place of another.
std::string changed(const std::string& from, const std::string& to, const std::string& table = "generic_32nm") {
    return test::changed_table(table, from, to);
}

/// Arrays and converters within what the models cover, 1T1R 128 x 128.
HardwareConfig covered() {
    HardwareConfig hw;
    hw.crossbar.rows = hw.crossbar.cols = 128;
    hw.pe.arrays = 8;
    hw.adc.columns_per_adc = 8;
    return hw;
}

const std::string any_adc = ", for: {adc.type: any, adc.bits: any, adc.sample_rate_gsps: any}";

/// 23-bit sums, a factor of 9 bits and an offset at 32 nm: 10 rows of a multiplier (`Logic` has the figures of a bit).
TEST(GainCorrection, GivenNoRow_ThenAModelPricesItAndAMultiplierStandsBesideEachAdder) {
    const double multiplier_um2 = 10 * 23 * 3.68 + 23 * 65 / 16.0;
    HardwareConfig with;
    with.adc.gain_correction = GainCorrectionKind::gain_offset;
    for (const char* name : {"generic_32nm", "isaac_32nm"}) {
        const CostTable table = table_named(name);
        const UnitCosts none = unit_costs(table, {}), costs = unit_costs(table, with);
        EXPECT_EQ(none[Event::gain_correction].energy_pj, 0.0);
        EXPECT_EQ(none[Event::gain_correction].origin, "");
        EXPECT_NEAR(costs[Event::gain_correction].energy_pj, 1e-3 * (10 * 23 * 2.35 + 23 * 83 / 16.0), 1e-12);
        EXPECT_THAT(costs[Event::gain_correction].origin, HasSubstr("gain_multiplier"));
        EXPECT_NEAR(costs[Component::shift_add].area_um2, none[Component::shift_add].area_um2 + multiplier_um2, 1e-9);
        EXPECT_GT(costs[Component::shift_add].leakage_uw, none[Component::shift_add].leakage_uw);
        EXPECT_EQ(costs[Event::shift_add].energy_pj, none[Event::shift_add].energy_pj);
        EXPECT_EQ(costs.warnings, none.warnings);
    }
}

TEST(GainCorrection, GivenARowOfNumbers_ThenItPricesTheEventAndTheAddersRowItsArea) {
    const CostTable table =
        parse_cost_table(changed("events:\n",
                                 "events:\n  - {event: gain_correction, energy_pj: 0.5, for: {adc.bits: 8, "
                                 "adc.correction_bits: 4, numerics.activation_bits: any, numerics.weight_bits: any, "
                                 "clock.frequency_ghz: any}, source: mine}\n"),
                         "mine.yaml");
    HardwareConfig hw;
    EXPECT_THAT(unit_costs(table, hw).other_hardware, IsEmpty());
    hw.adc.gain_correction = GainCorrectionKind::gain;
    const UnitCosts costs = unit_costs(table, hw);
    EXPECT_EQ(costs[Event::gain_correction].energy_pj, 0.5);
    EXPECT_EQ(costs[Component::shift_add].area_um2, unit_costs(table, {})[Component::shift_add].area_um2);
    ASSERT_EQ(costs.other_hardware.size(), 1u);
    EXPECT_EQ(costs.other_hardware[0].key, "adc.correction_bits");
}

class GenericTable : public testing::TestWithParam<const char*> {};

TEST_P(GenericTable, GivenCoveredHardware_ThenEveryTypeOfConverterHasFiguresAndNoWarning) {
    const CostTable table = table_named(GetParam());
    HardwareConfig hw = covered();
    hw.adc.gain_correction = GainCorrectionKind::gain;
    for (const auto& [type, bits] : {std::pair{AdcType::sar, 8}, {AdcType::flash, 5}, {AdcType::ramp, 6}}) {
        hw.adc.type = type;
        hw.adc.bits = bits;
        const UnitCosts costs = unit_costs(table, hw);
        EXPECT_THAT(costs.warnings, IsEmpty());
        const bool ramp = hw.adc.type == AdcType::ramp;  // all columns at once: no multiplexer
        for (std::size_t e = 0; e < event_count; ++e) {
            const auto event = static_cast<Event>(e);
            if (is_optional(event))
                continue;
            EXPECT_TRUE(std::isfinite(costs[event].energy_pj));
            const bool free =
                event == Event::cell_read || event == Event::link_flit || (ramp && event == Event::column_select);
            EXPECT_EQ(costs[event].energy_pj > 0, !free) << name_of(event);
            EXPECT_GT(costs[event].origin.size(), 20u);
        }
        for (std::size_t c = 0; c < component_count; ++c) {
            const auto component = static_cast<Component>(c);
            if (is_optional(component))
                continue;
            const bool none = component == Component::io_link || (ramp && component == Component::column_mux);
            EXPECT_EQ(costs[component].area_um2 > 0, !none) << name_of(component);
            EXPECT_GE(costs[component].leakage_uw, 0);
            EXPECT_TRUE(std::isfinite(costs.static_uw(component, hw)));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, GenericTable, testing::Values("generic_32nm", "generic_22nm"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(GenericTable, GivenTheSmallerNode_ThenDigitalEnergyAndAreaAreAboutHalf) {
    const HardwareConfig hw = covered();
    const UnitCosts at_32 = unit_costs(table_named("generic_32nm"), hw),
                    at_22 = unit_costs(table_named("generic_22nm"), hw);
    for (Event event :
         {Event::conversion, Event::shift_add, Event::buffer_read_byte, Event::accumulate, Event::router_flit}) {
        EXPECT_GT(at_22[event].energy_pj, 0.4 * at_32[event].energy_pj) << name_of(event);
        EXPECT_LT(at_22[event].energy_pj, 0.6 * at_32[event].energy_pj) << name_of(event);
    }
    for (Component component : {Component::adc, Component::shift_add, Component::buffer, Component::router}) {
        EXPECT_GT(at_22[component].area_um2, 0.4 * at_32[component].area_um2) << name_of(component);
        EXPECT_LT(at_22[component].area_um2, 0.6 * at_32[component].area_um2) << name_of(component);
    }
    EXPECT_NEAR(at_22[Component::crossbar].area_um2, 0.0486, 0.0001);
}

TEST(UnitCosts, GivenNoWishForOrigins_ThenFiguresAreTheSameAndOriginsEmpty) {
    const CostTable table = table_named("generic_32nm");
    const UnitCosts with = unit_costs(table, covered()), without = unit_costs(table, covered(), CostDetail::figures);
    for (std::size_t e = 0; e < event_count; ++e)
        EXPECT_EQ(with.events[e].energy_pj, without.events[e].energy_pj);
    for (std::size_t c = 0; c < component_count; ++c)
        EXPECT_EQ(with.components[c].area_um2, without.components[c].area_um2);
    EXPECT_THAT(with[Event::conversion].origin,
                AllOf(StartsWith("model adc(adc.bits 8, adc.sample_rate_gsps 1.28 GS/s, node 32 nm): "),
                      HasSubstr("adc_sar_survey")));
    EXPECT_THAT(without[Event::conversion].origin, IsEmpty());
}

TEST(UnitCosts, GivenAFasterPromiseThanAModelKeeps_ThenItWarns) {
    const CostTable table = table_named("generic_32nm");
    HardwareConfig hw = covered();
    hw.buffer.bytes = 4 << 20;  // a megabyte a bank
    hw.tile.pes = 48;
    hw.noc.clock_ghz = 4;
    hw.crossbar.read_time_ns = 1e-3;
    hw.adc.bits = 9;  // ten steps, not nine, in the time of a sample
    EXPECT_THAT(
        unit_costs(table, hw).warnings,
        testing::UnorderedElementsAre(
            AllOf(StartsWith("buffer, buffer_read_byte, buffer_write_byte: model sram_cacti7: bytes of a bank 1048576"),
                  HasSubstr("is outside 256 ... 524288")),
            AllOf(StartsWith("crossbar: takes "), HasSubstr("allows 0.001 ns (crossbar.read_time_ns)")),
            AllOf(StartsWith("adc: takes 0.868 ns"), HasSubstr("allows 0.781 ns (adc.sample_rate_gsps)")),
            AllOf(StartsWith("buffer: takes "), HasSubstr("buffer.latency_cycles")), StartsWith("bus: takes "),
            AllOf(StartsWith("link: takes "), HasSubstr("0.25 ns (noc.link_delay_cycles)"))));
}

TEST(UnitCosts, GivenALargerTile_ThenWiresAcrossItCostMore) {
    const CostTable table = table_named("generic_22nm");
    HardwareConfig small = covered(), large = covered();
    large.tile.pes *= 4;
    large.buffer.bytes *= 4;
    large.buffer.banks *= 4;
    const UnitCosts of_small = unit_costs(table, small), of_large = unit_costs(table, large);
    for (Event event : {Event::bus_byte, Event::link_toggle}) {
        EXPECT_GT(of_large[event].energy_pj, 1.8 * of_small[event].energy_pj) << name_of(event);
        EXPECT_LT(of_large[event].energy_pj, 2.0 * of_small[event].energy_pj) << name_of(event);
    }
    EXPECT_EQ(of_large[Event::conversion].energy_pj, of_small[Event::conversion].energy_pj);
}

TEST(CostRows, GivenNumbersOfAnotherNode_ThenTheyAreScaledAndSayIt) {
    const CostTable table = parse_cost_table(
        changed("event: conversion, model: adc",
                "event: conversion, energy_pj: 2, node_nm: 45, scaling: stillmaker_baas_2017" + any_adc),
        "t");
    EXPECT_NEAR(table[Event::conversion].energy_pj, 2 * 0.531, 0.001);
    EXPECT_THAT(table[Event::conversion].origin.source,
                HasSubstr("45 nm, 1 V to 32 nm, 0.9 V by Stillmaker and Baas 2017"));
    const CostTable component =
        parse_cost_table(changed("component: adc, unit: converter, model: adc",
                                 "component: adc, unit: converter, area_um2: 100, leakage_uw: 3, clock_pj: 1, "
                                 "latency_ns: 1, node_nm: 45, supply_v: 1.0, scaling: stillmaker_baas_2017" +
                                     any_adc),
                         "t");
    EXPECT_NEAR(*component[Component::adc].area_um2, 46, 1e-9);
    EXPECT_NEAR(*component[Component::adc].clock_pj, 0.531, 0.0005);
    EXPECT_NEAR(*component[Component::adc].latency_ns, 0.669, 0.001);
    EXPECT_EQ(*component[Component::adc].leakage_uw, 3);
}

TEST(CostRows, GivenUnscaledNumbersOfAnotherNode_ThenAWarningSaysIt) {
    const std::string text =
        changed("event: conversion, model: adc", "event: conversion, energy_pj: 2, node_nm: 45" + any_adc);
    EXPECT_THAT(unit_costs(parse_cost_table(text, "t"), covered()).warnings,
                ElementsAre("conversion: figures of 45 nm, 1 V stand unscaled in a table of 32 nm, 0.9 V"));
    const std::string tiny =
        changed("event: conversion, model: adc",
                "event: conversion, energy_pj: 2, node_nm: 5, scaling: stillmaker_baas_2017" + any_adc);
    EXPECT_THAT(unit_costs(parse_cost_table(tiny, "t"), covered()).warnings,
                ElementsAre("conversion: scaling covers 7 ... 130 nm"));
}

TEST(CostRows, GivenParametersOfAModel_ThenTheyReplaceItsOwn) {
    const std::string text =
        changed("event: accumulate, model: adder", "event: accumulate, model: adder, parameters: {width_bits: 16}");
    EXPECT_NEAR(unit_costs(parse_cost_table(text, "t"), covered())[Event::accumulate].energy_pj, 0.1206, 1e-9);
    const std::string chosen =
        changed("event: buffer_read_byte, model: sram_cacti7",
                "event: buffer_read_byte, model: sram_cacti7, parameters: {class: high_performance}");
    HardwareConfig hw = covered();
    hw.buffer.banks = 1;
    EXPECT_NEAR(unit_costs(parse_cost_table(chosen, "t"), hw)[Event::buffer_read_byte].energy_pj, 15.1 / 32, 1e-9);
}

TEST(CostRows, GivenNumbersBesideAModel_ThenTheyReplaceItsFigures) {
    const std::string text =
        changed("unit: converter, model: adc", "unit: converter, area_um2: 1500, leakage_uw: 7, model: adc" + any_adc);
    const UnitCosts costs = unit_costs(parse_cost_table(text, "t"), covered());
    EXPECT_EQ(costs[Component::adc].area_um2, 1500);
    EXPECT_EQ(costs[Component::adc].leakage_uw, 7);
    EXPECT_GT(costs[Component::adc].latency_ns, 0);
}

TEST(CostRows, GivenRefreshAndClock_ThenTheyAreStaticPower) {
    const std::string text =
        changed("unit: converter, model: adc",
                "unit: converter, area_um2: 1, leakage_uw: 7, refresh_uw: 2, clock_pj: 0.5" + any_adc);
    HardwareConfig hw = covered();
    hw.clock.frequency_ghz = 2;
    EXPECT_DOUBLE_EQ(unit_costs(parse_cost_table(text, "t"), hw).static_uw(Component::adc, hw), 7 + 2 + 0.5 * 2e3);
}

TEST(CostRows, GivenFactorsOfUncertainty_ThenTheyHaveASource) {
    const auto row = [](const std::string& more) {
        return changed("event: accumulate, model: adder", "event: accumulate" + more + ", model: adder");
    };
    // The table's own come off first: a key may stand once.
    const auto without = [](std::string text) {
        const std::size_t begin = text.find("event: accumulate"), from = text.find(",\n     within", begin);
        return text.erase(from, text.find('}', from) - from);
    };
    EXPECT_EQ(parse_cost_table(row(""), "t")[Event::accumulate].origin.within, 1.5);
    EXPECT_EQ(parse_cost_table(without(row("")), "t")[Event::accumulate].origin.within, 1);
    EXPECT_THAT(error_of(without(row(", within: 3"))), HasSubstr("within_source: expected where the factors"));
    EXPECT_THAT(error_of(without(row(", within_source: x"))), HasSubstr("no factor above 1"));
    EXPECT_THAT(error_of(without(row(", within: 0.5, within_source: x"))), HasSubstr("within"));
    EXPECT_THAT(error_of(without(row(", area_within: 3, within_source: x"))), HasSubstr("area_within"));
    const CostTable table = parse_cost_table(row(""), "t");
    EXPECT_EQ(table[Component::adc].origin.area_within, 5);
    EXPECT_EQ(table[Component::buffer].origin.power_within, 10);
}

TEST(CostRows, GivenOverrides_ThenTheyReplaceRowsOfTheBase) {
    const std::filesystem::path file = std::filesystem::temp_directory_path() / "xloop_cost_overrides.yaml";
    std::ofstream(file)
        << "base: " << test::cost_table_path("isaac_32nm") << "\nname: mine\noverrides:\n"
        << "  events:\n    - {event: conversion, energy_pj: 3, source: measured" << any_adc << "}\n"
        << "  components:\n    - {component: adc, unit: converter, area_um2: 9, leakage_uw: 1, source: measured"
        << any_adc << "}\n";
    const CostTable table = load_cost_table(file.string()), isaac = table_named("isaac_32nm");
    std::filesystem::remove(file);
    EXPECT_EQ(table.name, "mine");
    for (std::size_t e = 0; e < event_count; ++e)
        EXPECT_EQ(table.events[e].energy_pj,
                  e == static_cast<std::size_t>(Event::conversion) ? 3 : isaac.events[e].energy_pj);
    EXPECT_EQ(table[Component::adc].area_um2, 9);
    EXPECT_EQ(table[Component::dac].area_um2, isaac[Component::dac].area_um2);
}

TEST(CostRows, GivenNoTechnology_ThenItIsNominalAnd350Kelvin) {
    EXPECT_EQ(table_named("isaac_32nm").supply_v, 0.9);
    EXPECT_EQ(table_named("isaac_32nm").temperature_k, 350);
    EXPECT_EQ(parse_cost_table(changed("supply_v: 0.9", "supply_v: 0.95"), "t").supply_v, 0.95);
}

/// The 32 nm table with a row of numbers for an 8-bit SAR converter; `more`: other keys of the row.
std::string eight_bit_table(const std::string& more = "") {
    return changed(
        "event: conversion, model: adc",
        "event: conversion, energy_pj: 2, for: {adc.type: sar, adc.bits: 8, adc.sample_rate_gsps: 1.28}" + more);
}

HardwareConfig with_adc(AdcType type, int bits) {
    HardwareConfig hw = covered();
    hw.adc.type = type;
    hw.adc.bits = bits;
    return hw;
}

TEST(RowHardware, GivenOtherHardwareThanNumbersAreFor_ThenTheRowIsNamedWithEveryKey) {
    const CostTable table = parse_cost_table(eight_bit_table(), "t");
    EXPECT_THAT(unit_costs(table, with_adc(AdcType::sar, 8)).warnings, IsEmpty());
    const UnitCosts other = unit_costs(table, with_adc(AdcType::flash, 4));
    ASSERT_EQ(other.other_hardware.size(), 2u);
    EXPECT_EQ(other.other_hardware[0].row + " " + other.other_hardware[0].key + " " + other.other_hardware[0].table +
                  " " + other.other_hardware[0].here,
              "conversion adc.type sar flash");
    EXPECT_EQ(other.other_hardware[1].component, "adc");
    EXPECT_EQ(other[Event::conversion].energy_pj, 2);
    EXPECT_THAT(other.warnings,
                ElementsAre("conversion: numbers for adc.type sar (here flash), adc.bits 8 (here 4)",
                            StartsWith("generic_32nm: numbers do not follow the hardware; take a table of models")));
    EXPECT_THAT(other[Event::conversion].origin, StartsWith("numbers for adc.type sar (here flash)"));
}

TEST(RowHardware, GivenAKeyWithoutEffectHere_ThenItIsNoDifference) {
    const CostTable table = parse_cost_table(eight_bit_table(), "t");
    HardwareConfig hw = with_adc(AdcType::ramp, 8);
    hw.adc.sample_rate_gsps = 5;  // a ramp has none
    ASSERT_EQ(unit_costs(table, hw).other_hardware.size(), 1u);
    EXPECT_EQ(unit_costs(table, hw).other_hardware[0].key, "adc.type");
}

TEST(RowHardware, GivenAModelForOtherHardware_ThenItTakesOverThereAlone) {
    const CostTable table = parse_cost_table(eight_bit_table(", else: {model: adc}"), "t"),
                    models = table_named("generic_32nm");
    EXPECT_EQ(unit_costs(table, with_adc(AdcType::sar, 8))[Event::conversion].energy_pj, 2);
    const HardwareConfig other = with_adc(AdcType::sar, 5);
    for (CostDetail detail : {CostDetail::figures, CostDetail::origins}) {
        const UnitCosts costs = unit_costs(table, other, detail);
        EXPECT_EQ(costs[Event::conversion].energy_pj, unit_costs(models, other)[Event::conversion].energy_pj);
        EXPECT_THAT(costs.warnings, IsEmpty());
    }
    EXPECT_THAT(unit_costs(table, other)[Event::conversion].origin,
                StartsWith("numbers for adc.bits 8 (here 5); model adc("));
}

TEST(RowHardware, GivenAnUnknownStatement_ThenEveryHardwareIsOther) {
    const CostTable table =
        parse_cost_table(changed("event: accumulate, model: adder",
                                 "event: accumulate, energy_pj: 1, for: {clock.frequency_ghz: unknown}"),
                         "t");
    EXPECT_THAT(unit_costs(table, covered()).warnings.front(),
                HasSubstr("accumulate: numbers for clock.frequency_ghz unknown (here 1)"));
}

TEST(RowHardware, GivenAChangeThatATableDoesNotPrice_ThenItsRowsAreBlindToIt) {
    const HardwareConfig from = with_adc(AdcType::sar, 8), to = with_adc(AdcType::sar, 4);
    EXPECT_THAT(rows_blind_to(table_named("isaac_32nm"), from, to),
                testing::UnorderedElementsAre("conversion", "shift_add", "adc"));
    EXPECT_THAT(rows_blind_to(table_named("generic_32nm"), from, to), IsEmpty());
    EXPECT_THAT(rows_blind_to(parse_cost_table(eight_bit_table(), "t"), from, to), ElementsAre("conversion"));
    EXPECT_THAT(rows_blind_to(parse_cost_table(eight_bit_table(", else: {model: adc}"), "t"), from, to), IsEmpty());
    HardwareConfig ramp = with_adc(AdcType::ramp, 8), fast_ramp = ramp;
    fast_ramp.adc.ramp_clock_ghz *= 2;
    EXPECT_THAT(rows_blind_to(table_named("isaac_32nm"), ramp, fast_ramp),
                testing::UnorderedElementsAre("conversion", "adc"));
    HardwareConfig dac = from;
    dac.dac.bits = 4;
    EXPECT_THAT(
        rows_blind_to(table_named("isaac_32nm"), from, dac),
        testing::UnorderedElementsAre("cell_read", "row_drive", "input_register_byte", "output_register_byte", "dac"));
}

/// Tables of old have no rows for digital tiles.
TEST(CostRows, GivenATableWithoutRowsForDigitalTiles_ThenModelsStandForThemThereAlone) {
    HardwareConfig analog = covered(), digital = analog;
    digital.tile.engine = TileEngine::digital;
    digital.tile.pes = 2;  // wires across more of them take more than a cycle
    const UnitCosts without = unit_costs(table_named("isaac_32nm"), digital),
                    with = unit_costs(table_named("generic_32nm"), digital);
    for (Event event : {Event::mac, Event::weight_read_byte, Event::weight_write_byte}) {
        EXPECT_GT(without[event].energy_pj, 0);
        EXPECT_EQ(without[event].energy_pj, with[event].energy_pj) << name_of(event);
        EXPECT_THAT(without[event].origin, HasSubstr("as the table has no row"));
        EXPECT_EQ(unit_costs(table_named("generic_32nm"), analog)[event].energy_pj, 0);
    }
    for (Component component : {Component::mac_array, Component::weight_memory}) {
        EXPECT_GT(with[component].area_um2, 0);
        EXPECT_GT(with[component].leakage_uw, 0);
    }
    for (Component component : {Component::crossbar, Component::dac, Component::adc, Component::shift_add})
        EXPECT_EQ(with[component].area_um2, 0) << name_of(component);
    EXPECT_THAT(with.warnings, IsEmpty());
    digital.digital.rate_ghz = 10;
    EXPECT_THAT(unit_costs(table_named("generic_32nm"), digital).warnings,
                ElementsAre(HasSubstr("weight_memory: takes")));
}

/// What the models take into account is what numbers do not.
TEST(RowHardware, GivenAKeyThatAModelUses_ThenNumbersOfThatRowMustStateIt) {
    const CostTable table = table_named("generic_32nm");
    const auto expect_stated = [](const std::string& origin, const std::vector<const char*>& keys, const char* row) {
        for (const char* path : {"adc.bits", "adc.sample_rate_gsps", "crossbar.read_voltage_v", "crossbar.read_time_ns",
                                 "noc.vcs", "noc.flit_bits", "buffer.ports", "numerics.activation_bits"})
            if (origin.find(std::string(path) + " ") != std::string::npos) {
                EXPECT_THAT(std::vector<std::string>(keys.begin(), keys.end()), testing::Contains(path)) << row;
            }
    };
    const UnitCosts costs = unit_costs(table, covered());
    for (std::size_t e = 0; e < event_count; ++e)
        expect_stated(costs.events[e].origin, keys_of(static_cast<Event>(e)), name_of(static_cast<Event>(e)));
    for (std::size_t c = 0; c < component_count; ++c)
        if (static_cast<Component>(c) != Component::crossbar)  // its latency, not its area, is that of a read
            expect_stated(costs.components[c].origin, keys_of(static_cast<Component>(c)),
                          name_of(static_cast<Component>(c)));
}

TEST(PowersOf, GivenTablesWithAndWithoutStaticPower_ThenItIsSaid) {
    const CostTable isaac = table_named("isaac_32nm"), generic = table_named("generic_32nm");
    EXPECT_THAT(powers_of(isaac, unit_costs(isaac, covered())),
                StartsWith("dynamic; no leakage, refresh, clock (the energies hold leakage"));
    EXPECT_EQ(powers_of(generic, unit_costs(generic, covered())), "dynamic, leakage, clock; no refresh");
}

TEST(UnitCosts, GivenMoreColumnsForAConverterThanAnArrayHas_ThenAWarningSaysIt) {
    HardwareConfig hw = covered();
    hw.adc.columns_per_adc = 65;  // 64 conversions a read
    EXPECT_THAT(unit_costs(table_named("generic_32nm"), hw).warnings,
                ElementsAre(HasSubstr("adc.columns_per_adc is 65, but an array has only 64 conversions a read")));
    hw.adc.columns_per_adc = 64;
    EXPECT_THAT(unit_costs(table_named("generic_32nm"), hw).warnings, IsEmpty());
}

struct BadRow {
    const char* name;
    std::string from, to, message;
};

void PrintTo(const BadRow& bad, std::ostream* out) { *out << bad.name; }

class MalformedRow : public testing::TestWithParam<BadRow> {};

TEST_P(MalformedRow, GivenOneFault_ThenTheMessageHasPlaceAndReason) {
    const BadRow& bad = GetParam();
    const std::string text = changed(bad.from, bad.to);
    EXPECT_THAT(error_of(text),
                AllOf(StartsWith(line_of(text, bad.to)), HasSubstr(bad.message), testing::Not(HasSubstr("\n"))));
}

INSTANTIATE_TEST_SUITE_P(
    EveryFault, MalformedRow,
    testing::Values(
        BadRow{"unknown_model", "conversion, model: adc", "conversion, model: adc_sar_surve",
               "did you mean `adc_sar_survey`?"},
        BadRow{"model_of_another_class", "conversion, model: adc", "conversion, model: router_dsent",
               "expected one of `adc`, `adc_sar_survey`, `adc_sar_column`, `adc_sar_fit`, "
               "`adc_sar_library`, `adc_flash`, `adc_ramp`"},
        BadRow{"class_without_models", "column_sample, energy_pj: 0.001", "column_sample, model: adc",
               "no model of `sample_hold`"},
        BadRow{"unknown_parameter", "accumulate, model: adder",
               "accumulate, model: adder, parameters: {widht_bits: 16}", "did you mean `width_bits`?"},
        BadRow{"parameter_out_of_range", "accumulate, model: adder",
               "accumulate, model: adder, parameters: {width_bits: -1}", "width_bits: expected a number in [0, 64]"},
        BadRow{"unknown_choice", "buffer_read_byte, model: sram_cacti7",
               "buffer_read_byte, model: sram_cacti7, parameters: {class: fast}",
               "expected one of `mixed`, `high_performance`"},
        BadRow{"parameters_without_a_model", "column_sample, energy_pj: 0.001",
               "column_sample, parameters: {a: 1}, energy_pj: 0.001", "only models have parameters"},
        BadRow{"model_and_number", "accumulate, model: adder", "accumulate, energy_pj: 1, model: adder",
               "either a number or a model"},
        BadRow{"model_and_node", "accumulate, model: adder", "accumulate, node_nm: 32, model: adder",
               "at the table's node"},
        BadRow{"scaling_without_a_node", "0.001, node_nm: 32, scaling: stillmaker_baas_2017",
               "0.001, scaling: stillmaker_baas_2017", "expected `node_nm` beside it"},
        BadRow{"unknown_scaling", "0.001, node_nm: 32, scaling: stillmaker_baas_2017",
               "0.001, node_nm: 32, scaling: dennard", "`stillmaker_baas_2017`"},
        BadRow{"else_of_numbers_for_all", "0.001, node_nm: 32", "0.001, else: {model: adc}, node_nm: 32",
               "hold for all hardware"},
        BadRow{"else_beside_a_model", "accumulate, model: adder", "accumulate, else: {model: adder}, model: adder",
               "for any hardware"},
        BadRow{"else_of_no_model", "conversion, model: adc",
               "conversion, energy_pj: 1, for: {adc.type: sar, adc.bits: 8, adc.sample_rate_gsps: 1}, else: "
               "{model: adder}",
               "expected one of `adc`"},
        BadRow{"for_without_numbers", "accumulate, model: adder",
               "accumulate, for: {clock.frequency_ghz: 1}, model: adder", "no number above 0"},
        BadRow{"model_and_per_bits", "router_flit, model: router_dsent",
               "router_flit, per_bits: 32, model: router_dsent", "only numbers"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(CostRows, GivenARowTwiceInOverrides_ThenItIsRefused) {
    const std::string row = "{event: conversion, energy_pj: 1, source: s}";
    EXPECT_THAT(error_of(changed("components:\n", "overrides:\n  events: [" + row + ", " + row + "]\ncomponents:\n")),
                HasSubstr("`conversion` has a row already"));
}

TEST(IsaacTable, GivenItsRows_ThenTheFiguresAreThosePublished) {
    HardwareConfig hw;
    hw.crossbar.rows = 128;
    hw.crossbar.cols = 129;
    hw.pe.arrays = 8;
    hw.noc.concentration = 4;
    hw.numerics.activation_bits = hw.numerics.weight_bits = 16;
    const UnitCosts costs = unit_costs(table_named("isaac_32nm"), hw);
    const std::array<double, event_count> pj = {
        0.001831,  0,         0.390625, 0,    0.0009765625, 0, 1.67,   0.021, 0, 0, 0,      0.96875, 1.4375,
        0.6390625, 0.6390625, 0.432,    0.05, 0.26,         0, 2.5925, 0,     0, 0, 406.25, 58.36};
    const std::array<double, component_count> um2 = {
        0.00152587890625, 0.166015625, 0.0390625, 0,   1200, 60,     0, 0, 1.025390625, 3.0078125,
        1.2664794921875,  234.375,     60,        300, 0,    151000, 0, 0, 5720000};
    for (std::size_t e = 0; e < event_count; ++e)
        EXPECT_EQ(costs.events[e].energy_pj, pj[e]) << name_of(static_cast<Event>(e));
    for (std::size_t c = 0; c < component_count; ++c) {
        EXPECT_EQ(costs.components[c].area_um2, um2[c]) << name_of(static_cast<Component>(c));
        EXPECT_EQ(costs.static_uw(static_cast<Component>(c), HardwareConfig()), 0);
    }
    EXPECT_THAT(costs.warnings, IsEmpty());
}

/// PUMA's structure: a core is a processing element of 2 x 8 arrays, an array's converter does 128 conversions for each
/// read.
HardwareConfig puma() {
    HardwareConfig hw;
    hw.crossbar.rows = hw.crossbar.cols = 128;
    hw.crossbar.weights = WeightMapping::separate;
    hw.adc.columns_per_adc = 128;
    hw.pe.arrays = 16;
    hw.pe.input_vectors = 1;
    hw.tile.pes = 8;
    hw.tile.vector_lanes = 8;
    hw.noc.concentration = 4;
    hw.noc.io_links = 4;
    hw.numerics.activation_bits = hw.numerics.weight_bits = 16;
    return hw;
}

/// Power of PUMA's parts in mW, each at the rate its row names, and their area in mm2.
struct Part {
    double mw = 0, mm2 = 0;
};

class PumaParts {
public:
    Part core() const {
        constexpr double cores = 8, reads = 16, arrays = 16;
        Part part = units(
            {Component::crossbar, Component::dac, Component::sample_hold, Component::adc, Component::shift_add,
             Component::input_register, Component::output_register, Component::accumulator, Component::vector_unit},
            cores);
        add(part, Event::cell_read, arrays * 16384 * reads / vector_ns);
        add(part, Event::row_drive, arrays * 128 * reads / vector_ns);
        for (Event event : {Event::column_sample, Event::conversion, Event::shift_add})
            add(part, event, arrays * 128 * reads / vector_ns);
        add(part, Event::output_register_byte, 1024 / vector_ns);
        add(part, Event::accumulate, 1);
        add(part, Event::vector_operation, 1);
        return part;
    }

    /// With the control of its cores; without its share of a router.
    Part tile() const {
        Part part = units({Component::buffer, Component::bus, Component::controller}, 1);
        add(part, Event::buffer_read_byte, 32);
        add(part, Event::bus_byte, 48);
        add(part, Event::control_step, 8 / vector_ns);
        return {part.mw + 8 * core().mw, part.mm2 + 8 * core().mm2};
    }

    Part node() const {
        const double routers = 138 / 4.0;
        Part part = {138 * tile().mw, 138 * tile().mm2};
        part.mm2 += 1e-6 * (routers * costs_[Component::router].area_um2 + 4 * costs_[Component::io_link].area_um2);
        part.mw += routers * 1e-3 * costs_[Component::router].leakage_uw;
        add(part, Event::router_flit, 8 * routers);
        add(part, Event::io_byte, 4 * 6.4);
        return part;
    }

private:
    static constexpr double vector_ns = 2304;

    /// The tile's units of some components, static power and area, over `shares` parts.
    Part units(std::initializer_list<Component> components, double shares) const {
        const Inventory tile = tile_inventory(hardware_);
        Part part;
        for (Component c : components) {
            part.mw += 1e-3 * static_cast<double>(tile[c]) / shares * costs_.static_uw(c, hardware_);
            part.mm2 += 1e-6 * static_cast<double>(tile[c]) / shares * costs_[c].area_um2;
        }
        return part;
    }

    void add(Part& part, Event event, double per_ns) const { part.mw += per_ns * costs_[event].energy_pj; }

    HardwareConfig hardware_ = puma();
    UnitCosts costs_ = unit_costs(table_named("puma_32nm"), hardware_);
};

/// None of the tables has pulses of phase-change cells.
TEST(CellWrites, GivenPhaseChangeCells_ThenEveryTableOfResistiveOnesSaysThatItPricesOtherCells) {
    HardwareConfig hw = covered();
    hw.device.kind = DeviceKind::pcm;
    for (const char* table : {"isaac_32nm", "puma_32nm", "generic_22nm", "generic_32nm"}) {
        const std::vector<std::string> warnings = unit_costs(table_named(table), hw).warnings;
        EXPECT_THAT(warnings, testing::Contains(AllOf(HasSubstr("cell_write"), HasSubstr("pcm")))) << table;
    }
}

TEST(PumaTable, GivenItsRates_ThenPublishedPowersAndAreasReturn) {
    const PumaParts parts;
    constexpr double core_control_mw = 0.25 + 1.52, core_control_mm2 = 0.0033 + 0.0031;
    EXPECT_NEAR(parts.core().mw + core_control_mw, 42.37, 0.02);
    EXPECT_NEAR(parts.core().mm2 + core_control_mm2, 0.036, 1e-6);
    EXPECT_NEAR(parts.tile().mw, 378.0, 0.1) << "the sum of the published rows";
    EXPECT_NEAR(parts.tile().mw, 373.8, 0.015 * 373.8);
    EXPECT_NEAR(parts.tile().mm2, 0.479, 0.02 * 0.479);
    EXPECT_NEAR(parts.node().mw, 62.5e3, 0.015 * 62.5e3);
    EXPECT_NEAR(parts.node().mm2, 90.6, 0.015 * 90.6);
}

TEST(PumaTable, GivenAMatrixUnit_ThenOneMultiplicationCostsThePublishedEnergy) {
    const UnitCosts costs = unit_costs(table_named("puma_32nm"), puma());
    const double conversions = 8 * 128 * 16;
    const double pj = conversions * (costs[Event::row_drive].energy_pj + costs[Event::column_sample].energy_pj +
                                     costs[Event::conversion].energy_pj + costs[Event::shift_add].energy_pj) +
                      conversions * 128 * costs[Event::cell_read].energy_pj +
                      8 * 0.2 * 2304;  // leakage of 8 converters, mW x ns
    EXPECT_NEAR(pj, 43970, 20);
}

}  // namespace
}  // namespace xloop
