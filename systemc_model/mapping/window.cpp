#include "systemc_model/mapping/window.hpp"

#include <algorithm>

namespace xloop {
namespace {

/// First and last row or column of the input inside the window of output row or column `out`; last < first: padding only.
struct Span {
    int first, last;
};

Span span(int out, int stride, int padding, int kernel, int size) {
    const int begin = out * stride - padding;
    return {std::max(begin, 0), std::min(begin + kernel, size) - 1};
}

Span rows(const GraphLayer& l, int position) {
    return span(position / l.out.width, l.stride, l.padding, l.kernel_h, l.in.height);
}

Span columns(const GraphLayer& l, int position) {
    return span(position % l.out.width, l.stride, l.padding, l.kernel_w, l.in.width);
}

}  // namespace

int last_needed(const GraphLayer& layer, int position) {
    if (layer.kind == LayerKind::add)
        return position;
    const Span y = rows(layer, position), x = columns(layer, position);
    return y.last < y.first || x.last < x.first ? -1 : y.last * layer.in.width + x.last;
}

int first_needed(const GraphLayer& layer, int position) {
    if (position >= layer.positions())
        return layer.in.positions();
    if (layer.kind == LayerKind::add)
        return position;
    const auto first_of = [&](int p) { return rows(layer, p).first * layer.in.width; };
    // Later positions of the same output row begin further right; those of the next row begin at the left, possibly in the
    // same input row (padding).
    const int here = first_of(position) + std::min(columns(layer, position).first, layer.in.width);
    const int next_row = (position / layer.out.width + 1) * layer.out.width;
    const int below = next_row < layer.positions() ? first_of(next_row) : layer.in.positions();
    return std::min({here, below, layer.in.positions()});
}

int window_positions(const GraphLayer& layer, int position) { return kernel_part(layer, position).positions(); }

KernelPart kernel_part(const GraphLayer& layer, int position) {
    if (layer.kind == LayerKind::add)
        return {0, 1, 0, 1};
    const int top = position / layer.out.width * layer.stride - layer.padding;
    const int left = position % layer.out.width * layer.stride - layer.padding;
    return {std::max(0, -top), std::min(layer.kernel_h, layer.in.height - top), std::max(0, -left),
            std::min(layer.kernel_w, layer.in.width - left)};
}

LayerWindows::LayerWindows(const GraphLayer& layer) {
    const int positions = layer.positions();
    first.reserve(static_cast<std::size_t>(positions) + 1);
    last.reserve(static_cast<std::size_t>(positions));
    part_of.reserve(static_cast<std::size_t>(positions));
    for (int p = 0; p < positions; ++p) {
        first.push_back(first_needed(layer, p));
        last.push_back(last_needed(layer, p));
        const KernelPart part = kernel_part(layer, p);
        // Neighbours are alike: from the last one backwards.
        auto index = p > 0 && parts[static_cast<std::size_t>(part_of.back())] == part
                         ? parts.begin() + part_of.back()
                         : std::find(parts.begin(), parts.end(), part);
        if (index == parts.end())
            index = parts.insert(index, part);
        part_of.push_back(static_cast<int>(index - parts.begin()));
    }
    first.push_back(first_needed(layer, positions));
}

}  // namespace xloop
