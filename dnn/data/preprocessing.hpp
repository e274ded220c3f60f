#pragma once

#include <cstdint>
#include <vector>

namespace xloop {

struct ImageSet;
struct Shape;

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
void check(const Preprocessing& how, const Shape& shape);

/// Images first ... first + count - 1 of `set` as a network reads them: `out` gets count x C x H x W floats.
void network_input(const ImageSet& set, int first, int count, const Preprocessing& how, float* out);

/// The same for the images images[0 ... count - 1] in the epoch `epoch` of a training with `seed`. What chance does to an
/// image follows from seed, epoch and its number in the set; the batch it is in does not matter.
void training_input(const ImageSet& set, const int* images, int count, const Preprocessing& how,
                    const Augmentation& augmentation, std::uint64_t seed, std::uint64_t epoch, float* out);

}  // namespace xloop
