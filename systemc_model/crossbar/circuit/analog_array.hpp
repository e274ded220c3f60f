#pragma once

#include "systemc_model/crossbar/wires/parasitics.hpp"
#include "systemc_model/device/cell_curve.hpp"

#include <Eigen/Core>
#include <cstdint>

namespace xloop {

/// How the currents of an array are computed.
///   ideal   V * G: no wires, no access resistance, no nonlinearity
///   linear  V * G_eff, wires and access resistance exact, cells at their slope at 0 V
///   secant  as linear, with each cell at its secant conductance for the voltage that a calibration batch puts on it
///   exact   the nonlinear circuit, input by input
enum class Circuit { ideal, linear, secant, exact };

/// fp64, or fp32 for G_eff (loops that sample many chips).
enum class Precision { fp64, fp32 };

struct AnalogModel {
    Circuit circuit = Circuit::linear;
    Precision precision = Precision::fp64;  ///< of ideal, linear and secant; exact is always fp64
    Parasitics parasitics;
    CellCurve curve;
    bool first_order = false;  ///< secant: adds sum over cells of u * (i(v) - g_secant v), v the linear cell voltages
};

/// One array of cells with its wires, as plain matrices: programme it, read it. Programming starts a new epoch and solves
/// the wires; everything that depends on the conductances is kept until the next one. Reading is const and thread-safe.
class AnalogArray {
public:
    explicit AnalogArray(const AnalogModel& model) : model_(model) {}

    /// `g`: M x N siemens, slope at 0 V of each device, 0 = no cell. `calibration`: k x M source voltages that the secant
    /// conductances are fitted to; needed by Circuit::secant only, ignored by the others.
    void program(Eigen::MatrixXd g, const Eigen::MatrixXd& calibration = {});

    const AnalogModel& model() const { return model_; }
    const Eigen::MatrixXd& conductance() const { return g_; }
    /// Counts calls of `program`.
    std::uint64_t epoch() const { return epoch_; }
    /// M x N siemens: the linear operator of ideal, linear and secant. For exact, that of linear.
    const Eigen::MatrixXd& effective() const { return effective_; }
    /// `v`: k x M volt -> k x N ampere, by the model's circuit. Row by row: no row depends on the others.
    Eigen::MatrixXd currents(const Eigen::MatrixXd& v) const;

private:
    AnalogModel model_;
    Eigen::MatrixXd g_, effective_;
    Eigen::MatrixXd linearised_;  ///< conductances that `effective_` belongs to
    std::uint64_t epoch_ = 0;
};

}  // namespace xloop
