#include "analysis/uncertainty.hpp"

#include "analysis/study.hpp"
#include "core/error.hpp"
#include "core/workload/network_spec.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/systemc_model/cost/cost_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace xloop {
namespace {

/// Dynamic energy of 3 J, of which 1 is certain; no static power; area of 2 mm2.
UncertainDesign design(double edap_factor = 1) {
    UncertainDesign d{"made up", {}, {}};
    d.figures.latency_s = edap_factor;
    d.figures.interval_s = edap_factor;
    d.figures.area_mm2 = 2;
    d.figures.dynamic_j = 3;
    d.figures.macs = 1e12;
    d.rows = {{"energy of a", "t", 2, "because", 2, 0, 0}, {"area of b", "t", 4, "because", 0, 0, 2}};
    return d;
}

const UncertainFigure& figure(const Uncertainty& found, const std::string& name) {
    for (const UncertainFigure& f : found.figures)
        if (f.name == name)
            return f;
    throw Error("no such figure");
}

TEST(Uncertainty, NinetyPercentAreWithinTheRowsFactor) {
    const Uncertainty found = spread_of(design(), 100000, 1);
    const UncertainFigure& area = figure(found, "area");
    EXPECT_DOUBLE_EQ(area.value, 2);
    EXPECT_NEAR(area.median, 2, 0.03);
    EXPECT_NEAR(area.low, 2.0 / 4, 0.01);
    EXPECT_NEAR(area.high, 2.0 * 4, 0.15);
    // Energy is 1 + 2 x factor: monotonous, so that its quantiles are those of the factor.
    const UncertainFigure& energy = figure(found, "energy alone");
    EXPECT_NEAR(energy.median, 3, 0.02);
    EXPECT_NEAR(energy.low, 1 + 2.0 / 2, 0.01);
    EXPECT_NEAR(energy.high, 1 + 2.0 * 2, 0.03);
    EXPECT_NEAR(found.certain_dynamic_share, 1.0 / 3, 1e-12);
    EXPECT_DOUBLE_EQ(found.certain_area_share, 0);
}

TEST(Uncertainty, ARowDecidesItsShareOfTheVariance) {
    UncertainDesign d = design();
    d.figures.dynamic_j = 2;  // ln EDAP is the sum of both logarithms then
    const Uncertainty found = spread_of(d, 50000, 1);
    const double a = std::pow(std::log(2), 2), b = std::pow(std::log(4), 2);
    EXPECT_EQ(found.rows[0].share.row, "area of b");
    EXPECT_NEAR(found.rows[0].decides, b / (a + b), 0.01);
    EXPECT_NEAR(found.rows[1].decides, a / (a + b), 0.01);
}

TEST(Uncertainty, SameSeedSameFiguresAndDesignsShareTheErrorsOfRows) {
    EXPECT_EQ(spread_of(design(), 1000, 5).json(), spread_of(design(), 1000, 5).json());
    EXPECT_NE(spread_of(design(), 1000, 5).json(), spread_of(design(), 1000, 6).json());
    // The same rows with the same errors: the ratio is exact.
    const UncertainComparison found = compare_designs(design(), design(1.1), 1000, 1);
    for (const auto& ratio : found.ratios)
        if (ratio.name == "EDAP alone") {
            EXPECT_NEAR(ratio.low, 1.1, 1e-12);
            EXPECT_NEAR(ratio.high, 1.1, 1e-12);
            EXPECT_TRUE(ratio.differ());
            EXPECT_EQ(ratio.smaller, 0);
        }
    // Another table's rows have errors of their own.
    UncertainDesign other = design(1.1);
    for (UncertainShare& row : other.rows)
        row.table = "another";
    for (const auto& ratio : compare_designs(design(), other, 1000, 1).ratios)
        EXPECT_FALSE(ratio.differ()) << ratio.name;
}

TEST(Uncertainty, NeedsRowsThatStateIt) {
    UncertainDesign d = design();
    d.rows.clear();
    EXPECT_THROW(spread_of(d, 100, 1), InputError);
    EXPECT_THROW(compare_designs(design(), d, 100, 1), InputError);
}

TEST(Uncertainty, RowsHoldWhatTheLedgerChargesThemFor) {
    const NetworkSpec spec = parse_network(R"(
name: one
input: {channels: 2, height: 8, width: 8}
layers:
  - {name: conv, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: pool, type: avg_pool, kernel: 6}
)",
                                           "test");
    const MappedNetwork network = map_network(build_graph(spec), {});
    const CostTable costs = load_cost_table(test::cost_table_path("generic_32nm"));
    const UncertainDesign design = uncertain_design("one", network, costs, 1, {});
    const HardwareReport report = estimate_hardware(network, costs, 1);
    EXPECT_EQ(design.figures.edap_alone(), report.edap());
    const auto at = [](const PerComponent& of, Component c) { return of[static_cast<std::size_t>(c)]; };
    int found = 0;
    for (const UncertainShare& row : design.rows) {
        EXPECT_FALSE(row.source.empty()) << row.row;
        if (row.row == "energy of conversion") {
            EXPECT_NEAR(row.dynamic_j, at(report.ledger.dynamic_j, Component::adc), 1e-9 * row.dynamic_j);
            EXPECT_EQ(row.factor, 2);
            ++found;
        } else if (row.row == "area of adc") {
            EXPECT_NEAR(row.area_mm2, at(report.ledger.area_mm2, Component::adc), 1e-9 * row.area_mm2);
            EXPECT_EQ(row.factor, 5);
            ++found;
        } else if (row.row == "power of buffer") {
            EXPECT_NEAR(row.static_w * report.ledger.seconds,
                        at(report.ledger.leakage_j, Component::buffer) + at(report.ledger.clock_j, Component::buffer),
                        1e-9 * row.static_w * report.ledger.seconds);
            ++found;
        }
    }
    EXPECT_EQ(found, 3);
    EXPECT_LT(design.certain_area_share(), 0.2);
}

}  // namespace
}  // namespace xloop
