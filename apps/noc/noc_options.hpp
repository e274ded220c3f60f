#pragma once

#include "systemc_model/noc/measurement.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace xloop {

/// What `xloop noc` measures and writes.
struct NocOptions {
    noc::NetworkConfig network;
    noc::TrafficConfig traffic;
    noc::MeasurementConfig measurement;
    std::string mesh = "8x8", pattern = "uniform", seed = "1";
    std::string trace_file, sweep, csv_file, plot_file, links_file;
    bool sweeping = false, json = false;

    void add_to(CLI::App& command);
    /// Reads the texts into numbers. Throws InputError with the option and what was expected.
    void check();
    bool replays() const { return pattern == "trace"; }
    /// Loads of a sweep, in flits per node and cycle.
    std::vector<double> sweep_rates() const;

private:
    void read_mesh();
    void check_traffic() const;
};

}  // namespace xloop
