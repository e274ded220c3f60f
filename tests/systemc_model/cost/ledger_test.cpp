#include "systemc_model/cost/energy.hpp"
#include "systemc_model/cost/expected_data.hpp"
#include "systemc_model/cost/figures_of_merit.hpp"
#include "systemc_model/cost/power_profile.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>
#include <cmath>

namespace xloop {
namespace {

/// Every event and every unit costs something, none the same.
UnitCosts some_costs() {
    UnitCosts costs;
    for (std::size_t e = 0; e < event_count; ++e)
        costs.events[e].energy_pj = 0.01 * static_cast<double>(e + 1);
    for (std::size_t c = 0; c < component_count; ++c) {
        const auto k = static_cast<double>(c + 1);
        costs.components[c] = {2 * k, 0.3 * k, 0.05 * k, 0.007 * k, 0.0, "test"};
    }
    return costs;
}

ActivityRecord some_activity() {
    ActivityRecord record;
    record.layers.resize(4);
    for (std::uint64_t i = 0; i < 12; ++i)
        for (std::size_t e = 0; e < event_count; ++e) {
            const std::uint64_t n = (i * 7919 + e * 104729) % 100003;
            record.instances["chip.part_" + std::to_string(i)].events[e] += n;
            record.layers[i % 4].events[e] += n;
        }
    return record;
}

const ChipShape chip{6, 3, 2, false};

OwnedUnits some_owned() {
    OwnedUnits owned(4, PerComponent{});
    for (std::size_t c = 0; c < component_count; ++c)
        if (!is_optional(static_cast<Component>(c)))
            owned[1][c] = owned[2][c] = 0.25;
    return owned;
}

// Copy me: sums by hand, from unit costs that make each part visible.
TEST(Ledger, GivenStaticPower_ThenEachPartIsUnitsTimesPowerTimesTime) {
    HardwareConfig hw;
    hw.clock.frequency_ghz = 0.5;
    hw.noc.clock_ghz = 2.0;
    const Ledger ledger = make_ledger({}, 2e-3, hw, chip, some_costs());
    const auto adc = static_cast<std::size_t>(Component::adc), link = static_cast<std::size_t>(Component::link);
    const double adcs = 6 * 12 * 1, links = 2 * (2 * 2 + 3);  // one converter an array; 3 x 2 routers
    EXPECT_DOUBLE_EQ(ledger.leakage_j[adc], adcs * 0.3 * 5 * 1e-6 * 2e-3);
    EXPECT_DOUBLE_EQ(ledger.refresh_j[adc], adcs * 0.05 * 5 * 1e-6 * 2e-3);
    EXPECT_DOUBLE_EQ(ledger.clock_j[adc], adcs * 0.007 * 5 * 1e-12 * 0.5e9 * 2e-3);
    EXPECT_DOUBLE_EQ(ledger.clock_j[link], links * 0.007 * 17 * 1e-12 * 2e9 * 2e-3);
    EXPECT_NEAR(ledger.static_power_w(), ledger.energy_total_j / 2e-3, 1e-12 * ledger.static_power_w());
    EXPECT_NEAR(ledger.area_mm2[link], links * 34e-6, 1e-15);
}

TEST(Ledger, GivenLayersAndInstances_ThenAllSumsClose) {
    const Ledger ledger = make_ledger(some_activity(), 1.5e-6, HardwareConfig{}, chip, some_costs(), some_owned());
    ASSERT_EQ(ledger.layers.size(), 5u);
    double layers = 0, dynamic = 0, instances = 0;
    for (const Ledger::Layer& layer : ledger.layers) {
        layers += layer.total_j();
        dynamic += sum_of(layer.dynamic_j);
    }
    for (const auto& [path, energy] : ledger.instance_dynamic_j)
        instances += energy;
    EXPECT_NEAR(layers / ledger.energy_total_j, 1.0, 1e-9);
    EXPECT_NEAR(dynamic / ledger.dynamic_total_j, 1.0, 1e-9);
    EXPECT_NEAR(instances / ledger.dynamic_total_j, 1.0, 1e-9);
    EXPECT_NEAR((ledger.dynamic_total_j + ledger.static_total_j()) / ledger.energy_total_j, 1.0, 1e-9);
    EXPECT_EQ(sum_of(ledger.layers[0].static_j), 0.0);
    EXPECT_GT(sum_of(ledger.layers[1].static_j), 0.0);
    EXPECT_EQ(sum_of(ledger.layers.back().dynamic_j), 0.0);
}

TEST(Ledger, GivenLayersThatOwnMoreThanThereIs_ThenItThrows) {
    OwnedUnits owned(4, PerComponent{});
    owned[0][static_cast<std::size_t>(Component::io_link)] = 1.5;
    EXPECT_THROW(make_ledger(some_activity(), 1.0, HardwareConfig{}, chip, some_costs(), owned), Error);
}

TEST(ImageEnergy, GivenImagesWithDataOfTheirOwn_ThenTheyDifferByItAndSumToTheRun) {
    ActivityRecord record = some_activity();
    std::vector<Counters> images(3);
    images[0][Event::row_pulse] = 1000;
    images[2][Event::row_pulse] = 4000;
    const Ledger ledger = make_ledger(record, 1e-6, HardwareConfig{}, chip, some_costs());
    const auto energy = image_energy(ledger, dynamic_j(images, some_costs()));
    ASSERT_EQ(energy.size(), 3u);
    EXPECT_NEAR((sum_of(energy[0]) + sum_of(energy[1]) + sum_of(energy[2])) / ledger.energy_total_j, 1.0, 1e-9);
    const double pulse = 1e-12 * some_costs()[Event::row_pulse].energy_pj;
    EXPECT_NEAR(sum_of(energy[2]) - sum_of(energy[1]), 4000 * pulse, 1e-9 * ledger.energy_total_j);
    EXPECT_NEAR(sum_of(energy[0]) - sum_of(energy[1]), 1000 * pulse, 1e-9 * ledger.energy_total_j);
}

TEST(PowerProfile, GivenWindows_ThenTheIntegralIsTheLedgersEnergy) {
    const ActivityRecord record = some_activity();
    const Counters total = record.total();
    std::vector<PerEvent> windows(3);
    for (std::size_t e = 0; e < event_count; ++e)
        for (std::size_t w = 0; w < 3; ++w)
            windows[w][e] = static_cast<double>(total.events[e]) * (w == 2 ? 0.2 : 0.4);
    HardwareConfig hw;
    hw.clock.frequency_ghz = 2.0;
    const PowerProfile profile =
        power_profile(dynamic_j(windows, some_costs()), 100, 250, 1e-9 * hw.clock.period_ns(),
                      static_w(make_inventory(hw, chip), some_costs(), hw));  // the last one is half as long
    const Ledger ledger = make_ledger(record, 125e-9, hw, chip, some_costs());
    EXPECT_NEAR(profile.energy_j() / ledger.energy_total_j, 1.0, 1e-9);
    EXPECT_DOUBLE_EQ(profile.window_s(0), 50e-9);
    EXPECT_DOUBLE_EQ(profile.window_s(2), 25e-9);
    EXPECT_NEAR(profile.peak_w(), sum_of(profile.watts[0]), 1e-12 * profile.peak_w());
    EXPECT_NEAR(profile.peak_w() * 50e-9, 0.4 * ledger.dynamic_total_j + 50e-9 * ledger.static_power_w(),
                1e-9 * ledger.energy_total_j);
}

TEST(FiguresOfMerit, GivenALedger_ThenBothFormsOfEdapFollowByHand) {
    Ledger ledger;
    ledger.seconds = 4e-3;
    ledger.dynamic_total_j = 6e-6;  // of 3 images
    ledger.leakage_total_j = 3e-6;
    ledger.clock_total_j = 1e-6;  // with leakage 1 mW
    ledger.area_total_mm2 = 10;
    const FiguresOfMerit f = figures_of_merit(ledger, 3, 2e-3, 1e-3, 5e6);
    EXPECT_DOUBLE_EQ(f.energy_alone_j(), 2e-6 + 2e-6);
    EXPECT_DOUBLE_EQ(f.energy_stream_j(), 2e-6 + 1e-6);
    EXPECT_DOUBLE_EQ(f.edap_alone(), 4e-6 * 2e-3 * 10);
    EXPECT_DOUBLE_EQ(f.edap_stream(), 3e-6 * 1e-3 * 10);
    EXPECT_DOUBLE_EQ(f.tops(), 0.01);  // 10 M operations a millisecond
    EXPECT_DOUBLE_EQ(f.tops_per_watt(), 1e7 / 3e-6 * 1e-12);
    EXPECT_DOUBLE_EQ(f.tops_per_mm2(), 0.001);
    EXPECT_DOUBLE_EQ(f.images_per_s(), 1000);
    EXPECT_DOUBLE_EQ(f.average_power_w(), 3e-3);
    EXPECT_THROW(figures_of_merit(ledger, 0, 1, 1, 1), Error);
    EXPECT_THROW(figures_of_merit(ledger, 1, 0, 1, 1), Error);
}

TEST(ExpectedData, GivenAverages_ThenEventsFollowFromSizes) {
    HardwareConfig hw;  // 64 columns, 100 kohm and 1 Mohm, one-bit DACs, 32-bit flits
    ActivityRecord record;
    record.layers.resize(3);
    for (std::size_t l = 0; l < 2; ++l)
        record.layers[l][Event::row_drive] = 1000;
    record.layers[2][Event::router_flit] = 7;
    record.instances["chip.a"][Event::row_drive] = 1500;
    record.instances["chip.b"][Event::row_drive] = 500;
    record.instances["chip.noc.r"][Event::router_flit] = 7;
    DataAverages averages;
    averages.active_rows_of_layer = {0.25, -1.0, -1.0};
    expect_data(record, hw, averages);
    EXPECT_EQ(record.layers[0][Event::row_pulse], 250u);
    EXPECT_EQ(record.layers[1][Event::row_pulse], 500u);
    EXPECT_EQ(record.layers[0][Event::read_conductance], 250u * 64 * 3250);  // 5.5 and 1 uS in turn
    EXPECT_EQ(record.layers[2][Event::router_toggle], 7u * 16);
    EXPECT_EQ(record.instances["chip.a"][Event::row_pulse], 563u);  // 562.5 of 750
    EXPECT_EQ(record.instances["chip.b"][Event::row_pulse], 187u);
    Counters layers;
    for (const Counters& layer : record.layers)
        layers += layer;
    EXPECT_EQ(layers.events, record.total().events);
}

TEST(ExpectedData, GivenDacsOfTwoBits_ThenTheMeanSquareOfTheirDigitsCounts) {
    HardwareConfig hw;
    hw.dac.bits = 2;
    ActivityRecord record;
    record.instances["chip.a"][Event::row_drive] = 600;
    expect_data(record, hw);
    const Counters total = record.total();
    EXPECT_EQ(total[Event::row_pulse], 300u);
    EXPECT_EQ(total[Event::read_conductance], static_cast<std::uint64_t>(300 * 64 * 3250.0 * (1 + 4 + 9) / 3));
}

TEST(ExpectedData, GivenOffsetWeights_ThenCellsHaveAnyLevel) {
    HardwareConfig hw;
    hw.crossbar.weights = WeightMapping::offset;
    ActivityRecord record;
    record.instances["chip.a"][Event::row_drive] = 2;
    expect_data(record, hw);
    EXPECT_EQ(record.total()[Event::read_conductance], 64u * 5500);
}

TEST(ExpectedData, GivenWindows_ThenTheyShareTheRunsDataByTheirSizes) {
    Counters total;
    total[Event::row_drive] = 400;
    total[Event::row_pulse] = 100;
    std::vector<PerEvent> windows(2);
    const auto drive = static_cast<std::size_t>(Event::row_drive), pulse = static_cast<std::size_t>(Event::row_pulse);
    windows[0][drive] = 300;
    windows[1][drive] = 100;
    expect_data(windows, total);
    EXPECT_DOUBLE_EQ(windows[0][pulse], 75);
    EXPECT_DOUBLE_EQ(windows[1][pulse], 25);
}

}  // namespace
}  // namespace xloop
