#pragma once

#include "core/workload/window.hpp"

#include <cstddef>
#include <cstdint>

namespace xloop {

/// A convolution as the matrices of a layer: `groups` matrices of out_channels / groups outputs x rows(), row
/// (ky * kernel width + kx) * channels_per_group() + c.
struct ConvShape {
    int in_channels = 0, out_channels = 0, groups = 1;
    Window window;

    int channels_per_group() const { return in_channels / groups; }
    int outputs_per_group() const { return out_channels / groups; }
    int rows() const { return window.taps() * channels_per_group(); }
};

/// Part of a window: `count` rows from `first` of the matrix of one group, and on into those of the next ones.
struct WindowRows {
    int group, first, count;
};

/// The windows of a convolution over maps [height][width][channels]. Padding reads as 0.
class Windows {
public:
    Windows(const ConvShape& shape, int height, int width)
        : shape_(shape), height_(height), width_(width), out_height_(shape.window.y.output(height)),
          out_width_(shape.window.x.output(width)) {}

    int out_height() const { return out_height_; }
    int out_width() const { return out_width_; }
    /// Output positions of a map, y * out_width() + x.
    int positions() const { return out_height_ * out_width_; }
    std::ptrdiff_t map_size() const { return static_cast<std::ptrdiff_t>(height_) * width_ * shape_.in_channels; }

    void gather(const std::uint8_t* map, int position, const WindowRows& part, std::uint8_t* window) const;
    /// The transpose of gather: adds the window to the map.
    void scatter(const float* window, int position, const WindowRows& part, float* map) const;

private:
    template <class Visit>
    void for_each_run(int position, const WindowRows& part, const Visit& visit) const;

    ConvShape shape_;
    int height_, width_, out_height_, out_width_;
};

}  // namespace xloop
