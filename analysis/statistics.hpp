#pragma once

#include "core/made_reads.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/cost/expected_data.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "systemc_model/sim/simulation_result.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Activities of a computing run as YAML: for each layer with arrays, `active_rows`, the mean share of row lines driven
/// above 0 V in a read. Of a layer that leaves out reads of zeros alone also `reads`, those that are made, of all images, by
/// copy, array and group of rows, and `steps`, by copy and tile: what the arrays of a tile take in lockstep.
std::string statistics_yaml(const SimulationResult& result, const std::string& network);

/// The active rows of each layer of `graph` that such a file gives; -1 for layers without arrays. Throws InputError unless
/// the file names exactly the layers with arrays.
std::vector<double> read_statistics(const std::string& file, const WorkloadGraph& graph);

/// The reads that such a file gives for a network. Throws InputError unless it has those of each layer that leaves some out,
/// for as many copies, arrays, groups of rows and tiles.
MadeReads read_made_reads(const std::string& file, const MappedNetwork& network);

/// What an estimate takes for the data that it does not know. Where reads of zeros alone are left out and `network` has no
/// reads, sets those that random bits let expect; else takes what `statistics` gives, if that is a file.
DataAverages assume_data(MappedNetwork& network, const std::string& statistics, int images);

/// Fills in the activities that a run of `graph` without values does not know.
void add_statistics(SimulationResult& result, const std::string& file, const WorkloadGraph& graph);

}  // namespace xloop
