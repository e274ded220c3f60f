#include "nas/cell_evaluator.hpp"

#include "analysis/study.hpp"
#include "core/error.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace xloop {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// One cell in each stage, 8 x 8 images, on tiles that hold windows.
QueryTask small_task() {
    QueryTask task;
    task.skeleton = {1, 4, 8, 10};
    task.hardware = test::perfect_hardware();
    task.hardware.mapping.schedule = Schedule::pipelined;
    task.costs = load_cost_table(std::string(XLOOP_SOURCE_DIR) + "/configs/tech/generic_32nm.yaml");
    return task;
}

std::string csv_of(const std::vector<QueryRow>& rows) { return query_rows_table(rows).csv(); }

int number(const char* text) { return Cell::parse(text).index(); }

TEST(MakeRows, GivenAnArchitecture_ThenItsFiguresAreThoseOfTheFullEstimate) {
    const QueryTask task = small_task();
    for (const QueryRow& row : make_rows(task, {123, 4, 7000}, 1)) {
        const WorkloadGraph graph = build_graph(cell_network(task.skeleton, row.cell));
        const MappedNetwork network = map_network(graph, task.hardware);
        const HardwareReport report = estimate_hardware(network, task.costs, 1);
        ASSERT_TRUE(row.figures) << row.problem;
        const CellFigures& figures = *row.figures;
        EXPECT_EQ(figures.macs, graph.macs());
        EXPECT_EQ(figures.arrays, report.used_arrays);
        EXPECT_EQ(figures.tiles, report.tiles);
        EXPECT_DOUBLE_EQ(figures.latency_s, report.latency_s());
        EXPECT_DOUBLE_EQ(figures.interval_s, report.seconds(report.interval_cycles));
        EXPECT_NEAR(figures.energy_j, report.figures.energy_alone_j(), 1e-9 * figures.energy_j);
        EXPECT_NEAR(figures.area_mm2, report.figures.area_mm2, 1e-9 * figures.area_mm2);
        EXPECT_NEAR(figures.edap, figures.energy_j * figures.latency_s * figures.area_mm2, 1e-9 * figures.edap);
        EXPECT_EQ(figures.contended, !report.contention.empty());
        EXPECT_FALSE(row.errors);
    }
}

TEST(MakeRows, GivenWeightsOfAChainByHand_ThenTheyAreCounted) {
    const QueryTask task = small_task();
    const QueryRow row =
        make_rows(task, {number("|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|")}, 1).front();
    // Stem, cells of 4, 8 and 16 channels, two blocks, classifier.
    EXPECT_EQ(row.figures->weights,
              9 * 3 * 4 + (16 + 64 + 256) + (9 * 32 + 9 * 64 + 32) + (9 * 128 + 9 * 256 + 128) + 160);
}

TEST(MakeRows, GivenMoreWork_ThenItCostsMore) {
    const std::vector<QueryRow> rows = make_rows(
        small_task(),
        {number("|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|"),
         number("|none~0|+|none~0|none~1|+|avg_pool_3x3~0|none~1|none~2|"),
         number("|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|")},
        1);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        EXPECT_GT(rows[i].figures->energy_j, rows[i - 1].figures->energy_j);
        EXPECT_GT(rows[i].figures->latency_s, rows[i - 1].figures->latency_s);
        EXPECT_GE(rows[i].figures->area_mm2, rows[i - 1].figures->area_mm2);
    }
    EXPECT_EQ(rows[0].figures->macs, rows[1].figures->macs) << "pools have none";
}

TEST(MakeRows, GivenAnUnconnectedArchitecture_ThenTheRowSaysSoAndHasTheBenchmarksCounts) {
    const QueryRow row =
        make_rows(small_task(), {number("|none~0|+|none~0|none~1|+|none~0|nor_conv_1x1~1|none~2|")}, 1).front();
    EXPECT_FALSE(row.figures);
    EXPECT_THAT(row.problem, HasSubstr("does not depend on the input"));
    EXPECT_GT(row.benchmark.parameters, 0);
}

TEST(MakeRows, GivenEdgesThatLeadNowhere_ThenFiguresAreThoseWithoutThem) {
    const std::vector<QueryRow> rows =
        make_rows(small_task(),
                  {number("|none~0|+|none~0|nor_conv_3x3~1|+|nor_conv_1x1~0|nor_conv_3x3~1|none~2|"),
                   number("|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|")},
                  1);
    EXPECT_EQ(rows[0].figures->energy_j, rows[1].figures->energy_j);
    EXPECT_GT(rows[0].benchmark.parameters, rows[1].benchmark.parameters);
}

TEST(MakeRows, GivenTilesTooSmallForSome_ThenTheirRowsSayWhyAndOthersHaveFigures) {
    QueryTask task = small_task();
    task.skeleton.size = 32;
    task.hardware.mapping.schedule = Schedule::layer_by_layer;
    task.hardware.buffer.bytes = 16384;
    const std::vector<QueryRow> rows = make_rows(
        task,
        {number("|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|"),
         number("|avg_pool_3x3~0|+|avg_pool_3x3~0|avg_pool_3x3~1|+|avg_pool_3x3~0|avg_pool_3x3~1|avg_pool_3x3~2|")},
        1);
    EXPECT_TRUE(rows[0].figures) << rows[0].problem;
    EXPECT_FALSE(rows[1].figures);
    EXPECT_THAT(rows[1].problem, HasSubstr("buffer.bytes"));
}

TEST(MakeRows, GivenAnyNumberOfThreadsAndAnyOrder_ThenRowsAreTheSame) {
    const QueryTask task = small_task();
    std::vector<int> cells = sample_cells(200, 1);
    const std::vector<QueryRow> one = make_rows(task, cells, 1);
    EXPECT_EQ(csv_of(make_rows(task, cells, 3)), csv_of(one));
    std::reverse(cells.begin(), cells.end());
    std::vector<QueryRow> reversed = make_rows(task, cells, 2);
    std::reverse(reversed.begin(), reversed.end());
    EXPECT_EQ(csv_of(reversed), csv_of(one));
}

TEST(MakeRows, GivenImages_ThenAPerfectChipHasNoErrorsAndARealOneHas) {
    QueryTask task = small_task();
    task.non_ideality_images = 2;
    const int cell = number("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|none~1|avg_pool_3x3~2|");
    const QueryRow perfect = make_rows(task, {cell}, 1).front();
    ASSERT_TRUE(perfect.errors) << perfect.problem;
    EXPECT_EQ(perfect.errors->non_ideality, 0.0);
    EXPECT_EQ(perfect.errors->sum_error, 0.0);
    EXPECT_EQ(perfect.errors->clipped_share, 0.0);
    task.hardware.device.programming_sigma = 0.1;
    task.hardware.crossbar.r_wire_col_ohm = 10.0;
    const QueryRow real = make_rows(task, {cell}, 1).front();
    EXPECT_GT(real.errors->non_ideality, 0.0) << "wires take current away";
    EXPECT_GT(real.errors->sum_error, 0.0);
    EXPECT_EQ(csv_of({real}), csv_of(make_rows(task, {cell}, 2)));
    task.seed = 2;
    EXPECT_NE(real.errors->sum_error, make_rows(task, {cell}, 1).front().errors->sum_error);
    EXPECT_EQ(real.figures->energy_j, make_rows(task, {cell}, 1).front().figures->energy_j);
}

class MakeRowsWithStore : public testing::Test {
protected:
    MakeRowsWithStore() { fs::remove(path_); }
    ~MakeRowsWithStore() override { fs::remove(path_); }

    const std::string path_ = (fs::temp_directory_path() / "xloop_make_rows.sqlite").string();
    const QueryTask task_ = small_task();
};

TEST_F(MakeRowsWithStore, GivenARunThatIsGivenUp_ThenTheNextOneGoesOnFromWhatIsThere) {
    const std::vector<int> cells = sample_cells(200, 1);
    const Json settings = settings_of(task_, "");
    int blocks = 0;
    {
        QueryStore store(path_, settings);
        EXPECT_THROW(make_rows(task_, cells, 1, &store,
                               [](const StepState&) { throw Interrupted("given up after the first block"); }),
                     Interrupted);
    }
    QueryStore store(path_, settings);
    const std::size_t kept = store.rows().size();
    EXPECT_GT(kept, 0u);
    EXPECT_LT(kept, cells.size());
    const auto count = [&](const StepState&) { ++blocks; };
    const std::vector<QueryRow> rows = make_rows(task_, cells, 1, &store, count);
    EXPECT_EQ(csv_of(rows), csv_of(make_rows(task_, cells, 1)));
    EXPECT_GT(blocks, 0);
    blocks = 0;
    EXPECT_EQ(csv_of(make_rows(task_, cells, 1, &store, count)), csv_of(rows));
    EXPECT_EQ(blocks, 0) << "nothing was left to do";
}

TEST_F(MakeRowsWithStore, GivenRowsInTheStore_ThenTheyAreTakenAsTheyAre) {
    QueryStore store(path_, settings_of(task_, ""));
    QueryRow other = make_rows(task_, {4}, 1).front();
    other.figures->arrays += 1000;
    store.add({other});
    EXPECT_EQ(csv_of(make_rows(task_, {4}, 1, &store)), csv_of({other}));
}

TEST(QuerySettings, GivenWhatDecidesRows_ThenSettingsTellItApart) {
    const QueryTask task = small_task();
    const Json settings = settings_of(task, "a");
    EXPECT_EQ(settings, settings_of(task, "a"));
    EXPECT_NE(settings, settings_of(task, "b"));
    QueryTask other = task;
    other.hardware.adc.bits = 5;
    EXPECT_NE(settings, settings_of(other, "a"));
    other = task;
    other.skeleton.cells = 2;
    EXPECT_NE(settings, settings_of(other, "a"));
    other = task;
    other.seed = 2;
    EXPECT_EQ(settings, settings_of(other, "a")) << "shapes alone decide the figures";
    other.non_ideality_images = 1;
    EXPECT_NE(settings, settings_of(other, "a"));
}

TEST(SampleCells, GivenASeed_ThenSamplesAreNestedDistinctAndTheirOwn) {
    const std::vector<int> many = sample_cells(500, 3), few = sample_cells(50, 3);
    EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
    EXPECT_EQ(std::set<int>(many.begin(), many.end()).size(), 500u);
    EXPECT_NE(few, sample_cells(50, 4));
    const std::vector<int> all = sample_cells(20000, 1);
    EXPECT_EQ(std::set<int>(all.begin(), all.end()).size(), static_cast<std::size_t>(Cell::count));
}

}  // namespace
}  // namespace xloop
