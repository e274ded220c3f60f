#include "traces/power/power_sink.hpp"

#include "core/error.hpp"
#include "tests/traces/sink_support.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace xloop::trace {
namespace {

using testing::HasSubstr;
constexpr auto bus = static_cast<std::size_t>(Component::bus), adc = static_cast<std::size_t>(Component::adc);

/// Powers of two, so that sums are exact.
PowerModel model() {
    PowerModel model;
    model.event_j[static_cast<std::size_t>(Event::bus_byte)][bus] = 0x1p-40;
    model.event_j[static_cast<std::size_t>(Event::conversion)][adc] = 0x1p-38;
    model.event_j[static_cast<std::size_t>(Event::conversion)][bus] = 0x1p-39;
    model.static_w[bus] = 0.25;
    model.static_w[adc] = 0.5;
    model.instances = {{"chip.a", 0.125}, {"chip.a.x", 0.25}, {"chip.b", 0.25}, {"chip.idle", 0.125}};
    return model;
}

/// A dump of real variables as the standard reads it.
struct RealDump {
    std::map<std::string, std::string> path_of;                      ///< by code
    std::map<std::string, std::map<std::uint64_t, double>> changes;  ///< by path
    std::uint64_t last = 0;

    explicit RealDump(const std::string& text) {
        std::istringstream in(text);
        std::vector<std::string> scope;
        std::string word;
        bool times = false;
        while (in >> word) {
            if (word == "$scope") {
                in >> word >> word;
                scope.push_back(word);
                in >> word;
            } else if (word == "$upscope") {
                scope.pop_back();
                in >> word;
            } else if (word == "$var") {
                std::string type, width, code, name, path;
                in >> type >> width >> code >> name >> word;
                EXPECT_EQ(type + width, "real64");
                for (const std::string& level : scope)
                    path += level + ".";
                EXPECT_TRUE(path_of.emplace(code, path + name).second);
            } else if (word[0] == '#') {
                EXPECT_TRUE(!times || std::stoull(word.substr(1)) > last);
                times = true;
                last = std::stoull(word.substr(1));
            } else if (word[0] == 'r') {
                std::string code;
                in >> code;
                changes[path_of.at(code)][last] = std::stod(word.substr(1));
            }
        }
        EXPECT_TRUE(scope.empty());
    }
};

class PowerSinkTest : public SinkTest {
protected:
    PowerFiles all_files() const { return {file("p.csv"), file("i.csv"), file("p.vcd")}; }
    PowerSink sink(PowerModel m, std::uint64_t cycles, std::uint64_t limit = 0) const {
        return {all_files(), std::make_shared<PowerModel>(std::move(m)), cycles, limit};
    }
};

TEST_F(PowerSinkTest, GivenCounts_ThenEachWindowHasStaticPowerAndItsEventsOverItsLength) {
    PowerSink power = sink(model(), 8);
    power.begin(declarations_);
    power.count({0, Event::bus_byte, 24, 0, 12});
    power.count({2, Event::conversion, 4, 2, 3});
    power.end(12'000);
    const double byte = 0x1p-40, first = 8e-9, second = 4e-9;
    const auto rows = csv(text("p.csv"));
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0].front(), "start_cycle");
    const auto column = [&](const char* name) {
        return static_cast<std::size_t>(std::find(rows[0].begin(), rows[0].end(), name) - rows[0].begin());
    };
    ASSERT_LT(column("bus_w"), rows[0].size());
    EXPECT_EQ(rows[0].back(), "total_w");
    EXPECT_DOUBLE_EQ(std::stod(rows[1][column("bus_w")]), 0.25 + (16 + 4 * 2) * byte / first);
    EXPECT_DOUBLE_EQ(std::stod(rows[1][column("adc_w")]), 0.5 + 4 * 4 * byte / first);
    EXPECT_DOUBLE_EQ(std::stod(rows[2][column("bus_w")]), 0.25 + 8 * byte / second);
    EXPECT_DOUBLE_EQ(std::stod(rows[2].back()), 0.75 + 8 * byte / second);
    EXPECT_NEAR(power.energy_j() / (0.75 * 12e-9 + (24 + 4 * 6) * byte), 1, 1e-12);
    EXPECT_DOUBLE_EQ(power.peak_w(), std::stod(rows[1].back()));
}

TEST_F(PowerSinkTest, GivenAClassThatOnlySomeChipsHave_ThenItIsListedWhereItCosts) {
    PowerModel with = model();
    with.static_w[static_cast<std::size_t>(Component::mac_array)] = 0.5;
    EXPECT_EQ(with.classes().size(), model().classes().size() + 1);
    EXPECT_EQ(model().classes().size(), component_count - 2);
}

TEST_F(PowerSinkTest, GivenASmallLastWindow_ThenItIsNoPeakUnlessItIsTheOnlyOne) {
    PowerSink power = sink(model(), 10);
    power.begin(declarations_);
    power.count({0, Event::bus_byte, 1000, 10, 11});
    power.end(11'000);
    EXPECT_DOUBLE_EQ(power.peak_w(), 0.75);
    PowerSink single = sink(model(), 10);
    single.begin(declarations_);
    single.count({0, Event::bus_byte, 1000, 0, 1});
    single.end(1'000);
    EXPECT_DOUBLE_EQ(single.peak_w(), 0.75 + 1000 * 0x1p-40 / 1e-9);
}

TEST_F(PowerSinkTest, GivenRandomCounts_ThenTheIntegralOfEveryFileIsTheEnergyOfAllCounts) {
    const KeyedRandom random(2, RandomUse::random_images);
    PowerModel m = model();
    for (std::size_t e = 0; e < event_count; ++e)
        m.event_j[e][e % component_count] += 1e-13 * static_cast<double>(e + 1);
    m.cycle_s = 1e-9 / 1.2;
    declarations_.cycle_fs = 833'333;
    PowerSink power = sink(m, 50);
    power.begin(declarations_);
    double energy = 0.75 * 5017 * m.cycle_s;
    for (std::uint64_t i = 0; i < 5000; ++i) {
        const auto event = static_cast<Event>(random.below(event_count, 3 * i));
        const std::uint64_t n = 1 + random.below(1000, 3 * i + 1);
        power.count({static_cast<int>(i % 3), event, n, i,
                     std::min<std::uint64_t>(5017, i + 1 + random.below(200, 3 * i + 2))});
        energy += static_cast<double>(n) * sum_of(m.event_j[static_cast<std::size_t>(event)]);
        power.advance(declarations_.time_of(i));
    }
    power.end(declarations_.time_of(5017));
    EXPECT_NEAR(power.energy_j() / energy, 1, 1e-12);
    double by_classes = 0, by_instances = 0, by_waveform = 0;
    auto rows = csv(text("p.csv"));
    for (std::size_t r = 1; r < rows.size(); ++r)
        by_classes += std::stod(rows[r].back()) * (std::stod(rows[r][3]) - std::stod(rows[r][2]));
    rows = csv(text("i.csv"));
    for (std::size_t r = 1; r < rows.size(); ++r)
        by_instances += std::stod(rows[r][3]) * (std::stod(rows[r][1]) - std::stod(rows[r][0]));
    const RealDump dump(text("p.vcd"));
    EXPECT_EQ(dump.last, declarations_.time_of(5017));
    for (const auto& [path, changes] : dump.changes)
        for (auto c = changes.begin(); path.rfind("chip.", 0) == 0 && c != changes.end(); ++c)
            by_waveform +=
                c->second * 1e-12 *
                static_cast<double>((std::next(c) == changes.end() ? dump.last : std::next(c)->first) - c->first);
    EXPECT_NEAR(by_classes / energy, 1, 1e-9);
    EXPECT_NEAR(by_instances / energy, 1, 1e-9);
    EXPECT_NEAR(by_waveform / energy, 1, 1e-4);  // a window's border is rounded to 1 ps of 41667
}

TEST_F(PowerSinkTest, GivenInstancesAtWork_ThenTheyAreListedAndTheRestIsOneLine) {
    PowerSink power = sink(model(), 8);
    power.begin(declarations_);
    power.count({0, Event::bus_byte, 16, 0, 8});
    power.count({2, Event::bus_byte, 8, 0, 8});
    power.end(16'000);
    const auto rows = csv(text("i.csv"));
    ASSERT_EQ(rows.size(), 5u);
    EXPECT_EQ(rows[0], (std::vector<std::string>{"start_s", "end_s", "instance", "power_w"}));
    EXPECT_EQ(rows[1][2], "chip.a.x");
    EXPECT_DOUBLE_EQ(std::stod(rows[1][3]), 0.25 + 8 * 0x1p-40 / 8e-9);
    EXPECT_EQ(rows[2][2], "chip.b");
    EXPECT_EQ(rows[3][2], "(static)");
    EXPECT_EQ(rows[3][3], "0.25");
    EXPECT_EQ(rows[4][3], "0.75");
}

TEST_F(PowerSinkTest, GivenAWaveform_ThenItStartsWithAllValuesAndHasOnlyChanges) {
    PowerSink power = sink(model(), 8);
    power.begin(declarations_);
    power.count({2, Event::bus_byte, 8, 8, 16});
    power.end(28'000);
    const RealDump dump(text("p.vcd"));
    EXPECT_EQ(dump.path_of.size(), 1 + model().classes().size() + 4);
    EXPECT_EQ(dump.last, 28'000u);
    const double busy = 8 * 0x1p-40 / 8e-9;
    using Changes = std::map<std::uint64_t, double>;
    EXPECT_EQ(dump.changes.at("power.total"), (Changes{{0, 0.75}, {8'000, 0.75 + busy}, {16'000, 0.75}}));
    EXPECT_EQ(dump.changes.at("power.class.bus"), (Changes{{0, 0.25}, {8'000, 0.25 + busy}, {16'000, 0.25}}));
    EXPECT_EQ(dump.changes.at("power.class.adc"), (Changes{{0, 0.5}}));
    EXPECT_EQ(dump.changes.at("chip.a.x.power_w"), (Changes{{0, 0.25}, {8'000, 0.25 + busy}, {16'000, 0.25}}));
    EXPECT_EQ(dump.changes.at("chip.idle.power_w"), (Changes{{0, 0.125}}));
}

TEST_F(PowerSinkTest, GivenTracedWindows_ThenTheWaveformIsZeroOutsideAndEnergyIsThatOfTheInside) {
    windows_ = TimeWindows({{4'000, 10'000}, {20'000, 24'000}});
    PowerSink power = sink(model(), 8);
    power.begin(declarations_);
    power.end(32'000);
    EXPECT_NEAR(power.energy_j() / (0.75 * 10e-9), 1, 1e-12);
    const RealDump dump(text("p.vcd"));
    using Changes = std::map<std::uint64_t, double>;
    EXPECT_EQ(dump.changes.at("power.total"),
              (Changes{{0, 0}, {4'000, 0.75}, {10'000, 0}, {20'000, 0.75}, {24'000, 0}}));
    const auto rows = csv(text("p.csv"));
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_EQ(rows[1][0] + ":" + rows[1][1] + ":" + rows[2][1] + ":" + rows[3][1], "4:8:10:24");
}

TEST_F(PowerSinkTest, GivenASizeLimit_ThenFilesEndWithAWholeWindowAndTheEnergyIsStillThatOfAll) {
    PowerSink power = sink(model(), 1, 2000);
    power.begin(declarations_);
    for (std::uint64_t cycle = 0; cycle < 1000; ++cycle)
        power.count({0, Event::bus_byte, 1 + cycle % 2, cycle, cycle + 1});
    power.end(1'000'000);
    EXPECT_NEAR(power.energy_j() / (0.75e-6 + 1500 * 0x1p-40), 1, 1e-12);
    for (const char* name : {"p.csv", "i.csv", "p.vcd"}) {
        EXPECT_LE(text(name).size(), 2000u) << name;
        EXPECT_EQ(text(name).back(), '\n');
        EXPECT_THAT(power.remark(), HasSubstr(name));
    }
    for (const auto& row : csv(text("p.csv")))
        EXPECT_EQ(row.size(), 5 + model().classes().size());
}

TEST_F(PowerSinkTest, GivenAnInstanceThatTheModelLacks_ThenItThrows) {
    declarations_.instances.push_back({"chip.stranger"});
    PowerSink power = sink(model(), 8);
    EXPECT_THROW(power.begin(declarations_), Error);
}

}  // namespace
}  // namespace xloop::trace
