#pragma once

#include "systemc_model/chip/chip.hpp"

namespace xloop {

/// What `program` does for adc.range `calibrated`: sets the adc_range_levels of the graph's layers, and what they are for.
void calibrate_adc(MappedNetwork& network, CalibrationImages images, int threads);

}  // namespace xloop
