#include "systemc_model/crossbar/read_noise.hpp"

#include "systemc_model/crossbar/wires/array_fields.hpp"

#include <algorithm>
#include <optional>

namespace xloop {
namespace {

using Eigen::ArrayXXd;
using Eigen::Index;
using Eigen::MatrixXd;

/// What is needed of the fields of all unit inputs of a group of rows, for each cell (k, l); M x N each.
struct FieldMoments {
    ArrayXXd own;      ///< w_k: row k driven, where it is one of the group
    ArrayXXd sum;      ///< sum over the other rows i of the group of w_i
    ArrayXXd squares;  ///< sum over the other rows of the group of w_i^2
};

/// Fields are computed for some unit vectors at a time: all at once they would fill M * M * N numbers.
constexpr Index at_a_time = 16;

/// Unit vectors of the lines from `begin` to `end`; the last ones may go beyond it.
template <class Use>
void for_unit_vectors(Index size, Index begin, Index end, Use use) {
    for (Index first = begin; first < end; first += at_a_time) {
        const Index some = std::min(at_a_time, size - first);
        MatrixXd units = MatrixXd::Zero(some, size);
        for (Index i = 0; i < some; ++i)
            units(i, first + i) = 1.0;
        use(first, units);
    }
}

/// Rows `begin` to `end` are driven at once.
FieldMoments field_moments(const ArrayFields& fields, Index m, Index n, Index begin, Index end) {
    FieldMoments moments = {ArrayXXd::Zero(m, n), ArrayXXd::Zero(m, n), ArrayXXd::Zero(m, n)};
    for_unit_vectors(m, begin, end, [&](Index first, const MatrixXd& units) {
        const MatrixXd w = fields.voltages(units);
        for (Index i = 0; i < std::min(w.rows(), end - first); ++i)
            for (Index k = 0; k < m; ++k)
                for (Index l = 0; l < n; ++l) {
                    const double value = w(i, k * n + l);
                    if (k == first + i) {
                        moments.own(k, l) = value;
                    } else {
                        moments.sum(k, l) += value;
                        moments.squares(k, l) += value * value;
                    }
                }
    });
    return moments;
}

/// u_l of cell (k, l): what a current in the cell adds to its column.
ArrayXXd field_reach(const ArrayFields& fields, Index m, Index n) {
    ArrayXXd reach(m, n);
    for_unit_vectors(n, 0, n, [&](Index first, const MatrixXd& units) {
        const MatrixXd u = fields.adjoint(units);
        for (Index j = 0; j < u.rows(); ++j)
            for (Index k = 0; k < m; ++k)
                reach(k, first + j) = u(j, k * n + first + j);
    });
    return reach;
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

std::vector<ReadNoise> refer_read_noise(const AnalogArray& analog, const DeviceModel& device,
                                        const WeightSlicing& slicing, const std::vector<AdcErrors>& adcs, int rows,
                                        int rows_at_once, double fixed_per_level) {
    std::vector<ReadNoise> groups(static_cast<std::size_t>((rows + rows_at_once - 1) / rows_at_once));
    if (device.read_noise_sigma() == 0.0)
        return groups;
    const MatrixXd& cells = analog.linearised();
    const Index m = cells.rows(), n = cells.cols();
    const bool ideal = analog.model().circuit == Circuit::ideal;
    // An access resistance R takes its part: a cell g / (1 + g R) follows a relative change of g by 1 / (1 + g R).
    const ArrayXXd divider =
        1.0 / (1.0 + analog.conductance().array() * (ideal ? 0.0 : analog.model().curve.r_access_ohm));
    const Parasitics parasitics = ideal ? Parasitics{} : analog.model().parasitics;
    std::optional<ArrayFields> fields;
    if (!parasitics.none())
        fields.emplace(cells, parasitics);
    const ArrayXXd reach = fields ? field_reach(*fields, m, n) : ArrayXXd::Ones(m, n);
    const ArrayXXd weight =
        (device.read_noise_sigma() * cells.array() * divider * reach * fixed_per_level / device.levels().step())
            .square();

    const int conversions = slicing.conversions();
    const auto of_conversion = [&](const auto& per_column, int c) {
        const double sum =
            per_column(slicing.plus_column(c)) + (slicing.has_minus() ? per_column(slicing.minus_column(c)) : 0.0);
        return static_cast<float>(sum * adcs[static_cast<std::size_t>(c)].gain *
                                  adcs[static_cast<std::size_t>(c)].gain);
    };
    int begin = 0;
    for (ReadNoise& noise : groups) {
        const int end = std::min(begin + rows_at_once, rows);
        const FieldMoments moments =
            fields ? field_moments(*fields, m, n, begin, end)
                   : FieldMoments{ArrayXXd::Ones(m, n), ArrayXXd::Zero(m, n), ArrayXXd::Zero(m, n)};
        const ArrayXXd own = weight * moments.own.square(), cross = 2.0 * weight * moments.own * moments.sum;
        const Eigen::ArrayXd common = (weight * moments.sum.square()).colwise().sum(),
                             spread = (weight * moments.squares).colwise().sum();
        for (int k = begin; k < end; ++k)
            for (int c = 0; c < conversions; ++c) {
                noise.own.push_back(of_conversion([&](int column) { return own(k, column); }, c));
                noise.cross.push_back(of_conversion([&](int column) { return cross(k, column); }, c));
            }
        for (int c = 0; c < conversions; ++c) {
            noise.common.push_back(of_conversion(common, c));
            noise.spread.push_back(of_conversion(spread, c));
        }
        begin = end;
    }
    return groups;
}

}  // namespace xloop
