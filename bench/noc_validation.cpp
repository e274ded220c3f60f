#include "core/error.hpp"
#include "systemc_model/noc/measurement.hpp"
#include "tests/systemc_model/noc/reference_curves.hpp"

#include <fmt/format.h>
#include <chrono>
#include <cstdio>

// Every row of the BookSim2 curves against the model: a table of both and their difference.
int main(int argc, char** argv) {
    using namespace xloop;
    using namespace xloop::noc;
    const std::string path = argc > 1 ? argv[1] : XLOOP_SOURCE_DIR "/tests/data/noc_booksim2/noc_booksim2.csv";
    try {
        fmt::print("{:<14}{:<5}{:<10}{:>2} {:<11}{:>5}  {:>9}{:>9}{:>8}   {:>8}{:>8}{:>8}   {}\n", "config", "mesh",
                   "traffic", "P", "mode", "rate", "latency", "ours", "%", "accepted", "ours", "%", "stable");
        for (const ReferenceRow& row : read_reference_curves(path)) {
            MeasurementConfig how;
            if (row.throughput_mode)
                how.latency_limit = 0.0;
            const Measurement m = measure(row.network, row.traffic, how);
            const auto percent = [](double ours, double theirs) { return 100.0 * (ours / theirs - 1.0); };
            fmt::print(
                "{:<14}{:<5}{:<10}{:>2} {:<11}{:>5}  {:>9.3f}{:>9.3f}{:>8.2f}   {:>8.4f}{:>8.4f}{:>8.2f}   {} {}\n",
                row.config_name, row.mesh_name, row.traffic_name, row.traffic.packet_flits,
                row.throughput_mode ? "throughput" : "latency", row.traffic.injection_rate, row.packet_latency_avg,
                m.packet_latency_avg, percent(m.packet_latency_avg, row.packet_latency_avg), row.accepted_rate,
                m.accepted_rate, percent(m.accepted_rate, row.accepted_rate), row.stable, m.stable);
            std::fflush(stdout);
        }
    } catch (const Error& e) {
        fmt::print(stderr, "noc_validation: {}\n", e.what());
        return 1;
    }
}
