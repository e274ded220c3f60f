#pragma once

#include "analysis/hardware_report.hpp"
#include "systemc_model/sim/simulation_result.hpp"

#include <array>
#include <string>

namespace xloop {

/// Cycles from one image to the next: between their ends; of a run of several rounds, where all images pass one round
/// before the next one begins, the whole run over its images.
double interval_of(const SimulationResult& result);

/// Busy, waiting, blocked, idle in tenths of a percent, rounded so that they add up to 1000 (largest remainders).
std::array<int, 4> tenths_of_percent(const StateCycles& states);

/// Share of the run's cycles for which the arrays of a layer read, and for which their converters are busy; 0 without arrays.
double read_share(const SimulationResult& result, const SimulationResult::Layer& layer);
double adc_share(const SimulationResult& result, const SimulationResult::Layer& layer);
/// Flits over cycles of the network's clock.
double link_share(const SimulationResult& result, const SimulationResult::Link& link);

/// Adds what a timed run says beyond the figures of the hardware: image_times, interval_cycles, throughput_per_s,
/// components, links, rounds, and the states and shares of each entry of `layers`, which must be there.
void add_timing(Json& json, const SimulationResult& result, double clock_ghz);
/// The same for people: images, layers, the busiest servers, fullest buffers and links, rounds.
std::string timing_table(const SimulationResult& result, double clock_ghz);

/// One line for each image of each layer, each component, each link, with a header line; times in cycles.
std::string layers_csv(const SimulationResult& result);
std::string components_csv(const SimulationResult& result);
std::string links_csv(const SimulationResult& result);

}  // namespace xloop
