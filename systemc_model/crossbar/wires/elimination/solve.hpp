#pragma once

#include "systemc_model/crossbar/wires/elimination/plan.hpp"

#include <Eigen/Core>
#include <memory>

namespace xloop::elimination {

enum class InstructionSet { portable, avx2, avx512 };

/// What this machine can run, the fastest last.
std::vector<InstructionSet> available_instruction_sets();
InstructionSet fastest_instruction_set();

/// G_eff in the precision of T.
template <class T>
Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> solve(const Eigen::MatrixXd& g, const Parasitics& parasitics,
                                                       InstructionSet set);

/// An eliminated array with the way back to its cells. Inputs are the source voltages of the rows and the voltages of
/// what the columns end in.
class EliminatedArray {
public:
    EliminatedArray(const Eigen::MatrixXd& g, const Parasitics& parasitics, InstructionSet set);

    /// k x M source voltages and k x N end voltages (either may be empty: 0) -> k x (M * N) cell voltages.
    Eigen::MatrixXd cell_voltages(const Eigen::MatrixXd& sources, const Eigen::MatrixXd& ends) const;

    /// For every cell (k, l) the voltage for 1 V on row k times that for -1 V at the end of column l, M x N.
    Eigen::MatrixXd own_path_products() const;

    /// For every cell the sum over i, j of weights(i, j) * (its voltage for 1 V on row i) * (that for -1 V at the end
    /// of column j), M x N.
    Eigen::MatrixXd weighted_products(const Eigen::MatrixXd& weights) const;

private:
    Passage passage(const double* border, int columns, double* scratch) const;

    Plan plan_;
    std::shared_ptr<const double> record_;
    InstructionSet set_;
};

}  // namespace xloop::elimination
