#include "dnn/data/resize.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <type_traits>

namespace xloop {
namespace {

/// What one place of an axis is made of: `weights` of the places from `first` on.
struct Mix {
    int first = 0;
    std::vector<double> weights;
};

std::vector<Mix> mixes(int from, int to) {
    const double step = static_cast<double>(from) / to, reach = std::max(step, 1.0);
    std::vector<Mix> places(static_cast<std::size_t>(to));
    for (int i = 0; i < to; ++i) {
        const double centre = (i + 0.5) * step;
        const int first = std::max(0, static_cast<int>(std::floor(centre - reach)));
        const int last = std::min(from - 1, static_cast<int>(std::ceil(centre + reach)));
        Mix& mix = places[static_cast<std::size_t>(i)];
        mix.first = first;
        double sum = 0;
        for (int k = first; k <= last; ++k) {
            mix.weights.push_back(std::max(0.0, 1.0 - std::abs(k + 0.5 - centre) / reach));
            sum += mix.weights.back();
        }
        for (double& weight : mix.weights)
            weight /= sum;
    }
    return places;
}

template <class T>
T rounded(double value) {
    if constexpr (std::is_integral_v<T>)
        return static_cast<T>(std::clamp(std::floor(value + 0.5), 0.0, 255.0));
    else
        return static_cast<T>(value);
}

template <class T>
std::vector<T> resize_values(const std::vector<T>& values, const Shape& from, int height, int width) {
    const auto channels = static_cast<std::size_t>(from.channels);
    const std::vector<Mix> along_y = mixes(from.height, height), along_x = mixes(from.width, width);
    std::vector<T> out;
    out.reserve(along_y.size() * along_x.size() * channels);
    std::vector<double> row(static_cast<std::size_t>(from.width) * channels);  // one: pictures may be long and thin
    for (const Mix& rows : along_y) {
        std::fill(row.begin(), row.end(), 0.0);
        for (std::size_t k = 0; k < rows.weights.size(); ++k) {
            const T* value = values.data() + (static_cast<std::size_t>(rows.first) + k) * row.size();
            for (std::size_t i = 0; i < row.size(); ++i)
                row[i] += rows.weights[k] * static_cast<double>(value[i]);
        }
        for (const Mix& columns : along_x)
            for (std::size_t c = 0; c < channels; ++c) {
                const double* value = row.data() + static_cast<std::size_t>(columns.first) * channels + c;
                double sum = 0;
                for (std::size_t k = 0; k < columns.weights.size(); ++k)
                    sum += columns.weights[k] * value[k * channels];
                out.push_back(rounded<T>(sum));
            }
    }
    return out;
}

}  // namespace

std::vector<std::uint8_t> resize(const std::vector<std::uint8_t>& values, const Shape& from, int height, int width) {
    return resize_values(values, from, height, width);
}
std::vector<float> resize(const std::vector<float>& values, const Shape& from, int height, int width) {
    return resize_values(values, from, height, width);
}

Shape resized_shape(const Shape& from, const std::vector<int>& resize) {
    if (resize.empty())
        return from;
    if (resize.size() == 2)
        return {from.channels, resize[0], resize[1]};
    const std::int64_t side = resize[0],
                       longer = side * std::max(from.height, from.width) / std::min(from.height, from.width);
    if (longer * side > (std::int64_t{1} << 26))
        throw InputError(fmt::format("an image of shape {} would become {} x {} pixels", from.str(), longer, side));
    const int other = static_cast<int>(longer);
    return from.height <= from.width ? Shape{from.channels, resize[0], other} : Shape{from.channels, other, resize[0]};
}

template <class T>
std::vector<T> centre_crop(const std::vector<T>& values, const Shape& from, int height, int width) {
    if (height > from.height || width > from.width)
        throw InputError(
            fmt::format("an image of shape {} is smaller than the {} x {} of data.crop", from.str(), height, width));
    const int top = static_cast<int>(std::nearbyint((from.height - height) / 2.0));
    const int left = static_cast<int>(std::nearbyint((from.width - width) / 2.0));
    std::vector<T> out;
    out.reserve(static_cast<std::size_t>(from.channels) * static_cast<std::size_t>(height) *
                static_cast<std::size_t>(width));
    for (int y = top; y < top + height; ++y) {
        const auto begin = values.begin() + (static_cast<std::ptrdiff_t>(y) * from.width + left) * from.channels;
        out.insert(out.end(), begin, begin + static_cast<std::ptrdiff_t>(width) * from.channels);
    }
    return out;
}

template std::vector<std::uint8_t> centre_crop(const std::vector<std::uint8_t>&, const Shape&, int, int);
template std::vector<float> centre_crop(const std::vector<float>&, const Shape&, int, int);

}  // namespace xloop
