#pragma once

#include "core/workload/network_spec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xloop::importing {

/// One digit of an index: `size` values, each `stride` places of a layer's map further than the one before.
struct Digit {
    std::int64_t size, stride;
    bool operator==(const Digit& o) const { return size == o.size && stride == o.stride; }
};
/// One axis of a tensor: its index is the number with these digits, the most significant first. No digit has size 1, so an axis
/// of size 1 has none.
using Axis = std::vector<Digit>;
std::int64_t size_of(const Axis& axis);
/// With one digit, or none for size 1.
Axis plain_axis(std::int64_t size, std::int64_t stride);
/// The same axis with as few digits as possible.
Axis joined(const Axis& axis);

/// How a map of channels x height x width lies in memory: by layers channel by channel, in the network's input as in the file.
/// The images of a batch are size() apart.
struct Frame {
    Shape shape;
    std::int64_t channel = 1, row = 1, column = 1;  ///< strides

    Frame() = default;
    explicit Frame(const Shape& s) : shape(s), channel(std::int64_t{s.height} * s.width), row(s.width) {}
    std::int64_t positions() const { return std::int64_t{shape.height} * shape.width; }
    std::int64_t size() const { return shape.channels * positions(); }
    std::int64_t place(std::int64_t c, std::int64_t y, std::int64_t x) const {
        return c * channel + y * row + x * column;
    }
};

enum class Role { one, batch, channels, rows, columns, positions, mixed };
/// What an axis runs over; `one`: it has size 1.
Role role_of(const Axis& axis, const Frame& frame);
Role role_of(const Digit& digit, const Frame& frame);
bool is_whole(const Axis& axis, std::int64_t size, std::int64_t stride);

/// A tensor of the file as a way to index the map of the layer that makes it. Reshapes and transposes only rearrange digits.
struct View {
    std::vector<Axis> axes;

    std::vector<std::int64_t> shape() const;
    std::size_t rank() const { return axes.size(); }
    /// All digits, one after the other.
    Axis flat() const;
    /// With other axes over the same digits; none when a digit would have to be split unevenly.
    std::optional<View> reshaped(const std::vector<std::int64_t>& shape) const;
    std::string str() const;  ///< "1x16x5x5"
    bool operator==(const View& o) const { return axes == o.axes; }
};

/// The view of another map whose axes are those of `view`; `to` has the same height and width, and channels too.
View carried(const View& view, const Frame& from, const Frame& to);
Axis carried(const Axis& axis, const Frame& from, const Frame& to);

/// Which channel of the map stands at each place of the axis; empty unless the axis holds each channel once.
std::vector<int> channel_order(const Axis& axis, const Frame& frame);
bool is_identity(const std::vector<int>& order);

/// The index on an axis of a place of the map.
std::int64_t index_on(const Axis& axis, std::int64_t place);

}  // namespace xloop::importing
