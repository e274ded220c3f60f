#pragma once

#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <string>

namespace xloop {

/// Floor plan as an SVG picture: the tiles in their places, processing elements coloured by layer; one plan below the
/// other for several rounds. Drawn by gnuplot; a warning when it is missing.
void plot_floor(const MappedNetwork& network, const std::string& svg_file);

}  // namespace xloop
