#pragma once

#include "analysis/sensitivity.hpp"

#include <string>

namespace xloop {

/// Bars of each layer, a panel for each measure and one for the bits of the rule.
void plot_sensitivity(const Sensitivity& sensitivity, const std::string& network, const std::string& svg_file);

}  // namespace xloop
