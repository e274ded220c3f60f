#pragma once

#include "apps/search/pipeline.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Accuracy under attack against EDAP as an SVG picture, drawn by gnuplot; a warning when gnuplot is missing.
void plot_pareto(const std::vector<SubnetRecord>& subnets, const std::string& svg_file);

}  // namespace xloop
