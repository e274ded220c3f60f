#pragma once

#include "analysis/pareto.hpp"
#include "systemc_model/cost/figures_of_merit.hpp"

#include <vector>

namespace xloop {

/// A figure of a network on a chip that designs are compared by: a row of one table, for searches and sweeps.
struct HardwareFigure {
    const char* name;
    const char* heading;  ///< with the unit that people see
    const char* doc;
    Direction direction;  ///< what is better
    double scale;         ///< from the value, in SI units and mm2, to what people see
    const char* format;   ///< of that
    double (*of)(const FiguresOfMerit&);
};

const std::vector<HardwareFigure>& hardware_figures();

}  // namespace xloop
