#include "traces/timeline/timeline_sink.hpp"

#include "tests/traces/sink_support.hpp"

#include <nlohmann/json.hpp>

namespace xloop::trace {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

class TimelineSinkTest : public SinkTest {
protected:
    TimelineSinkTest() {
        declarations_.tracks = {{"chip.tile_0_0", "bus"}, {"chip.tile_0_0", "buf\"fer\\\n"}, {"layers", "conv1"}};
    }

    std::shared_ptr<TimelineFile> open(std::uint64_t limit = 0) const {
        return std::make_shared<TimelineFile>(file("t.json"), limit);
    }

    /// Events of one phase, in the order of the file.
    std::vector<Json> events(const std::string& phase) const {
        const Json json = Json::parse(text("t.json"));
        EXPECT_EQ(json["displayTimeUnit"], "ns");
        std::vector<Json> found;
        for (const Json& event : json["traceEvents"])
            if (event["ph"] == phase)
                found.push_back(event);
        return found;
    }
};

Slice slice(int track, Time begin, Time end) { return {track, "read", "operation", begin, end, -1, -1, -1}; }

TEST_F(TimelineSinkTest, GivenTracks_ThenProcessesAndThreadsHaveTheirNames) {
    TimelineSink sink(open());
    sink.begin(declarations_);
    sink.end(1000);
    std::vector<std::string> names;
    std::map<std::pair<int, int>, int> order;
    for (const Json& event : events("M"))
        if (event["name"] == "process_name" || event["name"] == "thread_name")
            names.push_back(event["args"]["name"]);
        else if (event["name"] == "thread_sort_index")
            order[{event["pid"], event["tid"]}] = event["args"]["sort_index"];
    EXPECT_THAT(names, testing::ElementsAre("chip.tile_0_0", "bus", "buf\"fer\\\n", "layers", "conv1"));
    EXPECT_EQ(order, (std::map<std::pair<int, int>, int>{{{2, 1}, 1}, {{2, 2}, 2}, {{3, 3}, 3}}));
}

TEST_F(TimelineSinkTest, GivenASlice_ThenTimesAreExactToThePicosecond) {
    TimelineSink sink(open(), {"stem", "conv1"});
    sink.begin(declarations_);
    sink.slice({2, "ti\"le\t", "layer", 123'456'789'000'001, 123'456'789'500'001, 1, 4, 17});
    sink.slice({0, "read", "stall", 2'000'000, 2'000'030, 5, -1, -1});
    sink.end(200'000'000'000'000);
    EXPECT_THAT(text("t.json"), HasSubstr("\"ts\":123456789.000001,\"dur\":0.5,"));
    EXPECT_THAT(text("t.json"), HasSubstr("\"ts\":2,\"dur\":0.00003,"));
    const auto slices = events("X");
    ASSERT_EQ(slices.size(), 2u);
    EXPECT_EQ(slices[0]["name"], "ti\"le\t");
    EXPECT_EQ(slices[0]["cat"], "layer");
    EXPECT_EQ(slices[0]["pid"], 3) << "0 is what viewers keep for idle, 1 the chip";
    EXPECT_EQ(slices[0]["tid"], 3);
    EXPECT_EQ(slices[0]["args"], (Json{{"layer", "conv1"}, {"image", 4}, {"position", 17}}));
    EXPECT_EQ(slices[1]["args"], (Json{{"layer", 5}}));
    EXPECT_EQ(slices[1]["cname"], "terrible");
}

TEST_F(TimelineSinkTest, GivenTracedWindows_ThenSlicesAreCutAtThem) {
    windows_ = TimeWindows({{1'000'000, 2'000'000}, {3'000'000, 5'000'000}});
    TimelineSink sink(open());
    sink.begin(declarations_);
    sink.slice(slice(0, 0, 1'000'000));          // before
    sink.slice(slice(0, 500'000, 1'500'000));    // begins before
    sink.slice(slice(0, 1'600'000, 1'600'000));  // no time, inside
    sink.slice(slice(0, 1'700'000, 3'500'000));  // in both
    sink.slice(slice(0, 2'000'000, 3'000'000));  // between
    sink.slice(slice(0, 4'000'000, 9'000'000));  // ends after
    sink.end(9'000'000);
    std::vector<std::pair<double, double>> parts;
    for (const Json& s : events("X"))
        parts.emplace_back(s["ts"], s["dur"]);
    EXPECT_EQ(parts, (std::vector<std::pair<double, double>>{{1, 0.5}, {1.6, 0}, {1.7, 0.3}, {3, 0.5}, {4, 1}}));
}

TEST_F(TimelineSinkTest, GivenLevels_ThenTheyAreCountersAndHoldOnIntoTracedWindows) {
    windows_ = TimeWindows({{2'000'000, 4'000'000}, {6'000'000, 7'000'000}, {8'000'000, 9'000'000}});
    TimelineSink sink(open());
    sink.begin(declarations_);
    for (const auto& [us, value] : std::vector<std::pair<Time, std::int64_t>>{{0, 1}, {1, 2}, {3, 3}, {5, 4}, {8, 5}})
        sink.level({1, us * 1'000'000, value});
    sink.level({0, 7'500'000, -7});
    sink.end(10'000'000);
    std::map<std::string, std::vector<std::pair<double, int>>> levels;
    for (const Json& c : events("C"))
        levels[c["name"]].emplace_back(c["ts"], c["args"]["value"]);
    EXPECT_EQ(levels["buf\"fer\\\n level"], (std::vector<std::pair<double, int>>{{2, 2}, {3, 3}, {6, 4}, {8, 5}}));
    EXPECT_EQ(levels["bus level"], (std::vector<std::pair<double, int>>{{8, -7}}));
}

TEST_F(TimelineSinkTest, GivenPower_ThenItsWindowsAreCountersInTheSameFile) {
    PowerModel model;
    model.static_w[static_cast<std::size_t>(Component::bus)] = 0.5;
    model.event_j[static_cast<std::size_t>(Event::conversion)][static_cast<std::size_t>(Component::adc)] = 0x1p-40;
    const auto file = open();
    TimelineSink sink(file);
    TimelinePower power(file, std::make_shared<PowerModel>(model), 10);
    power.begin(declarations_);
    sink.begin(declarations_);
    power.count({0, Event::conversion, 40, 10, 20});
    sink.slice(slice(0, 0, 1000));
    sink.end(30'000);  // the file waits for the other
    power.end(30'000);
    std::vector<std::pair<double, double>> total;
    std::vector<double> adc;
    for (const Json& c : events("C"))
        if (c["name"] == "power_w")
            total.emplace_back(c["ts"], c["args"]["total"]);
        else
            adc.push_back(c["args"]["adc"]);
    const double busy = 40 * 0x1p-40 / 10e-9;
    EXPECT_EQ(total, (std::vector<std::pair<double, double>>{{0, 0.5}, {0.01, 0.5 + busy}, {0.02, 0.5}, {0.03, 0}}));
    EXPECT_EQ(adc, (std::vector<double>{0, busy, 0, 0}));
    EXPECT_EQ(events("X").size(), 1u);
}

TEST_F(TimelineSinkTest, GivenASizeLimit_ThenTheFileIsWholeJsonAndTheRemarkSaysWhereItStops) {
    TimelineSink sink(open(2000));
    sink.begin(declarations_);
    for (Time us = 0; us < 100; ++us)
        sink.slice(slice(0, 1'000'000 * us, 1'000'000 * us + 500));
    sink.end(100'000'000);
    const std::size_t slices = events("X").size();
    EXPECT_GT(slices, 5u);
    EXPECT_LT(slices, 20u);
    EXPECT_LE(text("t.json").size(), 2000u);
    EXPECT_THAT(sink.remark(), HasSubstr("t.json: stopped at " + std::to_string(slices) + " us: limit of 2000 bytes"));
}

TEST_F(TimelineSinkTest, GivenNothing_ThenTheFileIsWholeJson) {
    declarations_.tracks.clear();
    TimelineSink sink(open(1));
    sink.begin(declarations_);
    sink.end(0);
    EXPECT_TRUE(events("X").empty());
    EXPECT_EQ(sink.remark(), "");
}

}  // namespace
}  // namespace xloop::trace
