#pragma once

#include "core/json.hpp"
#include "systemc_model/sim/simulation_result.hpp"

#include <array>

namespace xloop {

/// Cycles between the images of a stream; not a number for a run of one image, which does not show them.
double shown_interval(const SimulationResult& result);
/// By the interval; not a number where the run shows none.
double images_per_s(const SimulationResult& result, double clock_ghz);

/// Busy, waiting, blocked, idle in tenths of a percent, rounded so that they add up to 1000 (largest remainders).
std::array<int, 4> tenths_of_percent(const StateCycles& states);

/// Share of the run's cycles for which the arrays of a layer read, and for which their converters are busy; 0 without arrays.
double read_share(const SimulationResult& result, const SimulationResult::Layer& layer);
double adc_share(const SimulationResult& result, const SimulationResult::Layer& layer);
/// Flits over cycles of the network's clock.
double link_share(const SimulationResult& result, const SimulationResult::Link& link);

/// Busy cycles of a server over those of its states; most that was in use of a queue over its capacity.
double busy_share(const SimulationResult::ServerFigures& server);
double fill_share(const SimulationResult::ServerFigures& server);

/// Adds what a timed run says beyond the figures of the hardware: image_times, interval_cycles, throughput_per_s,
/// components, links, rounds, and the states and shares of each entry of `layers`, which must be there.
void add_timing(Json& json, const SimulationResult& result, double clock_ghz);

}  // namespace xloop
