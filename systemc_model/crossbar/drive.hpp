#pragma once

#include "core/hardware_config.hpp"

#include <array>
#include <cstdint>

namespace xloop {

/// What the DAC of one row does over all reads of an input value.
struct DriveTable {
    std::array<std::uint8_t, 256> pulses;    ///< reads that drive the row above 0 V
    std::array<std::uint32_t, 256> squares;  ///< sum over the reads of digit^2

    explicit DriveTable(const HardwareConfig& hardware);
};

}  // namespace xloop
