#pragma once

#include "apps/crossbar/crossbar_options.hpp"
#include "core/json.hpp"

#include <Eigen/Core>
#include <optional>
#include <string>

namespace xloop {

/// 1 - v(cell) / v(source) of every cell with all rows at `read_voltage_v`, M x N. v(cell) is that of the whole cell,
/// access resistance included; for `secant` and `exact` in the circuit of nonlinear cells. None when that does not converge.
std::optional<Eigen::MatrixXd> voltage_loss(const AnalogModel& model, const Eigen::MatrixXd& g, double read_voltage_v);

/// How the entries of a matrix spread.
struct Spread {
    double mean = 0.0, deviation = 0.0;  ///< standard deviation
    double largest = 0.0;                ///< by absolute value, with its sign
    Eigen::Index row = 0, column = 0;    ///< of the largest
};
Spread spread_of(const Eigen::MatrixXd& values);

struct CrossbarTiming {
    double build_s = 0.0;      ///< programming: the operator of all inputs
    double per_input_s = 0.0;  ///< on one thread, mean over all inputs
};

/// What the wires do to the currents.
struct CrossbarSummary {
    double full_scale_a = 0.0;           ///< largest absolute value of V * G
    Spread deviation;                    ///< (I - V * G) / full scale; rows are inputs
    double gain = 0.0;                   ///< least squares: I = gain * V * G
    double rms_after_gain = 0.0;         ///< root mean square of I / gain - V * G, over the full scale
    std::optional<Spread> voltage_loss;  ///< of the cells; none: not known
    Spread current_loss;  ///< 1 - I / (V * G) of the columns, all rows driven; 0 for a column without cells
    CrossbarTiming timing;

    Json json(const CrossbarJob& job) const;
    std::string table(const CrossbarJob& job, bool with_timing) const;
};

/// `current`: k x N, the answer to `job.v`; `array` holds `job.g`; `loss`: of `voltage_loss`.
CrossbarSummary summarise(const CrossbarJob& job, const AnalogArray& array, const Eigen::MatrixXd& current,
                          const std::optional<Eigen::MatrixXd>& loss);

}  // namespace xloop
