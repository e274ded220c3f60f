#pragma once

#include "apps/command_line.hpp"
#include "systemc_model/noc/measurement.hpp"

#include <string>
#include <vector>

namespace xloop {

/// What `xloop noc` measures and writes.
struct NocOptions {
    noc::NetworkConfig network;
    noc::TrafficConfig traffic;
    noc::MeasurementConfig measurement;
    std::string mesh = "8x8", pattern = "uniform", seed = "1";
    std::string trace_file, csv_file, plot_file, links_file;
    std::vector<std::string> sweep;  ///< given: one text, perhaps empty
    bool json = false;

    void add_to(CommandLine& command);
    /// Reads the texts into numbers. Throws InputError with the option and what was expected.
    void check();
    bool sweeps() const { return !sweep.empty(); }
    bool replays() const { return pattern == "trace"; }
    /// Loads of a sweep, in flits per node and cycle.
    std::vector<double> sweep_rates() const;

private:
    void read_mesh();
    void check_traffic() const;
};

}  // namespace xloop
