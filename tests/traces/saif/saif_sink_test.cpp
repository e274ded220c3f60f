#include "traces/saif/saif_sink.hpp"

#include "core/files.hpp"
#include "tests/traces/plain_waves.hpp"
#include "tests/traces/scratch_folder.hpp"

#include <gmock/gmock.h>

namespace xloop::trace {
namespace {

using testing::HasSubstr;

class SaifSinkTest : public test::ScratchFolder {
protected:
    SaifSinkTest() {
        declarations_.windows = &windows_;
        declarations_.program = "xloop 1.2";
        declarations_.design = "net";
    }

    TimeWindows windows_ = TimeWindows::always();
    Declarations declarations_;
};

TEST_F(SaifSinkTest, GivenRandomWaves_ThenTheCountsOfEveryBitAreThoseOfAPlainInterpreter) {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        const RandomWaves waves(seed);
        windows_ = random_windows(seed, waves.end);
        declarations_.signals = waves.signals;
        declarations_.patterns = waves.patterns;
        SaifSink sink(path("a.saif"));
        sink.begin(declarations_);
        for (const RandomWaves::Step& step : waves.steps)
            RandomWaves::play(step, declarations_.patterns, sink);
        sink.end(waves.end);
        const SaifFile file = saif_file(path("a.saif"));
        EXPECT_EQ(file.header.duration, windows_.before(waves.end));
        ASSERT_EQ(differences(counts_of(file), waves.oracle(declarations_).counts(windows_)), "");
    }
}

TEST_F(SaifSinkTest, GivenOnePulseAndAWord_ThenTheFileIsTheOneWorkedOutByHand) {
    declarations_.signals = {{"chip.a", "word", 2, SignalClass::bus}, {"chip", "en", 1, SignalClass::enable}};
    declarations_.patterns = {{{0, 10}}};
    SaifSink sink(path("a.saif"), {}, "today");
    sink.begin(declarations_);
    const std::uint64_t two = 2;
    sink.value({5, 0, &two});
    sink.pulses({20, 1, &declarations_.patterns[0], 4});
    sink.end(40);
    EXPECT_EQ(read_file(path("a.saif")),
              "(SAIFILE\n(SAIFVERSION \"2.0\")\n(DIRECTION \"backward\")\n(DESIGN \"net\")\n(DATE \"today\")\n"
              "(VENDOR \"xloop\")\n(PROGRAM_NAME \"xloop\")\n(VERSION \"1.2\")\n(DIVIDER / )\n"
              "(TIMESCALE 1 ps)\n(DURATION 40)\n(INSTANCE chip\n (NET\n  (en (T0 32) (T1 8) (TX 0) (TC 4) (IG 0))\n )\n"
              " (INSTANCE a\n  (NET\n   (word\\[0\\] (T0 40) (T1 0) (TX 0) (TC 0) (IG 0))\n"
              "   (word\\[1\\] (T0 5) (T1 35) (TX 0) (TC 1) (IG 0))\n  )\n )\n)\n)\n");
}

TEST_F(SaifSinkTest, GivenSeveralValuesAtOneTime_ThenTheLastOneCounts) {
    declarations_.signals = {{"chip", "s", 1, SignalClass::state}};
    SaifSink sink(path("a.saif"));
    sink.begin(declarations_);
    const std::uint64_t low = 0, high = 1;
    for (const std::uint64_t* value : {&high, &low, &high})
        sink.value({10, 0, value});
    for (const std::uint64_t* value : {&low, &high})  // there and back: no change
        sink.value({20, 0, value});
    sink.end(30);
    EXPECT_EQ(counts_of(saif_file(path("a.saif")))["chip.s"], (SaifCounts{10, 20, 0, 0, 1, 0}));
}

TEST_F(SaifSinkTest, GivenPulsesThatTouch_ThenTheSignalStaysHigh) {
    declarations_.signals = {{"chip", "s", 1, SignalClass::enable}};
    declarations_.patterns = {{{0, 10}}};
    SaifSink sink(path("a.saif"));
    sink.begin(declarations_);
    sink.pulses({10, 0, &declarations_.patterns[0], 5});
    sink.pulses({25, 0, &declarations_.patterns[0], 5});  // the one before falls at 25
    sink.end(100);
    EXPECT_EQ(counts_of(saif_file(path("a.saif")))["chip.s"], (SaifCounts{80, 20, 0, 0, 6, 0}));
}

TEST_F(SaifSinkTest, GivenAClockAndAWindow_ThenEdgesAtItsBordersAreNotCounted) {
    declarations_.signals = {
        {"chip", "clk", 1, SignalClass::clock, 10'000}};  // rises at 0, 10, 20 ...; falls at 5, 15, ...
    windows_ = TimeWindows({{10, 25}, {31, 33}, {90, 200}});
    SaifSink sink(path("a.saif"));
    sink.begin(declarations_);
    sink.end(100);
    // 10..15 and 20..25 high, edges at 15 and 20; 31..33 high; 90..95 high, edge at 95.
    EXPECT_EQ(counts_of(saif_file(path("a.saif")))["chip.clk"], (SaifCounts{10, 17, 0, 0, 3, 0}));
}

}  // namespace
}  // namespace xloop::trace
