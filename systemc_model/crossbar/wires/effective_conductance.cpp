#include "systemc_model/crossbar/wires/effective_conductance.hpp"

#include <Eigen/LU>
#include <array>
#include <numeric>
#include <vector>

namespace xloop {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// A rectangle of the array seen from its border. Wires that cross the border are its ports. Hybrid form keeps every
/// entry of order 1, g or R, so that small and zero resistances lose no digits:
///   inputs   V_left, I_right, V_bottom, I_top      (currents counted rightwards and downwards)
///   outputs  I_left, V_right, I_bottom, V_top      outputs = map * inputs
/// Inputs that are 0 and outputs that nobody needs are left out.
enum Side { left, right, bottom, top };

struct Sides {
    std::array<Index, 4> size{};
    Index total() const { return size[0] + size[1] + size[2] + size[3]; }
    Index begin(Side side) const { return std::accumulate(size.begin(), size.begin() + side, Index{0}); }
};

struct Block {
    Sides in, out;
    MatrixXd map;
};

constexpr int leaf_size = 8;
constexpr int leaf_ports = 4 * leaf_size;
using LeafMap = Eigen::Matrix<double, leaf_ports, leaf_ports>;

std::vector<Index> indices(Index begin, Index count) {
    std::vector<Index> list(static_cast<std::size_t>(count));
    std::iota(list.begin(), list.end(), begin);
    return list;
}

std::vector<Index> indices_but(const Sides& sides, Side side) {
    std::vector<Index> list;
    for (Index i = 0; i < sides.total(); ++i)
        if (i < sides.begin(side) || i >= sides.begin(side) + sides.size[side])
            list.push_back(i);
    return list;
}

struct Edges {
    bool left, right, bottom, top;
};

/// leaf_size x leaf_size cells. Starts from bare wires (V_right = V_left, I_left = I_right, ...), with the driver and
/// sense resistances on the wires at the array's edges, then puts in one cell after the other: the current of a cell,
/// g d / (1 - g d d/di) with d its voltage, adds a matrix of rank one.
Block make_leaf(const MatrixXd& g, Index row, Index col, const Parasitics& r, Edges edge) {
    constexpr int l = 0, rt = leaf_size, b = 2 * leaf_size, t = 3 * leaf_size;  // first port of each side
    LeafMap h = LeafMap::Zero();
    for (int k = 0; k < leaf_size; ++k) {
        h(rt + k, l + k) = h(l + k, rt + k) = h(t + k, b + k) = h(b + k, t + k) = 1.0;
        h(rt + k, rt + k) = edge.left ? -r.r_driver : 0.0;
        h(t + k, t + k) = edge.bottom ? r.r_sense : 0.0;
    }
    using Row = Eigen::Matrix<double, 1, leaf_ports>;
    for (int i = leaf_size - 1; i >= 0; --i)
        for (int j = 0; j < leaf_size; ++j) {
            const double conductance = g(row + i, col + j);
            if (conductance > 0.0) {
                const Row drop = h.row(rt + i) - h.row(t + j);
                const double gain = conductance / (1.0 - conductance * (drop(rt + i) + drop(t + j)));
                const Eigen::Matrix<double, leaf_ports, 1> reach = h.col(rt + i) + h.col(t + j);
                h.noalias() += reach * (gain * drop);
            }
            h(rt + i, rt + i) -= r.r_wire_row;
            h(t + j, t + j) += r.r_wire_col;
        }
    Block block;
    block.in.size = {leaf_size, edge.right ? 0 : leaf_size, edge.bottom ? 0 : leaf_size, edge.top ? 0 : leaf_size};
    block.out.size = {edge.left ? 0 : leaf_size, edge.right ? 0 : leaf_size, leaf_size, edge.top ? 0 : leaf_size};
    const auto kept = [](const Sides& sides) {
        std::vector<Index> list;
        for (int side = 0; side < 4; ++side)
            for (Index k = 0; k < sides.size[side]; ++k)
                list.push_back(side * leaf_size + k);
        return list;
    };
    block.map = h(kept(block.out), kept(block.in));
    return block;
}

/// Sides of the union: on sides that both have, `first` comes before `second`.
Sides joined(const Sides& first, Side first_shared, const Sides& second, Side second_shared) {
    Sides sum;
    for (int side = 0; side < 4; ++side)
        sum.size[side] = (side == first_shared ? 0 : first.size[side]) + (side == second_shared ? 0 : second.size[side]);
    return sum;
}

/// Where the remaining ports of first and second land in the union, [first | second].
std::vector<Index> destinations(const Sides& first, Side first_shared, const Sides& second, Side second_shared) {
    const Sides sum = joined(first, first_shared, second, second_shared);
    std::vector<Index> list;
    for (int side = 0; side < 4; ++side)
        if (side != first_shared)
            for (Index k = 0; k < first.size[side]; ++k)
                list.push_back(sum.begin(Side(side)) + k);
    for (int side = 0; side < 4; ++side)
        if (side != second_shared)
            for (Index k = 0; k < second.size[side]; ++k)
                list.push_back(sum.begin(Side(side)) + (side == first_shared ? 0 : first.size[side]) + k);
    return list;
}

/// Joins two neighbours: what p puts out on p_side goes into q_side of q and back. With x the outputs of p there and y
/// those of q: x = P_s p + H_p y, y = Q_s q + H_q x, hence x = (1 - H_p H_q)^-1 [P_s | H_p Q_s]; the eigenvalues of
/// -H_p H_q are (resistance seen) x (conductance seen) >= 0, so the inverse is well conditioned.
/// `q_first`: q's ports come before p's on the sides that both have.
Block join(const Block& p, Side p_side, const Block& q, Side q_side, bool q_first) {
    const auto p_in = indices_but(p.in, p_side), p_out = indices_but(p.out, p_side);
    const auto q_in = indices_but(q.in, q_side), q_out = indices_but(q.out, q_side);
    const auto p_in_s = indices(p.in.begin(p_side), p.in.size[p_side]);
    const auto p_out_s = indices(p.out.begin(p_side), p.out.size[p_side]);
    const auto q_in_s = indices(q.in.begin(q_side), q.in.size[q_side]);
    const auto q_out_s = indices(q.out.begin(q_side), q.out.size[q_side]);
    const auto np = static_cast<Index>(p_in.size()), nq = static_cast<Index>(q_in.size());
    const auto shared = static_cast<Index>(p_out_s.size());

    const MatrixXd h_p = p.map(p_out_s, p_in_s), h_q = q.map(q_out_s, q_in_s), q_s = q.map(q_out_s, q_in);
    MatrixXd right_side(shared, np + nq);
    right_side.leftCols(np) = p.map(p_out_s, p_in);
    right_side.rightCols(nq).noalias() = h_p * q_s;
    MatrixXd loop = MatrixXd::Identity(shared, shared);
    loop.noalias() -= h_p * h_q;
    const MatrixXd x = loop.partialPivLu().solve(right_side);
    MatrixXd y(shared, np + nq);
    y.noalias() = h_q * x;
    y.rightCols(nq) += q_s;

    MatrixXd outputs(p_out.size() + q_out.size(), np + nq);
    auto from_p = outputs.topRows(static_cast<Index>(p_out.size()));
    from_p.noalias() = MatrixXd(p.map(p_out, p_in_s)) * y;
    from_p.leftCols(np) += p.map(p_out, p_in);
    auto from_q = outputs.bottomRows(static_cast<Index>(q_out.size()));
    from_q.noalias() = MatrixXd(q.map(q_out, q_in_s)) * x;
    from_q.rightCols(nq) += q.map(q_out, q_in);

    Block sum;
    std::vector<Index> rows, cols;
    if (q_first) {
        sum.in = joined(q.in, q_side, p.in, p_side);
        sum.out = joined(q.out, q_side, p.out, p_side);
        const auto rotate = [](std::vector<Index> list, std::size_t first) {
            std::rotate(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(first), list.end());
            return list;
        };
        cols = rotate(destinations(q.in, q_side, p.in, p_side), q_in.size());
        rows = rotate(destinations(q.out, q_side, p.out, p_side), q_out.size());
    } else {
        sum.in = joined(p.in, p_side, q.in, q_side);
        sum.out = joined(p.out, p_side, q.out, q_side);
        cols = destinations(p.in, p_side, q.in, q_side);
        rows = destinations(p.out, p_side, q.out, q_side);
    }
    sum.map.resize(outputs.rows(), outputs.cols());
    sum.map(rows, cols) = outputs;
    return sum;
}

class Eliminator {
public:
    Eliminator(const MatrixXd& g, const Parasitics& r) : g_(g), r_(r) {}

    /// Leaves [r0, r1) x [c0, c1), split along the longer side.
    Block solve(Index r0, Index r1, Index c0, Index c1) const {
        if (r1 - r0 == 1 && c1 - c0 == 1)
            return make_leaf(g_, r0 * leaf_size, c0 * leaf_size, r_,
                             {c0 == 0, c1 * leaf_size == g_.cols(), r1 * leaf_size == g_.rows(), r0 == 0});
        if (c1 - c0 >= r1 - r0) {
            const Index middle = (c0 + c1) / 2;
            return join(solve(r0, r1, c0, middle), right, solve(r0, r1, middle, c1), left, false);
        }
        const Index middle = (r0 + r1) / 2;
        return join(solve(middle, r1, c0, c1), top, solve(r0, middle, c0, c1), bottom, true);
    }

private:
    const MatrixXd& g_;
    const Parasitics& r_;
};

Index round_up(Index n) { return (n + leaf_size - 1) / leaf_size * leaf_size; }

}  // namespace

MatrixXd effective_conductance(const MatrixXd& g, const Parasitics& r) {
    if (r.none())
        return g;
    // Open cells above and to the right fill up the last leaves: their wires carry no current, so nothing changes.
    MatrixXd padded = MatrixXd::Zero(round_up(g.rows()), round_up(g.cols()));
    padded.bottomLeftCorner(g.rows(), g.cols()) = g;
    const Block whole = Eliminator(padded, r).solve(0, padded.rows() / leaf_size, 0, padded.cols() / leaf_size);
    return whole.map.transpose().bottomLeftCorner(g.rows(), g.cols());
}

Eigen::MatrixXf effective_conductance_fp32(const MatrixXd& g, const Parasitics& r) {
    return effective_conductance(g, r).cast<float>();
}

}  // namespace xloop
