#pragma once

#include "core/activity.hpp"
#include "core/made_reads.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// Where the cycles of a component or a layer's task went. They add up to the cycles of the run.
struct StateCycles {
    std::uint64_t busy = 0;
    std::uint64_t waiting = 0;  ///< for input
    std::uint64_t blocked = 0;  ///< by output: nobody takes what is ready
    std::uint64_t idle = 0;     ///< before the first and after the last work

    std::uint64_t total() const { return busy + waiting + blocked + idle; }
    StateCycles& operator+=(const StateCycles& o);
};

/// First and last cycle of something, from the start of the run.
struct CycleSpan {
    std::uint64_t start = ~std::uint64_t{0}, end = 0;
    void include(std::uint64_t cycle);
    bool empty() const { return end < start; }
    std::uint64_t length() const { return empty() ? 0 : end - start; }
};

/// Mean cycles of several; 0 of none.
double mean_length(const std::vector<CycleSpan>& spans);

/// What one timed run gives. Cycles are those of the digital clock; network figures are in cycles of the network's clock.
struct SimulationResult {
    /// One layer; sums over its copies and tiles where not said otherwise.
    struct Layer {
        std::string name;
        int copies = 1, arrays = 0;
        std::vector<CycleSpan> images;           ///< first fetch to last position sent, of each image
        std::vector<StateCycles> tasks;          ///< of each copy's tile, in the order of the mapping
        std::uint64_t read_cycles = 0;           ///< arrays reading: sum over arrays
        std::uint64_t adc_cycles = 0;            ///< ADC banks converting: sum over arrays
        double active_rows = 0.0;                ///< mean share of row lines driven above 0 V in a read; -1: unknown
        StateCycles states() const;              ///< sum over tasks
        std::vector<MadeReads::Copy> made = {};  ///< with values, where reads of zeros alone are left out; else none
    };
    /// One component with a queue or a server: buffer port, bus, vector unit, network interface, router.
    struct ServerFigures {
        std::string path;              ///< "chip.tile_3_1.bus"
        std::string kind;              ///< "buffer", "bus", "accumulator", "vector_unit", "network_interface"
        StateCycles states;            ///< of a shared server: busy, the rest idle
        std::uint64_t capacity = 0;    ///< bytes, entries or packets; 0: none
        std::uint64_t high_water = 0;  ///< most that was in use at once
    };
    struct Link {
        std::string path;  ///< "chip.noc.router_1_0.east"
        std::uint64_t flits = 0;
    };
    struct Round {
        std::uint64_t start_cycle = 0, write_cycles = 0, end_cycle = 0;  ///< cells are written first
    };
    std::vector<std::vector<std::int32_t>> logits;  ///< one row per image; empty without values
    std::vector<CycleSpan> images;                  ///< first input byte to last logit
    std::uint64_t cycles = 0;                       ///< of the whole run
    std::uint64_t noc_cycles = 0;                   ///< the same in cycles of the network's clock
    std::vector<Layer> layers;
    std::vector<ServerFigures> components;
    std::vector<Link> links;
    std::vector<Round> rounds;
    /// Data and windows of one kind of hardware, of which those of the chip are the sum.
    struct Kind {
        std::vector<Counters> image_data;
        std::vector<PerEvent> windows;
    };
    ActivityRecord activity;
    std::vector<Kind> kinds;  ///< of a chip with several, as ActivityRecord::kinds
    /// Of each image, the events that depend on data; their sum is the activity's. 0 without values.
    std::vector<Counters> image_data;
    /// Events of the whole chip by windows of RunLimits::power_window_cycles from cycle 0; their sum is the activity's
    /// up to rounding. Array work is spread over its reads and conversions; what a message does in the network counts when
    /// it is sent.
    std::vector<PerEvent> windows;
    std::uint64_t events = 0;  ///< actions of the model, for speed figures
    std::uint64_t router_steps = 0;

    std::uint64_t latency_cycles(int image) const { return images[static_cast<std::size_t>(image)].length(); }
    /// Cycles from one image to the next: from one's end to the next one's, the mean over the second half of the images
    /// (of one image: its latency). Of several rounds, where all images pass one round before the next one begins: the
    /// whole run over its images.
    double interval_cycles() const;
    /// Of all layers, of a run with values where reads of zeros alone are left out.
    MadeReads made_reads() const;
};

}  // namespace xloop
