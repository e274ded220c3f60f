#pragma once

#include "core/workload/network_spec.hpp"

#include <vector>

namespace xloop {

/// How the values of images, pixel / 255 or the samples of a float set, become a network's input.
struct Preprocessing {
    int bits = 0;                         ///< values are rounded to 2^bits levels first; 0: not rounded
    std::vector<double> range{0, 1};      ///< the first and the last of these levels
    std::vector<double> mean, deviation;  ///< then (value - mean) / deviation; by channel, or one for all; empty: 0, 1

    bool changes() const { return bits > 0 || !mean.empty() || !deviation.empty(); }
};

/// What chance does to training images: one image is another one in each epoch.
struct Augmentation {
    int shift = 0;        ///< each image is moved by -shift to shift pixels along both axes, over zeros
    bool mirror = false;  ///< half of them are mirrored, left to right

    bool changes() const { return shift > 0 || mirror; }
};

/// Throws InputError, with the key, for means, deviations or a range that images of this shape cannot have.
void check_preprocessing(const Preprocessing& how, const Shape& shape);

}  // namespace xloop
