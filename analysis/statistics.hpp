#pragma once

#include "core/workload/workload_graph.hpp"
#include "systemc_model/sim/simulation_result.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Activities of a computing run as YAML: for each layer with arrays, `active_rows`, the mean share of row lines driven
/// above 0 V in a read.
std::string statistics_yaml(const SimulationResult& result, const std::string& network);

/// The active rows of each layer of `graph` that such a file gives; -1 for layers without arrays. Throws InputError unless
/// the file names exactly the layers with arrays.
std::vector<double> read_statistics(const std::string& file, const WorkloadGraph& graph);

/// Fills in the activities that a run of `graph` without values does not know.
void add_statistics(SimulationResult& result, const std::string& file, const WorkloadGraph& graph);

}  // namespace xloop
