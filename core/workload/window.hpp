#pragma once

#include <algorithm>

namespace xloop {

/// Taps [y_begin, y_end) x [x_begin, x_end) of a window that lie inside the map; empty: end <= begin.
struct KernelPart {
    int y_begin = 0, y_end = 0, x_begin = 0, x_end = 0;
    int positions() const { return y_end > y_begin && x_end > x_begin ? (y_end - y_begin) * (x_end - x_begin) : 0; }
    bool operator==(const KernelPart& o) const {
        return y_begin == o.y_begin && y_end == o.y_end && x_begin == o.x_begin && x_end == o.x_end;
    }
};

/// A window along one axis: tap t of output `out` is at place at(out, t) of the map; outside of the map it is padding.
struct WindowAxis {
    int kernel = 1, stride = 1, dilation = 1;
    int before = 0, after = 0;  ///< padding at the two ends of the map

    int at(int out, int tap) const { return out * stride - before + tap * dilation; }
    /// From the first tap to the last, both included.
    int reach() const { return dilation * (kernel - 1) + 1; }
    /// Size of the output for a map of `size`; 0 when the window is larger than the padded map.
    int output(int size) const {
        const int room = size + before + after - reach();
        return room < 0 ? 0 : room / stride + 1;
    }
    /// The taps of output `out` that are inside a map of `size` are [first_inside, end_inside).
    int first_inside(int out) const { return std::max(0, (dilation - 1 - at(out, 0)) / dilation); }
    int end_inside(int out, int size) const {
        const int room = size - at(out, 0);
        return room <= 0 ? 0 : std::min(kernel, (room - 1) / dilation + 1);
    }
    bool operator==(const WindowAxis& o) const {
        return kernel == o.kernel && stride == o.stride && dilation == o.dilation && before == o.before &&
               after == o.after;
    }
};

/// The window of a layer; by default one position, itself. Its taps are numbered row by row.
struct Window {
    WindowAxis y, x;

    int taps() const { return y.kernel * x.kernel; }
    KernelPart inside(int out_y, int out_x, int height, int width) const {
        return {y.first_inside(out_y), y.end_inside(out_y, height), x.first_inside(out_x), x.end_inside(out_x, width)};
    }
    /// Calls visit(tap, position in the map) for the taps of an output position that are inside a map of height x width.
    template <class Visit>
    void visit_inside(int out_y, int out_x, int height, int width, const Visit& visit) const {
        const KernelPart part = inside(out_y, out_x, height, width);
        for (int ky = part.y_begin; ky < part.y_end; ++ky)
            for (int kx = part.x_begin; kx < part.x_end; ++kx)
                visit(ky * x.kernel + kx, y.at(out_y, ky) * width + x.at(out_x, kx));
    }
    bool operator==(const Window& o) const { return y == o.y && x == o.x; }
};

}  // namespace xloop
