#include "systemc_model/noc/measurement.hpp"
#include "tests/systemc_model/noc/reference_curves.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>

namespace xloop::noc {
namespace {

const std::vector<ReferenceRow>& rows() {
    static const std::vector<ReferenceRow> all =
        read_reference_curves(XLOOP_SOURCE_DIR "/tests/data/noc_booksim2/noc_booksim2.csv");
    return all;
}

/// A curve: everything but rate and seed.
using Curve = std::tuple<std::string, std::string, std::string, int>;

Curve curve_of(const ReferenceRow& row) {
    return {row.config_name, row.mesh_name, row.traffic_name, row.traffic.packet_flits};
}

/// Saturation rate of a curve: the highest accepted rate of the reference.
std::map<Curve, double> saturation_rates() {
    std::map<Curve, double> rates;
    for (const ReferenceRow& row : rows())
        rates[curve_of(row)] = std::max(rates[curve_of(row)], row.accepted_rate);
    return rates;
}

TEST(Booksim2, GivenLoadsUpToSeventyPercentOfSaturation_ThenMeanLatencyAgreesWithinThreePercent) {
    const std::map<Curve, double> saturation = saturation_rates();
    double worst = 0.0;
    int checked = 0, skipped = 0;
    for (const ReferenceRow& row : rows()) {
        // Below 0.05 the few packets of a sample differ more than the models.
        const bool in_range =
            row.traffic.injection_rate >= 0.05 && row.traffic.injection_rate <= 0.7 * saturation.at(curve_of(row));
        // A transpose is bounded by its busiest row link, not by the average of all nodes.
        const bool bounded = row.traffic_name != "transpose" ||
                             row.traffic.injection_rate <= 0.7 * (row.config_name == "A_wh1x8" ? 0.2 : 0.333);
        if (row.throughput_mode || !row.stable || !in_range || !bounded)
            continue;
        if (row.traffic.seed != 1 || skipped++ % 2 != 0)
            continue;
        const Measurement m = measure(row.network, row.traffic, {});
        const double error = m.packet_latency_avg / row.packet_latency_avg - 1.0;
        EXPECT_TRUE(m.stable);
        EXPECT_NEAR(error, 0.0, 0.03) << row.config_name << ' ' << row.mesh_name << ' ' << row.traffic_name << ' '
                                      << row.traffic.packet_flits << " flits, rate " << row.traffic.injection_rate;
        EXPECT_NEAR(m.flit_latency_avg / row.flit_latency_avg, 1.0, 0.03);
        EXPECT_NEAR(m.network_latency_avg / row.network_latency_avg, 1.0, 0.03);
        worst = std::max(worst, std::abs(error));
        ++checked;
    }
    EXPECT_GE(checked, 25);
    RecordProperty("checked_rows", checked);
    RecordProperty("worst_latency_error_percent", std::to_string(100.0 * worst));
}

TEST(Booksim2, GivenFullLoad_ThenAcceptedRateAgreesWithinFivePercent) {
    double worst = 0.0;
    int checked = 0;
    for (const ReferenceRow& row : rows()) {
        if (!row.throughput_mode || row.traffic.seed != 1)
            continue;
        MeasurementConfig how;
        how.sample_cycles = 3000;
        const double rate = saturation_rate(row.network, row.traffic, how);
        const double error = rate / row.accepted_rate - 1.0;
        EXPECT_NEAR(error, 0.0, 0.05) << row.config_name << ' ' << row.mesh_name << ' ' << row.traffic_name << ' '
                                      << row.traffic.packet_flits << " flits";
        worst = std::max(worst, std::abs(error));
        ++checked;
    }
    EXPECT_GE(checked, 10);
    RecordProperty("checked_rows", checked);
    RecordProperty("worst_throughput_error_percent", std::to_string(100.0 * worst));
}

TEST(Booksim2, GivenOneVirtualChannel_ThenALinkCarriesPOfPPlusOneFlits) {
    for (int flits : {1, 5}) {
        TrafficConfig traffic;
        traffic.pattern = Pattern::neighbor;
        traffic.packet_flits = flits;
        MeasurementConfig how;
        how.sample_cycles = 2000;
        EXPECT_NEAR(saturation_rate(reference_network("A_wh1x8", 4), traffic, how), flits / (flits + 1.0), 1e-3);
    }
}

}  // namespace
}  // namespace xloop::noc
