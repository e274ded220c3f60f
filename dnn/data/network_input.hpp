#pragma once

#include "dnn/data/image_set.hpp"

#include <cstdint>
#include <utility>

namespace xloop {

/// Images first ... first + count - 1 of `set` as a network reads them: `out` gets count x C x H x W floats.
void network_input(const ImageSet& set, int first, int count, const Preprocessing& how, float* out);

/// The same for the images images[0 ... count - 1] in the epoch `epoch` of a training with `seed`. What chance does to an
/// image follows from seed, epoch and its number in the set; the batch it is in does not matter.
void training_input(const ImageSet& set, const int* images, int count, const Preprocessing& how,
                    const Augmentation& augmentation, std::uint64_t seed, std::uint64_t epoch, float* out);

/// The ends (low, high) of what network_input may give: of pixels and of rounded samples they are known, of others those that are
/// there, and 0.
std::pair<double, double> input_range(const ImageSet& set, const Preprocessing& how);

}  // namespace xloop
