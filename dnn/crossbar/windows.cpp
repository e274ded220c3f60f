#include "dnn/crossbar/windows.hpp"

#include <algorithm>

namespace xloop {

int ConvShape::output(int axis, int size) const {
    const auto a = static_cast<std::size_t>(axis);
    const int reach = dilation[a] * (kernel[a] - 1) + 1;
    const int room = size + 2 * padding[a] - reach;
    return room < 0 ? 0 : room / stride[a] + 1;
}

Windows::Windows(const ConvShape& shape, int height, int width)
    : shape_(shape), size_{height, width}, out_{shape.output(0, height), shape.output(1, width)} {}

/// Calls visit(row of the part, values, offset in the map; -1: padding) for each run of values that lie side by side.
template <class Visit>
void Windows::for_each_run(int position, const WindowRows& part, const Visit& visit) const {
    const int channels = shape_.channels_per_group();
    const int top = position / out_[1] * shape_.stride[0] - shape_.padding[0];
    const int left = position % out_[1] * shape_.stride[1] - shape_.padding[1];
    const int tap = part.first / channels;
    int channel = part.first % channels, ky = tap / shape_.kernel[1], kx = tap % shape_.kernel[1];
    for (int row = 0; row < part.count;) {
        const int run = std::min(channels - channel, part.count - row);
        const int y = top + ky * shape_.dilation[0], x = left + kx * shape_.dilation[1];
        const bool inside = y >= 0 && y < size_[0] && x >= 0 && x < size_[1];
        const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(y) * size_[1] + x;
        visit(row, run, inside ? pixel * shape_.in_channels + part.group * channels + channel : -1);
        row += run;
        channel = 0;
        if (++kx == shape_.kernel[1]) {
            kx = 0;
            ++ky;
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
