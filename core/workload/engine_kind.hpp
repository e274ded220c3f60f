#pragma once

#include "core/names.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace xloop {

/// Who computes a network. software: float32 with ideal weights. integer: integers of the hardware's widths, exact sums. ideal_chip:
/// arrays that are ideal, with the hardware's converters. chip: the programmed, non-ideal one.
enum class EngineKind { software, integer, ideal_chip, chip };
constexpr auto names_of(EngineKind) { return std::array{"software", "integer", "ideal_chip", "chip"}; }

/// One of them.
struct EngineChoice {
    EngineKind kind = EngineKind::software;
    std::uint64_t chip_seed = 0;  ///< of a chip; else 0
    bool recalibrated = false;    ///< of a chip: with biases and factors corrected for it
    std::string faults = {};      ///< that it has beside those of the chip (attacks/hardware_faults.hpp); empty: none

    /// "integer", "chip_seed1_recalibrated", "chip_seed1_ranked_bits-10".
    std::string name() const {
        std::string text = name_of(kind);
        if (kind == EngineKind::chip)
            text += "_seed" + std::to_string(chip_seed) + (recalibrated ? "_recalibrated" : "");
        return faults.empty() ? text : text + "_" + faults;
    }
};

}  // namespace xloop
