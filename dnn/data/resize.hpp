#pragma once

#include "core/workload/network_spec.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// `values` of shape `from`, position by position, at another height and width: bilinear, the centre of pixel i at i + 1/2 of
/// its side, and antialiased: where the image shrinks, the triangle is as wide as the step. These are the conventions of
/// Pillow, and of PyTorch's interpolate(align_corners=False, antialias=True). Sums are of double precision; pixels
/// are rounded once, at the end (Pillow's, rounded in between, may differ by 1).
std::vector<std::uint8_t> resize(const std::vector<std::uint8_t>& values, const Shape& from, int height, int width);
std::vector<float> resize(const std::vector<float>& values, const Shape& from, int height, int width);

/// Height and width that data.resize asks of an image: one number is of the shorter side, and the other side, rounded
/// down, keeps the aspect.
Shape resized_shape(const Shape& from, const std::vector<int>& resize);

/// The middle of an image. An odd row or column of the margin is left as torchvision's CenterCrop leaves it: the margin's half
/// is rounded to the even number. Throws InputError when the image is smaller.
template <class T>
std::vector<T> centre_crop(const std::vector<T>& values, const Shape& from, int height, int width);

}  // namespace xloop
