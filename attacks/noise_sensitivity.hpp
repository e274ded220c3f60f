#pragma once

#include "attacks/attack_config.hpp"
#include "core/progress.hpp"
#include "core/workload/float_network.hpp"
#include "dnn/data/image_set.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// What an attack does to the map of one layer. Norms are L2 over the channels of a position, means are over positions and
/// images.
struct MapChange {
    double change = 0.0;     ///< mean of |a_adv - a|
    double magnitude = 0.0;  ///< mean of |a|
};

/// Adversarial noise sensitivity of each layer of class matrix, in order (QUANOS: Panda, arXiv 2004.11233), in two forms: the
/// plain mean change, and with the magnitude as what it is to be divided by. a is the layer's output, after its activation
/// function; a_adv that of the adversarial image, made by PGD on this network in float32 and rounded to pixels
/// (adversarial_pixels). `images`: pixels; of `how` mean and deviation are used. Everything runs on the calling thread.
std::vector<MapChange> noise_sensitivity(const FloatNetwork& network, const ImageSet& images, const Preprocessing& how,
                                         const AttackConfig& attack, std::uint64_t seed, const Watch& watch = {});

}  // namespace xloop
