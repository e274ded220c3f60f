#pragma once

#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/mapping/instance_paths.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "systemc_model/sim/kernel/clock_domain.hpp"
#include "traces/bus/signal.hpp"

namespace xloop::sim {

/// What all probes know of a run.
struct TraceContext {
    const MappedNetwork& network;
    const Chip* chip;  ///< null: no values
    InstancePaths paths;
    ClockDomain digital, network_clock;
    std::uint64_t first_image = 0;

    bool values() const { return chip != nullptr; }
    trace::Time time(std::uint64_t cycle) const { return digital.time_fs(cycle) / 1000; }
    trace::Time network_time(std::uint64_t cycle) const { return network_clock.time_fs(cycle) / 1000; }
};

}  // namespace xloop::sim
