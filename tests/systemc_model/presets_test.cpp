#include "core/experiment_config.hpp"
#include "systemc_model/cost/nameplate.hpp"
#include "systemc_model/mapping/peak_throughput.hpp"

#include <gmock/gmock.h>
#include <ostream>
#include <string>
#include <vector>

// docs/presets.md as tests: published component tables against the nameplates that follow from structure.
namespace xloop {
namespace {

struct Preset {
    HardwareConfig hardware;
    ChipShape chip;
    Nameplate nameplate;
};

Preset load_preset(const std::string& experiment) {
    const ExperimentConfig config = load_experiment(XLOOP_SOURCE_DIR "/configs/experiments/" + experiment, {}).config;
    const HardwareConfig& h = config.hardware;
    const ChipShape chip = {h.noc.mesh_cols * h.noc.mesh_rows * h.noc.concentration, h.noc.mesh_cols, h.noc.mesh_rows, false};
    return {h, chip, make_nameplate(h, chip, unit_costs(load_cost_table(config.cost_table), h))};
}

/// A row of a published table, and by which factor our power and area exceed it because of counts and rates.
struct Row {
    Component component;
    double published_mw, published_mm2;
    double power_factor, area_factor;
};

void expect_row(const NameplatePart& part, const Row& row, double tolerance) {
    EXPECT_NEAR(1e3 * part.power_w(row.component), row.published_mw * row.power_factor,
                tolerance * row.published_mw * row.power_factor)
        << name_of(row.component);
    const double area = part.area_mm2[static_cast<std::size_t>(row.component)];
    EXPECT_NEAR(area, row.published_mm2 * row.area_factor, tolerance * row.published_mm2 * row.area_factor)
        << name_of(row.component);
}

/// Power in mW and area in mm2 of rows of `part` with the factors taken out.
struct Figures {
    double mw = 0, mm2 = 0;
};

Figures at_published_counts(const NameplatePart& part, const std::vector<Row>& rows) {
    Figures sum;
    for (const Row& row : rows) {
        sum.mw += 1e3 * part.power_w(row.component) / row.power_factor;
        sum.mm2 += part.area_mm2[static_cast<std::size_t>(row.component)] / row.area_factor;
    }
    return sum;
}

void expect_within(double value, double published, double tolerance) {
    EXPECT_NEAR(value, published, tolerance * published);
}

const Preset& isaac() {
    static const Preset preset = load_preset("isaac_step.yaml");
    return preset;
}

// 129 columns for 128; converters at 1.28 GS/s for 1.2; registers of two vectors for one; sums of 32 bits for 16; an adder
// for each converter for one between two.
const std::vector<Row> isaac_ima = {{Component::crossbar, 2.4, 0.0002, 129.0 / 128, 129.0 / 128},
                                    {Component::dac, 4, 0.00017, 1, 1},
                                    {Component::sample_hold, 0.01, 0.00004, 129.0 / 128, 129.0 / 128},
                                    {Component::adc, 16, 0.0096, 1.28 / 1.2, 1},
                                    {Component::shift_add, 0.2, 0.00024, 1.28 / 1.2, 2},
                                    {Component::input_register, 1.24, 0.0021, 1, 2},
                                    {Component::output_register, 0.23, 0.00077, 2, 2}};
// All 384 wires each ns for the 128 bits that the table's 0.054 pJ a bit is from; likewise 8 flits for 16; two adders for one.
const std::vector<Row> isaac_shared = {{Component::buffer, 20.7, 0.083, 1, 1},
                                       {Component::bus, 7, 0.090, 3, 1},
                                       {Component::router, 42.0 / 4, 0.151 / 4, 0.5, 1},
                                       {Component::vector_unit, 0.52, 0.0006, 1, 1},
                                       {Component::accumulator, 0.05, 0.00006, 2, 2}};

TEST(IsaacPreset, GivenItsStructure_ThenEveryRowOfThePaperReturns) {
    for (const Row& row : isaac_ima)
        expect_row(isaac().nameplate.pe, row, 0.01);
    for (const Row& row : isaac_shared)
        expect_row(isaac().nameplate.tile, row, 0.015);
    expect_row(isaac().nameplate.chip, {Component::io_link, 10400, 22.88, 1, 1}, 1e-6);
}

TEST(IsaacPreset, GivenThePapersCountsAndRates_ThenUnitTileAndChipReturnWithinOnePercent) {
    const Figures ima = at_published_counts(isaac().nameplate.pe, isaac_ima);
    const Figures shared = at_published_counts(isaac().nameplate.tile, isaac_shared);
    expect_within(ima.mw, 24.08, 0.01);
    expect_within(ima.mm2, 0.0131, 0.01);
    expect_within(12 * ima.mw + shared.mw, 330, 0.01);
    expect_within(12 * ima.mm2 + shared.mm2, 0.372, 0.01);
    expect_within(168e-3 * (12 * ima.mw + shared.mw) + 10.4, 65.8, 0.01);
    expect_within(168 * (12 * ima.mm2 + shared.mm2) + 22.88, 85.4, 0.01);
}

TEST(IsaacPreset, GivenItsOwnCountsAndRates_ThenTotalsAreTheDocumentedOnes) {
    const Nameplate& plate = isaac().nameplate;
    expect_within(1e3 * plate.pe.power_total_w(), 25.44, 1e-3);
    expect_within(plate.pe.area_total_mm2(), 0.01623, 1e-3);
    expect_within(1e3 * plate.tile.power_total_w(), 352.3, 1e-3);
    expect_within(plate.tile.area_total_mm2(), 0.4063, 1e-3);
    expect_within(plate.chip.power_total_w(), 69.59, 1e-3);
    expect_within(plate.chip.area_total_mm2(), 91.13, 1e-3);
}

TEST(IsaacPreset, GivenFullArrays_ThenPeakOperationsAreThePapers) {
    const double closed_form = 2.0 * 168 * 12 * 8 * 128 * 16 / 1.6e-6;
    EXPECT_NEAR(peak_operations_per_s(isaac().hardware, 168), closed_form, 1e-9 * closed_form);
    expect_within(1e-12 * closed_form, 41.3, 0.001);
    expect_within(1e-12 * closed_form, 0.479 * 85.4, 0.01);   // published 479 GOPS/s/mm2
}

TEST(PeakThroughput, GivenSeparateArraysForBothSigns_ThenAPairCountsOnce) {
    HardwareConfig h;   // differential: 8 outputs of 64 columns; separate: 16
    const double differential = peak_operations_per_s(h, 3);
    EXPECT_NEAR(differential, 3 * 12 * 2.0 * 64 * 8 / 800e-9, 1e-3);
    h.crossbar.weights = "separate";
    EXPECT_NEAR(peak_operations_per_s(h, 3), 3 * 6 * 2.0 * 64 * 16 / 800e-9, 1e-3);
}

TEST(PeakThroughput, GivenConvertersThatAreSlowerThanAReadOrNoSampleHold_ThenTheyHoldThePace) {
    HardwareConfig h;   // 32 conversions
    h.adc.sample_rate_gsps = 0.16;   // 200 ns
    EXPECT_NEAR(peak_operations_per_s(h, 1), 12 * 2.0 * 64 * 8 / 1600e-9, 1e-3);
    h.crossbar.sample_hold = false;
    EXPECT_NEAR(peak_operations_per_s(h, 1), 12 * 2.0 * 64 * 8 / 2400e-9, 1e-3);
}

}  // namespace
}  // namespace xloop
