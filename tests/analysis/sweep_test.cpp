#include "analysis/sweep/sweep_design.hpp"
#include "analysis/sweep/sweep_parameter.hpp"
#include "analysis/sweep/sweep_result.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <set>

namespace xloop {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> labels(const SweepParameter& parameter) {
    std::vector<std::string> all;
    for (const SweepParameter::Level& level : parameter.levels)
        all.push_back(level.label);
    return all;
}

template <class Act>
std::string complaint(Act act) {
    try {
        act();
    } catch (const InputError& e) {
        return e.what();
    }
    return "";
}

TEST(SweepParameters, ReadListsRangesStepsAndFactors) {
    EXPECT_THAT(labels(parse_sweep_parameter("a=32,64 , 128")), ElementsAre("32", "64", "128"));
    EXPECT_THAT(labels(parse_sweep_parameter("adc.bits=4:7")), ElementsAre("4", "5", "6", "7"));
    EXPECT_THAT(labels(parse_sweep_parameter("a=0:0.3:0.1")), ElementsAre("0", "0.1", "0.2", "0.3"));
    EXPECT_THAT(labels(parse_sweep_parameter("a=16:256:*4,7")), ElementsAre("16", "64", "256", "7"));
    EXPECT_THAT(labels(parse_sweep_parameter("a=1000000:3000000:1000000")),
                ElementsAre("1000000", "2000000", "3000000"));
}

TEST(SweepParameters, LeaveCommasOfListsAndQuotesAlone) {
    const SweepParameter lists = parse_sweep_parameter("mapping.replicas=[a=1, b=2],[a=3, b=4]");
    EXPECT_THAT(labels(lists), ElementsAre("[a=1, b=2]", "[a=3, b=4]"));
    EXPECT_THAT(lists.levels[1].assignments, ElementsAre("mapping.replicas=[a=3, b=4]"));
    EXPECT_THAT(labels(parse_sweep_parameter("name='x, y',z")), ElementsAre("'x, y'", "z"));
}

TEST(SweepParameters, GiveSeveralKeysOneValue) {
    const SweepParameter square = parse_sweep_parameter("crossbar.rows,crossbar.cols=32,64");
    EXPECT_EQ(square.name, "crossbar.rows+crossbar.cols");
    EXPECT_THAT(square.levels[1].assignments, ElementsAre("crossbar.rows=64", "crossbar.cols=64"));
}

TEST(SweepParameters, MoveTogether) {
    const SweepParameter joint = parse_joint_parameter("crossbar.rows=32,64;adc.bits=5:6");
    EXPECT_THAT(labels(joint), ElementsAre("32 / 5", "64 / 6"));
    EXPECT_THAT(joint.levels[1].assignments, ElementsAre("crossbar.rows=64", "adc.bits=6"));
    EXPECT_THAT(complaint([] { parse_joint_parameter("a=1,2;b=1,2,3"); }), HasSubstr("2 values, b has 3 values"));
    EXPECT_THAT(complaint([] { parse_joint_parameter("a=1;b=2"); }), HasSubstr("two values or more"));
}

TEST(SweepParameters, RefuseWhatIsNone) {
    for (const char* text : {"adc.bits", "=4", "a=", "a=1,,2", "a,=1"})
        EXPECT_THAT(complaint([&] { parse_sweep_parameter(text); }), HasSubstr("expected KEY=VALUES")) << text;
    EXPECT_THAT(complaint([] { parse_sweep_parameter("a=4,5,4"); }), HasSubstr("4 is there twice"));
    for (const char* text : {"a=8:4", "a=1:2:0", "a=0:8:*2", "a=1:8:*1"})
        EXPECT_THAT(complaint([&] { parse_sweep_parameter(text); }), HasSubstr("range")) << text;
    EXPECT_THAT(complaint([] { parse_sweep_parameter("a=0:1e9"); }), HasSubstr("more than"));
}

const std::vector<SweepParameter> three = {parse_sweep_parameter("a=1:2"), parse_sweep_parameter("b=1:3"),
                                           parse_sweep_parameter("c=1:4")};
const SweepLevels own = {0, as_given, 2};

TEST(SweepDesigns, FullHasEveryCombinationOnce) {
    const auto points = sweep_design(three, own, {}, 1);
    EXPECT_EQ(points.size(), 24u);
    EXPECT_EQ(std::set<SweepLevels>(points.begin(), points.end()).size(), 24u);
    EXPECT_EQ(points[1], (SweepLevels{0, 0, 1}));
}

TEST(SweepDesigns, OneAtATimeChangesOneKey) {
    const auto points = sweep_design(three, own, {SweepDesign::one}, 1);
    ASSERT_EQ(points.size(), 1u + 1 + 3 + 3);
    EXPECT_EQ(points.front(), own);
    for (std::size_t i = 1; i < points.size(); ++i) {
        int changed = 0;
        for (std::size_t p = 0; p < own.size(); ++p)
            changed += points[i][p] != own[p];
        EXPECT_EQ(changed, 1);
    }
}

TEST(SweepDesigns, LatinHypercubeCoversEveryLevelEvenly) {
    const std::vector<SweepParameter> wide = {parse_sweep_parameter("a=1:50"), parse_sweep_parameter("b=1:30"),
                                              parse_sweep_parameter("c=1:100")};
    const auto points = sweep_design(wide, {as_given, as_given, as_given}, {SweepDesign::latin, 150}, 3);
    EXPECT_EQ(points.size(), 150u);
    for (std::size_t p = 0; p < wide.size(); ++p) {
        std::map<int, int> counts;
        for (const SweepLevels& point : points)
            ++counts[point[p]];
        EXPECT_EQ(counts.size(), wide[p].levels.size());
        for (const auto& [level, count] : counts)
            EXPECT_NEAR(count, 150.0 / static_cast<double>(wide[p].levels.size()), 1.0) << level;
    }
    EXPECT_EQ(points, sweep_design(wide, {as_given, as_given, as_given}, {SweepDesign::latin, 150}, 3));
    EXPECT_NE(points, sweep_design(wide, {as_given, as_given, as_given}, {SweepDesign::latin, 150}, 4));
}

TEST(SweepDesigns, RandomDrawsEachCombinationOnce) {
    for (const int count : {5, 11, 12, 20, 24, 100}) {
        const auto points = sweep_design(three, own, {SweepDesign::random, count}, 7);
        EXPECT_EQ(points.size(), static_cast<std::size_t>(std::min(count, 24)));
        EXPECT_EQ(std::set<SweepLevels>(points.begin(), points.end()).size(), points.size());
    }
}

TEST(SweepDesigns, RefuseWhatIsNone) {
    for (const char* text :
         {"", "half", "latin", "latin:", "latin:0", "random:x", "random:3x", "full:3", "list", "latin:9999999"})
        EXPECT_THAT(complaint([&] { parse_sweep_sample(text); }), HasSubstr("expected full, one, latin:N")) << text;
    EXPECT_THAT(complaint([] { sweep_design({}, {}, {}, 1); }), HasSubstr("nothing to sweep"));
    const std::vector<SweepParameter> huge(3, parse_sweep_parameter("a=1:1000"));
    EXPECT_THAT(complaint([&] { sweep_design(huge, SweepLevels(3, as_given), {}, 1); }), HasSubstr("--sample latin"));
}

TEST(SweepDesigns, ReadPointsOfAFile) {
    const std::string file = (std::filesystem::temp_directory_path() / "xloop_sweep_points.csv").string();
    write_file_atomically(file, "layers.Conv1.adc.bits,crossbar.rows\n4,64\n5,\n4,64\n4,128\n");
    const ListedDesign design = read_sweep_list(file);
    EXPECT_EQ(design.parameters[0].name, "layers.Conv1.adc.bits");
    EXPECT_THAT(labels(design.parameters[0]), ElementsAre("4", "5"));
    EXPECT_THAT(labels(design.parameters[1]), ElementsAre("64", "128"));
    EXPECT_THAT(design.points, ElementsAre(SweepLevels{0, 0}, SweepLevels{1, as_given}, SweepLevels{0, 1}));
    write_file_atomically(file, "adc.bits\n");
    EXPECT_THAT(complaint([&] { read_sweep_list(file); }), HasSubstr("holds no points"));
    std::filesystem::remove(file);
}

/// z = 10 a + b over a in 1, 2 and b in 1, 2, 3, cost = 1 / z; the experiment is a = 1, b = 2.
SweepResult linear() {
    SweepResult result;
    result.name = "linear";
    result.parameters = {parse_sweep_parameter("a=1:2"), parse_sweep_parameter("b=1:3")};
    result.base = {0, 1};
    result.own_values = {"1", "2"};
    result.metrics = {{"z", "z mm", 1000, "{:.0f}", Direction::minimise},
                      {"cost", "cost", 1, "{:.3f}", Direction::minimise}};
    result.objectives = {"z", "cost"};
    for (const SweepLevels& levels : sweep_design(result.parameters, result.base, {}, 1)) {
        const double z = 10.0 * (levels[0] + 1) + levels[1] + 1;
        result.points.push_back({levels, {{"z", z}, {"cost", 1 / z}}, {}, false});
    }
    return result;
}

TEST(SweepResults, MainEffectsAreMeansAndSharesOfTheVariance) {
    const auto effects = linear().effects("z");
    ASSERT_EQ(effects.size(), 2u);
    // Variance of 10 a: 25, of b: 2/3.
    EXPECT_EQ(effects[0].parameter, "a");
    EXPECT_NEAR(effects[0].explained, 25 / (25 + 2.0 / 3), 1e-12);
    EXPECT_NEAR(effects[1].explained, (2.0 / 3) / (25 + 2.0 / 3), 1e-12);
    EXPECT_DOUBLE_EQ(effects[0].levels[1].mean, 22);
    EXPECT_DOUBLE_EQ(effects[0].levels[1].least, 21);
    EXPECT_DOUBLE_EQ(effects[0].levels[1].largest, 23);
    EXPECT_EQ(effects[0].levels[1].points, 3);
    EXPECT_DOUBLE_EQ(effects[1].levels[0].mean, 16);
}

TEST(SweepResults, TornadoIsOfPointsThatDifferInOneKey) {
    const auto swings = linear().tornado("z");
    ASSERT_EQ(swings.size(), 2u);
    EXPECT_EQ(swings[0].parameter, "a");
    EXPECT_DOUBLE_EQ(swings[0].base, 12);
    EXPECT_DOUBLE_EQ(swings[0].low, 12);
    EXPECT_DOUBLE_EQ(swings[0].high, 22);
    EXPECT_EQ(swings[0].high_value, "2");
    EXPECT_DOUBLE_EQ(swings[1].low, 11);
    EXPECT_EQ(swings[1].low_value, "1");
    EXPECT_DOUBLE_EQ(swings[1].high, 13);
    SweepResult elsewhere = linear();
    elsewhere.base = {as_given, 1};
    EXPECT_TRUE(elsewhere.tornado("z").empty());
}

TEST(SweepResults, FrontKeepsEqualPointsAndLeavesOutThoseWithoutFigures) {
    SweepResult result = linear();
    result.points[4].figures.clear();
    result.points[4].failure = "does not fit";
    result.mark_front();
    for (std::size_t i = 0; i < result.points.size(); ++i)
        EXPECT_EQ(result.points[i].on_front, i != 4) << i;
    result.objectives = {"z"};
    result.points[1].figures["z"] = result.points[0].figures["z"];
    result.mark_front();
    EXPECT_TRUE(result.points[0].on_front && result.points[1].on_front);
    EXPECT_FALSE(result.points[2].on_front);
    EXPECT_THAT(complaint([&] { result.metric("cots"); }), HasSubstr("did you mean `cost`?"));
}

TEST(SweepResults, ArePrintedForPeopleAndPrograms) {
    SweepResult result = linear();
    result.points[5].failure = "no, \"it\" does not";
    result.points[5].figures.clear();
    result.mark_front();
    EXPECT_THAT(result.csv(), HasSubstr("id,front,a,b,z,cost,failure\n1,1,1,1,11,0.09090909090909091,\n"));
    EXPECT_THAT(result.csv(), HasSubstr("6,0,2,3,,,\"no, \"\"it\"\" does not\"\n"));
    const Json json = result.json();
    EXPECT_EQ(json["kind"], "sweep");
    EXPECT_EQ(json["points"][1]["settings"]["b"], "2");
    EXPECT_EQ(json["points"][1]["figures"]["z"], 12);
    EXPECT_TRUE(json["points"][0]["failure"].is_null());
    EXPECT_EQ(json["tornado"][0]["high"]["figure"], 22);
    EXPECT_EQ(json["metrics"][0]["goal"], "smaller");
    EXPECT_THAT(result.table({0, 5}, {"z"}).text(), HasSubstr("11000"));
    EXPECT_THAT(result.table({0, 5}, {"z"}).text(), HasSubstr("refused"));
}

}  // namespace
}  // namespace xloop
