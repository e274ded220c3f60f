#pragma once

#include "core/workload/network_spec.hpp"

#include <cstddef>
#include <vector>

namespace xloop {

/// Where the value of a channel, row and column lies, in values from the image's first.
struct Strides {
    std::size_t channel, row, column;

    static Strides channels_first(const Shape& s) {
        const auto width = static_cast<std::size_t>(s.width);
        return {static_cast<std::size_t>(s.height) * width, width, 1};
    }
    static Strides channels_last(const Shape& s) {
        const auto channels = static_cast<std::size_t>(s.channels);
        return {1, static_cast<std::size_t>(s.width) * channels, channels};
    }
};

/// An image that lies at `from` in any order, position by position.
template <class T>
std::vector<T> by_position(const T* from, const Strides& strides, const Shape& shape) {
    std::vector<T> values(static_cast<std::size_t>(shape.size()));
    T* to = values.data();
    for (std::size_t y = 0; y < static_cast<std::size_t>(shape.height); ++y)
        for (std::size_t x = 0; x < static_cast<std::size_t>(shape.width); ++x)
            for (std::size_t c = 0; c < static_cast<std::size_t>(shape.channels); ++c)
                *to++ = from[c * strides.channel + y * strides.row + x * strides.column];
    return values;
}

}  // namespace xloop
