#include "systemc_model/crossbar/circuit/line_relaxation.hpp"

#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "systemc_model/crossbar/circuit/lanes.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

namespace xloop {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// alpha x voltage up to which the tolerance is as it is, and the finest that rounding lets sweeps reach.
constexpr double gentle_steepness = 4, finest_tolerance = 1e-12;

/// Voltages along a wire into which every node feeds one ampere: the shape of the wire's slowest error. `end`: resistance
/// between node 0 and source or ground.
VectorXd wire_shape(Index nodes, double end, double segment) {
    VectorXd shape(nodes);
    double volt = end * static_cast<double>(nodes);
    for (Index k = 0; k < nodes; ++k) {
        shape(k) = volt;
        volt += segment * static_cast<double>(nodes - 1 - k);
    }
    return shape;
}

/// What all inputs share.
struct Network {
    Index rows, cols;
    Parasitics r;
    CellCurve curve;
    std::vector<double> g;          ///< row by row
    VectorXd row_shape, col_shape;  ///< along a row from the driver, along a column from the top
    VectorXd row_square, col_square;
    MatrixXd coarse;  ///< M x M: amplitudes of the rows per excess of the rows, for cells at their slope at 0

    Network(const MatrixXd& conductance, const Parasitics& parasitics, const CellCurve& cell)
        : rows(conductance.rows()), cols(conductance.cols()), r(parasitics), curve(cell),
          row_shape(wire_shape(cols, r.r_driver, r.r_wire_row)),
          col_shape(wire_shape(rows, r.r_sense, r.r_wire_col).reverse()), row_square(row_shape.cwiseAbs2()),
          col_square(col_shape.cwiseAbs2()), coarse(MatrixXd::Zero(rows, rows)) {
        g.resize(static_cast<std::size_t>(conductance.size()));
        Eigen::Map<MatrixXd>(g.data(), cols, rows) = conductance.transpose();
        if (row_shape.sum() == 0.0)
            return;
        const MatrixXd slopes = conductance.unaryExpr([&](double s) { return curve.slope(s); });
        // Energy of the amplitudes x of the rows and y of the columns, y eliminated.
        coarse = (row_shape.sum() + (slopes * row_square).array()).matrix().asDiagonal();
        if (col_shape.sum() > 0.0) {
            const MatrixXd coupling = col_shape.asDiagonal() * slopes * row_shape.asDiagonal();
            const VectorXd stiffness = col_shape.sum() + (slopes.transpose() * col_square).array();
            coarse -= coupling * stiffness.cwiseInverse().asDiagonal() * coupling.transpose();
        }
        coarse = coarse.llt().solve(MatrixXd::Identity(rows, rows));
    }
};

/// Some inputs on their way to the solution, one in each lane; matrices row by row.
template <int width>
struct Relaxation {
    using Slots = std::vector<LaneSlot<width>>;

    Slots a, b;                                 ///< node voltages of rows and columns
    Slots slope, offset;                        ///< cells linearised: current = slope * (a - b) + offset
    Slots col_gain, col_shift;                  ///< b[i-1] = col_gain * b[i] + col_shift
    Slots source, excess, row_slope, row_step;  ///< per row; row_slope: sum of slope * row_shape^2
    Slots row_gain, row_shift;                  ///< per column, of one row: a[j+1] = row_gain[j] * a[j] - row_shift[j]
    Slots col_slope, col_current;               ///< per column: current down the wire = col_current - col_slope * b
    Slots stiffness, col_step, current;         ///< per column; stiffness: sum of slope * col_shape^2
    LaneSlot<width> change;                     ///< largest of the sweep

    explicit Relaxation(const Network& net) {
        const auto m = static_cast<std::size_t>(net.rows), n = static_cast<std::size_t>(net.cols);
        for (auto* matrix : {&a, &b, &slope, &offset, &col_gain, &col_shift})
            matrix->resize(m * n);
        for (auto* per_row : {&source, &excess, &row_slope, &row_step})
            per_row->resize(m);
        for (auto* per_col : {&row_gain, &row_shift, &col_slope, &col_current, &stiffness, &col_step, &current})
            per_col->resize(n);
    }

    /// All nodes at 0 V, cells at their slope at 0.
    void start(const Network& net) {
        for (auto* slots : {&a, &b, &offset, &source, &row_step, &col_step})
            std::fill(slots->begin(), slots->end(), LaneSlot<width>{});
        for (std::size_t k = 0; k < slope.size(); ++k)
            slope[k].lane.fill(net.curve.slope(net.g[k]));
    }
};

/// The cell's tangent at the device voltage u that the old tangent gives at v: current = slope * v + offset.
/// `mismatch`: by how much, in volt, the old tangent missed the device behind its access resistance.
template <class Real>
[[gnu::always_inline]] inline void linearise(double g, double alpha, double per_alpha, double access, const Real& v,
                                             Real& slope, Real& offset, Real& mismatch) {
    Real sinh, cosh;
    if (access == 0.0) {
        sinh_cosh(Real(v * alpha), sinh, cosh);
        slope = g * cosh;
        offset = (g * per_alpha) * sinh - slope * v;
    } else {
        const Real old_current = slope * v + offset;
        const Real u = v - access * old_current;
        sinh_cosh(Real(u * alpha), sinh, cosh);
        const Real current = (g * per_alpha) * sinh, steepness = g * cosh;
        mismatch = access * (current - old_current);
        const Real share = 1.0 / (1.0 + access * steepness);
        slope = steepness * share;
        offset = (current - steepness * u) * share;
    }
}

/// Rows from top to bottom: corrects the voltages by the last coarse step, linearises the cells, solves each row wire
/// with the column voltages held, and eliminates the column wires on the way. A wire is followed from node to node as
/// current = conductance * voltage + source current; so no resistance is divided by, and any may be 0.
template <int width>
[[gnu::always_inline]] inline void go_down(const Network& net, Relaxation<width>& state) {
    using Real = Lanes<width>;
    const Index m = net.rows, n = net.cols;
    const double alpha = net.curve.alpha_per_volt, per_alpha = 1.0 / alpha, access = net.curve.r_access_ohm;
    const double r_row = net.r.r_wire_row, r_col = net.r.r_wire_col, r_driver = net.r.r_driver;
    const double* const row_shape = net.row_shape.data();
    const double* const row_square = net.row_square.data();
    Real* const row_gain = lanes<width>(state.row_gain);
    Real* const row_shift = lanes<width>(state.row_shift);
    Real* const col_slope = lanes<width>(state.col_slope);
    Real* const col_current = lanes<width>(state.col_current);
    Real* const stiffness = lanes<width>(state.stiffness);
    const Real* const col_step = lanes<width>(state.col_step);
    for (Index j = 0; j < n; ++j)
        col_slope[j] = col_current[j] = stiffness[j] = Real{};
    Real change{};
    for (Index i = 0; i < m; ++i) {
        const double* const g = net.g.data() + i * n;
        Real* const a = lanes<width>(state.a) + i * n;
        Real* const b = lanes<width>(state.b) + i * n;
        Real* const slope = lanes<width>(state.slope) + i * n;
        // Without access resistance the old tangent is not needed: one row of offsets stays in the cache.
        Real* const offset = lanes<width>(state.offset) + (access == 0.0 ? 0 : i * n);
        const double col_shape = net.col_shape[i], col_square = net.col_square[i];
        const Real row_step = lanes<width>(state.row_step)[i], source = lanes<width>(state.source)[i];
        Real conductance{}, injected{}, row_slope{};
        for (Index j = n - 1; j >= 0; --j) {
            a[j] += row_step * row_shape[j];
            b[j] += col_step[j] * col_shape;
            if (alpha != 0.0) {
                Real mismatch{};
                linearise(g[j], alpha, per_alpha, access, a[j] - b[j], slope[j], offset[j], mismatch);
                raise<width>(change, mismatch);
            }
            row_slope += slope[j] * row_square[j];
            stiffness[j] += slope[j] * col_square;
            const Real gain = 1.0 / (1.0 + r_row * conductance);
            const Real beyond = injected * gain;
            row_gain[j] = gain;
            row_shift[j] = r_row * beyond;
            conductance = slope[j] + conductance * gain;
            injected = (offset[j] - slope[j] * b[j]) + beyond;
        }
        lanes<width>(state.row_slope)[i] = row_slope;
        Real* const col_gain = lanes<width>(state.col_gain) + i * n;
        Real* const col_shift = lanes<width>(state.col_shift) + i * n;
        Real volt = source - r_driver * ((conductance * source + injected) / (1.0 + r_driver * conductance));
        for (Index j = 0; j < n; ++j) {
            raise<width>(change, volt - a[j]);
            a[j] = volt;
            const Real gain = 1.0 / (1.0 + r_col * col_slope[j]);
            const Real above = col_current[j] * gain;
            col_gain[j] = gain;
            col_shift[j] = r_col * above;
            col_slope[j] = slope[j] + col_slope[j] * gain;
            col_current[j] = (offset[j] + slope[j] * volt) + above;
            volt = volt * row_gain[j] - row_shift[j];
        }
    }
    reinterpret_cast<Real&>(state.change) = change;
}

/// Column wires from bottom to top, with the row voltages held. What the cells of a row now take less is the row's
/// excess, weighted with the row's shape.
template <int width>
[[gnu::always_inline]] inline void go_up(const Network& net, Relaxation<width>& state) {
    using Real = Lanes<width>;
    const Index m = net.rows, n = net.cols;
    const double* const row_shape = net.row_shape.data();
    Real* const volt = lanes<width>(state.col_current);
    for (Index j = 0; j < n; ++j) {
        const Real current = volt[j] / (1.0 + net.r.r_sense * lanes<width>(state.col_slope)[j]);
        lanes<width>(state.current)[j] = current;
        volt[j] = net.r.r_sense * current;
    }
    Real change = reinterpret_cast<Real&>(state.change);
    for (Index i = m - 1; i >= 0; --i) {
        Real* const b = lanes<width>(state.b) + i * n;
        const Real* const slope = lanes<width>(state.slope) + i * n;
        const Real* const gain = lanes<width>(state.col_gain) + i * n;
        const Real* const shift = lanes<width>(state.col_shift) + i * n;
        Real excess{};
        for (Index j = 0; j < n; ++j) {
            const Real moved = volt[j] - b[j];
            raise<width>(change, moved);
            excess += slope[j] * moved * row_shape[j];
            b[j] = volt[j];
            volt[j] = gain[j] * volt[j] + shift[j];
        }
        lanes<width>(state.excess)[i] = excess;
    }
    reinterpret_cast<Real&>(state.change) = change;
}

/// Coarse correction: every wire moves along its shape, rows by row_step, columns by col_step. The rows' direction is
/// that of cells at their slope at 0; the columns' answer and the length of the step minimise the energy of the present
/// tangents, so that steep cells cannot make it overshoot.
template <int width>
[[gnu::always_inline]] inline void correct(const Network& net, Relaxation<width>& state) {
    using Real = Lanes<width>;
    const Index m = net.rows, n = net.cols;
    const double row_sum = net.row_shape.sum(), col_sum = net.col_shape.sum();
    const Real* const excess = lanes<width>(state.excess);
    Real* const row_step = lanes<width>(state.row_step);
    Real* const col_step = lanes<width>(state.col_step);
    std::fill(state.row_step.begin(), state.row_step.end(), LaneSlot<width>{});
    std::fill(state.col_step.begin(), state.col_step.end(), LaneSlot<width>{});
    if (row_sum == 0.0 || col_sum == 0.0)
        return;
    for (Index k = 0; k < m; ++k)
        for (Index i = 0; i < m; ++i)
            row_step[i] += net.coarse(i, k) * excess[k];
    Real work{}, energy{};
    for (Index i = 0; i < m; ++i) {
        const Real* const slope = lanes<width>(state.slope) + i * n;
        const Real pull = row_step[i] * net.col_shape[i];
        for (Index j = 0; j < n; ++j)
            col_step[j] += slope[j] * pull;
        work += row_step[i] * excess[i];
        energy += row_step[i] * row_step[i] * (row_sum + lanes<width>(state.row_slope)[i]);
    }
    for (Index j = 0; j < n; ++j) {
        const Real pull = col_step[j] * net.row_shape[j];
        col_step[j] = pull / (col_sum + lanes<width>(state.stiffness)[j]);
        energy -= pull * col_step[j];
    }
    const Real length = energy > 0.0 ? work / energy : Real{};
    for (Index i = 0; i < m; ++i)
        row_step[i] *= length;
    for (Index j = 0; j < n; ++j)
        col_step[j] *= length;
}

/// One sweep, for each width with the instructions that have it.
template <int width>
[[gnu::always_inline]] inline void sweep_lanes(const Network& net, Relaxation<width>& state) {
    go_down(net, state);
    go_up(net, state);
    correct(net, state);
}
#ifdef XLOOP_X86_LANES
[[gnu::target("avx512f")]] void sweep(const Network& net, Relaxation<8>& state) { sweep_lanes(net, state); }
[[gnu::target("avx2")]] void sweep(const Network& net, Relaxation<4>& state) { sweep_lanes(net, state); }
#endif
void sweep(const Network& net, Relaxation<2>& state) { sweep_lanes(net, state); }

[[noreturn]] void give_up(Index input, const std::string& what) {
    throw InputError("exact circuit: input " + std::to_string(input) + " of the batch " + what +
                     ". Lower its voltages or the nonlinearity, or use another circuit");
}

/// Solves up to `width` inputs, rows `first` and up of `v`. An input is done with the first sweep that changes nothing;
/// sweeps that the others still need do not touch its result.
template <int width>
void solve(const Network& net, Relaxation<width>& state, const MatrixXd& v, Index first, const RelaxationLimits& limits,
           MatrixXd& currents) {
    state.start(net);
    const int used = static_cast<int>(std::min<Index>(width, v.rows() - first));
    std::array<double, width> largest{};
    std::vector<int> open;
    for (int lane = 0; lane < used; ++lane) {
        open.push_back(lane);
        largest[lane] = v.row(first + lane).cwiseAbs().maxCoeff();
        if (!(net.curve.alpha_per_volt * largest[lane] <= 700.0))
            give_up(first + lane, "has voltages at which sinh(alpha * V) is no number");
        for (Index i = 0; i < net.rows; ++i)
            state.source[i].lane[lane] = v(first + lane, i);
    }
    // A cell's current moves by alpha times what its voltage moves by, so steep cells need their voltages that much better.
    const auto tolerated = [&](double volt) {
        const double steepness = std::max(1.0, net.curve.alpha_per_volt * volt / gentle_steepness);
        return std::max(limits.tolerance / steepness, std::min(limits.tolerance, finest_tolerance)) * volt;
    };
    const auto finish = [&](int lane) {
        if (!(state.change.lane[lane] <= tolerated(largest[lane])))
            return false;
        for (Index j = 0; j < net.cols; ++j) {
            currents(first + lane, j) = state.current[j].lane[lane];
            if (!std::isfinite(state.current[j].lane[lane]))
                give_up(first + lane, "leads to currents beyond all numbers");
        }
        return true;
    };
    for (int count = 0; count < limits.max_sweeps && !open.empty(); ++count) {
        check_interrupt();  // all positions of a layer on this circuit are minutes
        sweep(net, state);
        open.erase(std::remove_if(open.begin(), open.end(), finish), open.end());
    }
    if (!open.empty()) {
        std::ostringstream what;
        what << "does not converge: after " << limits.max_sweeps << " sweeps a node still moves by "
             << state.change.lane[open.front()] / largest[open.front()] << " of the largest source voltage, not "
             << limits.tolerance;
        give_up(first + open.front(), what.str());
    }
}

}  // namespace

MatrixXd exact_currents(const MatrixXd& g, const Parasitics& parasitics, const CellCurve& curve, const MatrixXd& v,
                        const RelaxationLimits& limits) {
    if (v.cols() != g.rows())
        throw InputError("exact circuit: " + std::to_string(v.cols()) + " source voltages for an array of " +
                         std::to_string(g.rows()) + " rows");
    const Network net(g, parasitics, curve);
    return with_native_lanes([&](auto width) {
        Relaxation<width> state(net);
        MatrixXd currents(v.rows(), g.cols());
        for (Index first = 0; first < v.rows(); first += width)
            solve(net, state, v, first, limits, currents);
        return currents;
    });
}

}  // namespace xloop
