#include "traces/power/activity_sink.hpp"

#include "core/error.hpp"
#include "tests/traces/sink_support.hpp"

#include <map>
#include <tuple>

namespace xloop::trace {
namespace {

using ActivitySinkTest = SinkTest;
using testing::HasSubstr;
constexpr const char* header = "start_cycle,end_cycle,instance,event,count\n";

TEST_F(ActivitySinkTest, GivenACountAcrossWindows_ThenItsPartsAreFloorsOfTheRunningShare) {
    ActivitySink sink(file("a.csv"), 10);
    sink.begin(declarations_);
    sink.count({0, Event::bus_byte, 7, 5, 25});  // shares before cycles 10 and 20: floor(1.75), floor(5.25)
    sink.end(30'000);
    EXPECT_EQ(text("a.csv"),
              std::string(header) + "0,10,chip.b,bus_byte,1\n10,20,chip.b,bus_byte,4\n20,30,chip.b,bus_byte,2\n");
}

TEST_F(ActivitySinkTest, GivenAnyOrder_ThenRowsAreInOrderOfWindowPathAndEvent) {
    ActivitySink sink(file("a.csv"), 10);
    sink.begin(declarations_);
    sink.count({0, Event::bus_byte, 1, 12, 13});
    sink.count({2, Event::conversion, 2, 3, 3});  // no time at all: at its begin
    sink.count({2, Event::cell_read, 3, 4, 5});
    sink.count({0, Event::bus_byte, 4, 0, 1});
    sink.count({1, Event::shift_add, 5, 9, 10});
    sink.count({2, Event::conversion, 6, 8, 10});
    sink.count({1, Event::io_byte, 0, 8, 10});
    sink.end(14'000);
    EXPECT_EQ(text("a.csv"), std::string(header) +
                                 "0,10,chip.a,shift_add,5\n0,10,chip.a.x,cell_read,3\n"
                                 "0,10,chip.a.x,conversion,8\n0,10,chip.b,bus_byte,4\n"
                                 "10,14,chip.b,bus_byte,1\n");
}

TEST_F(ActivitySinkTest, GivenRandomCounts_ThenSumsAreExactAndEachWindowHasItsShares) {
    const KeyedRandom random(1, RandomUse::random_images);
    ActivitySink sink(file("a.csv"), 64);
    sink.begin(declarations_);
    using Key = std::tuple<std::uint64_t, std::string, std::string>;
    std::map<Key, std::uint64_t> expected;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const auto instance = static_cast<int>(random.below(3, 4 * i));
        const auto event = static_cast<Event>(random.below(event_count, 4 * i + 1));
        const std::uint64_t begin = i / 10 + random.below(50, 4 * i + 2), length = 1 + random.below(300, 4 * i + 3);
        const std::uint64_t n = 1 + i % 97 * (i % 7 == 0 ? std::uint64_t{1} << 40 : 1);
        sink.count({instance, event, n, begin, begin + length});
        std::uint64_t before = 0;
        for (std::uint64_t cycle = begin; cycle < begin + length; ++cycle) {
            const auto now = static_cast<std::uint64_t>(static_cast<long double>(n) * (cycle + 1 - begin) / length);
            if (now > before)
                expected[{cycle / 64, declarations_.instances[static_cast<std::size_t>(instance)].path,
                          name_of(event)}] += now - before;
            before = now;
        }
        if (i % 1000 == 999)
            sink.advance(1000 * ((i + 1) / 10));
    }
    sink.end(64 * 1000 * 40);
    auto rows = csv(text("a.csv"));
    rows.erase(rows.begin());
    ASSERT_EQ(rows.size(), expected.size());
    for (const auto& row : rows) {
        const Key key{std::stoull(row[0]) / 64, row[2], row[3]};
        EXPECT_EQ(expected.at(key), std::stoull(row[4])) << row[0] << row[2] << row[3];
    }
}

TEST_F(ActivitySinkTest, GivenProductsBeyond64Bits_ThenNothingIsLost) {
    ActivitySink sink(file("a.csv"), 1'000'000'000'000);
    sink.begin(declarations_);
    const std::uint64_t n = 3'000'000'000'000'000'001;
    sink.count({0, Event::bus_byte, n, 0, 3'000'000'000'000});
    sink.end(3'000'000'000'000'000);
    EXPECT_EQ(text("a.csv"), std::string(header) +
                                 "0,1000000000000,chip.b,bus_byte,1000000000000000000\n"
                                 "1000000000000,2000000000000,chip.b,bus_byte,1000000000000000000\n"
                                 "2000000000000,3000000000000,chip.b,bus_byte,1000000000000000001\n");
}

TEST_F(ActivitySinkTest, GivenTracedWindows_ThenEventsOutsideAreLeftOutAndRowsEndAtTheirBorders) {
    // Cycles whose begin is traced: 5 ... 12 and 17 ... 18.
    windows_ = TimeWindows({{4'001, 13'000}, {17'000, 18'001}});
    ActivitySink sink(file("a.csv"), 10);
    sink.begin(declarations_);
    sink.count({0, Event::bus_byte, 30, 0, 30});
    sink.count({0, Event::io_byte, 9, 13, 17});
    sink.end(30'000);
    EXPECT_EQ(text("a.csv"),
              std::string(header) + "5,10,chip.b,bus_byte,5\n10,13,chip.b,bus_byte,3\n17,19,chip.b,bus_byte,2\n");
}

TEST_F(ActivitySinkTest, GivenRegionsThatOpenAndCloseInTheRun_ThenOnlyTheirCyclesCount) {
    windows_ = TimeWindows();
    ActivitySink sink(file("a.csv"), 10);
    sink.begin(declarations_);
    sink.count({0, Event::bus_byte, 2, 0, 2});
    windows_.open(3'000);
    sink.count({0, Event::bus_byte, 4, 2, 6});
    windows_.close(7'000);
    sink.advance(7'000);
    sink.count({0, Event::bus_byte, 3, 7, 10});
    windows_.open(8'000);
    windows_.close(9'000);
    windows_.open(9'000);  // right behind: the same region
    sink.advance(9'000);
    sink.count({0, Event::bus_byte, 6, 9, 15});
    sink.count({0, Event::bus_byte, 1, 8, 9});
    sink.end(15'000);
    EXPECT_EQ(text("a.csv"),
              std::string(header) + "3,7,chip.b,bus_byte,3\n8,10,chip.b,bus_byte,2\n10,15,chip.b,bus_byte,5\n");
}

TEST_F(ActivitySinkTest, GivenALongRun_ThenFinishedWindowsLeaveMemory) {
    WindowCounts counts(declarations_, 100);
    std::uint64_t sum = 0;
    const auto add = [&](const CountedWindow& window) {
        for (const CountedWindow::Cell& cell : window.cells)
            sum += cell.n;
    };
    for (std::uint64_t cycle = 0; cycle < 200'000; ++cycle) {
        counts.add({static_cast<int>(cycle % 3), static_cast<Event>(cycle % event_count), 5, cycle, cycle + 150});
        counts.advance(1000 * cycle, add);
        EXPECT_LE(counts.unfinished(), 3u);
        EXPECT_LE(counts.held(), 3u * 2048u);
    }
    counts.end(200'150'000, add);
    EXPECT_EQ(counts.unfinished(), 0u);
    EXPECT_EQ(sum, 1'000'000u);
}

TEST_F(ActivitySinkTest, GivenManyCountsInOneWindow_ThenMemoryIsThatOfItsCells) {
    WindowCounts counts(declarations_, 1'000'000);
    for (std::uint64_t i = 0; i < 100'000; ++i)
        counts.add({static_cast<int>(i % 3), static_cast<Event>(i % event_count), 1, i, i + 1});
    EXPECT_LE(counts.held(), 2048u);
    std::uint64_t cells = 0;
    counts.end(100'000'000, [&](const CountedWindow& window) { cells += window.cells.size(); });
    EXPECT_EQ(cells, 3u * event_count);
}

TEST_F(ActivitySinkTest, GivenEventsAfterTheEnd_ThenTheyCountInTheLastWindow) {
    ActivitySink sink(file("a.csv"), 10);
    sink.begin(declarations_);
    sink.count({0, Event::bus_byte, 4, 38, 42});
    sink.count({0, Event::bus_byte, 3, 10, 13});
    sink.end(25'000);
    EXPECT_EQ(text("a.csv"), std::string(header) + "10,20,chip.b,bus_byte,3\n20,25,chip.b,bus_byte,4\n");
}

TEST_F(ActivitySinkTest, GivenASizeLimit_ThenTheFileHoldsWholeWindowsAndTheRemarkSaysSo) {
    ActivitySink sink(file("a.csv"), 10, 100);
    sink.begin(declarations_);
    for (std::uint64_t cycle = 0; cycle < 100; ++cycle)
        sink.count({0, Event::bus_byte, 1, cycle, cycle + 1});
    sink.end(100'000);
    EXPECT_EQ(text("a.csv"), std::string(header) + "0,10,chip.b,bus_byte,10\n10,20,chip.b,bus_byte,10\n");
    EXPECT_THAT(sink.remark(), HasSubstr("stopped at 0.02 us: limit of 100 bytes"));
}

TEST_F(ActivitySinkTest, GivenAClockThatIsNoWholePicoseconds_ThenCyclesKeepTheirNumbers) {
    declarations_.cycle_fs = 833'333;
    ActivitySink sink(file("a.csv"), 7);
    sink.begin(declarations_);
    for (std::uint64_t cycle = 0; cycle < 70; ++cycle) {
        sink.advance(declarations_.time_of(cycle));
        sink.count({0, Event::bus_byte, 1, cycle, cycle + 1});
    }
    sink.end(declarations_.time_of(70));
    auto rows = csv(text("a.csv"));
    ASSERT_EQ(rows.size(), 11u);
    for (std::size_t w = 0; w < 10; ++w)
        EXPECT_EQ(rows[w + 1], (std::vector<std::string>{std::to_string(7 * w), std::to_string(7 * w + 7), "chip.b",
                                                         "bus_byte", "7"}));
}

TEST_F(ActivitySinkTest, GivenWindowsOfNoCycles_ThenItThrows) { EXPECT_THROW(WindowCounts(declarations_, 0), Error); }

}  // namespace
}  // namespace xloop::trace
