#include "systemc_model/mapping/window.hpp"

#include <algorithm>

namespace xloop {

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
            // Neighbours are alike: from the last one backwards.
            auto index = !part_of.empty() && parts[static_cast<std::size_t>(part_of.back())] == part
                             ? parts.begin() + part_of.back()
                             : std::find(parts.begin(), parts.end(), part);
            if (index == parts.end())
                index = parts.insert(index, part);
            part_of.push_back(static_cast<int>(index - parts.begin()));
        }
    for (std::size_t p = positions; p-- > 0;)
        first[p] = std::min(first[p], first[p + 1]);
}

}  // namespace xloop
