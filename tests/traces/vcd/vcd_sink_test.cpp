#include "traces/vcd/vcd_sink.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "tests/traces/plain_waves.hpp"
#include "tests/traces/scratch_folder.hpp"
#include "traces/tools/trace_check.hpp"
#include "traces/vcd/vcd_reader.hpp"

#include <gmock/gmock.h>

namespace xloop::trace {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class VcdSinkTest : public test::ScratchFolder {
protected:
    VcdSinkTest() {
        declarations_.windows = &windows_;
        declarations_.program = "xloop test";
    }

    void play(const RandomWaves& waves, VcdSink& sink) {
        declarations_.signals = waves.signals;
        declarations_.patterns = waves.patterns;
        sink.begin(declarations_);
        for (const RandomWaves::Step& step : waves.steps) {
            sink.advance(step.now);
            RandomWaves::play(step, declarations_.patterns, sink);
        }
        sink.end(waves.end);
    }

    std::vector<std::string> problems(const std::string& file) const {
        TextInput in(file);
        return check_trace(in, 5).problems;
    }

    TimeWindows windows_ = TimeWindows::always();
    Declarations declarations_;
};

/// Values by name and time.
std::map<std::string, PlainWaves::Changes> read_changes(const std::string& path, Time& end) {
    TextInput in(path);
    VcdReader reader(in);
    std::map<std::string, PlainWaves::Changes> signals;
    for (VcdReader::Event event = reader.next(); event != VcdReader::Event::end; event = reader.next())
        if (event == VcdReader::Event::change)
            for (const VcdVariable& variable : reader.header().variables)
                if (variable.code == reader.change().code) {
                    const std::size_t words = reader.header().values[variable.code].words();
                    signals[reader.header().path_of(variable.scope) + "." + variable.name][reader.time()] =
                        PlainWaves::Words(reader.change().value, reader.change().value + words);
                }
    end = reader.time();
    return signals;
}

TEST_F(VcdSinkTest, GivenRandomWaves_ThenTheFileHoldsEveryChangeAndNoOther) {
    for (unsigned seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(seed);
        const RandomWaves waves(seed);
        VcdSink sink(path("a.vcd"));
        play(waves, sink);
        Time end = 0;
        const auto signals = read_changes(path("a.vcd"), end);
        EXPECT_EQ(end, waves.end);
        const PlainWaves oracle = waves.oracle(declarations_);
        ASSERT_EQ(signals.size(), waves.signals.size());
        for (std::size_t s = 0; s < waves.signals.size(); ++s) {
            const std::string name = waves.signals[s].scope + "." + waves.signals[s].name;
            ASSERT_EQ(signals.at(name), oracle.visible(static_cast<int>(s))) << name;
        }
    }
}

TEST_F(VcdSinkTest, GivenRandomWavesAndWindows_ThenItsActivityIsThatOfAPlainInterpreter) {
    for (unsigned seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(seed);
        const RandomWaves waves(seed);
        windows_ = random_windows(seed, waves.end);
        VcdSink sink(path("a.vcd"));
        play(waves, sink);
        EXPECT_THAT(problems(path("a.vcd")), IsEmpty());
        const SaifFile file = saif_from_vcd(path("a.vcd"));
        EXPECT_EQ(file.header.duration, windows_.before(waves.end));
        ASSERT_EQ(differences(counts_of(file), waves.oracle(declarations_).counts(windows_)), "");
    }
}

TEST_F(VcdSinkTest, GivenTwoWindows_ThenTheFileIsTheOneWorkedOutByHand) {
    declarations_.signals = {{"chip.a", "w", 3, SignalClass::bus}, {"chip", "en", 1, SignalClass::enable}};
    windows_ = TimeWindows({{10, 20}, {30, 40}});
    VcdSink sink(path("a.vcd"), ~std::uint64_t{0}, "today");
    sink.begin(declarations_);
    const std::uint64_t one = 1, five = 5, zero = 0;
    sink.value({5, 0, &five});
    sink.value({10, 1, &one});  // part of what the window begins with
    sink.value({15, 0, &one});
    sink.value({20, 1, &zero});  // outside
    sink.value({25, 0, &five});
    sink.end(35);
    EXPECT_EQ(read_file(path("a.vcd")),
              "$date today $end\n$version xloop test $end\n$timescale 1 ps $end\n$scope module chip $end\n$var wire 1 "
              "\" en $end\n"
              "$scope module a $end\n$var wire 3 ! w [2:0] $end\n$upscope $end\n$upscope $end\n$enddefinitions $end\n"
              "#10\n$dumpvars\nb101 !\n1\"\n$end\n#15\nb01 !\n#20\n$dumpoff\nbx !\nx\"\n$end\n"
              "#30\n$dumpon\nb101 !\n0\"\n$end\n#35\n");
    EXPECT_EQ(sink.changes(), 1u);
}

TEST_F(VcdSinkTest, GivenABusOfTheValue1_ThenItHasTwoDigits) {
    declarations_.signals = {{"chip", "w", 3, SignalClass::bus}, {"chip", "wide", 70, SignalClass::bus}};
    VcdSink sink(path("a.vcd"));
    sink.begin(declarations_);
    const std::uint64_t one[] = {1, 0}, three[] = {3, 0}, high[] = {1, 1};
    sink.value({5, 0, one});
    sink.value({5, 1, one});
    sink.value({6, 0, three});
    sink.value({6, 1, high});
    sink.end(9);
    const std::string text = read_file(path("a.vcd"));
    EXPECT_THAT(text, HasSubstr("#0\n$dumpvars\nb0 !\nb0 \"\n$end\n#5\nb01 !\nb01 \"\n#6\nb11 !\nb1" +
                                std::string(63, '0') + "1 \"\n#9\n"));
}

TEST_F(VcdSinkTest, GivenASaveFile_ThenItOpensTheDumpWithSignalsOfControlInGroups) {
    declarations_.signals = {{"chip.a", "en", 1, SignalClass::enable},
                             {"chip", "clk", 1, SignalClass::clock, 1'000'000},
                             {"chip.a", "state_0", 2, SignalClass::state},
                             {"chip.a", "data", 32, SignalClass::bus}};
    VcdSink sink(path("a.vcd"), ~std::uint64_t{0}, "", path("a.gtkw"));
    sink.begin(declarations_);
    sink.end(9);
    EXPECT_EQ(read_file(path("a.gtkw")),
              "[*] xloop test\n[dumpfile] \"a.vcd\"\n[timestart] 0\n@c00200\n-chip\n@28\nchip.clk\n@1401200\n-chip\n"
              "@c00200\n-chip.a\n@28\nchip.a.en\n@22\nchip.a.state_0[1:0]\n@1401200\n-chip.a\n");
}

TEST_F(VcdSinkTest, GivenALimitOfSize_ThenTheFileEndsInGoodOrderAndTheRemarkSaysWhen) {
    const RandomWaves waves(3, 3000);
    VcdSink whole(path("whole.vcd")), cut(path("cut.vcd"), 20'000);
    play(waves, whole);
    play(waves, cut);
    EXPECT_EQ(whole.remark(), "");
    EXPECT_THAT(cut.remark(), HasSubstr("cut.vcd"));
    EXPECT_THAT(cut.remark(), HasSubstr("limit"));
    EXPECT_THAT(problems(path("cut.vcd")), IsEmpty());
    EXPECT_GE(cut.bytes(), 15'000u);
    EXPECT_LE(cut.bytes(), 30'000u) << "the limit and the changes of one time";
    EXPECT_EQ(cut.bytes(), std::filesystem::file_size(path("cut.vcd")));
    Time end = 0, cut_end = 0;
    auto all = read_changes(path("whole.vcd"), end);
    const auto some = read_changes(path("cut.vcd"), cut_end);
    EXPECT_LT(cut_end, end);
    for (auto& [name, changes] : all) {
        changes.erase(changes.lower_bound(cut_end), changes.end());
        EXPECT_EQ(some.at(name), changes) << name;
    }
}

TEST_F(VcdSinkTest, GivenALimitThatSingleChangesReachBeforeATrain_ThenTheFileIsFinishedOnce) {
    const std::vector<Signal> signals = {{"chip", "bus", 32, SignalClass::bus, 0},
                                         {"chip", "code", 8, SignalClass::code, 0}};
    TimeWindows windows = TimeWindows::always();
    Declarations declarations;
    declarations.signals = signals;
    declarations.patterns = {{{5, 10, 15}}};
    declarations.windows = &windows;
    VcdSink sink(path("cut.vcd"), 300);
    sink.begin(declarations);
    for (std::uint64_t i = 1; i <= 40; ++i)
        sink.value({i, 0, &i});
    const std::int32_t codes[] = {1, 2, 3};
    sink.burst({50, 1, &declarations.patterns[0], codes});
    sink.advance(100);
    sink.burst({110, 1, &declarations.patterns[0], codes});
    sink.advance(200);
    sink.end(200);
    EXPECT_THAT(sink.remark(), HasSubstr("limit"));
    EXPECT_THAT(problems(path("cut.vcd")), IsEmpty());
}

TEST_F(VcdSinkTest, GivenACompressedFile_ThenItReadsBackAsThePlainOne) {
    const RandomWaves waves(4);
    VcdSink plain(path("a.vcd")), packed(path("a.vcd.gz"));
    play(waves, plain);
    play(waves, packed);
    EXPECT_LT(std::filesystem::file_size(path("a.vcd.gz")), std::filesystem::file_size(path("a.vcd")) / 2);
    EXPECT_EQ(counts_of(saif_from_vcd(path("a.vcd.gz"))), counts_of(saif_from_vcd(path("a.vcd"))));
}

TEST_F(VcdSinkTest, GivenAChangeBeforeWhatIsWritten_ThenItIsAnError) {
    declarations_.signals = {{"chip", "late", 1, SignalClass::state}};
    VcdSink sink(path("a.vcd"));
    sink.begin(declarations_);
    const std::uint64_t one = 1, zero = 0;
    sink.value({10, 0, &one});
    sink.advance(20);
    sink.value({5, 0, &zero});
    try {
        sink.advance(30);
        FAIL();
    } catch (const Error& e) {
        EXPECT_THAT(e.what(), HasSubstr("5 ps comes after 10 ps"));
    }
}

}  // namespace
}  // namespace xloop::trace
