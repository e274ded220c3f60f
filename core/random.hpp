#pragma once

#include <array>
#include <cstdint>

namespace xloop {

/// What a random number is for. Part of its key, so that two uses never share numbers. Values are fixed for ever:
/// changing one changes every result that depends on it.
enum class RandomUse : std::uint32_t {
    programming_variation = 1,
    adc_noise = 2,
    random_weights = 3,
    random_images = 4,
    path_sampling = 5,
    batch_order = 6,
    attack_start = 7,
    initial_weights = 8,
    subnet_search = 9,
    device_faults = 10,
    drift = 11,
    adc_instance = 12,
    secant_calibration = 13,
    noc_traffic = 14,
    placement = 15,
    gain_correction = 21,
    conductance_wander = 24,
    image_choice = 30,
    image_augmentation = 31,
    mixup = 32,
    training_noise = 33,
    filter_choice = 40,
    subnet_variation = 41,
    predictor = 42,
    sweep_design = 43,
    cost_rows = 44,
};

/// Random numbers addressed by (seed, use, i, j): a pure function, so that no batch size, thread or event order can
/// change a value.
class KeyedRandom {
public:
    KeyedRandom(std::uint64_t seed, RandomUse use);

    /// 128 random bits for the address (i, j).
    std::array<std::uint32_t, 4> block(std::uint64_t i, std::uint64_t j) const;
    /// 64 random bits for the address (i, j).
    std::uint64_t bits(std::uint64_t i, std::uint64_t j = 0) const;
    /// Uniform in [0, 1).
    double uniform(std::uint64_t i, std::uint64_t j = 0) const;
    /// Uniform integer in [0, n); n > 0.
    std::uint64_t below(std::uint64_t n, std::uint64_t i, std::uint64_t j = 0) const;
    /// Standard normal (Box-Muller).
    double normal(std::uint64_t i, std::uint64_t j = 0) const;
    /// z[k] = normal(i, first_j + k), k = 0 ... count - 1; several times faster than one by one.
    void normals(std::uint64_t i, std::uint64_t first_j, int count, double* z) const;

private:
    std::array<std::uint32_t, 2> key_;
};

}  // namespace xloop
