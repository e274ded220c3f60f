#include "systemc_model/crossbar/wires/field_tree.hpp"

#include <Eigen/LU>
#include <numeric>

namespace xloop {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Ports = FieldTree::Ports;
using Side = FieldTree::Side;

constexpr Index leaf_size = 4;

Ports range(Index begin, Index count) {
    Ports list(static_cast<std::size_t>(count));
    std::iota(list.begin(), list.end(), begin);
    return list;
}

/// A rectangle and its outputs, inputs x inputs, as long as its neighbours need them.
struct Block {
    FieldTree tree;
    MatrixXd outputs;
};

class Builder {
public:
    Builder(const MatrixXd& g, const Parasitics& r) : g_(g), r_(r) {}

    Block build(Index row, Index col, Index rows, Index cols) const {
        if (rows <= leaf_size && cols <= leaf_size)
            return leaf(row, col, rows, cols);
        const auto half = [](Index n) { return (n / 2 + leaf_size - 1) / leaf_size * leaf_size; };
        if (cols >= rows) {
            const Index left_cols = half(cols);
            return join(build(row, col, rows, left_cols), FieldTree::right,
                        build(row, col + left_cols, rows, cols - left_cols), FieldTree::left);
        }
        const Index top_rows = half(rows);
        return join(build(row + top_rows, col, rows - top_rows, cols), FieldTree::top,
                    build(row, col, top_rows, cols), FieldTree::bottom);
    }

private:
    /// Starts from bare wires (V_right = V_left, I_left = I_right, ...), with the driver and sense resistances on the
    /// wires at the array's edges, then puts in one cell after the other: the current of a cell, g d / (1 - g d d/di)
    /// with d its voltage while open, adds a matrix of rank one to the outputs and to the voltages of earlier cells.
    Block leaf(Index row, Index col, Index rows, Index cols) const {
        const Index l = 0, rt = rows, b = 2 * rows, t = b + cols, ports = t + cols;
        MatrixXd h = MatrixXd::Zero(ports + rows * cols, ports);
        for (Index i = 0; i < rows; ++i) {
            h(rt + i, l + i) = h(l + i, rt + i) = 1.0;
            h(rt + i, rt + i) = col == 0 ? -r_.r_driver : 0.0;
        }
        for (Index j = 0; j < cols; ++j) {
            h(t + j, b + j) = h(b + j, t + j) = 1.0;
            h(t + j, t + j) = row + rows == g_.rows() ? r_.r_sense : 0.0;
        }
        for (Index i = rows - 1; i >= 0; --i)
            for (Index j = 0; j < cols; ++j) {
                const Eigen::RowVectorXd drop = h.row(rt + i) - h.row(t + j);
                h.row(ports + i * cols + j) = drop;
                const double conductance = g_(row + i, col + j);
                const double gain = conductance / (1.0 - conductance * (drop(rt + i) + drop(t + j)));
                const Eigen::VectorXd reach = h.col(rt + i) + h.col(t + j);
                h.noalias() += reach * (gain * drop);
                h(rt + i, rt + i) -= r_.r_wire_row;
                h(t + j, t + j) += r_.r_wire_col;
            }

        Block block;
        FieldTree& tree = block.tree;
        tree.row = row, tree.col = col, tree.rows = rows, tree.cols = cols;
        Ports kept;
        const auto keep = [&](Side side, Index begin, Index count) {
            tree.ports[side] = range(static_cast<Index>(kept.size()), count);
            const Ports added = range(begin, count);
            kept.insert(kept.end(), added.begin(), added.end());
        };
        keep(FieldTree::left, l, rows);
        keep(FieldTree::right, rt, col + cols == g_.cols() ? 0 : rows);
        keep(FieldTree::bottom, b, cols);
        keep(FieldTree::top, t, row == 0 ? 0 : cols);
        block.outputs = h(kept, kept);
        tree.cell_voltages = h(Eigen::seqN(ports, rows * cols), kept);
        return block;
    }

    /// What p puts out on the cut goes into q and back. With x the outputs of p there and y those of q:
    /// x = P_s p + H_p y, y = Q_s q + H_q x, hence x = (1 - H_p H_q)^-1 [P_s | H_p Q_s]; the eigenvalues of -H_p H_q are
    /// (resistance seen) x (conductance seen) >= 0, so the inverse is well conditioned.
    static Block join(Block p, Side p_cut, Block q, Side q_cut) {
        Block sum;
        FieldTree& tree = sum.tree;
        tree.first_cut = p.tree.ports[p_cut];
        tree.second_cut = q.tree.ports[q_cut];
        take_rest(p.tree, p_cut, 0, tree.first_rest, tree.ports);
        const auto np = static_cast<Index>(tree.first_rest.size());
        auto second_ports = std::array<Ports, 4>{};
        take_rest(q.tree, q_cut, np, tree.second_rest, second_ports);
        const auto nq = static_cast<Index>(tree.second_rest.size());
        const auto cut = static_cast<Index>(tree.first_cut.size());
        for (int side = 0; side < 4; ++side) {
            Ports& all = tree.ports[side];
            const bool second_first = p_cut == FieldTree::top;  // ports are counted from the top
            all.insert(second_first ? all.begin() : all.end(), second_ports[side].begin(), second_ports[side].end());
        }
        tree.row = std::min(p.tree.row, q.tree.row), tree.col = p.tree.col;
        tree.rows = p_cut == FieldTree::top ? p.tree.rows + q.tree.rows : p.tree.rows;
        tree.cols = p_cut == FieldTree::top ? p.tree.cols : p.tree.cols + q.tree.cols;

        const MatrixXd h_p = p.outputs(tree.first_cut, tree.first_cut), h_q = q.outputs(tree.second_cut, tree.second_cut);
        const MatrixXd q_s = q.outputs(tree.second_cut, tree.second_rest);
        MatrixXd right_side(cut, np + nq);
        right_side.leftCols(np) = p.outputs(tree.first_cut, tree.first_rest);
        right_side.rightCols(nq).noalias() = h_p * q_s;
        MatrixXd loop = MatrixXd::Identity(cut, cut);
        loop.noalias() -= h_p * h_q;
        tree.x_of_inputs = loop.partialPivLu().solve(right_side);
        tree.y_of_inputs.noalias() = h_q * tree.x_of_inputs;
        tree.y_of_inputs.rightCols(nq) += q_s;

        sum.outputs.resize(np + nq, np + nq);
        auto from_p = sum.outputs.topRows(np);
        from_p.noalias() = MatrixXd(p.outputs(tree.first_rest, tree.first_cut)) * tree.y_of_inputs;
        from_p.leftCols(np) += p.outputs(tree.first_rest, tree.first_rest);
        auto from_q = sum.outputs.bottomRows(nq);
        from_q.noalias() = MatrixXd(q.outputs(tree.second_rest, tree.second_cut)) * tree.x_of_inputs;
        from_q.rightCols(nq) += q.outputs(tree.second_rest, tree.second_rest);
        tree.first = std::make_unique<FieldTree>(std::move(p.tree));
        tree.second = std::make_unique<FieldTree>(std::move(q.tree));
        return sum;
    }

    /// The ports of a half but those of the cut, and their places among the inputs of the whole, from `begin` on.
    static void take_rest(const FieldTree& half, Side cut, Index begin, Ports& rest, std::array<Ports, 4>& places) {
        for (int side = 0; side < 4; ++side)
            if (side != cut) {
                places[side] = range(begin + static_cast<Index>(rest.size()), static_cast<Index>(half.ports[side].size()));
                rest.insert(rest.end(), half.ports[side].begin(), half.ports[side].end());
            }
    }

    const MatrixXd& g_;
    const Parasitics& r_;
};

}  // namespace

FieldTree build_field_tree(const MatrixXd& g, const Parasitics& parasitics) {
    return Builder(g, parasitics).build(0, 0, g.rows(), g.cols()).tree;
}

}  // namespace xloop
