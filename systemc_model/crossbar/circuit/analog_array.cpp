#include "systemc_model/crossbar/circuit/analog_array.hpp"

#include "core/error.hpp"
#include "systemc_model/crossbar/circuit/first_order.hpp"
#include "systemc_model/crossbar/circuit/line_relaxation.hpp"
#include "systemc_model/crossbar/wires/array_fields.hpp"
#include "systemc_model/crossbar/wires/effective_conductance.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <utility>

namespace xloop {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

void check_model(const AnalogModel& model) {
    const std::pair<const char*, double> values[] = {
        {"r_driver", model.parasitics.r_driver},     {"r_wire_row", model.parasitics.r_wire_row},
        {"r_wire_col", model.parasitics.r_wire_col}, {"r_sense", model.parasitics.r_sense},
        {"r_access_ohm", model.curve.r_access_ohm},  {"alpha_per_volt", model.curve.alpha_per_volt}};
    for (const auto& [name, value] : values)
        if (!(value >= 0.0) || std::isinf(value)) {
            std::ostringstream message;
            message << "analog array: " << name << " is " << value << "; expected a finite number, 0 or more";
            throw InputError(message.str());
        }
}

void check_conductances(const MatrixXd& g) {
    if (g.size() == 0)
        throw InputError("analog array: the matrix of conductances is empty (" + std::to_string(g.rows()) + " x " +
                         std::to_string(g.cols()) + ")");
    if (g.allFinite() && g.minCoeff() >= 0.0)
        return;
    for (Index i = 0; i < g.rows(); ++i)
        for (Index j = 0; j < g.cols(); ++j)
            if (!(g(i, j) >= 0.0) || std::isinf(g(i, j))) {
                std::ostringstream message;
                message << "analog array: the conductance of row " << i << ", column " << j << " is " << g(i, j)
                        << " S; expected a finite number, 0 (no cell) or more";
                throw InputError(message.str());
            }
}

void check_width(const char* what, const MatrixXd& v, Index rows) {
    if (v.cols() != rows)
        throw InputError(std::string("analog array: ") + what + " has " + std::to_string(v.cols()) +
                         " columns; expected one for each of the array's " + std::to_string(rows) + " rows");
}

MatrixXd solve_wires(const MatrixXd& g, const AnalogModel& model) {
    if (model.precision == Precision::fp32 && model.circuit != Circuit::exact)
        return effective_conductance_fp32(g, model.parasitics).cast<double>();
    return effective_conductance(g, model.parasitics);
}

/// For each cell the conductance that fits its curve best, in least squares, at the voltages that the calibration batch puts
/// on linear cells: sum of i(v) v / sum of v^2. Fitting again to the voltages that result changes the errors of the currents
/// by less than a tenth. `slopes`: the cells at 0 V.
MatrixXd secant_conductances(const MatrixXd& g, const MatrixXd& slopes, const AnalogModel& model,
                             const MatrixXd& calibration) {
    constexpr Index batch = 64;  // bounds the memory for the voltages of all cells
    const ArrayFields fields(slopes, model.parasitics);
    const Eigen::RowVectorXd cells = g.reshaped<Eigen::RowMajor>().transpose();
    Eigen::RowVectorXd squares = Eigen::RowVectorXd::Zero(g.size()), powers = squares;
    for (Index first = 0; first < calibration.rows(); first += batch) {
        const MatrixXd volts =
            fields.voltages(calibration.middleRows(first, std::min(batch, calibration.rows() - first)));
        squares += volts.cwiseAbs2().colwise().sum();
        for (Index k = 0; k < volts.rows(); ++k)
            powers += cells.binaryExpr(volts.row(k), [&](double s, double v) { return model.curve.current(s, v) * v; });
    }
    MatrixXd secants = slopes;
    for (Index i = 0; i < g.rows(); ++i)
        for (Index j = 0; j < g.cols(); ++j)
            if (const Index cell = i * g.cols() + j; squares(cell) > 0.0)
                secants(i, j) = powers(cell) / squares(cell);
    return secants;
}

}  // namespace

AnalogArray::AnalogArray(const AnalogModel& model) : model_(model) { check_model(model); }

void AnalogArray::program(MatrixXd g, const MatrixXd& calibration) {
    check_conductances(g);
    const bool ideal = model_.circuit == Circuit::ideal, secant = model_.circuit == Circuit::secant;
    if (secant && calibration.rows() == 0)
        throw InputError("analog array: the secant circuit needs a calibration batch of source voltages");
    if (secant)
        check_width("the calibration batch", calibration, g.rows());

    AnalogModel solved = model_;
    if (ideal)
        solved.parasitics = {}, solved.curve = {};
    MatrixXd linearised = g.unaryExpr([&](double s) { return solved.curve.slope(s); });
    if (secant && !solved.curve.linear())
        linearised = secant_conductances(g, linearised, solved, calibration);
    effective_ = solve_wires(linearised, solved);
    if (!effective_.allFinite())
        throw InputError(
            std::string("analog array: these conductances and resistances lead to currents beyond all numbers") +
            (solved.precision == Precision::fp32 ? "; precision fp64 has larger ones" : ""));
    operator_ = OrderedMatrix(effective_);
    first_order_ = nullptr;
    if (model_.first_order && model_.circuit != Circuit::exact && !solved.curve.linear())
        first_order_ = std::make_shared<const FirstOrder>(g, linearised, solved.parasitics, solved.curve);
    linearised_ = std::move(linearised);
    g_ = std::move(g);
    ++epoch_;
}

MatrixXd AnalogArray::currents(const MatrixXd& v) const {
    check_width("the batch of inputs", v, g_.rows());
    if (model_.circuit == Circuit::exact)
        return exact_currents(g_, model_.parasitics, model_.curve, v);
    MatrixXd current = operator_.multiplied_by(v);
    if (first_order_)
        current += first_order_->currents(v);
    return current;
}

}  // namespace xloop
