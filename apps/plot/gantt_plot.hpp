#pragma once

#include "systemc_model/sim/simulation_result.hpp"

#include <string>

namespace xloop {

/// Layers from top to bottom, time in microseconds; one bar for each image, from its first fetch to the last position sent.
/// Drawn by gnuplot; a warning when gnuplot is missing.
void plot_gantt(const SimulationResult& result, double clock_ghz, const std::string& network,
                const std::string& svg_file);

}  // namespace xloop
