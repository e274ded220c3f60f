#pragma once

#include "analysis/comparison.hpp"

#include <string>

namespace xloop {

/// Energy and area of every run by class, and latency, interval, energy, area and EDAP relative to the first run.
void plot_comparison(const RunComparison& comparison, const std::string& svg_file);

}  // namespace xloop
