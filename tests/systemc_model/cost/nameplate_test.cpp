#include "systemc_model/cost/nameplate.hpp"
#include "core/error.hpp"
#include "systemc_model/cost/inventory.hpp"

#include <gmock/gmock.h>
#include <ostream>

namespace xloop {
namespace {

/// Costs that are all different, so that no two rows can be mistaken for one another.
UnitCosts costs_of_everything() {
    UnitCosts costs;
    for (std::size_t e = 0; e < event_count; ++e)
        costs.events[e].energy_pj = 0.1 + 0.37 * static_cast<double>(e % 7);
    for (std::size_t c = 0; c < component_count; ++c) {
        const double n = static_cast<double>(c + 1);
        costs.components[c].area_um2 = 3.0 * n;
        costs.components[c].leakage_uw = 0.01 * n;
        costs.components[c].refresh_uw = 0.002 * n;
        costs.components[c].clock_pj = 0.0003 * n;
    }
    return costs;
}

UnitCosts one_pj_for(Event event) {
    UnitCosts costs;
    costs.events[static_cast<std::size_t>(event)].energy_pj = 1.0;
    return costs;
}

/// Four tiles on two routers, two links between them.
const ChipShape two_routers = {4, 2, 1, false};

HardwareConfig hardware() {
    HardwareConfig
        h;  // 64 x 64 cells, 4 slices, differential: 8 outputs, 32 conversions, one converter; 8 reads of 100 ns
    h.pe.arrays = 2;
    h.tile.pes = 3;
    h.noc.concentration = 2;
    h.noc.clock_ghz = 0.5;
    h.clock.frequency_ghz = 2.0;
    h.noc.io_links = 3;
    return h;
}

/// In watts at 1 pJ an event: rate x 1e-12.
struct Rate {
    Event event;
    double array_w, pe_w, tile_w, chip_w;
};

void PrintTo(const Rate& rate, std::ostream* out) { *out << name_of(rate.event); }

class NameplateRate : public testing::TestWithParam<Rate> {};

TEST_P(NameplateRate, GivenOnePicojouleForAnEvent_ThenPowerIsItsHighestRate) {
    const Rate& rate = GetParam();
    const Nameplate plate = make_nameplate(hardware(), two_routers, one_pj_for(rate.event));
    const auto expect = [&](const NameplatePart& part, double watts) {
        EXPECT_NEAR(part.power_w(component_of(rate.event)), watts, 1e-9 * watts);
        EXPECT_NEAR(part.power_total_w(), watts, 1e-9 * watts);
    };
    expect(plate.array, rate.array_w);
    expect(plate.pe, rate.pe_w);
    expect(plate.tile, rate.tile_w);
    expect(plate.chip, rate.chip_w);
}

Rate of_array(Event event, double per_second) {
    const double w = 1e-12 * per_second;
    return {event, w, 2 * w, 6 * w, 24 * w};
}
Rate of_pe(Event event, double per_second) {
    const double w = 1e-12 * per_second;
    return {event, 0, w, 3 * w, 12 * w};
}
Rate of_tile(Event event, double per_second) { return {event, 0, 0, 1e-12 * per_second, 4e-12 * per_second}; }
Rate of_chip(Event event, double per_second) { return {event, 0, 0, 0, 1e-12 * per_second}; }

INSTANTIATE_TEST_SUITE_P(
    ByHand, NameplateRate,
    testing::Values(of_array(Event::cell_read, 1e7 * 64 * 64), of_array(Event::row_drive, 1e7 * 64),
                    of_array(Event::row_pulse, 1e7 * 32),
                    of_array(Event::read_conductance, 1e7 * 32 * 64 * ((1e4 + 1e3) / 2 + 1e3) /
                                                          2),  // half the rows; cells in nS, one of two off
                    of_array(Event::column_sample, 1e7 * 64), of_array(Event::column_select, 1.28e9),
                    of_array(Event::conversion, 1.28e9), of_array(Event::shift_add, 1.28e9),
                    of_pe(Event::input_register_byte, 2 * 64 / 800e-9),
                    of_pe(Event::output_register_byte, 2 * 32 / 800e-9), of_tile(Event::buffer_read_byte, 2e9 * 16),
                    of_tile(Event::buffer_write_byte, 2e9 * 16), of_tile(Event::bus_byte, 2e9 * 48),
                    of_tile(Event::accumulate, 2e9 * 16), of_tile(Event::vector_operation, 2e9 * 16),
                    of_tile(Event::control_step, 3 / 800e-9), of_tile(Event::router_flit, 0.5e9 * 6 / 2),
                    of_tile(Event::router_toggle, 0.5e9 * 6 / 2 * 16), of_chip(Event::link_flit, 0.5e9 * 2),
                    of_chip(Event::link_toggle, 0.5e9 * 2 * 16), of_chip(Event::io_byte, 3 * 6.4e9),
                    of_chip(Event::cell_write, 0), of_chip(Event::gain_correction, 0)),
    [](const auto& tested) { return std::string(name_of(tested.param.event)); });

TEST(Nameplate, GivenAnyTypeOfConverter_ThenItsRateIsWhatTheTypeCanDo) {
    HardwareConfig h;
    h.adc.columns_per_adc = 8;  // 4 converters for 32 conversions
    const auto conversions = [&] { return array_rates(h)[static_cast<std::size_t>(Event::conversion)]; };
    EXPECT_DOUBLE_EQ(conversions(), 4 * 1.28e9);
    h.adc.type = AdcType::flash;
    EXPECT_DOUBLE_EQ(conversions(), 4 * 1.28e9);
    h.adc.type = AdcType::ramp;  // all 32 columns in one ramp of 256 clocks
    EXPECT_DOUBLE_EQ(conversions(), 32 * 1.28e9 / 256);
}

TEST(Nameplate, GivenDacsOfTwoBits_ThenRegistersAreFilledTwiceAsOften) {
    HardwareConfig h;
    const auto filled = [&] { return register_rates(h)[static_cast<std::size_t>(Event::input_register_byte)]; };
    const double one_bit = filled();
    h.dac.bits = 2;
    EXPECT_DOUBLE_EQ(filled(), 2 * one_bit);
}

TEST(Nameplate, GivenAQuarterOfTheRowsAtOnce_ThenAReadDrivesAQuarterAndAVectorTakesFourTimes) {
    HardwareConfig h, quarter;
    quarter.crossbar.rows_per_read = 16;
    const PerEvent all = array_rates(h), some = array_rates(quarter);
    for (Event event : {Event::cell_read, Event::row_drive, Event::row_pulse})
        EXPECT_DOUBLE_EQ(some[static_cast<std::size_t>(event)], all[static_cast<std::size_t>(event)] / 4);
    EXPECT_DOUBLE_EQ(some[static_cast<std::size_t>(Event::conversion)],
                     all[static_cast<std::size_t>(Event::conversion)]);
    const auto filled = static_cast<std::size_t>(Event::input_register_byte);
    EXPECT_DOUBLE_EQ(register_rates(quarter)[filled], register_rates(h)[filled] / 4);
}

TEST(Nameplate, GivenAGainCorrection_ThenEachOutputIsCorrectedOnceAVector) {
    HardwareConfig h;  // 8 outputs, 8 reads of 100 ns
    h.adc.gain_correction = GainCorrectionKind::gain;
    EXPECT_DOUBLE_EQ(array_rates(h)[static_cast<std::size_t>(Event::gain_correction)], 8 / 800e-9);
}

TEST(Nameplate, GivenOtherData_ThenOnlyEventsThatDependOnItChange) {
    NameplateAssumptions quiet;
    quiet.data.active_rows = 0.1;
    quiet.data.toggles = 0.25;
    const PerEvent array = array_rates(hardware()), quiet_array = array_rates(hardware(), quiet);
    const PerEvent shared = shared_rates(hardware()), quiet_shared = shared_rates(hardware(), quiet);
    for (std::size_t e = 0; e < event_count; ++e) {
        const bool data = depends_on_data(static_cast<Event>(e));
        EXPECT_NEAR(quiet_array[e], array[e] * (data ? 0.2 : 1.0), 1e-9 * array[e]) << name_of(static_cast<Event>(e));
        EXPECT_NEAR(quiet_shared[e], shared[e] * (data ? 0.5 : 1.0), 1e-9 * shared[e])
            << name_of(static_cast<Event>(e));
    }
}

TEST(Nameplate, GivenAnotherLink_ThenItsPowerIsItsBandwidth) {
    NameplateAssumptions assumed;
    assumed.io_link_gb_s = 25.6;
    const Nameplate plate = make_nameplate(hardware(), two_routers, one_pj_for(Event::io_byte), assumed);
    EXPECT_NEAR(plate.chip.power_total_w(), 3 * 25.6e-3, 1e-12);
}

TEST(Nameplate, GivenAnyCosts_ThenEachPartIsTheSumOfItsParts) {
    const HardwareConfig h = hardware();
    const UnitCosts costs = costs_of_everything();
    const Nameplate plate = make_nameplate(h, two_routers, costs);
    const auto own = [&](const PerEvent& rates, Component c) {
        double watts = 0;
        for (std::size_t e = 0; e < event_count; ++e)
            if (component_of(static_cast<Event>(e)) == c)
                watts += 1e-12 * rates[e] * costs.events[e].energy_pj;
        return watts;
    };
    for (std::size_t i = 0; i < component_count; ++i) {
        const auto c = static_cast<Component>(i);
        const double array = own(array_rates(h), c), pe = 2 * array + own(register_rates(h), c);
        const double tile = 3 * pe + own(shared_rates(h), c), chip = 4 * tile + own(border_rates(h, two_routers), c);
        EXPECT_NEAR(plate.array.dynamic_w[i], array, 1e-9 * array) << name_of(c);
        EXPECT_NEAR(plate.pe.dynamic_w[i], pe, 1e-9 * pe) << name_of(c);
        EXPECT_NEAR(plate.tile.dynamic_w[i], tile, 1e-9 * tile) << name_of(c);
        EXPECT_NEAR(plate.chip.dynamic_w[i], chip, 1e-9 * chip) << name_of(c);
    }
    for (const NameplatePart* part : {&plate.array, &plate.pe, &plate.tile, &plate.chip}) {
        double watts = 0, area = 0;
        for (std::size_t i = 0; i < component_count; ++i) {
            watts += part->power_w(static_cast<Component>(i));
            area += part->area_mm2[i];
        }
        EXPECT_NEAR(watts, part->power_total_w(), 1e-9 * watts);
        EXPECT_NEAR(area, part->area_total_mm2(), 1e-9 * area);
    }
}

TEST(Nameplate, GivenAnyCosts_ThenAreaAndStaticPowerAreTheLedgers) {
    const HardwareConfig h = hardware();
    const UnitCosts costs = costs_of_everything();
    const Nameplate plate = make_nameplate(h, two_routers, costs);
    const Ledger ledger = make_ledger({}, 1.0, h, two_routers, costs);
    for (std::size_t i = 0; i < component_count; ++i) {
        EXPECT_NEAR(plate.chip.area_mm2[i], ledger.area_mm2[i], 1e-12 * ledger.area_mm2[i])
            << name_of(static_cast<Component>(i));
        EXPECT_NEAR(plate.chip.static_w[i], ledger.energy_j[i], 1e-12 * ledger.energy_j[i])
            << name_of(static_cast<Component>(i));
    }
}

TEST(Nameplate, GivenNoTile_ThenItThrows) {
    EXPECT_THROW(make_nameplate(hardware(), {0, 1, 1, false}, costs_of_everything()), Error);
}

}  // namespace
}  // namespace xloop
