#pragma once

#include "systemc_model/crossbar/adc.hpp"
#include "systemc_model/crossbar/read_disturbance.hpp"
#include "systemc_model/crossbar/reads/read_plan.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// Whether some input could take a conversion out of the ADC's range, by bounds of every row and of what disturbs it.
/// False is certain. `steps`: rows x conversions, what a row that is read adds per DAC step, in fixed-point ADC steps. With
/// read noise of the cells always true.
bool may_clip(const ReadPlan& plan, const std::int16_t* steps, int rows, const ReadDisturbance::Setting& disturbance,
              const std::vector<AdcErrors>& adcs);

}  // namespace xloop
