#include "systemc_model/crossbar/wires/array_fields.hpp"

#include "systemc_model/crossbar/wires/field_tree.hpp"

namespace xloop {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// `inputs`: k x inputs of `tree` -> its cells' columns of `fields`, k x (M * N).
void propagate(const FieldTree& tree, const MatrixXd& inputs, Index array_cols, MatrixXd& fields) {
    if (tree.leaf()) {
        const MatrixXd cells = inputs * tree.cell_voltages.transpose();
        for (Index i = 0; i < tree.rows; ++i)
            fields.middleCols((tree.row + i) * array_cols + tree.col, tree.cols) =
                cells.middleCols(i * tree.cols, tree.cols);
        return;
    }
    const auto descend = [&](const FieldTree& half, const FieldTree::Ports& rest, const MatrixXd& rest_inputs,
                             const FieldTree::Ports& cut, const MatrixXd& cut_of_inputs) {
        MatrixXd half_inputs(inputs.rows(), half.inputs());
        half_inputs(Eigen::all, rest) = rest_inputs;
        half_inputs(Eigen::all, cut) = inputs * cut_of_inputs.transpose();
        propagate(half, half_inputs, array_cols, fields);
    };
    const auto np = static_cast<Index>(tree.first_rest.size()), nq = static_cast<Index>(tree.second_rest.size());
    descend(*tree.first, tree.first_rest, inputs.leftCols(np), tree.first_cut, tree.y_of_inputs);
    descend(*tree.second, tree.second_rest, inputs.rightCols(nq), tree.second_cut, tree.x_of_inputs);
}

/// `weights`: what each cell's product of two fields counts, as a symmetric form in the inputs of `tree`; its cells'
/// entries of `gradient` are f * weights * f', f the cell's row of `cell_voltages`.
void propagate_form(const FieldTree& tree, const MatrixXd& weights, MatrixXd& gradient) {
    if (tree.leaf()) {
        const Eigen::VectorXd cells = (tree.cell_voltages * weights).cwiseProduct(tree.cell_voltages).rowwise().sum();
        gradient.block(tree.row, tree.col, tree.rows, tree.cols) =
            cells.reshaped<Eigen::RowMajor>(tree.rows, tree.cols);
        return;
    }
    const auto descend = [&](const FieldTree& half, const FieldTree::Ports& rest, Index rest_begin,
                             const FieldTree::Ports& cut, const MatrixXd& cut_of_inputs) {
        const auto count = static_cast<Index>(rest.size());
        const MatrixXd cut_weights = cut_of_inputs * weights;
        MatrixXd half_weights(half.inputs(), half.inputs());
        half_weights(rest, rest) = weights.block(rest_begin, rest_begin, count, count);
        half_weights(cut, rest) = cut_weights.middleCols(rest_begin, count);
        half_weights(rest, cut) = cut_weights.middleCols(rest_begin, count).transpose();
        half_weights(cut, cut) = cut_weights * cut_of_inputs.transpose();
        propagate_form(half, half_weights, gradient);
    };
    descend(*tree.first, tree.first_rest, 0, tree.first_cut, tree.y_of_inputs);
    descend(*tree.second, tree.second_rest, static_cast<Index>(tree.first_rest.size()), tree.second_cut,
            tree.x_of_inputs);
}

/// `w`: inputs of `tree` for 1 V on each of its rows (rows x inputs), `u`: for the adjoint of each of its columns.
void propagate_own_paths(const FieldTree& tree, const MatrixXd& w, const MatrixXd& u, MatrixXd& sensitivity) {
    if (tree.leaf()) {
        const MatrixXd row_fields = w * tree.cell_voltages.transpose(), col_fields = u * tree.cell_voltages.transpose();
        for (Index i = 0; i < tree.rows; ++i)
            for (Index j = 0; j < tree.cols; ++j)
                sensitivity(tree.row + i, tree.col + j) =
                    row_fields(i, i * tree.cols + j) * col_fields(j, i * tree.cols + j);
        return;
    }
    const auto descend = [&](const FieldTree& half, const FieldTree::Ports& rest, Index rest_begin,
                             const FieldTree::Ports& cut, const MatrixXd& cut_of_inputs) {
        const auto inputs_of_half = [&](const auto& inputs) {
            MatrixXd half_inputs(inputs.rows(), half.inputs());
            half_inputs(Eigen::all, rest) = inputs.middleCols(rest_begin, static_cast<Index>(rest.size()));
            half_inputs(Eigen::all, cut) = inputs * cut_of_inputs.transpose();
            return half_inputs;
        };
        propagate_own_paths(half, inputs_of_half(w.middleRows(half.row - tree.row, half.rows)),
                            inputs_of_half(u.middleRows(half.col - tree.col, half.cols)), sensitivity);
    };
    descend(*tree.first, tree.first_rest, 0, tree.first_cut, tree.y_of_inputs);
    descend(*tree.second, tree.second_rest, static_cast<Index>(tree.first_rest.size()), tree.second_cut,
            tree.x_of_inputs);
}

/// Inputs of the whole array. The circuit is reciprocal: the adjoint of reading a column's current is to drive the
/// column from its sense end, at -1 V for the sign of dI_j / dG.
MatrixXd source_inputs(const FieldTree& tree, const MatrixXd& v) {
    MatrixXd inputs = MatrixXd::Zero(v.rows(), tree.inputs());
    inputs(Eigen::all, tree.ports[FieldTree::left]) = v;
    return inputs;
}

MatrixXd sense_inputs(const FieldTree& tree, const MatrixXd& weights) {
    MatrixXd inputs = MatrixXd::Zero(weights.rows(), tree.inputs());
    inputs(Eigen::all, tree.ports[FieldTree::bottom]) = -weights;
    return inputs;
}

}  // namespace

struct ArrayFields::State {
    FieldTree tree;

    MatrixXd cell_voltages(const MatrixXd& inputs) const {
        MatrixXd fields(inputs.rows(), tree.rows * tree.cols);
        propagate(tree, inputs, tree.cols, fields);
        return fields;
    }
};

ArrayFields::ArrayFields(const MatrixXd& g, const Parasitics& parasitics)
    : state_(std::make_unique<State>(State{build_field_tree(g, parasitics)})) {}
ArrayFields::~ArrayFields() = default;
ArrayFields::ArrayFields(ArrayFields&&) noexcept = default;
ArrayFields& ArrayFields::operator=(ArrayFields&&) noexcept = default;

MatrixXd ArrayFields::voltages(const MatrixXd& v) const {
    return state_->cell_voltages(source_inputs(state_->tree, v));
}

MatrixXd ArrayFields::adjoint(const MatrixXd& weights) const {
    return state_->cell_voltages(sense_inputs(state_->tree, weights));
}

MatrixXd conductance_gradient(const MatrixXd& g, const Parasitics& parasitics, const MatrixXd& g_eff_bar) {
    const FieldTree tree = build_field_tree(g, parasitics);
    const auto &rows = tree.ports[FieldTree::left], &cols = tree.ports[FieldTree::bottom];
    MatrixXd weights = MatrixXd::Zero(tree.inputs(), tree.inputs());
    weights(rows, cols) = -0.5 * g_eff_bar;
    weights(cols, rows) = -0.5 * g_eff_bar.transpose();
    MatrixXd gradient(g.rows(), g.cols());
    propagate_form(tree, weights, gradient);
    return gradient;
}

MatrixXd own_path_sensitivity(const MatrixXd& g, const Parasitics& parasitics) {
    const FieldTree tree = build_field_tree(g, parasitics);
    MatrixXd sensitivity(g.rows(), g.cols());
    propagate_own_paths(tree, source_inputs(tree, MatrixXd::Identity(g.rows(), g.rows())),
                        sense_inputs(tree, MatrixXd::Identity(g.cols(), g.cols())), sensitivity);
    return sensitivity;
}

}  // namespace xloop
