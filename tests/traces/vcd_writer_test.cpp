#include "traces/vcd_writer.hpp"

#include "core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace xloop {
namespace {

struct Signal {
    std::string path, range;
    int width = 0;
};

struct Change {
    std::uint64_t time = 0;
    std::string signal;
    std::string bits;
};

/// A dump as IEEE 1364-2005, clause 18 reads it; anything out of order fails the test.
struct Dump {
    std::map<std::string, Signal> signals;  ///< by identifier code
    std::vector<std::uint64_t> times;
    std::vector<Change> start, changes;

    explicit Dump(const std::string& text) : in_(text) {
        read_header();
        read_values();
    }

    bool has(const std::string& path) const {
        return std::any_of(signals.begin(), signals.end(), [&](const auto& s) { return s.second.path == path; });
    }

    std::vector<Change> changes_of(const std::string& path) const {
        std::vector<Change> found;
        for (const Change& c : changes)
            if (c.signal == path)
                found.push_back(c);
        return found;
    }

    /// Every signal's bits after the last change.
    std::map<std::string, std::string> final_values() const {
        std::map<std::string, std::string> values;
        for (const auto* list : {&start, &changes})
            for (const Change& c : *list)
                values[c.signal] = c.bits;
        return values;
    }

private:
    std::vector<std::string> words_to_end() {
        std::vector<std::string> words;
        for (std::string word; in_ >> word && word != "$end";)
            words.push_back(word);
        return words;
    }

    void read_header() {
        std::vector<std::string> scopes;
        for (std::string word; in_ >> word;) {
            const auto words = words_to_end();
            if (word == "$scope") {
                ASSERT_EQ(words.size(), 2u);
                EXPECT_EQ(words[0], "module");
                scopes.push_back(words[1]);
                std::string path;
                for (const std::string& scope : scopes)
                    path += scope + ".";
                EXPECT_TRUE(opened_.insert(path).second) << path << " is opened twice";
            } else if (word == "$upscope") {
                EXPECT_TRUE(words.empty());
                ASSERT_FALSE(scopes.empty()) << "$upscope without $scope";
                scopes.pop_back();
            } else if (word == "$var") {
                read_signal(words, scopes);
            } else if (word == "$enddefinitions") {
                EXPECT_TRUE(scopes.empty()) << "$scope without $upscope";
                return;
            } else {
                EXPECT_TRUE(word == "$version" || word == "$timescale") << word;
                EXPECT_TRUE(scopes.empty());
            }
        }
        ADD_FAILURE() << "no $enddefinitions";
    }

    void read_signal(const std::vector<std::string>& words, const std::vector<std::string>& scopes) {
        ASSERT_GE(words.size(), 4u);
        EXPECT_EQ(words[0], "wire");
        Signal signal;
        for (const std::string& scope : scopes)
            signal.path += scope + ".";
        signal.path += words[3];
        signal.width = std::stoi(words[1]);
        signal.range = words.size() > 4 ? words[4] : "";
        for (char c : words[2])
            EXPECT_TRUE(c >= '!' && c <= '~') << "identifier code of " << signal.path;
        EXPECT_TRUE(signals.emplace(words[2], signal).second) << words[2] << " is given twice";
    }

    void read_values() {
        bool dumping = false;
        for (std::string word; in_ >> word;) {
            if (word[0] == '#') {
                times.push_back(std::stoull(word.substr(1)));
            } else if (word == "$dumpvars") {
                EXPECT_EQ(times.size(), 1u) << "$dumpvars comes after the first time";
                dumping = true;
            } else if (word == "$end") {
                dumping = false;
            } else {
                ASSERT_FALSE(times.empty()) << "a value before the first time";
                const bool vector = word[0] == 'b';
                std::string code = word.substr(1), bits = word.substr(0, 1);
                if (vector) {
                    bits = code;
                    in_ >> code;
                }
                ASSERT_EQ(signals.count(code), 1u) << "unknown identifier code " << code;
                const Signal& signal = signals.at(code);
                EXPECT_EQ(static_cast<int>(bits.size()), signal.width) << signal.path;
                EXPECT_EQ(vector, signal.width > 1) << signal.path;
                (dumping ? start : changes).push_back({times.back(), signal.path, bits});
            }
        }
        EXPECT_FALSE(dumping);
    }

    std::istringstream in_;
    std::set<std::string> opened_;
};

std::string binary(std::uint64_t value, int width) {
    std::string bits;
    for (int bit = width - 1; bit >= 0; --bit)
        bits += ((value >> bit) & 1u) ? '1' : '0';
    return bits;
}

/// A writer on a bus; a cycle lasts 1000 ps.
class Vcd : public testing::Test {
protected:
    void open(std::uint64_t from, std::uint64_t cycles, double period_ps = 1000.0) {
        writer_ = std::make_unique<VcdWriter>(out_, from, cycles, period_ps, "xloop test");
        bus_ = std::make_unique<TraceBus>(std::vector<TraceSink*>{writer_.get()});
    }

    std::ostringstream out_;
    std::unique_ptr<VcdWriter> writer_;
    std::unique_ptr<TraceBus> bus_;
};

TEST_F(Vcd, GivenASmallRun_ThenTheWholeTextIsAsWritten) {
    open(10, 20);
    const int busy = bus_->declare("chip.tile", "busy", 1);
    const int layer = bus_->declare("chip", "layer", 4);
    bus_->begin();
    bus_->change(3, layer, 5);
    bus_->change(10, busy, 1);
    bus_->change(12, layer, 6);
    bus_->change(12, busy, 0);
    bus_->change(30, layer, 7);
    bus_->end(40);
    EXPECT_EQ(out_.str(), "$version xloop test $end\n"
                          "$timescale 1 ps $end\n"
                          "$scope module chip $end\n"
                          "$var wire 4 \" layer [3:0] $end\n"
                          "$scope module tile $end\n"
                          "$var wire 1 ! busy $end\n"
                          "$upscope $end\n"
                          "$upscope $end\n"
                          "$enddefinitions $end\n"
                          "#10000\n"
                          "$dumpvars\n"
                          "1!\n"
                          "b0101 \"\n"
                          "$end\n"
                          "#12000\n"
                          "b0110 \"\n"
                          "0!\n"
                          "#30000\n");
}

TEST_F(Vcd, GivenScopesDeclaredInAnyOrder_ThenTheyNestAndEachOpensOnce) {
    open(0, 10);
    const std::vector<std::pair<std::string, std::string>> declared = {
        {"chip.tile_0.xbar_1", "bit"}, {"chip", "image"}, {"chip.tile_0", "layer"}, {"chip.tile", "layer"},
        {"chip.noc.router", "valid"}, {"chip.tile_0.xbar_0", "bit"}, {"chip.tile.xbar_0", "bit"}, {"other.er", "x"}};
    for (const auto& [scope, name] : declared)
        bus_->declare(scope, name, 1);
    bus_->begin();
    bus_->end(10);
    const Dump dump(out_.str());
    EXPECT_EQ(dump.signals.size(), declared.size());
    for (const auto& [scope, name] : declared)
        EXPECT_TRUE(dump.has(scope + "." + name)) << scope << ' ' << name;
}

TEST_F(Vcd, GivenMoreSignalsThanOneCharacterNames_ThenIdentifiersAreUniqueAndReachTheirSignal) {
    open(0, 10);
    const int count = 94 * 94 + 200;
    for (int i = 0; i < count; ++i)
        bus_->declare("chip.unit_" + std::to_string(i % 7), "s" + std::to_string(i), 16);
    bus_->begin();
    for (int i = 0; i < count; ++i)
        bus_->change(1, i, static_cast<std::uint64_t>(i + 1));
    bus_->end(10);
    const Dump dump(out_.str());
    ASSERT_EQ(dump.signals.size(), static_cast<std::size_t>(count));
    const auto values = dump.final_values();
    for (int i = 0; i < count; ++i)
        EXPECT_EQ(values.at("chip.unit_" + std::to_string(i % 7) + ".s" + std::to_string(i)),
                  binary(static_cast<std::uint64_t>(i + 1), 16));
}

TEST_F(Vcd, GivenValuesSetBeforeTheWindow_ThenTheFirstDumpHasThem) {
    open(100, 50);
    const int early = bus_->declare("chip", "early", 8), never = bus_->declare("chip", "never", 8);
    const int at_start = bus_->declare("chip", "at_start", 8), inside = bus_->declare("chip", "inside", 8);
    static_cast<void>(never);
    bus_->begin();
    bus_->change(5, early, 1);
    bus_->change(99, early, 2);
    bus_->change(100, at_start, 3);
    bus_->change(101, inside, 4);
    bus_->end(200);
    const Dump dump(out_.str());
    ASSERT_EQ(dump.start.size(), 4u);
    std::map<std::string, std::string> start;
    for (const Change& c : dump.start) {
        EXPECT_EQ(c.time, 100000u);
        start[c.signal] = c.bits;
    }
    EXPECT_EQ(start.at("chip.early"), binary(2, 8));
    EXPECT_EQ(start.at("chip.never"), binary(0, 8));
    EXPECT_EQ(start.at("chip.at_start"), binary(3, 8));
    EXPECT_EQ(start.at("chip.inside"), binary(0, 8));
    ASSERT_EQ(dump.changes.size(), 1u);
    EXPECT_EQ(dump.changes[0].signal, "chip.inside");
    EXPECT_EQ(dump.changes[0].time, 101000u);
}

TEST_F(Vcd, GivenChangesOnlyOutsideTheWindow_ThenOnlyTheFirstDumpIsWritten) {
    open(100, 50);
    const int x = bus_->declare("chip", "x", 8);
    bus_->begin();
    bus_->change(20, x, 1);
    bus_->change(150, x, 2);
    bus_->change(170, x, 3);
    bus_->end(200);
    const Dump dump(out_.str());
    ASSERT_EQ(dump.start.size(), 1u);
    EXPECT_EQ(dump.start[0].bits, binary(1, 8));
    EXPECT_TRUE(dump.changes.empty());
    EXPECT_EQ(dump.times, (std::vector<std::uint64_t>{100000, 150000}));
}

TEST_F(Vcd, GivenEqualValues_ThenTheyAreNotRepeated) {
    open(0, 100);
    const int x = bus_->declare("chip", "x", 8);
    bus_->begin();
    bus_->change(1, x, 0);
    bus_->change(2, x, 7);
    bus_->change(3, x, 7);
    bus_->change(4, x, 9);
    bus_->change(5, x, 9);
    bus_->change(6, x, 7);
    bus_->end(50);
    const Dump dump(out_.str());
    ASSERT_EQ(dump.changes.size(), 3u);
    EXPECT_EQ(dump.changes[0].time, 2000u);
    EXPECT_EQ(dump.changes[1].time, 4000u);
    EXPECT_EQ(dump.changes[2].time, 6000u);
    EXPECT_EQ(dump.times, (std::vector<std::uint64_t>{0, 2000, 4000, 6000, 50000}));
}

TEST_F(Vcd, GivenARandomRun_ThenTimesIncreaseAndTheDumpReplaysTheSignals) {
    const double period_ps = 3333.333;
    const std::uint64_t from = 300, cycles = 400;
    open(from, cycles, period_ps);
    const std::vector<int> widths = {1, 3, 8, 16, 33};
    for (std::size_t i = 0; i < widths.size(); ++i)
        bus_->declare("chip.unit", "s" + std::to_string(i), widths[i]);
    bus_->begin();
    const KeyedRandom random(1, RandomUse::random_images);
    std::map<std::string, std::string> last;
    for (int width : widths)
        last["chip.unit.s" + std::to_string(last.size())] = binary(0, width);
    std::size_t expected = 0;
    for (std::uint64_t n = 0, cycle = 0; cycle < 1000; ++n, cycle += random.below(4, n, 1)) {
        const std::size_t s = random.below(widths.size(), n, 2);
        const std::uint64_t value = random.below(std::uint64_t{1} << std::min(widths[s], 2), n, 3);
        bus_->change(cycle, static_cast<int>(s), value);
        std::string& known = last["chip.unit.s" + std::to_string(s)];
        const std::string bits = binary(value, widths[s]);
        if (cycle < from + cycles) {
            expected += cycle > from && known != bits;
            known = bits;
        }
    }
    bus_->end(1000);
    const Dump dump(out_.str());
    EXPECT_GT(expected, 100u);
    EXPECT_EQ(dump.changes.size(), expected);
    EXPECT_EQ(dump.final_values(), last);
    for (std::size_t i = 1; i < dump.times.size(); ++i)
        EXPECT_LT(dump.times[i - 1], dump.times[i]);
    EXPECT_EQ(dump.times.front(), 1000000u);
    EXPECT_EQ(dump.times.back(), 2333333u);
}

TEST_F(Vcd, GivenWideVectors_ThenAllBitsAreWritten) {
    open(0, 10);
    const int widest = bus_->declare("chip", "widest", 64), odd = bus_->declare("chip", "odd", 37);
    bus_->begin();
    bus_->change(1, widest, 0x8000000000000001u);
    bus_->change(1, odd, 0x1123456789u);
    bus_->end(10);
    const Dump dump(out_.str());
    const auto values = dump.final_values();
    EXPECT_EQ(values.at("chip.widest"), binary(0x8000000000000001u, 64));
    EXPECT_EQ(values.at("chip.odd"), binary(0x1123456789u, 37));
    for (const auto& [code, signal] : dump.signals)
        EXPECT_EQ(signal.range, signal.width == 64 ? "[63:0]" : "[36:0]");
}

TEST_F(Vcd, GivenARunThatEndsBeforeTheWindow_ThenOnlyTheHeaderIsWritten) {
    open(100, 50);
    const int x = bus_->declare("chip", "x", 8);
    bus_->begin();
    const std::string header = out_.str();
    bus_->change(20, x, 1);
    bus_->end(99);
    EXPECT_EQ(out_.str(), header);
    EXPECT_EQ(header.substr(header.size() - 21), "$enddefinitions $end\n");
}

TEST_F(Vcd, GivenARunThatEndsInsideTheWindow_ThenTheLastTimeIsItsEnd) {
    open(100, 50);
    bus_->declare("chip", "x", 8);
    bus_->begin();
    bus_->end(120);
    EXPECT_EQ(Dump(out_.str()).times, (std::vector<std::uint64_t>{100000, 120000}));
}

TEST_F(Vcd, GivenAWindowToTheEndOfTime_ThenEveryChangeIsInIt) {
    open(2, std::numeric_limits<std::uint64_t>::max());
    const int x = bus_->declare("chip", "x", 8);
    bus_->begin();
    bus_->change(5, x, 1);
    bus_->end(10);
    const Dump dump(out_.str());
    EXPECT_EQ(dump.changes.size(), 1u);
    EXPECT_EQ(dump.times, (std::vector<std::uint64_t>{2000, 5000, 10000}));
}

}  // namespace
}  // namespace xloop
