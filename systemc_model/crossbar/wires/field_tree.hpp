#pragma once

#include "systemc_model/crossbar/wires/parasitics.hpp"

#include <Eigen/Core>
#include <array>
#include <memory>
#include <vector>

namespace xloop {

/// A rectangle of the array, eliminated: how the inputs at its border determine what is inside. Wires that cross the
/// border are its ports. Hybrid form keeps every entry of order 1, g or R, so that small and zero resistances lose no
/// digits:
///   inputs   V_left, I_right, V_bottom, I_top      (currents counted rightwards and downwards)
///   outputs  I_left, V_right, I_bottom, V_top
/// Open ends (right and top edge of the array) are no ports. At the left and bottom edge the inputs are the voltages
/// behind the driver and sense resistances.
struct FieldTree {
    enum Side { left, right, bottom, top };
    using Ports = std::vector<Eigen::Index>;

    /// Ports of each side, from top to bottom or left to right, as indices into the vector of all inputs.
    std::array<Ports, 4> ports;
    Eigen::Index row, col, rows, cols;

    /// A leaf: cell voltages from inputs, (rows * cols) x inputs, cell (i, j) of the rectangle is row i * cols + j.
    Eigen::MatrixXd cell_voltages;

    /// Two halves, left | right or bottom | top. The vector of inputs is [inputs of `first` | inputs of `second`]
    /// without the ports of the cut, whose inputs are y for `first` and x for `second`.
    std::unique_ptr<FieldTree> first, second;
    Ports first_rest, first_cut, second_rest, second_cut;
    Eigen::MatrixXd y_of_inputs, x_of_inputs;

    bool leaf() const { return !first; }
    Eigen::Index inputs() const { return leaf() ? cell_voltages.cols() : y_of_inputs.cols(); }
};

FieldTree build_field_tree(const Eigen::MatrixXd& g, const Parasitics& parasitics);

}  // namespace xloop
