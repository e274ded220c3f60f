#pragma once

#include "analysis/validation.hpp"

#include <string>

namespace xloop {

/// Cycles and energy of every layer, estimate against cycle model, and the energy of both by class.
void plot_validation(const Validation& validation, const std::string& svg_file);

}  // namespace xloop
