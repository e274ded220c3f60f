#pragma once

#include "attacks/robustness.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Robust accuracy over the attacks' bounds, and over their steps where some attack has several, as an SVG picture: a line for each
/// threat model and attack, the mean over the chips with the least and the largest as bars. Nothing where there is one bound and one
/// number of steps.
void plot_robustness(const std::vector<RobustnessCell>& cells, const std::string& network, const std::string& svg_file);

/// Images as they are, attacked, and the change, as a PNG picture.
void plot_samples(const std::vector<AttackSample>& samples, const std::string& png_file);

}  // namespace xloop
