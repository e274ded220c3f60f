#pragma once

#include "systemc_model/crossbar/wires/elimination/variants.hpp"

#include <Eigen/Core>

namespace xloop::elimination {

/// G_eff in the precision of T, by an instruction set that this machine has.
template <class T>
Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> solve(const Eigen::MatrixXd& g, const Parasitics& parasitics,
                                                       InstructionSet set);

}  // namespace xloop::elimination
