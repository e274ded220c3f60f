#include "systemc_model/cost/power_profile.hpp"
#include "systemc_model/sim/network/flit.hpp"
#include "tests/systemc_model/sim/timed_run.hpp"

#include <cmath>

namespace xloop {
namespace {

using test::TimedRun;

constexpr const char* pointwise = R"(
name: pointwise
input: {channels: 3, height: 4, width: 4}
layers:
  - {name: logits, type: conv, out_channels: 4, kernel: 1}
)";

TEST(DataActivity, GivenOneLayer_ThenItsPulsesAreTheSetBitsOfItsPixels) {
    TimedRun run(HardwareConfig{}, pointwise, 2);
    const SimulationResult result = run.compute();
    std::uint64_t bits = 0, first = 0;
    for (std::size_t i = 0; i < run.pixels.size(); ++i) {
        bits += static_cast<std::uint64_t>(__builtin_popcount(run.pixels[i]));
        if (i + 1 == run.pixels.size() / 2)
            first = bits;
    }
    EXPECT_EQ(result.activity.total()[Event::row_pulse], bits);
    ASSERT_EQ(result.image_data.size(), 2u);
    EXPECT_EQ(result.image_data[0][Event::row_pulse], first);
    EXPECT_EQ(result.image_data[1][Event::row_pulse], bits - first);
}

class DataOfSchedules : public testing::TestWithParam<Schedule> {};

TEST_P(DataOfSchedules, GivenARun_ThenImagesLayersInstancesAndWindowsHaveTheSameEvents) {
    HardwareConfig hw;
    hw.mapping.schedule = GetParam();
    hw.mapping.replication = Replication::automatic;
    hw.mapping.array_budget = 80;
    hw.noc.flit_bits = 16;
    TimedRun run(hw, test::branches, 3);
    SimulationOptions options;
    options.limits.power_window_cycles = 777;
    const SimulationResult result = run.compute(options);
    const Counters total = result.activity.total();
    Counters images, layers;
    for (const Counters& image : result.image_data)
        images += image;
    for (const Counters& layer : result.activity.layers)
        layers += layer;
    EXPECT_EQ(result.windows.size(), (result.cycles + 776) / 777);
    for (std::size_t e = 0; e < event_count; ++e) {
        const auto event = static_cast<Event>(e);
        EXPECT_EQ(layers[event], total[event]) << name_of(event);
        EXPECT_EQ(images[event], depends_on_data(event) ? total[event] : 0) << name_of(event);
        if (depends_on_data(event)) {
            EXPECT_GT(total[event], 0u) << name_of(event);
        }
        double windows = 0;
        for (const auto& window : result.windows)
            windows += window[e];
        EXPECT_NEAR(windows, static_cast<double>(total[event]), 1e-9 * static_cast<double>(total[event]))
            << name_of(event);
    }
}

INSTANTIATE_TEST_SUITE_P(Both, DataOfSchedules, testing::Values(Schedule::layer_by_layer, Schedule::pipelined));

TEST(DataActivity, GivenRoundsOnASmallChip_ThenWindowsHoldTheWritesAsWell) {
    HardwareConfig hw;
    hw.mapping.oversubscribed = Oversubscribed::rounds;
    hw.noc.mesh_cols = hw.noc.mesh_rows = 1;
    SimulationOptions options;
    options.limits.power_window_cycles = 1000;
    const TimedRun run(hw, test::branches, 1);
    const SimulationResult result = run.count(options);
    double writes = 0;
    for (const auto& window : result.windows)
        writes += window[static_cast<std::size_t>(Event::cell_write)];
    const auto counted = static_cast<double>(result.activity.total()[Event::cell_write]);
    ASSERT_GT(counted, 0);
    EXPECT_NEAR(writes, counted, 1e-9 * counted);
}

TEST(DataActivity, GivenSizesOnly_ThenNothingThatDependsOnDataIsCounted) {
    const SimulationResult result = TimedRun(HardwareConfig{}, pointwise, 1).count();
    for (std::size_t e = 0; e < event_count; ++e)
        if (depends_on_data(static_cast<Event>(e))) {
            EXPECT_EQ(result.activity.total().events[e], 0u);
        }
    EXPECT_TRUE(result.windows.empty());
}

TEST(PortBits, GivenFlits_ThenBitsThatDifferFromWhatThePortCarriedAreCounted) {
    sim::PortBits ports(2, 8);
    EXPECT_EQ(ports.put(0, {0x0f}), 4u) << "a port carries zeros at first";
    EXPECT_EQ(ports.put(1, {0xff}), 8u) << "each port for itself";
    EXPECT_EQ(ports.put(0, {0xff}), 4u);
    EXPECT_EQ(ports.put(0, {0xff}), 0u);
    sim::PortBits wide(3, 128);
    EXPECT_EQ(wide.put(2, {1, ~std::uint64_t{0}}), 65u);
    EXPECT_EQ(wide.put(2, {3, 0}), 65u);
}

TEST(TakeFlit, GivenAMessage_ThenFlitsAreItsHeadAndItsBytesInTurn) {
    sim::Message message;
    message.source = 5;
    message.position = 7;
    message.payload = {0x11, 0x22, 0x33, 0x44, 0x55};
    std::vector<std::uint64_t> bits;
    sim::take_flit(message, 0, 0, 32, bits);
    EXPECT_EQ(bits, std::vector<std::uint64_t>{5u | 7u << 24});
    sim::take_flit(message, 0, 1, 32, bits);
    EXPECT_EQ(bits, std::vector<std::uint64_t>{0x44332211u});
    sim::take_flit(message, 0, 2, 32, bits);
    EXPECT_EQ(bits, std::vector<std::uint64_t>{0x55u}) << "zeros beyond the payload";
    sim::take_flit(message, 3, 1, 32, bits);
    EXPECT_EQ(bits, std::vector<std::uint64_t>{0x5544u}) << "a packet that carries the message from byte 3 on";
    sim::take_flit(message, 9, 1, 32, bits);
    EXPECT_EQ(bits, std::vector<std::uint64_t>{0u});
}

}  // namespace
}  // namespace xloop
