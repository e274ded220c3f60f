#include "dnn/import/view.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <numeric>

namespace xloop::importing {

std::int64_t size_of(const Axis& axis) {
    return std::accumulate(axis.begin(), axis.end(), std::int64_t{1},
                           [](std::int64_t product, const Digit& digit) { return product * digit.size; });
}

Axis plain_axis(std::int64_t size, std::int64_t stride) { return size == 1 ? Axis{} : Axis{{size, stride}}; }

Axis joined(const Axis& axis) {
    Axis made;
    for (const Digit& digit : axis)
        if (!made.empty() && made.back().stride == digit.size * digit.stride)
            made.back() = {made.back().size * digit.size, digit.stride};
        else
            made.push_back(digit);
    return made;
}

Role role_of(const Digit& digit, const Frame& frame) {
    if (digit.stride >= frame.size())
        return Role::batch;
    const auto lies_in = [&](std::int64_t size, std::int64_t stride) {
        return digit.stride >= stride && digit.stride % stride == 0 && digit.stride * digit.size <= stride * size;
    };
    if (lies_in(frame.shape.channels, frame.channel))
        return Role::channels;
    if (lies_in(frame.shape.height, frame.row))
        return Role::rows;
    if (lies_in(frame.shape.width, frame.column))
        return Role::columns;
    // Rows with their columns lie together.
    return lies_in(frame.positions(), frame.column) ? Role::positions : Role::mixed;
}

Role role_of(const Axis& axis, const Frame& frame) {
    Role role = Role::one;
    for (const Digit& digit : joined(axis)) {
        const Role other = role_of(digit, frame);
        const auto of_position = [](Role r) { return r == Role::rows || r == Role::columns || r == Role::positions; };
        if (role == Role::one || role == other)
            role = other;
        else
            role = of_position(role) && of_position(other) ? Role::positions : Role::mixed;
    }
    return role;
}

bool is_whole(const Axis& axis, std::int64_t size, std::int64_t stride) {
    return joined(axis) == plain_axis(size, stride);
}

std::vector<std::int64_t> View::shape() const {
    std::vector<std::int64_t> sizes(axes.size());
    std::transform(axes.begin(), axes.end(), sizes.begin(), size_of);
    return sizes;
}

Axis View::flat() const {
    Axis all;
    for (const Axis& axis : axes)
        all.insert(all.end(), axis.begin(), axis.end());
    return joined(all);
}

std::optional<View> View::reshaped(const std::vector<std::int64_t>& shape) const {
    Axis rest = flat();
    std::reverse(rest.begin(), rest.end());
    View made;
    for (std::int64_t size : shape) {
        Axis axis;
        for (std::int64_t needed = size; needed > 1;) {
            if (rest.empty())
                return std::nullopt;
            Digit& digit = rest.back();
            if (needed % digit.size == 0) {
                needed /= digit.size;
                axis.push_back(digit);
                rest.pop_back();
            } else if (digit.size % needed == 0) {
                digit.size /= needed;
                axis.push_back({needed, digit.stride * digit.size});
                needed = 1;
            } else {
                return std::nullopt;
            }
        }
        made.axes.push_back(joined(axis));
    }
    return rest.empty() ? std::optional(made) : std::nullopt;
}

std::string View::str() const { return fmt::format("{}", fmt::join(shape(), "x")); }

Axis carried(const Axis& axis, const Frame& from, const Frame& to) {
    Axis made;
    const auto add = [&](std::int64_t size, std::int64_t stride) {
        if (size > 1)
            made.push_back({size, stride});
    };
    for (const Digit& digit : joined(axis))
        switch (role_of(digit, from)) {
        case Role::batch: add(digit.size, digit.stride / from.size() * to.size()); break;
        case Role::channels: add(digit.size, digit.stride / from.channel * to.channel); break;
        case Role::rows: add(digit.size, digit.stride / from.row * to.row); break;
        case Role::columns: add(digit.size, digit.stride / from.column * to.column); break;
        default: {
            // It runs over several roles, the ones with the smallest strides first.
            struct Part {
                std::int64_t size, from, to;
            };
            std::array<Part, 3> parts = {Part{from.shape.channels, from.channel, to.channel},
                                         Part{from.shape.height, from.row, to.row},
                                         Part{from.shape.width, from.column, to.column}};
            std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.from < b.from; });
            Axis inner;
            std::int64_t size = digit.size, stride = digit.stride;
            for (const Part& part : parts) {
                if (size == 1 || part.size == 1 || stride < part.from || stride >= part.from * part.size)
                    continue;
                const std::int64_t taken = std::min(size, part.from * part.size / stride);
                if (size % taken != 0)
                    throw InputError("an axis cuts through rows of the map");
                inner.push_back({taken, stride / part.from * part.to});
                size /= taken;
                stride *= taken;
            }
            if (size > 1)
                inner.push_back({size, to.size()});
            made.insert(made.end(), inner.rbegin(), inner.rend());
        }
        }
    return joined(made);
}

View carried(const View& view, const Frame& from, const Frame& to) {
    View made;
    for (const Axis& axis : view.axes)
        made.axes.push_back(carried(axis, from, to));
    return made;
}

std::vector<int> channel_order(const Axis& axis, const Frame& frame) {
    std::vector<int> order;
    if (size_of(axis) != frame.shape.channels || (!axis.empty() && role_of(axis, frame) != Role::channels))
        return order;
    order.resize(static_cast<std::size_t>(frame.shape.channels));
    for (int c = 0; c < frame.shape.channels; ++c)
        order[static_cast<std::size_t>(index_on(axis, c * frame.channel))] = c;
    return order;
}

bool is_identity(const std::vector<int>& order) {
    for (std::size_t i = 0; i < order.size(); ++i)
        if (order[i] != static_cast<int>(i))
            return false;
    return true;
}

std::int64_t index_on(const Axis& axis, std::int64_t place) {
    std::int64_t index = 0;
    for (const Digit& digit : axis)
        index = index * digit.size + place / digit.stride % digit.size;
    return index;
}

}  // namespace xloop::importing
