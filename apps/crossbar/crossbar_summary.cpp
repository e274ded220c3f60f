#include "apps/crossbar/crossbar_summary.hpp"

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/progress.hpp"
#include "systemc_model/crossbar/wires/array_fields.hpp"

#include <fmt/format.h>
#include <cmath>

namespace xloop {
namespace {

Eigen::MatrixXd linear_cell_voltages(const Eigen::MatrixXd& g, const Parasitics& parasitics, double read_voltage_v) {
    const Eigen::MatrixXd v =
        ArrayFields(g, parasitics).voltages(Eigen::MatrixXd::Constant(1, g.rows(), read_voltage_v));
    return v.reshaped<Eigen::RowMajor>(g.rows(), g.cols());
}

/// Linear cells at their secant conductances, these at the cell voltages, and so on. A step is taken in the logarithm of
/// the conductance, shortened by tanh(x) / x, x = alpha v: the ratio of secant and slope of the device, so that even cells
/// that see nothing but resistance do not overshoot. None when that does not converge.
std::optional<Eigen::MatrixXd> nonlinear_cell_voltages(const Eigen::MatrixXd& g, const AnalogModel& model,
                                                       double read_voltage_v) {
    constexpr double tolerance = 1e-9;
    constexpr int most_steps = 300;
    const CellCurve& curve = model.curve;
    Eigen::MatrixXd secant = g.unaryExpr([&](double slope) { return curve.secant(slope, read_voltage_v); });
    Eigen::MatrixXd v = Eigen::MatrixXd::Constant(g.rows(), g.cols(), read_voltage_v);
    Progress progress("cell voltages");
    for (int step = 0; step < most_steps; ++step) {
        const Eigen::MatrixXd now = linear_cell_voltages(secant, model.parasitics, read_voltage_v);
        const double change = (now - v).cwiseAbs().maxCoeff() / read_voltage_v;
        v = now;
        if (change <= tolerance)
            return v;
        progress({std::log(change) / std::log(tolerance)});
        for (Eigen::Index c = 0; c < g.size(); ++c) {
            const double x = curve.alpha_per_volt * std::abs(v(c));
            const double length = x > 0.0 ? std::tanh(x) / x : 1.0;
            if (g(c) > 0.0)
                secant(c) *= std::pow(curve.secant(g(c), v(c)) / secant(c), length);
        }
    }
    return std::nullopt;
}

/// null where there is no number.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

std::string percent(double value) { return fmt::format("{:.4g} %", 100.0 * value); }

std::string spread_text(const Spread& s) {
    return fmt::format("mean {}, spread {}, largest {}", percent(s.mean), percent(s.deviation), percent(s.largest));
}

}  // namespace

std::optional<Eigen::MatrixXd> voltage_loss(const AnalogModel& model, const Eigen::MatrixXd& g, double read_voltage_v) {
    if (model.circuit == Circuit::ideal)
        return Eigen::MatrixXd::Zero(g.rows(), g.cols());
    std::optional<Eigen::MatrixXd> v;
    if (model.circuit == Circuit::linear || model.curve.linear())
        v = linear_cell_voltages(g.unaryExpr([&](double slope) { return model.curve.slope(slope); }), model.parasitics,
                                 read_voltage_v);
    else
        v = nonlinear_cell_voltages(g, model, read_voltage_v);
    if (v)
        *v = 1.0 - v->array() / read_voltage_v;
    return v;
}

Spread spread_of(const Eigen::MatrixXd& values) {
    Spread s;
    s.mean = values.mean();
    s.deviation = std::sqrt((values.array() - s.mean).square().mean());
    values.cwiseAbs().maxCoeff(&s.row, &s.column);
    s.largest = values(s.row, s.column);
    return s;
}

CrossbarSummary summarise(const CrossbarJob& job, const AnalogArray& array, const Eigen::MatrixXd& current,
                          const std::optional<Eigen::MatrixXd>& loss) {
    CrossbarSummary summary;
    const Eigen::MatrixXd ideal = job.v * job.g;
    const double full_scale = summary.full_scale_a = ideal.cwiseAbs().maxCoeff();
    if (full_scale > 0.0)
        summary.deviation = spread_of((current - ideal) / full_scale);
    summary.gain = current.cwiseProduct(ideal).sum() / ideal.squaredNorm();
    summary.rms_after_gain =
        (current / summary.gain - ideal).norm() / std::sqrt(static_cast<double>(ideal.size())) / full_scale;
    if (loss)
        summary.voltage_loss = spread_of(*loss);
    const Eigen::MatrixXd all_rows = Eigen::MatrixXd::Constant(1, job.g.rows(), job.read_voltage_v);
    const Eigen::MatrixXd ideal_column = all_rows * job.g;
    summary.current_loss = spread_of((ideal_column.array() > 0.0)
                                         .select(1.0 - array.currents(all_rows).array() / ideal_column.array(), 0.0)
                                         .matrix());
    return summary;
}

Json CrossbarSummary::json(const CrossbarJob& job) const {
    const auto spread = [](const Spread& s) {
        return Json{{"mean", s.mean}, {"standard_deviation", s.deviation}, {"largest", s.largest}};
    };
    const Parasitics& p = job.model.parasitics;
    Json json;
    json["rows"] = job.g.rows();
    json["columns"] = job.g.cols();
    json["inputs"] = job.v.rows();
    json["circuit"] = name_of(job.model.circuit);
    json["precision"] = name_of(job.model.precision);
    json["r_driver_ohm"] = p.r_driver;
    json["r_wire_row_ohm"] = p.r_wire_row;
    json["r_wire_col_ohm"] = p.r_wire_col;
    json["r_sense_ohm"] = p.r_sense;
    json["r_access_ohm"] = job.model.curve.r_access_ohm;
    json["alpha_per_volt"] = job.model.curve.alpha_per_volt;
    json["conductance_s"] = {{"lowest", job.g.minCoeff()}, {"mean", job.g.mean()}, {"highest", job.g.maxCoeff()}};
    json["read_voltage_v"] = job.read_voltage_v;
    json["full_scale_a"] = full_scale_a;
    json["deviation"] = spread(deviation);
    json["deviation"]["input"] = deviation.row;
    json["deviation"]["column"] = deviation.column;
    json["deviation"]["gain"] = number(gain);
    json["deviation"]["rms_after_gain"] = number(rms_after_gain);
    json["voltage_loss"] = nullptr;
    if (voltage_loss) {
        json["voltage_loss"] = spread(*voltage_loss);
        json["voltage_loss"]["row"] = voltage_loss->row;
        json["voltage_loss"]["column"] = voltage_loss->column;
    }
    json["current_loss"] = spread(current_loss);
    json["current_loss"]["column"] = current_loss.column;
    json["timing"] = {{"build_s", timing.build_s}, {"per_input_s", timing.per_input_s}, {"threads", 1}};
    return json;
}

std::string CrossbarSummary::table(const CrossbarJob& job, bool with_timing) const {
    const Parasitics& p = job.model.parasitics;
    const CellCurve& curve = job.model.curve;
    std::string text = fmt::format("array of {} rows x {} columns, {} input{}\n", job.g.rows(), job.g.cols(),
                                   job.v.rows(), job.v.rows() == 1 ? "" : "s");
    text += fmt::format("  circuit         {}, {}\n", name_of(job.model.circuit), name_of(job.model.precision));
    if (p.none() && curve.r_access_ohm == 0.0)
        text += "  resistances     all 0; see --r-driver, --r-wire-row, --r-wire-col, --r-sense, --r-access\n";
    else
        text += fmt::format("  resistances     driver {}, row wire {}, column wire {}, sense {}, access {} ohm\n",
                            p.r_driver, p.r_wire_row, p.r_wire_col, p.r_sense, curve.r_access_ohm);
    text += fmt::format("  cells           {:.4g} .. {:.4g} S, mean {:.4g} S{}\n", job.g.minCoeff(), job.g.maxCoeff(),
                        job.g.mean(), curve.linear() ? "" : fmt::format(", alpha {} / V", curve.alpha_per_volt));
    text += fmt::format("  currents, as a deviation from V G over the largest |V G|, {:.4g} A\n", full_scale_a);
    text += fmt::format("                  {} (input {}, column {})\n", spread_text(deviation), deviation.row,
                        deviation.column);
    if (std::isfinite(rms_after_gain))
        text += fmt::format("                  divided by the best single gain, {:.4g}, they are off by {} rms\n", gain,
                            percent(rms_after_gain));
    text += fmt::format("  loss, all rows at {} V; rows and columns count from 0\n", job.read_voltage_v);
    text += voltage_loss ? fmt::format("    cell voltage  {} (row {}, column {})\n", spread_text(*voltage_loss),
                                       voltage_loss->row, voltage_loss->column)
                         : "    cell voltage  not known, it does not converge\n";
    text += fmt::format("    current       {} (column {})\n", spread_text(current_loss), current_loss.column);
    if (with_timing)
        text += fmt::format("  time            {:.3g} ms to build, {:.3g} us an input, 1 thread\n",
                            1e3 * timing.build_s, 1e6 * timing.per_input_s);
    return text;
}

}  // namespace xloop
