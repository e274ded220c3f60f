#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/crossbar/circuit/ordered_matrix.hpp"
#include "systemc_model/crossbar/wires/parasitics.hpp"
#include "systemc_model/device/cell_curve.hpp"

#include <Eigen/Core>
#include <cstdint>
#include <memory>

namespace xloop {

class FirstOrder;

struct AnalogModel {
    Circuit circuit = Circuit::linear;
    Precision precision = Precision::fp64;  ///< of ideal, linear and secant; exact is always fp64
    Parasitics parasitics;
    CellCurve curve;
    /// linear and secant: adds sum over cells of u * (i(v) - g v), with g and v of the linear cells. An input then costs
    /// about a fifth of an exact one. Ignored by the others.
    bool first_order = false;
};

/// One array of cells with its wires, as plain matrices: programme it, read it. Programming starts a new epoch and solves
/// the wires; everything that depends on the conductances is kept until the next one. Reading is const and thread-safe.
class AnalogArray {
public:
    /// Throws InputError when a resistance or alpha is negative or not finite.
    explicit AnalogArray(const AnalogModel& model);

    /// `g`: M x N siemens, slope at 0 V of each device, 0 = no cell. `calibration`: k x M source voltages that the secant
    /// conductances are fitted to; needed by Circuit::secant only, ignored by the others.
    /// Throws InputError for an empty matrix, a conductance that is negative or not finite, or a calibration that is
    /// missing or of another width; the array then keeps its last epoch.
    void program(Eigen::MatrixXd g, const Eigen::MatrixXd& calibration = {});

    const AnalogModel& model() const { return model_; }
    const Eigen::MatrixXd& conductance() const { return g_; }
    /// Counts calls of `program`.
    std::uint64_t epoch() const { return epoch_; }
    /// M x N siemens: the linear operator of ideal, linear and secant. For exact, that of linear.
    const Eigen::MatrixXd& effective() const { return effective_; }
    /// M x N siemens: the conductances of the linear cells that `effective` belongs to.
    const Eigen::MatrixXd& linearised() const { return linearised_; }
    /// `v`: k x M volt -> k x N ampere, by the model's circuit. Row by row: no row depends on the others, to the last bit.
    /// Throws InputError when `v` has another width, Error when an input of the exact circuit does not converge.
    Eigen::MatrixXd currents(const Eigen::MatrixXd& v) const;

private:
    AnalogModel model_;
    Eigen::MatrixXd g_, effective_;
    Eigen::MatrixXd linearised_;
    OrderedMatrix operator_;  ///< effective_, ready to be multiplied
    std::shared_ptr<const FirstOrder> first_order_;
    std::uint64_t epoch_ = 0;
};

}  // namespace xloop
