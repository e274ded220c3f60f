#include "analysis/timing.hpp"
#include "analysis/statistics.hpp"
#include "apps/plot/gantt_plot.hpp"
#include "apps/text/timing_text.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

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

}  // namespace
}  // namespace xloop
