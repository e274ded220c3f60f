#include "analysis/evaluation.hpp"

#include "core/error.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

namespace xloop {
namespace {

using Engine = AccuracyCell::Engine;
using testing::ElementsAre;

TEST(Confidence, GivenCounts_ThenTheIntervalIsWilsons) {
    const auto [low, high] = confidence(8, 10);
    EXPECT_NEAR(low, 0.490162, 1e-6);
    EXPECT_NEAR(high, 0.943318, 1e-6);
    EXPECT_EQ(confidence(0, 10).first, 0.0);
    EXPECT_NEAR(confidence(0, 10).second, 0.277533, 1e-6);
    EXPECT_EQ(confidence(10, 10).second, 1.0);
}

TEST(Judge, GivenLogits_ThenRanksCountWhatIsLargerOrEqualAndBefore) {
    EngineResult result;
    judge(result, std::vector<std::vector<std::int32_t>>{{1, 5, 5, 0}, {9, 1, 2, 3}, {0, 0, 0, 0}}, {2, 1, 0});
    EXPECT_THAT(result.predictions, ElementsAre(1, 0, 0));
    EXPECT_THAT(result.ranks, ElementsAre(1, 3, 0));
    EXPECT_EQ(result.cell().correct, 1);
    EXPECT_EQ(result.cell().correct_top5, 3);
    EXPECT_EQ(result.cell().total, 3);
    EngineResult real;
    judge(real, std::vector<std::vector<float>>{{0.5f, 0.25f}}, {1});
    EXPECT_THAT(real.ranks, ElementsAre(1));
}

EngineResult chip(std::uint64_t seed, bool recalibrated, std::vector<int> predictions, std::vector<int> ranks) {
    EngineResult result;
    result.engine = Engine::chip;
    result.chip_seed = seed;
    result.recalibrated = recalibrated;
    result.predictions = std::move(predictions);
    result.ranks = std::move(ranks);
    return result;
}

TEST(ChipTable, GivenThreeChips_ThenMeanDeviationAndWorstAreTheirs) {
    const AccuracyTable table =
        accuracies({chip(4, false, {0, 0, 0, 0}, {0, 0, 0, 0}), chip(5, false, {0, 0, 0, 0}, {0, 1, 0, 1}),
                    chip(6, false, {0, 0, 0, 0}, {0, 0, 7, 0})});
    const Json row = table.chips().json().at(0);
    EXPECT_EQ(row.at("chips"), 3);
    EXPECT_DOUBLE_EQ(row.at("mean").get<double>(), 0.75);
    EXPECT_DOUBLE_EQ(row.at("deviation").get<double>(), 0.25);
    EXPECT_DOUBLE_EQ(row.at("worst").get<double>(), 0.5);
    EXPECT_EQ(row.at("worst_seed"), 5);
    EXPECT_TRUE(accuracies({chip(4, false, {0}, {0})}).chips().json().at(0).at("deviation").is_null());
}

TEST(Confusion, GivenChipsOfBothKinds_ThenTheRecalibratedOnesAreCounted) {
    const ConfusionMatrix matrix =
        confusion_matrix({chip(1, false, {1, 1, 1}, {0, 0, 0}), chip(1, true, {0, 1, 0}, {0, 0, 1}),
                          chip(2, true, {0, 1, 1}, {0, 0, 0})},
                         {0, 1, 1}, 2);
    EXPECT_EQ(matrix.chips, 2);
    EXPECT_EQ(matrix.csv(), "label,0,1\n0,2,0\n1,1,3\n");
    EXPECT_TRUE(confusion_matrix({}, {}, 2).counts.empty());
}

TEST(EngineResults, GivenLayersWithoutError_ThenTheJsonReadsBackAsItWas) {
    EngineResult result = chip(3, true, {1}, {0});
    result.layers.push_back({"one", 0.1, 0.0, -0.25, 3, 9});
    const EngineResult read = EngineResult::from_json(Json::parse(result.json().dump()));
    EXPECT_EQ(read.json().dump(), result.json().dump());
    EXPECT_EQ(read.name(), "chip_seed3_recalibrated");
    EXPECT_THROW(EngineResult::from_json(Json{{"engine", "tpu"}}), InputError);
}

class Remembered : public EngineResultStore {
public:
    std::optional<EngineResult> find(const std::string& name) const override {
        const auto found = kept.find(name);
        return found == kept.end() ? std::nullopt : std::optional(found->second);
    }
    void keep(const EngineResult& result, const WorkloadGraph* workload) override {
        kept[result.name()] = result;
        if (workload)
            workloads[result.name()] = *workload;
    }
    std::map<std::string, EngineResult> kept;
    std::map<std::string, WorkloadGraph> workloads;
};

class Evaluating : public testing::Test {
protected:
    Evaluating() {
        task_.hardware = test::perfect_hardware();
        task_.hardware.device.programming_sigma = 0.2;
        task_.hardware.chip_seed = 5;
        task_.integer = test::random_graph(test::all_kinds);
        const int size = task_.integer.input.size();
        task_.test_pixels = test::random_pixels(6 * size, 1);
        task_.train_pixels = test::random_pixels(4 * size, 2);
        task_.labels = {0, 1, 2, 3, 4, 5};
        task_.software = [this](bool attacked, const Watch&) {
            ++software_runs_;
            return std::vector<std::vector<float>>(attacked ? 3 : 6, {0, 1, 0, 0, 0, 0, 0, 0, 0, 0});
        };
        task_.config.chips = 2;
        task_.config.recalibrate = Recalibration::both;
        task_.config.snr_images = 2;
    }
    static std::string text(const std::vector<EngineResult>& results) {
        std::string text;
        for (const EngineResult& result : results)
            text += result.json().dump() + "\n";
        return text;
    }

    EvaluationTask task_;
    int software_runs_ = 0;
};

TEST_F(Evaluating, GivenAllEngines_ThenEachHasItsRowAndTheIdealChipIsTheIntegerNetwork) {
    Remembered store;
    double last = 0.0;
    const auto results = evaluate(task_, store, [&](const StepState& state) {
        EXPECT_GE(state.done, last);
        last = state.done;
    });
    std::vector<std::string> names;
    for (const EngineResult& result : results)
        names.push_back(result.name());
    EXPECT_THAT(names, ElementsAre("software", "integer", "ideal_chip", "chip_seed5", "chip_seed5_recalibrated",
                                   "chip_seed6", "chip_seed6_recalibrated"));
    EXPECT_EQ(results[0].cell().correct, 1);
    EXPECT_EQ(results[1].predictions, results[2].predictions);
    EXPECT_EQ(results[1].ranks, results[2].ranks);
    EXPECT_NE(results[3].layers[0].squared_error, results[5].layers[0].squared_error);
    EXPECT_EQ(results[3].layers.size(), 5u);
    EXPECT_LE(last, 1.0);
    EXPECT_EQ(store.workloads.size(), 2u) << "only corrected networks are not the integer one";

    // A chip of its own, programmed with the corrected network, computes the same.
    HardwareConfig hardware = task_.hardware;
    const WorkloadGraph& corrected = store.workloads.at("chip_seed5_recalibrated");
    const auto own = program(map_network(corrected, hardware));
    EngineResult again;
    judge(again, run_images(own->network().graph, *own, task_.test_pixels.data(), 0, 6), task_.labels);
    EXPECT_EQ(again.predictions, results[4].predictions);
    EXPECT_EQ(again.ranks, results[4].ranks);
    hardware.chip_seed = 6;
    EXPECT_THROW(program(map_network(corrected, hardware)), InputError);
}

TEST_F(Evaluating, GivenAttackedImages_ThenEveryEngineSeesThemToo) {
    const std::size_t three = 3 * static_cast<std::size_t>(task_.integer.input.size());
    task_.attacked_pixels.assign(task_.test_pixels.begin(),
                                 task_.test_pixels.begin() + static_cast<std::ptrdiff_t>(three));
    task_.attack = "pgd";
    task_.epsilon = 0.03;
    Remembered store;
    const auto results = evaluate(task_, store, {});
    ASSERT_EQ(results.size(), 14u);
    for (std::size_t r = 0; r < results.size(); r += 2) {
        const EngineResult &clean = results[r], &attacked = results[r + 1];
        EXPECT_EQ(attacked.name(), clean.name() + "_pgd");
        EXPECT_EQ(attacked.cell().total, 3);
        EXPECT_EQ(attacked.cell().epsilon, 0.03);
        EXPECT_TRUE(std::equal(attacked.predictions.begin(), attacked.predictions.end(), clean.predictions.begin()))
            << "the images are the same here";
        EXPECT_TRUE(attacked.layers.empty());
    }
    EXPECT_EQ(store.workloads.size(), 2u);
    const Table chips = accuracies(results).chips();
    EXPECT_EQ(chips.rows.size(), 4u) << "clean and attacked, recalibrated and not";
    EXPECT_EQ(text(evaluate(task_, store, {})), text(results));
    EXPECT_THAT(predictions_csv(results, task_.labels), testing::HasSubstr("integer,integer_pgd"));
}

TEST_F(Evaluating, GivenAPartOfTheResults_ThenTheRestIsTheSameForAnyThreads) {
    Remembered store;
    const std::string whole = text(evaluate(task_, store, {}));
    EXPECT_EQ(software_runs_, 1);
    for (const char* missing : {"integer", "chip_seed5_recalibrated", "chip_seed6"})
        store.kept.erase(missing);
    task_.threads = 2;
    EXPECT_EQ(text(evaluate(task_, store, {})), whole);
    EXPECT_EQ(software_runs_, 1);
    Remembered empty;
    EXPECT_EQ(text(evaluate(task_, empty, {})), whole);
}

}  // namespace
}  // namespace xloop
