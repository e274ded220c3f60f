#include "systemc_model/crossbar/circuit/first_order.hpp"

#include "systemc_model/crossbar/wires/array_fields.hpp"
#include "systemc_model/device/cell_current.hpp"

#include <algorithm>

namespace xloop {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// volts -> i(v) - linear * v in place; `vectors` of inputs for each cell.
template <int width>
[[gnu::always_inline]] inline void excess_lanes(const CellCurve& curve, const double* g, const double* linear,
                                                Index cells, Index vectors, Lanes<width>* volts) {
    for (Index cell = 0; cell < cells; ++cell) {
        const Lanes<width> conductance = g[cell] + Lanes<width>{};
        for (Index k = cell * vectors; k < (cell + 1) * vectors; ++k) {
            Lanes<width> current;
            cell_current(curve, conductance, volts[k], current);
            volts[k] = current - linear[cell] * volts[k];
        }
    }
}

#ifdef XLOOP_X86_LANES
[[gnu::target("avx512f")]] void replace_by_excess(const CellCurve& curve, const double* g, const double* linear,
                                                  Index cells, Index vectors, Lanes<8>* volts) {
    excess_lanes<8>(curve, g, linear, cells, vectors, volts);
}
[[gnu::target("avx2")]] void replace_by_excess(const CellCurve& curve, const double* g, const double* linear,
                                               Index cells, Index vectors, Lanes<4>* volts) {
    excess_lanes<4>(curve, g, linear, cells, vectors, volts);
}
#endif
void replace_by_excess(const CellCurve& curve, const double* g, const double* linear, Index cells, Index vectors,
                       Lanes<2>* volts) {
    excess_lanes<2>(curve, g, linear, cells, vectors, volts);
}

}  // namespace

FirstOrder::FirstOrder(const MatrixXd& g, const MatrixXd& linear, const Parasitics& parasitics, const CellCurve& curve)
    : curve_(curve), g_(g.reshaped<Eigen::RowMajor>()), linear_(linear.reshaped<Eigen::RowMajor>()) {
    const ArrayFields fields(linear, parasitics);
    voltages_ = OrderedMatrix(fields.voltages(MatrixXd::Identity(g.rows(), g.rows())));
    adjoint_ = OrderedMatrix(fields.adjoint(MatrixXd::Identity(g.cols(), g.cols())).transpose());
}

MatrixXd FirstOrder::currents_of_few(const MatrixXd& v) const {
    const Index slots = (v.rows() + 7) / 8;
    std::vector<WideSlot> memory(static_cast<std::size_t>(slots * g_.size()));
    Eigen::Map<MatrixXd> cells(memory.front().lane.data(), slots * 8, g_.size());
    cells.topRows(v.rows()) = voltages_.multiplied_by(v);
    with_native_lanes([&](auto width) {
        replace_by_excess(curve_, g_.data(), linear_.data(), g_.size(), slots * 8 / width, lanes<width>(memory));
    });
    return adjoint_.multiplied_by(cells.topRows(v.rows()));
}

MatrixXd FirstOrder::currents(const MatrixXd& v) const {
    constexpr Index few = 32;  // bounds the memory for the voltages of all cells
    MatrixXd sum(v.rows(), adjoint_.cols());
    for (Index first = 0; first < v.rows(); first += few) {
        const Index count = std::min(few, v.rows() - first);
        sum.middleRows(first, count) = currents_of_few(v.middleRows(first, count));
    }
    return sum;
}

}  // namespace xloop
