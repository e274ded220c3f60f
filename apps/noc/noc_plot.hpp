#pragma once

#include "systemc_model/noc/measurement.hpp"

#include <string>
#include <vector>

namespace xloop {

/// One point of a sweep over the offered rate, flits per node and cycle.
struct NocPoint {
    double offered_rate = 0.0;
    noc::Measurement measured;
    double seconds = 0.0;  ///< that the measurement took
};

/// Latency and accepted rate over the offered rate as an SVG picture, drawn by gnuplot; a line at the saturation rate.
void plot_noc_sweep(const std::string& title, const std::vector<NocPoint>& points, double saturation_rate,
                    const std::string& svg_file);

}  // namespace xloop
