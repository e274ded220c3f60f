#include "systemc_model/sim/simulation_config.hpp"

namespace xloop {

void describe(config::Section& s, SimulationConfig& c) {
    s.value("images", c.images).range(1, 10000).doc("images that the cycle model runs").source("our choice: time");
    s.value("values", c.values)
        .doc("compute: every array's values, logits checked against the untimed chip; counts: sizes and times only")
        .source("our choice: cycles and event counts do not depend on values");
    s.value("statistics", c.statistics)
        .only_with("simulation.values", SimulatedValues::counts)
        .file_path()
        .doc(
            "activities of a computing run (simulate --record-statistics), for the report of values: counts; empty = "
            "none")
        .source("none");
    s.value("watchdog_cycles", c.watchdog_cycles)
        .range(1, 1e18)
        .unit("cycles")
        .doc("a run in which no position is finished for so long is given up")
        .source("our choice: far above any position");
    s.value("power_window_cycles", c.power_window_cycles)
        .range(1, 1e9)
        .unit("cycles")
        .doc("power over time and peak power are means over windows of this length")
        .source("our choice: about one position of a layer with 8 reads of 100 ns");
}

}  // namespace xloop
