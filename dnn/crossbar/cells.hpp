#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/crossbar/programmed_array.hpp"
#include "systemc_model/device/device_model.hpp"

#include <Eigen/Core>
#include <vector>

namespace xloop {

/// How a weight gradient goes back through an array's wires and cells.
enum class CellPath {
    own,   ///< each cell acts on the G_eff entry of its own row and column only
    exact  ///< each cell acts on all entries
};

/// Share of a weight's gradient that goes through an array of this polarity: with separate mapping the array of the
/// weight's sign has it all, and both have half of it at 0.
float polarity_share(int weight, int polarity);

/// From what an array realises back to the weights it was programmed with, through G_eff, the cells' conductances and
/// their levels. Cells count at their slope at 0 V: exact for circuits ideal and linear.
///
/// Levels of a bit-sliced weight are taken to follow it in the least-norm way, d level_s / d w = 2^(b s) / sum of
/// 4^(b s'), so that an array without wires, faults and variation hands the gradient on as it is.
class CellGradient {
public:
    /// `array`: what the contents became on this hardware; the factors of its gain correction are taken as constants.
    CellGradient(const ArrayContents& contents, const ProgrammedArray& array, const HardwareConfig& hardware,
                 const DeviceModel& device, CellPath path);

    /// `through`: d loss / d effective weight, outputs x rows, row o at through + o * stride, in any unit; adds d loss / d weight
    /// to `gradient`, outputs x own rows (ArrayContents), row o at gradient + o * gradient_stride.
    void add(const float* through, std::ptrdiff_t stride, float* gradient, std::ptrdiff_t gradient_stride) const;

private:
    Eigen::MatrixXd back_to_levels(const Eigen::MatrixXd& g_eff_bar) const;
    double level_gradient(const Eigen::MatrixXd& level_bar, int row, int conversion, int weight) const;

    WeightSlicing slicing_;
    std::vector<std::int8_t> weights_;  ///< outputs x own rows
    int rows_, outputs_, polarity_;
    std::vector<double> weights_per_siemens_;  ///< d effective weight / d G_eff, by conversion
    std::vector<double> levels_per_weight_;    ///< by slice
    CellPath path_;
    bool wires_;
    Parasitics parasitics_;
    Eigen::MatrixXd g_;         ///< of the linear circuit, for the exact path
    Eigen::MatrixXd response_;  ///< d g / d level of each cell; own path: times the own-path sensitivity
};

}  // namespace xloop
