#pragma once

#include "systemc_model/sim/simulation_result.hpp"

#include <string>

namespace xloop {

/// Images, layers, the busiest servers, fullest buffers and links, rounds.
std::string timing_text(const SimulationResult& result, double clock_ghz);

/// One line for each image of each layer, each component, each link, with a header line; times in cycles.
std::string layers_csv(const SimulationResult& result);
std::string components_csv(const SimulationResult& result);
std::string links_csv(const SimulationResult& result);

}  // namespace xloop
