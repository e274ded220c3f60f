#include "analysis/timing.hpp"
#include "analysis/bottleneck.hpp"
#include "analysis/layer_limits.hpp"
#include "analysis/statistics.hpp"
#include "apps/plot/gantt_plot.hpp"
#include "apps/text/bottleneck_text.hpp"
#include "apps/text/timing_text.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <numeric>
#include <sstream>

namespace xloop {
namespace {

using testing::HasSubstr;
using testing::Not;

CycleSpan span(std::uint64_t start, std::uint64_t end) { return {start, end}; }

/// Two layers, two images, 1000 cycles.
SimulationResult small_result() {
    SimulationResult result;
    result.cycles = result.noc_cycles = 1000;
    result.images = {span(0, 600), span(200, 1000)};
    SimulationResult::Layer conv{
        "conv", 2, 4, {span(10, 400), span(400, 800)}, {{700, 50, 50, 200}, {600, 100, 200, 100}}, 1600, 3200, 0.25};
    SimulationResult::Layer pool{"pool", 1, 0, {span(100, 600), span(600, 1000)}, {{1, 333, 333, 333}}, 0, 0, -1.0};
    result.layers = {conv, pool};
    result.components = {{"chip.tile_0_0.buffer", "buffer", {500, 0, 0, 1500}, 65536, 16384},
                         {"chip.tile_0_0.bus", "bus", {400, 0, 0, 600}, 0, 0},
                         {"chip.tile_0_0.vector_unit", "vector_unit", {0, 0, 0, 1000}, 0, 0}};
    result.links = {{"chip.noc.router_0_0.east", 100}, {"chip.noc.router_0_0.local", 900}};
    result.rounds = {{0, 0, 1000}};
    return result;
}

int sum(const std::array<int, 4>& values) { return std::accumulate(values.begin(), values.end(), 0); }

TEST(TimingReport, GivenThirds_ThenShownTenthsAddUpToAHundredPercent) {
    EXPECT_EQ(tenths_of_percent({1, 1, 1, 0}), (std::array<int, 4>{334, 333, 333, 0}));
    EXPECT_EQ(tenths_of_percent({0, 0, 0, 0}), (std::array<int, 4>{0, 0, 0, 1000}));
    for (std::uint64_t busy = 0; busy < 40; ++busy)
        for (std::uint64_t waiting = 1; waiting < 40; waiting += 3)
            EXPECT_EQ(sum(tenths_of_percent({busy, waiting, 7 * busy, 13})), 1000) << busy << " " << waiting;
}

TEST(TimingReport, GivenLayers_ThenStatesAddUpToCyclesTimesTasks) {
    const SimulationResult result = small_result();
    Json json;
    add_timing(json, result, 1.0);
    for (const Json& layer : json["layers"]) {
        double percent = 0.0;
        std::uint64_t cycles = 0;
        for (const auto& [state, value] : layer["state_percent"].items())
            percent += value.get<double>();
        for (const auto& [state, value] : layer["state_cycles"].items())
            cycles += value.get<std::uint64_t>();
        EXPECT_NEAR(percent, 100.0, 1e-9);
        EXPECT_EQ(cycles, result.cycles * layer["tasks"].get<std::uint64_t>());
    }
    EXPECT_EQ(json["layers"][0]["state_cycles"]["busy"], 1300);
    EXPECT_DOUBLE_EQ(json["layers"][0]["read_percent"], 40.0) << "1600 of 4 arrays x 1000 cycles";
    EXPECT_DOUBLE_EQ(json["layers"][0]["adc_percent"], 80.0);
    EXPECT_EQ(json["layers"][1]["read_percent"], 0.0);
    EXPECT_TRUE(json["layers"][1]["active_rows"].is_null());
}

// Copy me: a result made by hand, and the figures that follow.
TEST(TimingReport, GivenImages_ThenLatencyIntervalAndThroughputFollow) {
    Json json;
    add_timing(json, small_result(), 2.0);
    EXPECT_EQ(json["image_times"][1]["latency_cycles"], 800);
    EXPECT_EQ(json["mean_latency_cycles"], 700.0);
    EXPECT_EQ(json["interval_cycles"], 400.0);
    EXPECT_DOUBLE_EQ(json["throughput_per_s"], 2e9 / 400.0);
    EXPECT_DOUBLE_EQ(json["links"][1]["busy_percent"], 90.0);
    EXPECT_DOUBLE_EQ(json["components"][0]["busy_percent"], 25.0) << "500 of two ports' 2000 cycles";
}

TEST(TimingReport, GivenSeveralRounds_ThenTheIntervalIsTheWholeRunOverItsImages) {
    SimulationResult result = small_result();
    result.rounds = {{0, 0, 500}, {500, 100, 1000}};
    EXPECT_EQ(result.interval_cycles(), 500.0);
    EXPECT_THAT(timing_text(result, 1.0), HasSubstr("writes"));
    EXPECT_THAT(timing_text(small_result(), 1.0), Not(HasSubstr("writes")));
}

TEST(TimingReport, GivenTheTable_ThenItShowsBusiestPartsFirstAndNoIdleOnes) {
    const std::string table = timing_text(small_result(), 1.0);
    EXPECT_THAT(table, HasSubstr("interval        400.0 cycles = 0.400 us, 2500000.0 images/s"));
    EXPECT_LT(table.find("chip.tile_0_0.bus"), table.find("chip.tile_0_0.buffer"));
    EXPECT_LT(table.find("router_0_0.local"), table.find("router_0_0.east"));
    EXPECT_THAT(table, Not(HasSubstr("vector_unit")));
    EXPECT_THAT(table, HasSubstr("16384 of 65536 bytes"));
}

std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(TimingReport, GivenCsvFiles_ThenEveryLineHasTheHeadersCells) {
    const SimulationResult result = small_result();
    for (const std::string& text : {layers_csv(result), components_csv(result), links_csv(result)}) {
        std::istringstream lines(text);
        std::string line;
        std::getline(lines, line);
        const auto cells = std::count(line.begin(), line.end(), ',');
        while (std::getline(lines, line))
            EXPECT_EQ(std::count(line.begin(), line.end(), ','), cells) << line;
    }
    EXPECT_EQ(lines_of(layers_csv(result)), 1u + 4u);
    EXPECT_EQ(lines_of(components_csv(result)), 1u + 3u);
    EXPECT_THAT(layers_csv(result), HasSubstr("conv,2,4,2,1300,150,250,300,1600,3200,0.250000,1,400,800\n"));
}

/// A graph whose layers have the names of a result's, with a matrix where the result has arrays.
WorkloadGraph graph_of(const SimulationResult& result) {
    WorkloadGraph graph;
    for (const SimulationResult::Layer& layer : result.layers) {
        graph.layers.emplace_back().name = layer.name;
        graph.layers.back().kind = layer.arrays > 0 ? LayerKind::conv : LayerKind::max_pool;
    }
    return graph;
}

/// A folder of its own, removed at the end.
class Files : public testing::Test {
protected:
    Files()
        : folder_(std::filesystem::temp_directory_path() /
                  (std::string("xloop_timing_") + testing::UnitTest::GetInstance()->current_test_info()->name() +
                   std::to_string(::getpid()))) {
        std::filesystem::create_directories(folder_);
    }
    ~Files() override { std::filesystem::remove_all(folder_); }
    std::string file(const char* name) const { return (folder_ / name).string(); }

    std::filesystem::path folder_;
};

TEST_F(Files, GivenRecordedStatistics_ThenARunWithoutValuesReadsThem) {
    const SimulationResult computed = small_result();
    write_file_atomically(file("s.yaml"), statistics_yaml(computed, "net"));
    SimulationResult counted = computed;
    counted.layers[0].active_rows = -1.0;
    add_statistics(counted, file("s.yaml"), graph_of(counted));
    EXPECT_EQ(counted.layers[0].active_rows, 0.25);
    EXPECT_EQ(counted.layers[1].active_rows, -1.0);
}

TEST_F(Files, GivenStatisticsOfAnotherNetwork_ThenTheMessageNamesTheLayer) {
    write_file_atomically(file("s.yaml"), statistics_yaml(small_result(), "net"));
    const auto message = [&](SimulationResult result) -> std::string {
        try {
            read_statistics(file("s.yaml"), graph_of(result));
        } catch (const InputError& e) {
            return e.what();
        }
        return "accepted";
    };
    SimulationResult renamed = small_result();
    renamed.layers[0].name = "other";
    EXPECT_THAT(message(renamed), HasSubstr("`other`"));
    SimulationResult longer = small_result();
    longer.layers.push_back(longer.layers[0]);
    longer.layers.back().name = "added";
    EXPECT_THAT(message(longer), HasSubstr("`added`"));
    SimulationResult shorter = small_result();
    shorter.layers.erase(shorter.layers.begin());
    EXPECT_THAT(message(shorter), HasSubstr("more layers"));
}

TEST_F(Files, GivenAGanttChart_ThenEveryLayerIsARowOfTheSvg) {
    if (std::system("gnuplot --version >/dev/null 2>&1") != 0)
        GTEST_SKIP() << "no gnuplot";
    SimulationResult result = small_result();
    result.layers[0].name = "a_name_with_underscores";
    plot_gantt(result, 1.0, "a_network", file("gantt.svg"));
    const std::string svg = read_file(file("gantt.svg"));
    for (const char* text : {"a_name_with_underscores", "pool", "a_network", "image 1", "</svg>"})
        EXPECT_THAT(svg, HasSubstr(text));
}

// ---- limits and bottleneck

/// conv1 needs most of its array: 144 positions; conv2 a fourth of it.
const char* two_layers = R"(
name: two
input: {channels: 2, height: 12, width: 12}
layers:
  - {name: conv1, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: conv2, type: conv, out_channels: 8, kernel: 3, stride: 2, activation: relu}
  - {name: pool, type: avg_pool, kernel: 6}
  - {name: logits, type: linear, out_channels: 10}
)";

HardwareConfig pipelined_hardware() {
    HardwareConfig hw;
    hw.mapping.schedule = Schedule::pipelined;
    return hw;
}

struct Case {
    MappedNetwork network;
    SimulationResult result;

    explicit Case(const HardwareConfig& hw, const char* layers = two_layers)
        : network(map_network(test::random_graph(layers), hw)) {
        for (const GraphLayer& layer : network.graph.layers)
            result.layers.push_back({layer.name, 1, layer.on_crossbars() ? 1 : 0, {}, {}, 0, 0, -1.0});
    }
    /// Images that end `interval` cycles after one another; every layer works `length` cycles on each.
    void run(std::uint64_t interval, std::uint64_t length, int images = 4) {
        for (int i = 0; i < images; ++i) {
            const std::uint64_t start = static_cast<std::uint64_t>(i) * interval;
            result.images.push_back(span(start, start + 5 * interval));
            for (SimulationResult::Layer& layer : result.layers)
                layer.images.push_back(span(start, start + length));
        }
        result.cycles = result.noc_cycles = result.images.back().end;
        for (SimulationResult::Layer& layer : result.layers)
            layer.tasks = {{result.cycles / 2, result.cycles - result.cycles / 2, 0, 0}};
        result.rounds = {{0, 0, result.cycles}};
    }
    Bottleneck find() const { return find_bottleneck(network, result); }
    double interval() const { return limits_of(network).front().cycles; }
};

TEST(LayerLimits, GivenPipelinedHardware_ThenTheLongestLimitIsTheEstimatesInterval) {
    std::vector<HardwareConfig> variants(6, pipelined_hardware());
    variants[1].adc.columns_per_adc = 4;
    variants[2].tile.bus_bits = 8;
    variants[3].buffer.width_bits = 8;
    variants[3].buffer.banks = 1;
    variants[4].noc.flit_bits = 8;
    variants[4].noc.clock_ghz = 0.02;
    variants[5].tile.vector_lanes = 1;
    variants[5].dac.bits = 8;
    variants[5].crossbar.read_time_ns = 1;
    variants[5].adc.sample_rate_gsps = 100;
    for (const char* network : {two_layers, test::all_kinds})
        for (std::size_t v = 0; v < variants.size(); ++v) {
            const Case c(variants[v], network);
            EXPECT_NEAR(c.interval(), static_cast<double>(estimate(c.network, 4).interval_cycles), 0.5)
                << v << " " << c.network.graph.name;
        }
}

TEST(LayerLimits, GivenArrays_ThenTheirCyclesAreReadsTimesTheSlowerOfReadAndSweep) {
    HardwareConfig hw = pipelined_hardware();
    hw.adc.sample_rate_gsps = 0.1;  // 320 cycles for 32 conversions, a read 100
    const Case c(hw);
    const Limit limit = limits_of(c.network).front();
    EXPECT_EQ(limit.kind, LimitKind::converters);
    EXPECT_EQ(limit.layer, 0);
    EXPECT_EQ(limit.cycles, 144.0 * 8 * 10 * 8 * hw.slices()) << "8 channels in slices() cells, 10 cycles a conversion";
}

TEST(Bottleneck, GivenSlowConverters_ThenTheyAreNamedAndHalfTheColumnsIsComputed) {
    HardwareConfig hw = pipelined_hardware();
    hw.adc.sample_rate_gsps = 0.1;
    Case c(hw);
    const double interval = c.interval();
    c.run(static_cast<std::uint64_t>(interval), 1000);
    const Bottleneck found = c.find();
    EXPECT_EQ(found.layer, "conv1");
    EXPECT_EQ(found.limit, "adc");
    EXPECT_NEAR(found.busy, 1.0, 1e-3);
    EXPECT_EQ(found.interval_before, interval);
    ASSERT_TRUE(found.suggestion);
    for (const Bottleneck::Change& change : found.changes)
        EXPECT_TRUE(change.other_values || found.suggestion->interval <= change.interval) << change.key;
    ASSERT_FALSE(found.changes.empty());
    EXPECT_THAT(found.changes.front().key, HasSubstr("adc.columns_per_adc"));
    EXPECT_EQ(found.changes.front().interval, interval / 2) << "a sweep takes half as long, still longer than a read";
    EXPECT_THAT(bottleneck_text(found),
                HasSubstr("conv1 holds the pipeline: its ADC banks are busy 100 % of the time"));
    EXPECT_GE(lines_of(bottleneck_text(found)), 1u);
    EXPECT_LE(lines_of(bottleneck_text(found)), 4u);
}

TEST(Bottleneck, GivenSlowReads_ThenMoreDacBitsOrOneMoreCopyHalveTheInterval) {
    HardwareConfig hw = pipelined_hardware();
    hw.adc.sample_rate_gsps = 100;
    Case c(hw);
    const double interval = c.interval();
    EXPECT_EQ(interval, 144.0 * 8 * 100);
    c.run(static_cast<std::uint64_t>(interval), 1000);
    const Bottleneck found = c.find();
    EXPECT_EQ(found.limit, "reads");
    ASSERT_EQ(found.changes.size(), 2u);
    EXPECT_EQ(found.changes[0].key, "dac.bits 1 -> 2");
    EXPECT_EQ(found.changes[0].interval, interval / 2);
    EXPECT_EQ(found.changes[1].interval, interval / 2);
    EXPECT_EQ(found.changes[1].key, "one more copy of conv1 (1 more array)");
    EXPECT_EQ(found.suggestion->key, found.changes[1].key) << "it leaves values as they are";
}

TEST(Bottleneck, GivenLayersThatHoldThePipelineAlike_ThenAllAreNamedAndCopiedTogether) {
    const char* three_equal = R"(
name: equal
input: {channels: 2, height: 12, width: 12}
layers:
  - {name: a, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: b, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: pool, type: avg_pool, kernel: 12}
  - {name: logits, type: linear, out_channels: 10}
)";
    Case c(pipelined_hardware(), three_equal);
    c.run(static_cast<std::uint64_t>(c.interval()), 1000);
    const Bottleneck found = c.find();
    EXPECT_THAT(bottleneck_text(found), HasSubstr("a and b hold the pipeline: their arrays are"));
    ASSERT_TRUE(found.suggestion);
    EXPECT_THAT(found.suggestion->key, HasSubstr("each of these 2 layers"));
    EXPECT_EQ(found.suggestion->interval, found.interval_before / 2);
}

TEST(Bottleneck, GivenSharedParts_ThenTheOneThatIsBusyIsNamed) {
    const auto limit_with = [](auto change) {
        HardwareConfig hw = pipelined_hardware();
        hw.crossbar.read_time_ns = 1;
        hw.dac.bits = 8;
        hw.adc.sample_rate_gsps = 1000;
        change(hw);
        Case c(hw);
        c.run(static_cast<std::uint64_t>(c.interval()), 1000);
        return c.find();
    };
    EXPECT_EQ(limit_with([](HardwareConfig& hw) { hw.tile.bus_bits = 8; }).limit, "bus");
    EXPECT_EQ(limit_with([](HardwareConfig& hw) {
                  hw.buffer.width_bits = 8;
                  hw.buffer.banks = 1;
              }).limit,
              "buffer ports");
    const Bottleneck network = limit_with([](HardwareConfig& hw) { hw.noc.clock_ghz = 0.01; });
    EXPECT_THAT(network.limit, testing::AnyOf("link", "network interface", "image input"));
    ASSERT_TRUE(network.suggestion);
    EXPECT_THAT(network.suggestion->key, HasSubstr("noc.flit_bits"));
}

TEST(Bottleneck, GivenChangesThatDoNotFit_ThenTheyAreNotProposed) {
    HardwareConfig hw = pipelined_hardware();
    hw.adc.sample_rate_gsps = 100;
    hw.tile.pes = 1;
    hw.noc.mesh_cols = 5;
    hw.noc.mesh_rows = 1;
    Case c(hw);
    c.run(static_cast<std::uint64_t>(c.interval()), 1000);
    for (const Bottleneck::Change& change : c.find().changes)
        EXPECT_THAT(change.key, Not(HasSubstr("copy")));
}

TEST(Bottleneck, GivenAnIntervalThatNoPartExplains_ThenTheLayerBehindTheBlockedOnesIsNamed) {
    Case c(pipelined_hardware());
    c.run(static_cast<std::uint64_t>(3 * c.interval()), 1000);
    EXPECT_EQ(c.find().limit, "nothing");
    c.result.layers[0].tasks = {{c.result.cycles / 2, 0, c.result.cycles / 2, 0}};
    const Bottleneck found = c.find();
    EXPECT_EQ(found.limit, "room at the receivers");
    EXPECT_EQ(found.layer, "conv2");
    EXPECT_NEAR(found.busy, 1.0 / 3.0, 1e-3);
    EXPECT_FALSE(found.suggestion);
    EXPECT_TRUE(bottleneck_json(found)["interval_after"].is_null());
}

TEST(Bottleneck, GivenLayerByLayer_ThenTheLayerWithTheLargestShareOfTheLatencyIsNamed) {
    Case c{HardwareConfig()};
    const Estimate figures = estimate(c.network, 2);
    for (std::size_t l = 0; l < figures.layers.size(); ++l)
        for (std::uint64_t i = 0; i < 2; ++i)
            c.result.layers[l].images.push_back(span(i * figures.interval_cycles + figures.layers[l].start_cycle,
                                                     i * figures.interval_cycles + figures.layers[l].end_cycle));
    c.result.images = {span(0, figures.latency_cycles), span(figures.interval_cycles, figures.cycles)};
    c.result.cycles = figures.cycles;
    c.result.rounds = {{0, 0, figures.cycles}};
    const Bottleneck found = c.find();
    EXPECT_EQ(found.layer, "conv1");
    EXPECT_EQ(found.interval_before, static_cast<double>(figures.latency_cycles));
    EXPECT_GT(found.busy, 0.9);
    ASSERT_TRUE(found.suggestion);
    EXPECT_LT(found.suggestion->interval, found.interval_before);
    EXPECT_THAT(bottleneck_text(found), HasSubstr("conv1 takes the largest share of the latency"));
}

}  // namespace
}  // namespace xloop
