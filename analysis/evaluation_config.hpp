#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

#include <array>
#include <string>
#include <vector>

namespace xloop {

/// Whether biases and factors are corrected for each chip: none, all, or each chip both ways.
enum class Recalibration { off, on, both };
constexpr auto names_of(Recalibration) { return std::array{"false", "true", "both"}; }

/// The attack that accuracies are measured under beside those of images as they are.
enum class EvaluationAttack { none, pgd };
constexpr auto names_of(EvaluationAttack) { return std::array{"none", "pgd"}; }

/// How `xloop eval` judges a trained network.
struct EvaluationConfig {
    std::vector<std::string> engines = {"software", "integer", "ideal_chip", "chip"};
    int test_images = 0;  ///< 0: all of data.test_images
    int calibration_images = 128;
    int chips = 1;  ///< of seeds hardware.chip_seed, + 1, ...
    Recalibration recalibrate = Recalibration::off;
    EvaluationAttack attack = EvaluationAttack::none;
    int attacked_images = 0;  ///< 0: all test images
    int snr_images = 8;       ///< test images that sums are compared on; 0: none

    bool runs(const std::string& engine) const;
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, EvaluationConfig& c);

/// Checks between keys. Throws InputError.
void validate(const EvaluationConfig& c, const config::Origins& origins);

}  // namespace xloop
