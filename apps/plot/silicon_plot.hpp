#pragma once

#include "analysis/silicon.hpp"

#include <string>

namespace xloop {

/// Draws a chip's curves, one panel for each figure that several points publish and that is not given, over the points' axis: published, blind and
/// fitted; without an axis the ratios of all figures.
void plot_silicon(const SiliconComparison& comparison, const std::string& svg_file);

}  // namespace xloop
