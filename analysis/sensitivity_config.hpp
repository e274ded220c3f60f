#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

#include <array>
#include <string>
#include <vector>

namespace xloop {

/// What is measured of a layer (docs/sensitivity.md): how far adversarial images change its map, what the arrays leave of its
/// sums, how many dimensions its map has.
enum class SensitivityMeasure { noise, snr, components };
constexpr auto names_of(SensitivityMeasure) { return std::array{"noise", "snr", "components"}; }

/// How `xloop analyse` measures the layers of a trained network, and which bits it suggests.
struct SensitivityConfig {
    std::vector<std::string> measures = {"noise", "snr", "components"};
    int images = 512;
    int snr_images = 8;
    double variance_share = 0.999;
    SensitivityMeasure rule = SensitivityMeasure::noise;
    int bits_min = 4, bits_max = 8;
    bool keep_ends = true;

    bool measures_of(SensitivityMeasure measure) const;
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, SensitivityConfig& c);

/// Checks between keys. Throws InputError.
void validate(const SensitivityConfig& c, const config::Origins& origins);

}  // namespace xloop
