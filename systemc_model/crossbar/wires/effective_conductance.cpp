#include "systemc_model/crossbar/wires/effective_conductance.hpp"

#include "systemc_model/crossbar/wires/elimination/solve.hpp"

namespace xloop {
namespace {

template <class T>
Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> solve(const Eigen::MatrixXd& g, const Parasitics& parasitics) {
    if (parasitics.none() || g.size() == 0)
        return g.cast<T>();
    return elimination::solve<T>(g, parasitics, elimination::fastest_instruction_set());
}

}  // namespace

Eigen::MatrixXd effective_conductance(const Eigen::MatrixXd& g, const Parasitics& parasitics) {
    return solve<double>(g, parasitics);
}

Eigen::MatrixXf effective_conductance_fp32(const Eigen::MatrixXd& g, const Parasitics& parasitics) {
    return solve<float>(g, parasitics);
}

}  // namespace xloop
