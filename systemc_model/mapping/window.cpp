#include "systemc_model/mapping/window.hpp"

#include <algorithm>

namespace xloop {
namespace {

/// Index of `value`; a new last one if it is not there. Neighbours are alike: `guess` is tried first.
template <class T>
int index_in(std::vector<T>& list, const T& value, int guess) {
    if (guess >= 0 && list[static_cast<std::size_t>(guess)] == value)
        return guess;
    const auto found = std::find(list.begin(), list.end(), value);
    const auto index = static_cast<int>(found - list.begin());
    if (found == list.end())
        list.push_back(value);
    return index;
}

struct SharedAxis {
    int begin, end, shift;
};

/// One axis of SharedTaps: place at(out, tap) is at(earlier, tap + shift).
SharedAxis shared_axis(const WindowAxis& axis, int out, int earlier) {
    const int distance = (out - earlier) * axis.stride, shift = distance / axis.dilation;
    if (distance % axis.dilation != 0)
        return {0, 0, 0};
    return {std::max(0, -shift), std::min(axis.kernel, axis.kernel - shift), shift};
}

}  // namespace

SharedTaps shared_taps(const GraphLayer& layer, int position, int earlier) {
    const int width = layer.out.width;
    const SharedAxis y = shared_axis(layer.window.y, position / width, earlier / width),
                     x = shared_axis(layer.window.x, position % width, earlier % width);
    if (y.begin >= y.end || x.begin >= x.end)
        return {};
    return {{y.begin, y.end, x.begin, x.end}, y.shift, x.shift};
}

SharedTaps SharedTaps::within(const KernelPart& inside) const {
    return {{std::max(part.y_begin, inside.y_begin), std::min(part.y_end, inside.y_end),
             std::max(part.x_begin, inside.x_begin), std::min(part.x_end, inside.x_end)},
            y_shift,
            x_shift};
}

WindowFetches::WindowFetches(const GraphLayer& layer, const LayerWindows& windows, int copies, bool reuse) {
    if (!reuse) {
        for (const KernelPart& part : windows.parts)
            kinds.push_back({part, {}});
        of_position = windows.part_of;
        return;
    }
    of_position.reserve(windows.part_of.size());
    for (int p = 0; p < layer.positions(); ++p)
        of_position.push_back(index_in(kinds,
                                       {windows.part(p), p < copies ? SharedTaps{} : shared_taps(layer, p, p - copies)},
                                       p > 0 ? of_position.back() : -1));
}

std::vector<int> WindowFetches::count(int copy, int copies) const {
    std::vector<int> counts(kinds.size(), 0);
    for (auto p = static_cast<std::size_t>(copy); p < of_position.size(); p += static_cast<std::size_t>(copies))
        ++counts[static_cast<std::size_t>(of_position[p])];
    return counts;
}

LayerWindows::LayerWindows(const GraphLayer& layer) {
    const auto positions = static_cast<std::size_t>(layer.positions());
    const WindowAxis &y = layer.window.y, &x = layer.window.x;
    first.assign(positions + 1, layer.in.positions());
    last.reserve(positions);
    part_of.reserve(positions);
    for (int oy = 0; oy < layer.out.height; ++oy)
        for (int ox = 0; ox < layer.out.width; ++ox) {
            const KernelPart part = layer.window.inside(oy, ox, layer.in.height, layer.in.width);
            const bool empty = part.positions() == 0;
            if (!empty)
                first[last.size()] = y.at(oy, part.y_begin) * layer.in.width + x.at(ox, part.x_begin);
            last.push_back(empty ? -1 : y.at(oy, part.y_end - 1) * layer.in.width + x.at(ox, part.x_end - 1));
            part_of.push_back(index_in(parts, part, part_of.empty() ? -1 : part_of.back()));
        }
    for (std::size_t p = positions; p-- > 0;)
        first[p] = std::min(first[p], first[p + 1]);
}

}  // namespace xloop
