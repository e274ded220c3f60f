#pragma once

#include "core/workload/executor.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "systemc_model/sim/simulate.hpp"
#include "tests/support.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <systemc>

namespace xloop::test {

/// A residual block whose branches are three and no convolutions deep, and one with a strided branch.
inline constexpr const char* branches = R"(
name: branches
input: {channels: 3, height: 8, width: 8}
layers:
  - {name: stem, type: conv, out_channels: 6, kernel: 3, activation: relu}
  - {name: a, type: conv, out_channels: 6, kernel: 3, activation: relu}
  - {name: b, type: conv, out_channels: 6, kernel: 5, activation: relu}
  - {name: c, type: conv, out_channels: 6, kernel: 3}
  - {name: sum, type: add, inputs: [c, stem], activation: relu}
  - {name: down, type: conv, out_channels: 8, kernel: 3, stride: 2, activation: relu}
  - {name: d, type: conv, out_channels: 8, kernel: 3}
  - {name: short, type: conv, inputs: [sum], out_channels: 8, kernel: 1, stride: 2}
  - {name: sum2, type: add, inputs: [d, short], activation: relu}
  - {name: pool, type: avg_pool, kernel: 0}
  - {name: logits, type: linear, out_channels: 5}
)";

/// SystemC elaborates once per process and context: a second model in a process needs a fresh context. For tests only.
inline void fresh_kernel() {
    sc_core::sc_curr_simcontext = new sc_core::sc_simcontext;
    sc_core::sc_default_global_context = sc_core::sc_curr_simcontext;
}

/// A network with random weights on some hardware, run timed and untimed.
class TimedRun {
public:
    TimedRun(const HardwareConfig& hardware, const std::string& layers, int image_count = 2)
        : TimedRun(hardware, random_graph(layers.c_str()), image_count) {}
    TimedRun(const HardwareConfig& hardware, WorkloadGraph workload, int image_count)
        : network(map_network(std::move(workload), hardware)), images(image_count),
          pixels(random_pixels(image_count * network.graph.input.size(), 21)) {}

    SimulationResult compute(const SimulationOptions& options = {}) {
        fresh_kernel();
        return simulate({programmed(), pixels.data(), 0, images}, options);
    }
    SimulationResult count(const SimulationOptions& options = {}) const {
        fresh_kernel();
        return simulate({network, images}, options);
    }
    std::vector<std::vector<std::int32_t>> untimed() {
        return run_images(network.graph, programmed(), pixels.data(), 0, images);
    }

    MappedNetwork network;
    int images;
    std::vector<std::uint8_t> pixels;

private:
    const Chip& programmed() {
        if (!chip_)
            chip_ = std::make_unique<Chip>(network);
        return *chip_;
    }

    std::unique_ptr<Chip> chip_;
};

/// Every event, of every instance and of every layer.
inline void expect_equal_counts(const ActivityRecord& expected, const ActivityRecord& actual) {
    for (const auto& [path, counters] : expected.instances)
        EXPECT_EQ(actual.instances.count(path), 1u) << path;
    for (const auto& [path, counters] : actual.instances) {
        ASSERT_EQ(expected.instances.count(path), 1u) << path;
        const Counters& other = expected.instances.at(path);
        for (std::size_t e = 0; e < event_count; ++e)
            EXPECT_EQ(other.events[e], counters.events[e]) << path << " " << name_of(static_cast<Event>(e));
        EXPECT_EQ(other.busy_cycles, counters.busy_cycles) << path;
    }
    ASSERT_EQ(expected.layers.size(), actual.layers.size());
    Counters sum;
    for (std::size_t l = 0; l < actual.layers.size(); ++l) {
        for (std::size_t e = 0; e < event_count; ++e)
            EXPECT_EQ(expected.layers[l].events[e], actual.layers[l].events[e])
                << "layer " << l << " " << name_of(static_cast<Event>(e));
        sum += actual.layers[l];
    }
    EXPECT_EQ(sum.events, actual.total().events);
}

inline void expect_equal_times(const SimulationResult& a, const SimulationResult& b) {
    EXPECT_EQ(a.cycles, b.cycles);
    ASSERT_EQ(a.images.size(), b.images.size());
    for (std::size_t i = 0; i < a.images.size(); ++i) {
        EXPECT_EQ(a.images[i].start, b.images[i].start);
        EXPECT_EQ(a.images[i].end, b.images[i].end);
    }
    ASSERT_EQ(a.layers.size(), b.layers.size());
    for (std::size_t l = 0; l < a.layers.size(); ++l)
        for (std::size_t i = 0; i < a.images.size(); ++i) {
            EXPECT_EQ(a.layers[l].images[i].start, b.layers[l].images[i].start) << a.layers[l].name;
            EXPECT_EQ(a.layers[l].images[i].end, b.layers[l].images[i].end) << a.layers[l].name;
        }
    ASSERT_EQ(a.components.size(), b.components.size());
    for (std::size_t c = 0; c < a.components.size(); ++c) {
        EXPECT_EQ(a.components[c].states.busy, b.components[c].states.busy) << a.components[c].path;
        EXPECT_EQ(a.components[c].high_water, b.components[c].high_water) << a.components[c].path;
    }
}

inline HardwareConfig small_tiles(int pes) {
    HardwareConfig hw;
    hw.tile.pes = pes;
    return hw;
}

inline HardwareConfig pipelined(HardwareConfig hw) {
    hw.mapping.schedule = Schedule::pipelined;
    return hw;
}

}  // namespace xloop::test
