#include "dnn/crossbar/cells.hpp"

#include "systemc_model/crossbar/array_model.hpp"
#include "systemc_model/crossbar/spare_columns.hpp"
#include "systemc_model/crossbar/wires/array_fields.hpp"

#include <algorithm>

namespace xloop {
namespace {

/// d conductance / d level of every cell, with its own variation, fault and drift: between the neighbouring levels.
Eigen::MatrixXd level_response(const LevelMatrix& levels, const DeviceModel& device, std::uint64_t array) {
    const auto top = static_cast<std::uint8_t>(device.levels().size() - 1);
    const LevelMatrix up = levels.unaryExpr([top](std::uint8_t l) { return std::uint8_t(l + (l < top)); });
    const LevelMatrix down = levels.unaryExpr([](std::uint8_t l) { return std::uint8_t(l - (l > 0)); });
    return (device.program(up, array) - device.program(down, array)).cwiseQuotient((up - down).cast<double>());
}

}  // namespace

float polarity_share(int weight, int polarity) {
    if (polarity == 0)
        return 1.0f;
    return weight == 0 ? 0.5f : weight * polarity > 0 ? 1.0f : 0.0f;
}

CellGradient::CellGradient(const ArrayContents& contents, const ProgrammedArray& array, const HardwareConfig& hardware,
                           const DeviceModel& device, CellPath path)
    : slicing_(place_weights(contents, hardware, device)),
      weights_(static_cast<std::size_t>(contents.outputs) * slicing_.own_rows(contents.rows)), rows_(contents.rows),
      outputs_(contents.outputs), polarity_(static_cast<int>(contents.polarity)), path_(path) {
    const int own = slicing_.own_rows(rows_);
    for (int o = 0; o < outputs_; ++o)
        std::copy_n(contents.weights + o * contents.stride, own, &weights_[static_cast<std::size_t>(o) * own]);

    const int sign = polarity_ < 0 ? -1 : 1;
    const std::vector<AdcErrors> adcs = adc_errors(hardware, slicing_, contents.id);
    double norm = 0.0;
    for (int c = 0; c < slicing_.conversions(); ++c) {
        const double counts = slicing_.slice_weight(c) * slicing_.level_weight();
        weights_per_siemens_.push_back(sign * counts * adcs[static_cast<std::size_t>(c)].gain *
                                       array.correction_factor(c % outputs_) / device.levels().step());
        if (c % outputs_ == 0) {
            levels_per_weight_.push_back(counts);
            norm += counts * counts;
        }
    }
    for (double& levels : levels_per_weight_)
        levels /= norm;

    const AnalogModel model = analog_model(hardware, device);
    const LevelMatrix levels = slicing_.levels(contents.weights, rows_, contents.stride);
    const Eigen::MatrixXd device_g = device.program(levels, contents.id);
    response_ = level_response(levels, device, contents.id);
    wires_ = model.circuit != Circuit::ideal;
    if (!wires_)
        return;
    parasitics_ = model.parasitics;
    g_ = device_g.unaryExpr([&model](double g) { return model.curve.slope(g); });
    // d slope / d g = 1 / (1 + g R_access)^2
    response_.array() /= (1.0 + model.curve.r_access_ohm * device_g.array()).square();
    if (path_ == CellPath::own)
        response_.array() *= own_path_sensitivity(g_, parasitics_).array();
}

Eigen::MatrixXd CellGradient::back_to_levels(const Eigen::MatrixXd& g_eff_bar) const {
    if (!wires_ || path_ == CellPath::own)
        return g_eff_bar.cwiseProduct(response_);
    return conductance_gradient(g_, parasitics_, g_eff_bar).cwiseProduct(response_);
}

/// What a weight does through the cells of one of its slices, per level.
double CellGradient::level_gradient(const Eigen::MatrixXd& level_bar, int row, int conversion, int weight) const {
    const double plus = level_bar(row, slicing_.plus_column(conversion));
    if (polarity_ != 0)
        return plus * polarity_ * polarity_share(weight, polarity_);
    if (slicing_.offset() != 0)
        return plus;
    const double minus = -level_bar(row, slicing_.minus_column(conversion));
    return weight > 0 ? plus : weight < 0 ? minus : 0.5 * (plus + minus);
}

void CellGradient::add(const float* through, std::ptrdiff_t stride, float* gradient,
                       std::ptrdiff_t gradient_stride) const {
    Eigen::MatrixXd g_eff_bar = Eigen::MatrixXd::Zero(response_.rows(), response_.cols());
    for (int c = 0; c < slicing_.conversions(); ++c)
        for (int r = 0; r < rows_; ++r) {
            const double bar = through[c % outputs_ * stride + r] * weights_per_siemens_[static_cast<std::size_t>(c)];
            g_eff_bar(r, slicing_.plus_column(c)) += bar;
            if (slicing_.has_minus())
                g_eff_bar(r, slicing_.minus_column(c)) -= bar;
        }
    const Eigen::MatrixXd level_bar = back_to_levels(g_eff_bar);
    const std::int8_t* weight = weights_.data();
    for (int o = 0; o < outputs_; ++o)
        for (int r = 0; r < slicing_.own_rows(rows_); ++r, ++weight) {
            double sum = 0.0;
            for (int s = 0; s < slicing_.slices(); ++s)
                sum += levels_per_weight_[static_cast<std::size_t>(s)] *
                       level_gradient(level_bar, slicing_.first_row(o, rows_) + r, s * outputs_ + o, *weight);
            gradient[o * gradient_stride + r] += static_cast<float>(sum);
        }
}

}  // namespace xloop
