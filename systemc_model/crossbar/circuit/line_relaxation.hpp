#pragma once

#include "systemc_model/crossbar/wires/parasitics.hpp"
#include "systemc_model/device/cell_curve.hpp"

#include <Eigen/Core>

namespace xloop {

struct RelaxationLimits {
    double tolerance = 1e-10;  ///< largest change of a node voltage in a sweep, over the largest source voltage
    int max_sweeps = 1000;
};

/// Column currents of an array of nonlinear cells, solved input by input to the last digits: two-level line relaxation
/// (every row wire, every column wire, one amplitude per wire), the cells linearised anew in each sweep.
/// `g`: M x N siemens (slope at 0 of the device, 0 = no cell); `v`: k x M volt -> k x N ampere. An input's result does
/// not depend on the other inputs of the batch, nor on the instruction set. Throws Error when an input does not converge
/// or alpha times its largest voltage exceeds 700, InputError when `v` has another width.
Eigen::MatrixXd exact_currents(const Eigen::MatrixXd& g, const Parasitics& parasitics, const CellCurve& curve,
                               const Eigen::MatrixXd& v, const RelaxationLimits& limits = {});

}  // namespace xloop
