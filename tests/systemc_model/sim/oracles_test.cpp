#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/noc/network.hpp"
#include "tests/systemc_model/sim/timed_run.hpp"

#include <fmt/format.h>

// Times by hand. All names of durations are those of docs/modelling.md, "Time on the chip".
namespace xloop {
namespace {

using test::TimedRun;

/// `pixels` positions in a row, one channel, through 1x1 convolutions of 8 channels each.
std::string chain(int pixels, int layers, int channels = 8) {
    std::string text = fmt::format("name: chain\ninput: {{channels: 1, height: 1, width: {}}}\nlayers:\n", pixels);
    for (int l = 0; l < layers; ++l)
        text += fmt::format("  - {{name: c{}, type: conv, out_channels: {}, kernel: 1{}}}\n", l, channels,
                            l + 1 < layers ? ", activation: relu" : "");
    return text;
}

HardwareConfig plain() {
    HardwareConfig hw;
    hw.crossbar.read_time_ns = 50;
    hw.adc.sample_rate_gsps = 1.0;
    hw.adc.columns_per_adc = 16;
    return hw;
}

/// Hand-over to arrival of a packet alone, between nodes of one router: 1 + ((3 + 1) 1 + 2 + flits - 1) + 1.
std::uint64_t message(int flits) { return 1 + (4 + 2 + static_cast<std::uint64_t>(flits) - 1) + 1; }

// Copy me: a latency as the sum of its stages, exact to the cycle.
TEST(Oracle, GivenOneReadOnOneTile_ThenTheLatencyIsTheSumOfItsStages) {
    const std::uint64_t image = message(1 + 1) + 1;  // one payload flit; written into the buffer
    const std::uint64_t fetch = 1;                   // 1 byte, buffer and bus together
    const std::uint64_t reads = 8 * 50 + 16 + 1;     // bit-serial reads, last sweep of 16 conversions, shift-add
    const std::uint64_t gather = 1, accumulate = 1;  // 8 sums of 4 bytes on 384 wires
    const std::uint64_t requantise = 1, store = 1,
                        load = 1;  // 8 channels on 16 lanes; 32 bytes in and out of the buffer
    const std::uint64_t expected =
        image + fetch + reads + gather + accumulate + requantise + store + load + message(1 + 8);
    TimedRun run(plain(), chain(1, 1), 1);
    EXPECT_EQ(run.compute().latency_cycles(0), expected);
    run.network.hardware.mapping.schedule = Schedule::pipelined;
    EXPECT_EQ(run.count().latency_cycles(0), expected);
}

TEST(Oracle, GivenEachStageOneCycleLonger_ThenTheLatencyGrowsByIt) {
    const auto latency = [](const auto& change) {
        HardwareConfig hw = plain();
        change(hw);
        return TimedRun(hw, chain(1, 1), 1).count().latency_cycles(0);
    };
    const std::uint64_t base = latency([](HardwareConfig&) {});
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.crossbar.read_time_ns = 51; }), base + 8);
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.adc.columns_per_adc = 15; }), base - 1);
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.adc.type = AdcType::flash; }), base + 1);
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.adc.type = AdcType::ramp; }),
              base - (8 * 50 + 16) + (50 + 8 * 200));  // 256 steps at 1.28 per ns
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.pe.shift_add_cycles = 2; }), base + 1);
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.tile.accumulator_latency_cycles = 2; }), base + 1);
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.tile.vector_latency_cycles = 2; }), base + 1);
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.tile.vector_lanes = 4; }), base + 1);
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.tile.bus_bits = 128; }), base + 1);        // gather: 256 bits
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.buffer.latency_cycles = 2; }), base + 4);  // two writes, two reads
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.buffer.width_bits = 32; }), base + 2);     // logits: 8 words, 4 banks
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.noc.routing_delay_cycles = 1; }),
              base + 2);                                                              // two messages, one router
    EXPECT_EQ(latency([](HardwareConfig& hw) { hw.noc.flit_bits = 64; }), base - 4);  // logits: 4 payload flits less
}

/// One position of 80 input channels on arrays of 64 rows: 64 rows in one of them, 16 in another of the same tile.
TEST(Oracle, GivenRowsDrivenInGroups_ThenReadsAreThoseOfEachArrayAndTimeIsThatOfTheLargest) {
    const auto run = [](int rows_per_read, int channels) {
        HardwareConfig hw = plain();
        hw.crossbar.rows_per_read = rows_per_read;
        const TimedRun timed(hw,
                             fmt::format("name: n\ninput: {{channels: {}, height: 1, width: 1}}\n"
                                         "layers:\n  - {{name: c, type: conv, out_channels: 8, kernel: 1}}\n",
                                         channels),
                             1);
        const SimulationResult result = timed.count();
        EXPECT_EQ(estimate(timed.network, 1).latency_cycles, result.latency_cycles(0));
        return result;
    };
    const std::uint64_t conversions = 8 * 32;  // of a vector and group of rows: 8 digits, 4 slices of 8 outputs
    for (int channels : {64, 80}) {
        const SimulationResult whole = run(0, channels), groups = run(16, channels);
        const Counters all = whole.activity.total(), some = groups.activity.total();
        const std::uint64_t arrays = channels == 64 ? 1 : 2, reads = channels == 64 ? 4 : 4 + 1;
        EXPECT_EQ(all[Event::conversion], arrays * conversions);
        for (Event event : {Event::conversion, Event::shift_add, Event::column_select})
            EXPECT_EQ(some[event], reads * conversions);
        EXPECT_EQ(some[Event::column_sample], reads * 2 * conversions);
        EXPECT_EQ(some[Event::row_drive], all[Event::row_drive]);
        EXPECT_EQ(all[Event::cell_read], arrays * 8 * 64 * 64);
        EXPECT_EQ(some[Event::cell_read], reads * 8 * 16 * 64);
        EXPECT_EQ(groups.layers[0].read_cycles, reads * 8 * 50);
        EXPECT_EQ(groups.layers[0].adc_cycles, reads * 8 * 16);
        EXPECT_EQ(groups.latency_cycles(0), whole.latency_cycles(0) + 3 * 8 * 50);
    }
    // Eight groups, the last of one row, of which the array has no others.
    EXPECT_EQ(run(9, 64).activity.total()[Event::cell_read], 8u * 64 * 64);
    // Two groups for the six rows in use hold two rows beyond them.
    EXPECT_EQ(run(4, 6).activity.total()[Event::cell_read], 8u * 2 * 4 * 64);
    EXPECT_EQ(run(4, 6).activity.total()[Event::row_drive], 8u * 6);
}

TEST(Oracle, GivenAGainCorrection_ThenEachOutputOfEachArrayIsCorrectedOnceAVector) {
    HardwareConfig hw = plain();
    hw.crossbar.rows = 4;  // 8 rows in two arrays, in the second layer
    hw.adc.gain_correction = GainCorrectionKind::gain;
    const auto corrections = [&] {
        return TimedRun(hw, chain(3, 2), 2).count().activity.total()[Event::gain_correction];
    };
    EXPECT_EQ(corrections(), 2u * 3 * 8 * (1 + 2));
    hw.adc.gain_correction = GainCorrectionKind::none;
    EXPECT_EQ(corrections(), 0u);
}

/// One row, one pixel: a read for each bit that is set, and the time of one where none is.
TEST(Oracle, GivenReadsOfZerosLeftOut_ThenTimeAndCountsAreThoseOfTheOthers) {
    HardwareConfig hw = plain();
    const std::uint64_t all = TimedRun(hw, chain(1, 1), 1).count().latency_cycles(0);
    hw.crossbar.skip_zero_reads = true;
    hw.adc.offset_sigma_lsb = 2;
    for (const auto& [pixel, reads] : {std::pair<int, std::uint64_t>{255, 8}, {0b101, 2}, {0b10000000, 1}, {0, 0}}) {
        TimedRun run(hw, chain(1, 1), 1);
        run.pixels = {static_cast<std::uint8_t>(pixel)};
        const SimulationResult result = run.compute();
        EXPECT_EQ(result.logits, run.untimed());
        EXPECT_EQ(result.latency_cycles(0), all - (8 - std::max<std::uint64_t>(reads, 1)) * 50);
        const Counters total = result.activity.total();
        EXPECT_EQ(total[Event::conversion], reads * 32);
        EXPECT_EQ(total[Event::row_drive], reads);
        EXPECT_EQ(total[Event::cell_read], reads * 64 * 64);
        EXPECT_EQ(total[Event::input_register_byte], 1u);
        EXPECT_EQ(result.layers[0].read_cycles, reads * 50);
        EXPECT_EQ(result.made_reads().layers[0][0].blocks[0], std::vector<std::uint64_t>{reads});
        // The same without values, from what the run recorded; time too, as there is one vector.
        run.network.reads = std::make_shared<const MadeReads>(result.made_reads());
        EXPECT_EQ(run.count().latency_cycles(0), result.latency_cycles(0));
        EXPECT_EQ(estimate(run.network, 1).latency_cycles, result.latency_cycles(0));
        test::expect_equal_counts(estimate(run.network, 1).activity, result.activity.sizes_only());
    }
}

TEST(Oracle, GivenASecondPosition_ThenItAddsTheSlowerOfReadAndSweepForEachBit) {
    for (int columns : {5, 10, 11, 32}) {
        HardwareConfig hw = plain();
        hw.crossbar.read_time_ns = 10;
        hw.adc.columns_per_adc = columns;
        const auto layer_cycles = [&](int pixels) {
            return TimedRun(hw, chain(pixels, 1), 1).count().layers.front().images[0].length();
        };
        const auto sweep = static_cast<std::uint64_t>(std::min(columns, 32));
        EXPECT_EQ(layer_cycles(3) - layer_cycles(2), 8 * std::max<std::uint64_t>(10, sweep)) << columns;
        hw.crossbar.sample_hold = false;
        EXPECT_EQ(layer_cycles(3) - layer_cycles(2), 8 * (10 + sweep)) << columns;
    }
}

// Both windows are there at the same time: fetching the second must not hold up the first.
TEST(Oracle, GivenTwoWindowsAtOnce_ThenTheFirstIsReadAsSoonAsItIsThere) {
    const SimulationResult::Layer layer = TimedRun(plain(), chain(2, 1), 1).count().layers.front();
    EXPECT_EQ(layer.images[0].length(), 1 + (8 * 50 + 16 + 1) + 8 * 50 + 1 + 1 + 1 + 1 + 1);
}

TEST(Oracle, GivenAPipelineOfTwoLayers_ThenImagesFollowEachOtherAtThePaceOfTheArrays) {
    HardwareConfig hw = test::pipelined(plain());
    const std::uint64_t pixels = 6, step = 8 * 50;
    const SimulationResult result = TimedRun(hw, chain(static_cast<int>(pixels), 2), 6).count();
    for (std::size_t i = 1; i < 6; ++i)
        EXPECT_EQ(result.images[i].end - result.images[i - 1].end, pixels * step) << i;
    EXPECT_LT(result.latency_cycles(0), 2 * pixels * step) << "the second layer starts before the first has ended";
    hw.mapping.schedule = Schedule::layer_by_layer;
    EXPECT_GT(TimedRun(hw, chain(static_cast<int>(pixels), 2), 1).count().latency_cycles(0), 2 * pixels * step);
}

TEST(Oracle, GivenTwoCopiesOfBothLayers_ThenTheIntervalHalves) {
    HardwareConfig hw = test::pipelined(plain());
    hw.mapping.replication = Replication::list;
    hw.mapping.replicas = {"c0=2", "c1=2"};
    const SimulationResult result = TimedRun(hw, chain(6, 2), 6).count();
    EXPECT_EQ(result.images[5].end - result.images[4].end, 6 * 8 * 50 / 2);
}

// Reads of 2 cycles: the bus has to carry 16 bytes in and 8 sums of 4 bytes out for each position.
TEST(Oracle, GivenANarrowBus_ThenThePaceIsThatOfTheBus) {
    HardwareConfig hw = test::pipelined(plain());
    hw.crossbar.read_time_ns = 1;
    hw.adc.columns_per_adc = 1;
    for (int bits : {8, 16}) {
        hw.tile.bus_bits = bits;
        const SimulationResult result = TimedRun(hw,
                                                 "name: n\ninput: {channels: 16, height: 1, width: 8}\n"
                                                 "layers: [{name: c, type: conv, out_channels: 8, kernel: 1}]",
                                                 12)
                                            .count();
        const std::uint64_t bus = 8 * (16 + 32) / static_cast<std::uint64_t>(bits);
        EXPECT_EQ(result.images[7].end - result.images[6].end, 8 * bus) << bits;
    }
}

// One port of 8 bits: a position is written (16 cycles), read (16), its output written (32) and read again (32).
TEST(Oracle, GivenOneNarrowBufferPort_ThenThePaceIsThatOfThePort) {
    HardwareConfig hw = test::pipelined(plain());
    hw.crossbar.read_time_ns = 1;
    hw.adc.columns_per_adc = 1;
    hw.buffer.width_bits = 8;
    for (const auto& [banks, ports, share] :
         {std::tuple{1, 1, 1}, std::tuple{2, 1, 2}, std::tuple{4, 1, 4}, std::tuple{1, 2, 2}}) {
        hw.buffer.banks = banks;
        hw.buffer.ports = ports;
        const SimulationResult result = TimedRun(hw,
                                                 "name: n\ninput: {channels: 16, height: 1, width: 8}\n"
                                                 "layers: [{name: c, type: conv, out_channels: 8, kernel: 1}]",
                                                 12)
                                            .count();
        const std::uint64_t port = 16 + 16 + 32 + 32;
        EXPECT_EQ(result.images[9].end - result.images[3].end, 6 * 8 * port / static_cast<std::uint64_t>(share))
            << banks << ports;
    }
}

TEST(Oracle, GivenAStaticPipeline_ThenEveryStageTakesAWholeSlot) {
    HardwareConfig hw = plain();
    hw.tile.stage_cycles = 50;
    const std::uint64_t expected =
        message(1 + 1) + 50 + 50 + (8 + 1 + 1) * 50 + 50 + 50 + 50 + 50 + 50 + message(1 + 8);
    EXPECT_EQ(TimedRun(hw, chain(1, 1), 1).count().latency_cycles(0), expected);
}

}  // namespace
}  // namespace xloop
