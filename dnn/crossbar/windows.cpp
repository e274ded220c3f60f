#include "dnn/crossbar/windows.hpp"

#include <algorithm>

namespace xloop {

/// Calls visit(row of the part, values, offset in the map; -1: padding) for each run of values that lie side by side.
template <class Visit>
void Windows::for_each_run(int position, const WindowRows& part, const Visit& visit) const {
    const int channels = shape_.channels_per_group();
    const WindowAxis &vertical = shape_.window.y, &horizontal = shape_.window.x;
    const int tap = part.first / channels;
    int channel = part.first % channels, ky = tap / horizontal.kernel, kx = tap % horizontal.kernel;
    int group = part.group;
    for (int row = 0; row < part.count;) {
        const int run = std::min(channels - channel, part.count - row);
        const int y = vertical.at(position / out_width_, ky), x = horizontal.at(position % out_width_, kx);
        const bool inside = y >= 0 && y < height_ && x >= 0 && x < width_;
        const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(y) * width_ + x;
        visit(row, run, inside ? pixel * shape_.in_channels + group * channels + channel : -1);
        row += run;
        channel = 0;
        if (++kx == horizontal.kernel) {
            kx = 0;
            if (++ky == vertical.kernel) {
                ky = 0;
                ++group;
            }
        }
    }
}

void Windows::gather(const std::uint8_t* map, int position, const WindowRows& part, std::uint8_t* window) const {
    for_each_run(position, part, [&](int row, int run, std::ptrdiff_t at) {
        if (at < 0)
            std::fill_n(window + row, run, std::uint8_t{0});
        else
            std::copy_n(map + at, run, window + row);
    });
}

void Windows::scatter(const float* window, int position, const WindowRows& part, float* map) const {
    for_each_run(position, part, [&](int row, int run, std::ptrdiff_t at) {
        for (int i = 0; at >= 0 && i < run; ++i)
            map[at + i] += window[row + i];
    });
}

}  // namespace xloop
