#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/peak_throughput.hpp"
#include "tests/systemc_model/sim/timed_run.hpp"

#include <gmock/gmock.h>

// Digital tiles: steps and values by hand. Their counts and books on random chips: kinds_test.cpp.
namespace xloop {
namespace {

using test::TimedRun;

HardwareConfig digital_hardware() {
    HardwareConfig hw;
    hw.tile.engine = TileEngine::digital;
    hw.digital.rows = 16;
    hw.digital.cols = 4;
    hw.digital.weight_sets = 8;
    return hw;
}

/// Groups of 2 channels, a wide layer and a linear one: blocks of full and of few rows and outputs.
constexpr const char* layers = R"(
name: small
input: {channels: 3, height: 6, width: 6}
layers:
  - {name: stem, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: light, type: conv, out_channels: 8, kernel: 3, groups: 8, activation: relu}
  - {name: wide, type: conv, out_channels: 36, kernel: 1, activation: relu6}
  - {name: logits, type: linear, out_channels: 5}
)";

TEST(DigitalTile, GivenOutputs_ThenAVectorTakesAStepForEveryColsOfThem) {
    HardwareConfig hw = digital_hardware();
    hw.digital.latency_cycles = 3;
    const auto of = [&](int outputs) {
        const Durations d(hw);
        EXPECT_EQ(d.reads(16), 1);
        EXPECT_EQ(d.sweep(outputs), 0);
        EXPECT_EQ(d.vector_latency(16, outputs), d.vector_interval(16, outputs) + d.stage(3));
        return d.vector_interval(16, outputs);
    };
    EXPECT_EQ(of(1), 1);
    EXPECT_EQ(of(4), 1);
    EXPECT_EQ(of(5), 2);
    EXPECT_EQ(of(32), 8);
    hw.digital.rate_ghz = 0.5;
    EXPECT_EQ(of(5), 4);
    hw.digital.rate_ghz = 3;  // several steps a cycle
    EXPECT_EQ(of(32), 3);
    hw.tile.stage_cycles = 10;
    EXPECT_EQ(of(32), 10);
    EXPECT_EQ(Durations(hw).reprogram(), 3) << "8 sets at 3 a cycle";
}

TEST(DigitalTile, GivenAFullTile_ThenItsPeakIsAllMultipliersAllTheTime) {
    HardwareConfig hw = digital_hardware();
    hw.tile.pes = 3;
    EXPECT_DOUBLE_EQ(peak_operations_per_s(hw, 2), 2.0 * 2 * 3 * 16 * 4 * 1e9);
}

// Stages as in oracles_test.cpp: the steps take the place of reads and conversions.
TEST(DigitalTile, GivenOneVector_ThenTheLatencyIsTheSumOfItsStages) {
    constexpr const char* one = R"(
name: one
input: {channels: 1, height: 1, width: 1}
layers:
  - {name: c, type: conv, out_channels: 10, kernel: 1}
)";
    const auto message = [](int flits) { return 1 + (4 + 2 + flits - 1) + 1; };
    const int image = message(1 + 1) + 1, fetch = 1, steps = 3 + 2;  // 10 outputs, 4 in a step; latency 2
    const int finish = 1 + 1 + 1 + 1 + 1;  // gather, accumulate, vector unit, 40 bytes in and out of the buffer
    EXPECT_EQ(TimedRun(digital_hardware(), one, 1).compute().latency_cycles(0),
              static_cast<std::uint64_t>(image + fetch + steps + finish + message(1 + 10)));
}

TEST(DigitalTile, GivenOnlyDigitalTiles_ThenLogitsAreThoseOfTheIntegerNetwork) {
    TimedRun run(digital_hardware(), layers);
    const auto exact =
        run_images(run.network.graph, IntegerEngine(run.network.graph), run.pixels.data(), 0, run.images);
    EXPECT_EQ(run.untimed(), exact);
    EXPECT_EQ(run.compute().logits, exact);
}

TEST(DigitalTile, GivenSomeLayersOnThem_ThenTheseMultiplyExactlyAndTheOthersDoNot) {
    HardwareConfig hw;
    hw.adc.bits = 4;
    hw.adc.range = AdcRange::full_scale;
    hw.mapping.replication = Replication::list;
    hw.mapping.replicas = {"stem=3"};
    TileType units{"units", digital_hardware()};
    hw.tile_types.push_back(units);
    for (const char* name : {"stem", "logits"}) {
        LayerRule rule;
        rule.name = name;
        rule.tile = "units";
        hw.layers.push_back(rule);
    }
    TimedRun run(hw, layers);
    const WorkloadGraph& graph = run.network.graph;
    const Chip chip(run.network);
    for (int l = 0; l < 4; ++l) {
        const GraphLayer& layer = graph.layers[static_cast<std::size_t>(l)];
        const int count = std::min(layer.positions(), 5);
        const auto windows = test::random_pixels(count * layer.groups * layer.rows(), 3);
        std::vector<std::int32_t> sums(static_cast<std::size_t>(count * layer.out.channels)), exact(sums);
        chip.multiply(l, {0, 0}, count, windows.data(), sums.data());
        IntegerEngine(graph).multiply(l, {}, count, windows.data(), exact.data());
        EXPECT_EQ(sums == exact, l == 0 || l == 3) << layer.name;
    }
    EXPECT_EQ(run.compute().logits, run.untimed());
}

TEST(DigitalTile, GivenBlocks_ThenProductsAndWholeSetsAreCounted) {
    const TimedRun run(digital_hardware(), layers, 1);
    const SimulationResult result = run.count();
    // stem: 27 rows in blocks of 16 and 11, 8 outputs; light: 8 groups of 9 x 1; wide: 8 rows, 32 and 4 outputs; logits: 1296
    // rows in 81 blocks, 5 outputs. A set has 16 x 4 bytes.
    const std::uint64_t macs[] = {36 * 27 * 8, 36 * 8 * 9, 36 * 8 * 36, 1296 * 5};
    const std::uint64_t sets[] = {36 * 2 * 2, 36 * 8, 36 * (8 + 1), 81 * 2};
    for (std::size_t l = 0; l < 4; ++l) {
        const Counters& layer = result.activity.layers[l];
        EXPECT_EQ(layer[Event::mac], macs[l]);
        EXPECT_EQ(layer[Event::weight_read_byte], 64 * sets[l]);
        for (Event event : {Event::cell_read, Event::row_drive, Event::conversion, Event::shift_add})
            EXPECT_EQ(layer[event], 0u) << name_of(event);
    }
    EXPECT_EQ(result.activity.total()[Event::mac], run.network.graph.macs());
    EXPECT_EQ(result.layers[2].read_cycles, 36u * (8 + 1)) << "each block its own steps";
    EXPECT_EQ(result.layers[2].adc_cycles, 0u);
}

TEST(DigitalTile, GivenRounds_ThenTheSetsOfEveryUnitAreWrittenAnew) {
    HardwareConfig hw = digital_hardware();
    hw.tile.pes = 100;
    hw.noc.mesh_cols = hw.noc.mesh_rows = 1;
    hw.mapping.oversubscribed = Oversubscribed::rounds;
    const TimedRun run(hw, layers, 1);
    ASSERT_EQ(run.network.mapping.rounds, 4) << "a layer each";
    const SimulationResult result = run.count();
    EXPECT_EQ(result.activity.total()[Event::weight_write_byte], (8u + 2 + 81) * 8 * 64);
    EXPECT_EQ(result.activity.total()[Event::cell_write], 0u);
    EXPECT_EQ(result.rounds[1].write_cycles, 8u);
    test::expect_equal_counts(estimate(run.network, 1).activity, result.activity);
}

TEST(DigitalTile, GivenMoreBitsThanItsMultipliersHave_ThenTheErrorNamesKeyAndLayer) {
    HardwareConfig hw;
    TileType units{"units", digital_hardware()};
    units.hardware.digital.bits = 6;
    hw.tile_types.push_back(units);
    LayerRule rule;
    rule.name = "wide";
    rule.tile = "units";
    hw.layers.push_back(rule);
    try {
        map_network(test::random_graph(layers), hw);
        FAIL();
    } catch (const KeyError& e) {
        EXPECT_EQ(e.key(), "tile_types.units.digital.bits");
        EXPECT_THAT(e.what(), testing::HasSubstr("`wide` has weights of 8"));
    }
    hw.layers.front().weight_bits = hw.layers.front().activation_bits = 6;
    EXPECT_NO_THROW(map_network(test::random_graph(layers), hw));
}

HardwareConfig read_hardware(const std::string& yaml) {
    HardwareConfig hw;
    config::Section schema;
    describe(schema, hw);
    validate(hw, config::read(config::load_text(yaml, "hw.yaml"), schema));
    return hw;
}

TEST(DigitalTile, GivenKeysOfTheOtherEngine_ThenTheyAreRefusedWithTheirPlace) {
    const auto problem = [](const std::string& yaml) -> std::string {
        try {
            read_hardware(yaml);
        } catch (const InputError& e) {
            return e.what();
        }
        return "";
    };
    using testing::HasSubstr;
    const std::string units = "tile_types: {units: {tile: {engine: digital}, digital: {cols: 8}}}\n";
    EXPECT_EQ(problem(units + "crossbar: {rows: 32}\nlayers: {stem: {tile: units, weight_bits: 4}}"), "");
    EXPECT_THAT(problem("tile: {engine: digital}\ntile_types: {cells: {tile: {engine: analog}}}"),
                HasSubstr("tile_types.cells.tile.engine: expected digital, as the base is"));
    EXPECT_THAT(problem("tile_types: {units: {tile: {engine: digital}, adc: {bits: 6}}}"),
                HasSubstr("tile_types.units.adc.bits: has no effect with tile.engine: digital"));
    for (const char* keys : {"device: {r_on_ohm: 1}", "crossbar: {rows: 9}", "dac: {bits: 2}", "adc: {bits: 6}",
                             "pe: {shift_add_cycles: 2}"})
        EXPECT_THAT(problem(std::string("tile: {engine: digital}\n") + keys),
                    HasSubstr("has no effect with tile.engine"))
            << keys;
    EXPECT_THAT(problem("digital: {cols: 8}"), HasSubstr("digital.cols: has no effect with tile.engine: analog"));
    EXPECT_THAT(problem(units + "layers: {stem: {tile: units, adc: {bits: 4}}}"),
                HasSubstr("layers.stem.adc.bits: expected nothing, as its tiles are digital"));
}

TEST(DigitalTile, GivenADumpOfTheirKeys_ThenItReadsBackTheSame) {
    HardwareConfig hw;
    config::Section schema;
    describe(schema, hw);
    const config::Origins origins = config::read(
        config::load_text("tile: {engine: digital}\ndigital: {rows: 9}\ntile_types: {more: {digital: {rows: 8}}}",
                          "hw.yaml"),
        schema);
    const HardwareConfig again = read_hardware(dump(schema, origins, false));
    EXPECT_TRUE(again.is_digital());
    EXPECT_EQ(again.array_rows(), 9);
    EXPECT_TRUE(again.tile_types.front().hardware.is_digital());
    EXPECT_EQ(again.tile_types.front().hardware.array_rows(), 8);
}

}  // namespace
}  // namespace xloop
