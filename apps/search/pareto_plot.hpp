#pragma once

#include "apps/search/pipeline.hpp"

#include <string>

namespace xloop {

/// All candidates by the first two objectives, the front, the chosen and the baseline as an SVG picture, drawn by gnuplot; a warning when
/// gnuplot is missing. Of one objective no picture.
void plot_pareto(const SearchResult& result, const SearchConfig& config, const std::string& svg_file);

}  // namespace xloop
