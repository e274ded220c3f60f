#pragma once

#include "apps/crossbar/crossbar_summary.hpp"

#include <string>

namespace xloop {

/// Heat map of the voltage loss over the array (M x N, of `voltage_loss`) as an SVG picture, drawn by gnuplot: rows down,
/// columns across, the largest loss marked.
void plot_voltage_loss(const CrossbarJob& job, const Eigen::MatrixXd& loss, const std::string& svg_file);

}  // namespace xloop
