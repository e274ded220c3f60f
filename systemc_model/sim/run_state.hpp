#pragma once

#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/mapping/flow_plan.hpp"
#include "systemc_model/mapping/instance_paths.hpp"
#include "systemc_model/sim/activity_windows.hpp"
#include "systemc_model/sim/probes/chip_probe.hpp"
#include "systemc_model/sim/probes/hook.hpp"
#include "systemc_model/sim/simulation_result.hpp"

#include <cstdint>
#include <vector>

namespace xloop::sim {

/// Thrown when no position has been finished for too long.
struct Stalled {};

/// The counters of one component, and its number on the trace bus.
struct CountedInstance : Counters {
    int number = -1;  ///< none: counts are not traced
    int kind = 0;     ///< of its hardware, as HardwareKinds numbers them
};

/// What events are done for.
struct Account {
    int layer = -1;           ///< -1: the images' way in and out
    std::int64_t image = -1;  ///< of events that depend on data; -1: they do not
};

/// The books of one kind of hardware.
struct KindBooks {
    std::vector<Counters> layers;      ///< as ActivityRecord::layers
    std::vector<Counters> image_data;  ///< events that depend on data, of each image
    ActivityWindows windows;
    ActivityRecord instances;  ///< filled in at the end
};

/// What all modules of a run read, and the few sums that all of them add to (in any order).
struct RunState {
    const MappedNetwork& network;
    const Chip* chip;  ///< null: sizes only
    InstancePaths paths;
    FlowGeometry geometry;
    FlowPlan plan;                    ///< of the current round
    std::uint64_t images = 0;         ///< announced so far
    std::uint64_t first_image = 0;    ///< number of the first in its data set
    std::uint64_t watchdog_cycles;    ///< without a finished position: the run is given up
    std::uint64_t last_progress = 0;  ///< cycle at which a position was last finished
    std::uint64_t events = 0;

    struct LayerSums {
        std::vector<CycleSpan> images;
        std::uint64_t read_cycles = 0, adc_cycles = 0;
        std::uint64_t row_reads = 0;  ///< with values
        std::uint64_t finished_positions = 0;
    };
    std::vector<LayerSums> layers;
    std::vector<KindBooks> kinds;
    Hook<ChipProbe> probe;
    std::uint64_t now = 0;  ///< cycle of the digital clock: the last one that some module has worked in

    /// Counts `n` events of an instance that happen now.
    void count(CountedInstance& instance, const Account& account, Event event, std::int64_t n) {
        instance[event] += static_cast<std::uint64_t>(n);
        charge(instance.kind, account, event, n, now, now + 1);
        if (probe)
            probe->count(instance.number, event, n, now, now + 1);
    }
    /// Tells the books of layers, images and time of `n` events on hardware of kind `kind`, spread over the cycles [begin,
    /// end). Their instances are told apart from this: at once (count), or where many do the same, at the end.
    void charge(int kind, const Account& account, Event event, std::int64_t n, std::uint64_t begin, std::uint64_t end) {
        KindBooks& books = kinds[static_cast<std::size_t>(kind)];
        (account.layer < 0 ? books.layers.back() : books.layers[static_cast<std::size_t>(account.layer)])[event] +=
            static_cast<std::uint64_t>(n);
        if (account.image >= 0)
            books.image_data[static_cast<std::size_t>(account.image)][event] += static_cast<std::uint64_t>(n);
        books.windows.add(event, static_cast<double>(n), begin, end);
    }
    /// Counters of an instance that are only known at the end.
    Counters& instance(int kind, const std::string& path) {
        return kinds[static_cast<std::size_t>(kind)].instances.instances[path];
    }

    bool computes() const { return chip != nullptr; }
    bool pipelined() const { return network.hardware.pipelined(); }
    const GraphLayer& layer(int index) const { return network.graph.layers[static_cast<std::size_t>(index)]; }
    const LayerMapping& placed(int index) const { return network.mapping.layers[static_cast<std::size_t>(index)]; }
    LayerSums& sums(int index) { return layers[static_cast<std::size_t>(index)]; }
    /// Positions of one image of a layer, or (-1) of the input.
    std::uint64_t positions_of(int producer) const {
        return static_cast<std::uint64_t>(network.graph.map_of(producer).positions());
    }
    void include(int index, std::uint64_t image, std::uint64_t cycle) {
        sums(index).images[image].include(cycle);
        if (probe)
            probe->layer_works(index, image);
    }
};

/// The positions that one copy of a layer computes, numbered on through all images ("own numbers").
class OwnPositions {
public:
    OwnPositions(std::uint64_t positions, int copy, int copies)
        : positions_(positions), copy_(static_cast<std::uint64_t>(copy)), copies_(static_cast<std::uint64_t>(copies)),
          per_image_((positions - copy_ + copies_ - 1) / copies_) {}

    std::uint64_t per_image() const { return per_image_; }
    std::uint64_t image(std::uint64_t own) const { return own / per_image_; }
    int position(std::uint64_t own) const { return static_cast<int>(own % per_image_ * copies_ + copy_); }
    /// Number of the position when all images' positions are counted on.
    std::uint64_t global(std::uint64_t own) const {
        return image(own) * positions_ + static_cast<std::uint64_t>(position(own));
    }

private:
    std::uint64_t positions_, copy_, copies_, per_image_;
};

}  // namespace xloop::sim
