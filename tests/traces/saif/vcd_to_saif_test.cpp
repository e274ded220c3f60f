#include "traces/saif/vcd_to_saif.hpp"

#include "tests/traces/scratch_folder.hpp"
#include "traces/saif/saif_reader.hpp"
#include "traces/saif/saif_rename.hpp"

#include <gmock/gmock.h>
#include <map>
#include <random>

namespace xloop::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using SaifConversion = test::ScratchFolder;

/// "path.net T0/T1/TX/TZ TC IG" for every bit.
std::vector<std::string> nets_of(const SaifFile& file) {
    std::vector<std::string> nets;
    file.for_each_net([&](const std::string& path, const SaifNet& net) {
        const SaifCounts& c = net.counts;
        nets.push_back(path + "." + net.full_name() + " " + std::to_string(c.t0) + "/" + std::to_string(c.t1) + "/" +
                       std::to_string(c.tx) + "/" + std::to_string(c.tz) + " " + std::to_string(c.tc) + " " +
                       std::to_string(c.ig));
    });
    return nets;
}

SaifFile convert(const std::string& text, const char* window = nullptr) {
    TextInput in("t.vcd", text);
    return window != nullptr ? saif_of_vcd(in, parse_time_span(window)) : saif_of_vcd(in);
}

std::string error_of(const std::string& text, const char* window) {
    try {
        convert(text, window);
    } catch (const InputError& e) {
        return e.what();
    }
    return "no error";
}

/// One bit `a` in scope m, time scale 1 ns.
std::string one_bit(const std::string& changes) {
    return "$timescale 1ns $end $scope module m $end $var wire 1 ! a $end $upscope $end $enddefinitions $end\n" +
           changes;
}

TEST(VcdToSaif, GivenAClock_ThenTimesAndEdgesAreThoseOfItsWholeSpan) {
    // 0 at 0..3, 1 at 3..7, 0 at 7..8, 1 at 8..10.
    const SaifFile file = convert(one_bit("#0 0! #3 1! #7 0! #8 1! #10"));
    EXPECT_EQ(file.header.duration, 10u);
    EXPECT_EQ(file.header.timescale_unit, "ns");
    EXPECT_EQ(file.header.design, "m");
    EXPECT_THAT(nets_of(file), ElementsAre("m.a 4/6/0/0 3 0"));
}

TEST(VcdToSaif, GivenAChangeAtTheLastTime_ThenItLiesOutside) {
    EXPECT_THAT(nets_of(convert(one_bit("#0 0! #5 1!"))), ElementsAre("m.a 5/0/0/0 0 0"));
}

TEST(VcdToSaif, GivenADumpThatBeginsLater_ThenItsFirstTimeIsTheBegin) {
    const SaifFile file = convert(one_bit("#100 1! #103 0! #110"));
    EXPECT_EQ(file.header.duration, 10u);
    EXPECT_THAT(nets_of(file), ElementsAre("m.a 7/3/0/0 1 0"));
}

TEST(VcdToSaif, GivenUnknownAndHighImpedance_ThenTheyAreTimesAndNoToggles) {
    // x 0..2, 0 2..4, x 4..5, 1 5..8, z 8..9, 0 9..12: no change between 0 and 1 at all.
    EXPECT_THAT(nets_of(convert(one_bit("#0 #2 0! #4 x! #5 1! #8 z! #9 0! #12"))), ElementsAre("m.a 5/3/3/1 0 0"));
}

TEST(VcdToSaif, GivenSeveralChangesAtOneTime_ThenTheLastOneCountsAndPulsesAreGlitches) {
    // At 4: 0 1 0, a pulse without length. At 6: 1 0 1, a pulse and an edge. At 8: 1 again, nothing.
    EXPECT_THAT(nets_of(convert(one_bit("#0 0! #4 1! 0! #6 1! 0! #6 1! #8 1! #10"))), ElementsAre("m.a 6/4/0/0 1 2"));
    // At the begin they only make the first value.
    EXPECT_THAT(nets_of(convert(one_bit("#0 0! 1! 0! #10"))), ElementsAre("m.a 10/0/0/0 0 0"));
}

TEST(VcdToSaif, GivenAWindow_ThenTheChangeAtItsBeginIsPartOfTheFirstValueAndTheOneAtItsEndOutside) {
    const std::string text = one_bit("#0 0! #3 1! #7 0! #8 1! #10 0! #20");
    EXPECT_THAT(nets_of(convert(text, "3ns:8ns")), ElementsAre("m.a 1/4/0/0 1 0"));
    EXPECT_THAT(nets_of(convert(text, "4ns:9ns")), ElementsAre("m.a 1/4/0/0 2 0"));
    EXPECT_THAT(nets_of(convert(text, "11ns:0.000015ms")), ElementsAre("m.a 4/0/0/0 0 0"));
    EXPECT_THAT(nets_of(convert(text, "0s:20000ps")), ElementsAre("m.a 14/6/0/0 4 0"));
    EXPECT_EQ(convert(text, "4ns:9ns").header.duration, 5u);
}

TEST(VcdToSaif, GivenWindowsSideBySide_ThenTheirCountsAddUpToThoseOfAll) {
    std::mt19937 random(11);
    std::string changes = "#0 0!";
    for (int t = 1; t < 400; ++t)
        if (random() % 2 == 0)
            changes += " #" + std::to_string(t) + " " + "01xz"[random() % 4] + "!";
    const std::string text = one_bit(changes + " #400");
    const auto counts = [](const SaifFile& file) { return file.instances[0].nets[0].counts; };
    SaifCounts sum;
    std::uint64_t at_borders = 0;
    for (int t = 0; t < 400; t += 25) {
        const SaifCounts part =
            counts(convert(text, (std::to_string(t) + "ns:" + std::to_string(t + 25) + "ns").c_str()));
        EXPECT_EQ(part.time(), 25u);
        sum.t0 += part.t0, sum.t1 += part.t1, sum.tx += part.tx, sum.tz += part.tz, sum.tc += part.tc;
        // An edge right at a border belongs to neither window.
        if (t > 0)
            at_borders +=
                counts(convert(text, (std::to_string(t - 1) + "ns:" + std::to_string(t + 1) + "ns").c_str())).tc;
    }
    const SaifCounts all = counts(convert(text));
    sum.tc += at_borders;
    EXPECT_TRUE(sum == all);
    EXPECT_GT(all.tc, 10u);
}

TEST(VcdToSaif, GivenAPausedDump_ThenThePauseIsNoPartOfTheDuration) {
    // 0 0..4, pause 4..9, then 1 9..12 (no toggle), 0 12..14.
    const std::string text = one_bit("#0 $dumpvars 0! $end #4 $dumpoff x! $end #9 $dumpon 1! $end #12 0! #14");
    const SaifFile file = convert(text);
    EXPECT_EQ(file.header.duration, 9u);
    EXPECT_THAT(nets_of(file), ElementsAre("m.a 6/3/0/0 1 0"));
    EXPECT_EQ(convert(text, "5ns:10ns").header.duration, 1u);
    EXPECT_THAT(nets_of(convert(text, "2ns:13ns")), ElementsAre("m.a 3/3/0/0 1 0"));
    // Paused up to the end of the file.
    EXPECT_EQ(convert(one_bit("#0 0! #4 $dumpoff x! $end #9")).header.duration, 4u);
}

TEST(VcdToSaif, GivenValuesBehindABareDumpon_ThenTheyAreInitialOnes) {
    // As fst2vcd writes it: 0 0..4, pause 4..9, 1 9..12, 0 12..14.
    const SaifFile file = convert(one_bit("#0 $dumpvars 0! $end #4 $dumpoff $end x! #9 $dumpon $end 1! #12 0! #14"));
    EXPECT_EQ(file.header.duration, 9u);
    EXPECT_THAT(nets_of(file), ElementsAre("m.a 6/3/0/0 1 0"));
}

TEST(VcdToSaif, GivenParametersBeforeALateStart_ThenTimeCountsFromTheStart) {
    const auto late = [](const std::string& before) {
        return convert(
            "$timescale 1ps $end $scope module tb $end $var parameter 32 % DEPTH $end $var real_parameter 1 & G "
            "$end $var wire 1 ! clk $end $upscope $end $enddefinitions $end\n" +
            before + "#7000 $dumpvars 0! $end #7500 1! #8000 0! #9000");
    };
    for (const char* before :
         {"", "$comment Show the parameter values. $end $dumpall b101 % r2.5 & $end ", "b101 % "}) {
        EXPECT_EQ(late(before).header.duration, 2000u) << before;
        EXPECT_THAT(nets_of(late(before)), ElementsAre("tb.clk 1500/500/0/0 2 0")) << before;
    }
    // Values of nets before any time are of time 0.
    EXPECT_EQ(late("0! ").header.duration, 9000u);
}

TEST(VcdToSaif, GivenOneNameSeveralTimes_ThenItIsOneNet) {
    const std::string text =
        "$timescale 1ns $end $scope module m $end $var wire 1 ! d [1] $end $var wire 1 \" d [0] $end $var wire 1 ! d "
        "[1] "
        "$end $var wire 1 # e $end\n$upscope $end $scope module m $end $var wire 1 \" e $end $upscope $end "
        "$enddefinitions $end #0 0! 0\" 0# #5 1! 1# #9";
    TextInput in("t.vcd", text);
    std::vector<std::string> remarks;
    in.set_listener([&](const std::string& what) { remarks.push_back(what); });
    EXPECT_THAT(nets_of(saif_of_vcd(in)), ElementsAre("m.d[1] 5/4/0/0 1 0", "m.d[0] 9/0/0/0 0 0", "m.e 5/4/0/0 1 0"));
    EXPECT_THAT(remarks, ElementsAre(HasSubstr("t.vcd:2: net `m.e` comes again with other activity, first in line 1")));
}

TEST(VcdToSaif, GivenScopesWhoseNamesHoldDots_ThenTheyAreNotThoseOfOtherLevels) {
    const SaifFile file = convert(
        "$timescale 1ns $end $scope module tb $end $scope module gen.blk $end $var wire 1 ! q $end $upscope $end "
        "$scope module "
        "gen $end $scope module blk $end $var wire 1 \" q $end $upscope $end $upscope $end $upscope $end "
        "$enddefinitions $end "
        "#0 0! 0\" #5 1! #10");
    EXPECT_THAT(nets_of(file), ElementsAre("tb.gen\\.blk.q 5/5/0/0 1 0", "tb.gen.blk.q 10/0/0/0 0 0"));
}

TEST(VcdToSaif, GivenWhatIsNoNet_ThenItIsLeftOut) {
    std::string text = "$timescale 1ns $end $scope module m $end $var wire 1 ! a $end ", changes = "#0 0! ";
    for (const char* type : {"event", "parameter", "integer", "int", "time", "string", "real", "real_parameter"})
        text += std::string("$var ") + type + " 32 " + type + " v $end ";
    EXPECT_THAT(nets_of(convert(text + "$upscope $end $enddefinitions $end " + changes + "1event #5")),
                ElementsAre("m.a 5/0/0/0 0 0"));
}

TEST(VcdToSaif, GivenBuses_ThenBitsAreNumberedAsDeclared) {
    const SaifFile file = convert(
        "$timescale 1ps $end $scope module m $end $var wire 2 ! d [2:1] $end $var wire 2 \" up [0:1] $end\n"
        "$var wire 1 # s [3] $end $var integer 2 $ i $end $var real 64 % r $end $var wire 1 & neg [-1] $end\n"
        "$scope module u $end $var wire 2 ! alias [1:0] $end $upscope $end $upscope $end $enddefinitions $end\n"
        "#0 b01 ! b01 \" 1# b10 $ r1 % 1& #10");
    EXPECT_THAT(nets_of(file), ElementsAre("m.d[1] 0/10/0/0 0 0", "m.d[2] 10/0/0/0 0 0", "m.up[1] 0/10/0/0 0 0",
                                           "m.up[0] 10/0/0/0 0 0", "m.s[3] 0/10/0/0 0 0", "m.neg[-1] 0/10/0/0 0 0",
                                           "m.u.alias[0] 0/10/0/0 0 0", "m.u.alias[1] 10/0/0/0 0 0"));
}

TEST(VcdToSaif, GivenRandomWideBuses_ThenEveryBitCountsAsItDoesAlone) {
    constexpr int width = 130, end = 500;
    std::mt19937 random(5);
    std::string text =
        "$timescale 1ps $end $scope module m $end $var wire 130 ! v [129:0] $end $upscope $end $enddefinitions "
        "$end\n#0\nb0 !\n";
    struct Bit {
        char value = '0';
        int since = 0;
        SaifCounts counts;
    };
    std::vector<Bit> bits(width);
    const auto spend = [](Bit& bit, int time) {
        std::uint64_t& total = bit.value == '0'   ? bit.counts.t0
                               : bit.value == '1' ? bit.counts.t1
                               : bit.value == 'x' ? bit.counts.tx
                                                  : bit.counts.tz;
        total += static_cast<std::uint64_t>(time - bit.since);
        bit.since = time;
    };
    for (int t = 1; t < end; ++t) {
        if (random() % 4 != 0)
            continue;
        std::string value;
        for (int b = 0; b < width; ++b)
            value += "0101010101xz"[random() % 12];
        text += "#" + std::to_string(t) + "\nb" + value + " !\n";
        for (int b = 0; b < width; ++b) {
            Bit& bit = bits[static_cast<std::size_t>(b)];
            const char next = value[static_cast<std::size_t>(width - 1 - b)];
            spend(bit, t);
            bit.counts.tc += bit.value + next == '0' + '1';
            bit.value = next;
        }
    }
    const SaifFile file = convert(text + "#500\n");
    ASSERT_EQ(file.instances[0].nets.size(), 130u);
    for (int b = 0; b < width; ++b) {
        Bit& bit = bits[static_cast<std::size_t>(b)];
        spend(bit, end);
        EXPECT_TRUE(file.instances[0].nets[static_cast<std::size_t>(b)].counts == bit.counts) << b;
    }
}

TEST(VcdToSaif, GivenBadWindows_ThenTheyAreRefused) {
    const std::string text = one_bit("#5 0! #20");
    EXPECT_THAT(error_of(text, "0ns:10ns"), HasSubstr("expected one within the file: 5 ns to 20 ns"));
    EXPECT_THAT(error_of(text, "6ns:21ns"), HasSubstr("window 6 ns to 21 ns"));
    EXPECT_THAT(error_of(text, "30ns:40ns"), HasSubstr("within the file"));
    EXPECT_THAT(error_of(text, "6ns:7.5ns"), HasSubstr("7.5 ns is no multiple of the file's time scale 1ns"));
    for (const char* window : {"", "5ns", "5:6", "7ns:6ns", "6ns:6ns", "ns:6ns", "1.2.3ns:4ns", "0.1fs:4ns", "-1ns:4ns",
                               "1ns:99999999s", "1ns:2h"})
        EXPECT_THAT(error_of(text, window), HasSubstr("expected BEGIN:END")) << window;
}

std::string sample() {
    return "$timescale 10ps $end $scope module tb $end $var wire 1 ! clk $end $scope module dut $end $var wire 2 \" d "
           "[1:0] $end\n"
           "$scope module u.x $end $var wire 1 ! c $end $upscope $end $upscope $end $scope module other $end $var wire "
           "1 ! o $end\n"
           "$upscope $end $upscope $end $enddefinitions $end #0 0! b0 \" #1 1! b1 \" #2 0! b11 \" #5\n";
}

TEST_F(SaifConversion, GivenAWrittenFile_ThenReadingItGivesTheSame) {
    const SaifFile file = convert(sample());
    write_saif(file, path("t.saif"), NetNaming(), "program", "1.2");
    TextInput in(path("t.saif"));
    const SaifFile back = read_saif(in);
    // The scope "u.x" is one level.
    EXPECT_THAT(nets_of(back), ElementsAre("tb.clk 4/1/0/0 2 0", "tb.dut.d[0] 1/4/0/0 1 0", "tb.dut.d[1] 2/3/0/0 1 0",
                                           "tb.dut.u\\.x.c 4/1/0/0 2 0", "tb.other.o 4/1/0/0 2 0"));
    EXPECT_EQ(nets_of(back), nets_of(file));
    EXPECT_EQ(back.header.duration, 5u);
    EXPECT_EQ(back.timescale().text(), "10ps");
    EXPECT_EQ(back.header.program, "program");
    EXPECT_EQ(back.header.version, "1.2");
}

TEST(SaifRenaming, GivenScopesAndLevelsToStrip_ThenTheRestIsKept) {
    const SaifFile file = convert(sample());
    std::uint64_t left_out = 0;
    SaifRenaming renaming;
    renaming.scope.emplace("tb.d*");
    EXPECT_THAT(nets_of(renamed(file, renaming, left_out)),
                ElementsAre("tb.dut.d[0] 1/4/0/0 1 0", "tb.dut.d[1] 2/3/0/0 1 0", "tb.dut.u\\.x.c 4/1/0/0 2 0"));
    EXPECT_EQ(left_out, 2u);
    renaming.strip_path = "tb";
    const SaifFile stripped = renamed(file, renaming, left_out);
    EXPECT_THAT(nets_of(stripped),
                ElementsAre("dut.d[0] 1/4/0/0 1 0", "dut.d[1] 2/3/0/0 1 0", "dut.u\\.x.c 4/1/0/0 2 0"));
    EXPECT_EQ(stripped.header.design, "dut");
    renaming.scope.reset();
    renaming.strip_path = "tb.dut";
    EXPECT_THAT(nets_of(renamed(file, renaming, left_out)), ElementsAre("u\\.x.c 4/1/0/0 2 0"));
    EXPECT_EQ(left_out, 4u);
    renaming.strip_path = "nobody";
    EXPECT_THROW(renamed(file, renaming, left_out), InputError);
}

TEST_F(SaifConversion, GivenANameMap_ThenNetsTakeTheNamesOfItsRules) {
    NameMap map = NameMap::load(write("names.yaml",
                                      "rules:\n  - {model: \"tb.dut.d\", rtl: \"chip.core.data\"}\n"
                                      "  - {model: \"tb.clk\", rtl: \"chip.clock\"}\n"));
    SaifRenaming renaming;
    renaming.name_map = &map;
    std::uint64_t left_out = 0;
    const SaifFile file = renamed(convert(sample()), renaming, left_out);
    EXPECT_THAT(nets_of(file), ElementsAre("chip.clock 4/1/0/0 2 0", "chip.core.data[0] 1/4/0/0 1 0",
                                           "chip.core.data[1] 2/3/0/0 1 0"));
    EXPECT_EQ(left_out, 2u);
}

}  // namespace
}  // namespace xloop::trace
