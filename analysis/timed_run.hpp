#pragma once

#include "analysis/study.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "systemc_model/sim/simulation_result.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace xloop {

/// What a timed run that computes values needs and is compared with.
struct Values {
    ImageSet images;
    std::unique_ptr<const Chip> chip;
    std::vector<std::vector<std::int32_t>> untimed;  ///< logits of the untimed chip, one row per image
    std::vector<std::uint64_t>
        clipped;  ///< conversions that left their ADC's range in these runs, by layer of the graph
};

/// Programs the arrays of the study's network and runs the images through the untimed chip. Converters with adc.range
/// `calibrated` are fitted to training images first, but for those of a workload file, which has its own ranges. Throws
/// InputError when the data set has too few images, Interrupted when the user asks to stop.
Values compute_untimed(const Study& study, const MappedNetwork& network, int threads);

/// The timed run must give the untimed run's logits, bit for bit. Throws Error: anything else is a fault of the model.
void demand_equal(const SimulationResult& timed, const std::vector<std::vector<std::int32_t>>& untimed);

/// What is known of the data of a run that only counts: the active rows of layers, where `result` has them.
DataAverages recorded_averages(const SimulationResult& result);

/// The hardware's figures of a timed run. Data that was not counted is expected from averages, of each layer's active
/// rows where `result` knows them.
HardwareReport simulation_report(const SimulationResult& result, const Study& study, const MappedNetwork& network);

}  // namespace xloop
