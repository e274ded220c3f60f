#pragma once

#include "core/hardware_config.hpp"

#include <string>

namespace xloop {

/// Of the keys, chip seed included, that decide what a calibration of ADC ranges measures: those that decide effective weights
/// (config::Affects::weights) and those of the calibration. Converters may have other bits.
std::string ranges_digest(HardwareConfig hardware);

/// Of the keys that decide the sums of a chip, which recalibrate() corrects: these, and those of what a converter does.
std::string sums_digest(HardwareConfig hardware);

}  // namespace xloop
