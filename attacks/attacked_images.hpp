#pragma once

#include "attacks/attack_config.hpp"
#include "core/progress.hpp"
#include "core/workload/float_network.hpp"
#include "dnn/data/image_set.hpp"

#include <cstdint>

namespace xloop {

/// What PGD makes of the images on this network in float32, rounded to pixels (adversarial_pixels). `images`: pixels; of `how` mean and
/// deviation are used. Everything runs on the calling thread.
ImageSet attacked_images(const FloatNetwork& network, const ImageSet& images, const Preprocessing& how,
                         const AttackConfig& attack, std::uint64_t seed, const Watch& watch = {});

}  // namespace xloop
