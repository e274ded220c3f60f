#pragma once

#include "analysis/layer_limits.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/sim/simulation_result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// What holds a timed run back, and what would help. Intervals are cycles from image to image; with schedule
/// layer_by_layer, where images do not overlap, that is the latency.
struct Bottleneck {
    struct Change {
        std::string key;            ///< "adc.columns_per_adc 32 -> 16", "one more copy of conv1 (4 more arrays)"
        double interval = 0;        ///< with it, in closed form
        std::string next;           ///< what holds the run then
        bool other_values = false;  ///< the arrays compute other values with it
        double step = 0;            ///< cycles of the limit for a position with it; 0: of no layer
    };
    std::string layer;  ///< the first of equals; empty: none in particular
    std::string limit;  ///< name_of(LimitKind), "room at the receivers", or "nothing"
    double busy = 0;    ///< share of the time that the limiting part works
    double interval_measured = 0;
    double interval_before = 0;  ///< in closed form
    /// The change with the shortest interval, when one shortens it; one that changes values only when no other does.
    std::optional<Change> suggestion;
    std::vector<Change> changes;  ///< all that were tried, in closed form

    // What it was found from.
    bool clear = true;                 ///< the part works most of its time
    bool pipelined = false;            ///< schedule
    bool interval_seen = true;         ///< one image alone does not show the interval of a pipeline
    std::vector<Limit> parts;          ///< that are busy alike, at least one; the first is the limit
    std::vector<std::string> holders;  ///< layers of the parts, or the network or the input of images
    std::string tile, link;            ///< of the limit, and the busiest link; empty: none
    double time = 0;                   ///< cycles of an image in which the part could have worked
    double step_before = 0;            ///< cycles of the limit for a position; 0: of no layer
    int reads = 0;                     ///< of a position; 0: the limit is no array's
    int conversions = 0;               ///< of a read, by each ADC in turn; 0: all at once
    int read_cycles = 0, sweep_cycles = 0;
    std::string adc;  ///< name of its kind
    bool sample_hold = false;
    int slack_rows = 0;  ///< mapping.line_buffer_slack_rows
};

/// The part that works largest share of the time, by the cycles that an image needs of it (closed form) over the measured
/// interval; its changes are mapped and computed anew with all other copies as they are. Parts that work less than four
/// fifths of the time are not called a limit: then the layer behind the last one that is blocked is named.
Bottleneck find_bottleneck(const MappedNetwork& network, const SimulationResult& result);

}  // namespace xloop
