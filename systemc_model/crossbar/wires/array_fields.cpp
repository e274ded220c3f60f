#include "systemc_model/crossbar/wires/array_fields.hpp"

#include "systemc_model/crossbar/wires/elimination/solve.hpp"

namespace xloop {

using Eigen::MatrixXd;

struct ArrayFields::State {
    elimination::EliminatedArray array;
};

ArrayFields::ArrayFields(const MatrixXd& g, const Parasitics& parasitics)
    : state_(std::make_unique<State>(State{{g, parasitics, elimination::fastest_instruction_set()}})) {}
ArrayFields::~ArrayFields() = default;
ArrayFields::ArrayFields(ArrayFields&&) noexcept = default;
ArrayFields& ArrayFields::operator=(ArrayFields&&) noexcept = default;

MatrixXd ArrayFields::voltages(const MatrixXd& v) const { return state_->array.cell_voltages(v, {}); }

// The circuit is reciprocal: the adjoint of reading a column's current is to drive the column from its sense end, at
// -1 V for the sign of dI_j / dG.
MatrixXd ArrayFields::adjoint(const MatrixXd& weights) const { return state_->array.cell_voltages({}, -weights); }

MatrixXd conductance_gradient(const MatrixXd& g, const Parasitics& parasitics, const MatrixXd& g_eff_bar) {
    const elimination::EliminatedArray array(g, parasitics, elimination::fastest_instruction_set());
    return array.weighted_products(g_eff_bar);
}

MatrixXd own_path_sensitivity(const MatrixXd& g, const Parasitics& parasitics) {
    const elimination::EliminatedArray array(g, parasitics, elimination::fastest_instruction_set());
    return array.own_path_products();
}

}  // namespace xloop
