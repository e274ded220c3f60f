#include "systemc_model/sim/simulation_config.hpp"

#include "core/config/schema.hpp"

namespace xloop {

void describe(config::Section& s, SimulationConfig& c) {
    s.value("images", c.images, "images that the cycle model runs", "our choice: time").range(1, 10000);
    s.value("values", c.values,
            "compute: every array's values, logits checked against the untimed chip; counts: sizes and times only",
            "our choice: cycles and event counts do not depend on values");
    s.value("statistics", c.statistics,
            "activities of a computing run (simulate --record-statistics), for the report of values: counts; empty = "
            "none",
            "none")
        .only_with("simulation.values", SimulatedValues::counts)
        .file_path();
    s.value("watchdog_cycles", c.limits.watchdog_cycles,
            "a run in which no position is finished for so long is given up", "our choice: far above any position")
        .range(1, 1e18)
        .unit("cycles");
    s.value("power_window_cycles", c.limits.power_window_cycles,
            "power over time and peak power are means over windows of this length",
            "our choice: about one position of a layer with 8 reads of 100 ns")
        .range(1, 1e9)
        .unit("cycles");
}

}  // namespace xloop
