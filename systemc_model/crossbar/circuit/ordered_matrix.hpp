#pragma once

#include "systemc_model/crossbar/circuit/lanes.hpp"

#include <Eigen/Core>

namespace xloop {

/// A matrix to be multiplied from the left, k rows at a time. Every element of the product is summed in the order of the
/// matrix's rows, one product after the other: its bits depend neither on k nor on the instruction set (a general
/// matrix product picks its order by the shape).
class OrderedMatrix {
public:
    OrderedMatrix() = default;
    explicit OrderedMatrix(const Eigen::MatrixXd& matrix);

    Eigen::Index rows() const { return rows_; }
    Eigen::Index cols() const { return cols_; }
    /// `a`: k x rows -> k x cols, a * matrix.
    Eigen::MatrixXd multiplied_by(const Eigen::MatrixXd& a) const;

private:
    Eigen::Index rows_ = 0, cols_ = 0;
    std::vector<WideSlot> slots_;  ///< panels of 16 columns
};

}  // namespace xloop
