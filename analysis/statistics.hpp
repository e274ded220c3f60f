#pragma once

#include "systemc_model/sim/simulation_result.hpp"

#include <string>

namespace xloop {

/// Activities of a computing run as YAML: for each layer with arrays, `active_rows`, the mean share of row lines driven
/// above 0 V in a read.
std::string statistics_yaml(const SimulationResult& result, const std::string& network);

/// Fills in the activities that a run without values does not know. Throws InputError unless the file names exactly the
/// layers with arrays of `result`.
void read_statistics(const std::string& file, SimulationResult& result);

}  // namespace xloop
