#pragma once

#include "analysis/layer_limits.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/cost/cost_table.hpp"
#include "systemc_model/sim/simulation_result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// What holds a network's run back, what would help, and what of the hardware is larger than it need be. Intervals are
/// cycles from image to image; with schedule layer_by_layer, where images do not overlap, that is the latency.
struct Bottleneck {
    struct Change {
        std::string key;  ///< "adc.columns_per_adc 32 -> 16", "one more copy of conv1 (4 more arrays)"
        std::vector<std::string> settings;  ///< that make it: "adc.columns_per_adc=16"
        double interval = 0;                ///< with it, in closed form
        double energy_j = 0, area_mm2 = 0;  ///< with it, as in Bottleneck
        std::string next;                   ///< what holds the run then
        bool other_values = false;          ///< the arrays compute other values with it
        double step = 0;                    ///< cycles of the limit for a position with it; 0: of no layer
        std::string uncertain;              ///< why the interval may be longer; empty: nothing known
        std::string unpriced;  ///< what the cost table says against its figures with the change, and not without
    };
    std::string layer;  ///< the first of equals; empty: none in particular
    std::string limit;  ///< name_of(LimitKind), "room at the receivers", or "nothing"
    double busy = 0;    ///< share of the time that the limiting part works
    double interval_measured = 0;
    double interval_before = 0;  ///< in closed form
    double energy_j = 0;         ///< of an image at the interval before(), in closed form
    double area_mm2 = 0;         ///< of the chip
    /// The change with the shortest interval; one that changes values only when no other helps.
    std::optional<Change> suggestion;
    std::vector<Change> changes;     ///< all that shorten the interval, in closed form
    std::vector<Change> may_shrink;  ///< what takes less area or energy at the same interval, one key at a time

    // What it was found from.
    bool measured = true;              ///< by a timed run; else in closed form
    bool clear = true;                 ///< the part works most of its time
    bool jammed = false;               ///< the part works less, but its users hold each other up
    bool crowded = false;              ///< so much that the run takes longer than in closed form
    bool pipelined = false;            ///< schedule
    bool interval_seen = true;         ///< one image alone does not show the interval of a pipeline
    int images = 0;                    ///< of the run
    std::vector<Limit> parts;          ///< that are busy alike, at least one; the first is the limit
    std::vector<std::string> holders;  ///< layers of the parts, or the network or the input of images
    std::string busiest_layer;         ///< jammed: layer whose arrays are busiest
    double busiest_share = 0;          ///< jammed: and how much of the time they are
    std::string tile, link;            ///< of the limit, and the busiest link; empty: none
    double time = 0;                   ///< cycles of an image in which the part could have worked
    double step_before = 0;            ///< cycles of the limit for a position; 0: of no layer
    int steps = 0;                     ///< of a position; 0: the limit is no digital unit's
    int reads = 0;                     ///< of a position; 0: the limit is no array's
    int conversions = 0;               ///< of a read, by each ADC in turn; 0: all at once
    int read_cycles = 0, sweep_cycles = 0;
    std::string adc;  ///< name of its kind
    bool sample_hold = false;

    /// What the interval is now: as measured, where the closed form does not follow it.
    double before() const { return crowded ? interval_measured : interval_before; }
    /// The interval of a short run is below what the part works for an image: the first images waited for their start.
    bool unsettled() const {
        return measured && clear && pipelined && interval_seen && interval_measured < parts.front().cycles - 0.5;
    }
};

/// Of a timed run: the part that works the largest share of the time, by the cycles that an image needs of it (closed
/// form) over the measured interval. Where none works four fifths of it, the shared part whose users hold each other up
/// most; where there is none of these, the layer behind the last one that is blocked. Changes are mapped and computed anew
/// with all other copies as they are. Reads of zeros alone are left out as often as in the run (reads_as_in). Energies expect averages
/// for data.
Bottleneck find_bottleneck(const MappedNetwork& network, const CostTable& costs, const SimulationResult& result);
/// The same in closed form, of `images` images; reads are left out as `network` has them.
Bottleneck find_bottleneck(const MappedNetwork& network, const CostTable& costs, int images);

}  // namespace xloop
