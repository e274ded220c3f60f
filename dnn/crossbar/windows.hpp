#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace xloop {

/// A convolution as the matrices of a layer: `groups` matrices of out_channels / groups outputs x rows(), row
/// (ky * kernel width + kx) * channels_per_group() + c. Pairs are (height, width).
struct ConvShape {
    int in_channels = 0, out_channels = 0, groups = 1;
    std::array<int, 2> kernel{1, 1}, stride{1, 1}, padding{0, 0}, dilation{1, 1};

    int channels_per_group() const { return in_channels / groups; }
    int outputs_per_group() const { return out_channels / groups; }
    int rows() const { return kernel[0] * kernel[1] * channels_per_group(); }
    /// Height or width (`axis` 0 or 1) of the output of a map of `size`; 0 or less when the kernel does not fit.
    int output(int axis, int size) const;
};

/// Part of a window: `count` rows from `first` of the matrix of one group.
struct WindowRows {
    int group, first, count;
};

/// The windows of a convolution over maps [height][width][channels]. Padding reads as 0.
class Windows {
public:
    Windows(const ConvShape& shape, int height, int width);

    int out_height() const { return out_[0]; }
    int out_width() const { return out_[1]; }
    /// Output positions of a map, y * out_width() + x.
    int positions() const { return out_[0] * out_[1]; }
    std::ptrdiff_t map_size() const { return static_cast<std::ptrdiff_t>(size_[0]) * size_[1] * shape_.in_channels; }

    void gather(const std::uint8_t* map, int position, const WindowRows& part, std::uint8_t* window) const;
    /// The transpose of gather: adds the window to the map.
    void scatter(const float* window, int position, const WindowRows& part, float* map) const;

private:
    template <class Visit>
    void for_each_run(int position, const WindowRows& part, const Visit& visit) const;

    ConvShape shape_;
    std::array<int, 2> size_, out_;
};

}  // namespace xloop
