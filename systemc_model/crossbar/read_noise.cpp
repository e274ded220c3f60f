#include "systemc_model/crossbar/read_noise.hpp"

#include "systemc_model/crossbar/wires/array_fields.hpp"

#include <algorithm>

namespace xloop {
namespace {

using Eigen::ArrayXXd;
using Eigen::Index;
using Eigen::MatrixXd;

/// What is needed of the fields of all unit inputs, for each cell (k, l); M x N each.
struct FieldMoments {
    ArrayXXd own;      ///< w_k: row k driven
    ArrayXXd sum;      ///< sum over the other used rows i of w_i
    ArrayXXd squares;  ///< sum over the other used rows of w_i^2
    ArrayXXd reach;    ///< u_l: what a current in the cell adds to column l
};

/// Fields are computed for some unit vectors at a time: all at once they would fill M * M * N numbers.
constexpr Index at_a_time = 16;

template <class Use>
void for_unit_vectors(Index size, Index count, Use use) {
    for (Index first = 0; first < count; first += at_a_time) {
        const Index some = std::min(at_a_time, count - first);
        MatrixXd units = MatrixXd::Zero(some, size);
        for (Index i = 0; i < some; ++i)
            units(i, first + i) = 1.0;
        use(first, units);
    }
}

FieldMoments without_wires(Index rows, Index cols) {
    return {ArrayXXd::Ones(rows, cols), ArrayXXd::Zero(rows, cols), ArrayXXd::Zero(rows, cols),
            ArrayXXd::Ones(rows, cols)};
}

FieldMoments field_moments(const MatrixXd& g, const Parasitics& parasitics, Index used_rows) {
    if (parasitics.none())
        return without_wires(g.rows(), g.cols());
    const Index m = g.rows(), n = g.cols();
    const ArrayFields fields(g, parasitics);
    FieldMoments moments = {ArrayXXd::Zero(m, n), ArrayXXd::Zero(m, n), ArrayXXd::Zero(m, n), ArrayXXd(m, n)};
    for_unit_vectors(m, m, [&](Index first, const MatrixXd& units) {
        const MatrixXd w = fields.voltages(units);
        for (Index i = 0; i < w.rows(); ++i)
            for (Index k = 0; k < m; ++k)
                for (Index l = 0; l < n; ++l) {
                    const double value = w(i, k * n + l);
                    if (k == first + i)
                        moments.own(k, l) = value;
                    else if (first + i < used_rows) {
                        moments.sum(k, l) += value;
                        moments.squares(k, l) += value * value;
                    }
                }
    });
    for_unit_vectors(n, n, [&](Index first, const MatrixXd& units) {
        const MatrixXd u = fields.adjoint(units);
        for (Index j = 0; j < u.rows(); ++j)
            for (Index k = 0; k < m; ++k)
                moments.reach(k, first + j) = u(j, k * n + first + j);
    });
    return moments;
}

}  // namespace

void ReadNoise::add_variance(const std::vector<float>& digits, float* variance) const {
    float sum = 0.0f, squares = 0.0f;
    for (float x : digits) {
        sum += x;
        squares += x * x;
    }
    const auto count = static_cast<float>(digits.size());
    const float mean = sum / count, deviation = squares / count - mean * mean;
    const std::size_t conversions = common.size();
    for (std::size_t c = 0; c < conversions; ++c)
        variance[c] += common[c] * (mean * mean) + spread[c] * deviation;
    for (std::size_t k = 0; k < digits.size(); ++k) {
        if (digits[k] == 0.0f)
            continue;
        const float x2 = digits[k] * digits[k], mx = mean * digits[k];
        const float* a = own.data() + k * conversions;
        const float* b = cross.data() + k * conversions;
        for (std::size_t c = 0; c < conversions; ++c)
            variance[c] += a[c] * x2 + b[c] * mx;
    }
    for (std::size_t c = 0; c < conversions; ++c)
        variance[c] = std::max(variance[c], 0.0f);
}

ReadNoise refer_read_noise(const AnalogArray& analog, const DeviceModel& device, const WeightSlicing& slicing,
                           const std::vector<AdcErrors>& adcs, int rows, double fixed_per_level) {
    ReadNoise noise;
    if (device.read_noise_sigma() == 0.0)
        return noise;
    const MatrixXd& cells = analog.linearised();
    const bool ideal = analog.model().circuit == Circuit::ideal;
    // An access resistance R takes its part: a cell g / (1 + g R) follows a relative change of g by 1 / (1 + g R).
    const ArrayXXd divider =
        1.0 / (1.0 + analog.conductance().array() * (ideal ? 0.0 : analog.model().curve.r_access_ohm));
    const FieldMoments fields = field_moments(cells, ideal ? Parasitics{} : analog.model().parasitics, rows);
    const ArrayXXd weight =
        (device.read_noise_sigma() * cells.array() * divider * fields.reach * fixed_per_level / device.levels().step())
            .square();
    const ArrayXXd own = weight * fields.own.square(), cross = 2.0 * weight * fields.own * fields.sum;
    const Eigen::ArrayXd common = (weight * fields.sum.square()).colwise().sum(),
                         spread = (weight * fields.squares).colwise().sum();

    const int conversions = slicing.conversions();
    const auto of_conversion = [&](const auto& per_column, int c) {
        const double sum =
            per_column(slicing.plus_column(c)) + (slicing.has_minus() ? per_column(slicing.minus_column(c)) : 0.0);
        return static_cast<float>(sum * adcs[static_cast<std::size_t>(c)].gain *
                                  adcs[static_cast<std::size_t>(c)].gain);
    };
    for (int k = 0; k < rows; ++k)
        for (int c = 0; c < conversions; ++c) {
            noise.own.push_back(of_conversion([&](int column) { return own(k, column); }, c));
            noise.cross.push_back(of_conversion([&](int column) { return cross(k, column); }, c));
        }
    for (int c = 0; c < conversions; ++c) {
        noise.common.push_back(of_conversion(common, c));
        noise.spread.push_back(of_conversion(spread, c));
    }
    return noise;
}

}  // namespace xloop
