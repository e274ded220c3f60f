#include "traces/tools/trace_check.hpp"

#include <gmock/gmock.h>

namespace xloop::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TraceCheck check(const std::string& text, std::size_t most = 20) {
    TextInput in("t", text);
    return check_trace(in, most);
}

const std::string header =
    "$timescale 1ns $end\n$scope module m $end\n$var wire 1 ! a $end\n$var wire 4 \" v [3:0] $end\n"
    "$upscope $end\n$enddefinitions $end\n";  // 6 lines

TEST(TraceCheck, GivenGoodFiles_ThenNothingIsFound) {
    const TraceCheck vcd = check(header + "#0\n$dumpvars\n0!\nb0 \"\n$end\n#5\n1!\n");
    EXPECT_EQ(vcd.kind, TraceKind::vcd);
    EXPECT_EQ(vcd.nets, 2u);
    EXPECT_THAT(vcd.problems, ElementsAre());
    const TraceCheck saif = check(
        "(SAIFILE (SAIFVERSION \"2.0\") (DIRECTION \"backward\") (TIMESCALE 1 ps) (DURATION 10)\n"
        "(INSTANCE m (NET (a (T0 4) (T1 3) (TX 2) (TZ 1) (TC 5)) (b (T0 9) (TB 1)))))");
    EXPECT_EQ(saif.kind, TraceKind::saif);
    EXPECT_EQ(saif.nets, 2u);
    EXPECT_THAT(saif.problems, ElementsAre());
}

TEST(TraceCheck, GivenAVcdWithEveryFault_ThenEachIsListedWithItsPlace) {
    const TraceCheck found = check(
        "$scope module m $end\n$var wire 1 ! a $end\n$var wire 4 \" v [7:0] $end\n$var wire 1 # a $end\n"
        "$var wire 1 $ never $end\n$var event 1 % tick $end\n$upscope $end\n$enddefinitions $end\n"
        "#0\n0!\nb0 \"\n0#\n#5\n1!\n#4\n1?\nb10101 \"\n#9\n1!");
    EXPECT_THAT(found.problems,
                ElementsAre(HasSubstr("t: the header has no $timescale"),
                            HasSubstr("t:4: variable `m.a` comes again, first in line 2"),
                            HasSubstr("t:3: the range of `v[7:0]` does not fit its width of 4"),
                            HasSubstr("t:5: variable `m.never` has no value at the first time"),
                            HasSubstr("t:15:1: time goes back from 5 to 4"),
                            HasSubstr("t:16:1: identifier code `?` is not declared"), HasSubstr("a value of 5 bits")));
    EXPECT_EQ(found.found, 7u);
}

TEST(TraceCheck, GivenFaultsThatEndTheReading_ThenTheyAreListedToo) {
    EXPECT_THAT(check("$var wire 1 ! a $end\n").problems, ElementsAre(HasSubstr("$enddefinitions")));
    EXPECT_THAT(check(header + "#0\n$dumpvars\n0!\nb0 \"\n#5\n").problems,
                ElementsAre(HasSubstr("t:12:1: the file ends in $dumpvars")));
    EXPECT_THAT(check("$enddefinitions $end\n").problems,
                ElementsAre(HasSubstr("no $timescale"), HasSubstr("no variable"), HasSubstr("no time")));
}

TEST(TraceCheck, GivenASaifWithEveryFault_ThenEachIsListedWithItsPlace) {
    const TraceCheck found = check(
        "(SAIFILE (SAIFVERSION \"2.0\")\n(DURATION 10)\n(INSTANCE m (NET\n(a (T0 4) (T1 5))\n(b (T0 6) (T1 5))\n"
        "(c (T0 10) (TC 2))\n(d (T1 10) (TC 2))\n(c (T0 10))\n(e (T0 18446744073709551615) (T1 11)))\n"
        "(INSTANCE u (NET (T1 (T0 10))))\n(INSTANCE TC)))");
    EXPECT_THAT(
        found.problems,
        ElementsAre(HasSubstr("t:8: net `m.c` comes again with other activity, first in line 6"),
                    HasSubstr("no DIRECTION"), HasSubstr("no TIMESCALE"),
                    HasSubstr("t:4: net `m.a`: T0 4 + T1 5 + TX 0 + TZ 0 is less than the DURATION 10"),
                    HasSubstr("t:5: net `m.b`"), HasSubstr("t:6: net `m.c`: TC 2, but it was never at 1"),
                    HasSubstr("t:7: net `m.d`: TC 2, but it was never at 0"), HasSubstr("is more than the DURATION"),
                    HasSubstr("t:10: net `m.u.T1` has a keyword of SAIF for a name"),
                    HasSubstr("t:11: instance `m.TC` has a keyword of SAIF for a name")));
    EXPECT_THAT(check("(SAIFILE (INSTANCE m").problems, ElementsAre(HasSubstr("cut off")));
}

std::string saif(const std::string& duration, const std::string& nets) {
    return "(SAIFILE (SAIFVERSION \"2.0\") (DIRECTION \"backward\") (TIMESCALE 1 ps) (DURATION " + duration +
           ")\n(INSTANCE m (NET " + nets + ")))";
}

TEST(TraceCheck, GivenWhatOtherToolsRoundAndCount_ThenThereIsNoAlarm) {
    for (const std::string& text : std::vector<std::string>{
             header + "#0\n$dumpvars\n0!\nb0 \"\n$end\n#5\n1!",                 // no end of the last line
             saif("100000", "(a (T0 49999) (T1 49998) (TX 1) (TC 7))"),         // times rounded down
             saif("1000", "(a (T0 1000) (T1 0) (TC 1)) (b (T1 1000) (TC 1))"),  // an edge at the very end
             saif("1000", "(a (T0 900) (TX 100) (TC 2))"),                      // edges to x and back
             saif("5e+06", "(a (T0 2.5e+06) (T1 2.5e+06) (TC 300)) (b (T0 4999999.5) (T1 0.5) (TC 2))"),
             saif("1.23457e+08", "(a (T0 6.17284e+07) (T1 61728567) (TC 4))"),  // six digits
             "$timescale 1ns $end $scope module m $end $var wire 1 ! d [1] $end $var wire 1 ! d [1] $end $upscope $end "
             "$enddefinitions $end #0 0! #5 1!"})  // one value named twice
        EXPECT_THAT(check(text).problems, ElementsAre()) << text;
    EXPECT_EQ(check(saif("100000", "(a (T0 49999) (T1 49990) (TC 7))")).found, 1u);
}

TEST(TraceCheck, GivenNoTime_ThenItIsAProblem) {
    EXPECT_THAT(check(header + "#7\n0!\nb0 \"\n").problems, ElementsAre(HasSubstr("no time passes")));
    EXPECT_THAT(check(header + "#0\n0!\nb0 \"\n#0\n1!\n").problems, ElementsAre(HasSubstr("no time passes")));
    EXPECT_THAT(check(saif("0", "(a (T0 0))")).problems, ElementsAre(HasSubstr("the DURATION is 0")));
}

TEST(TraceCheck, GivenMoreProblemsThanAsked_ThenAllAreCountedAndTheFirstListed) {
    std::string text = header + "#0\n0!\nb0 \"\n#1\n";
    for (int i = 0; i < 100; ++i)
        text += "1%\n";
    const TraceCheck found = check(text, 3);
    EXPECT_EQ(found.found, 100u);
    EXPECT_EQ(found.problems.size(), 3u);
}

TEST(TraceCheck, GivenOtherFiles_ThenTheyAreUnreadable) {
    for (const char* text : {"", "{}", "a,b\n1,2\n",
                             "\x7f"
                             "ELF"})
        EXPECT_THROW(check(text), UnreadableInput) << text;
}

}  // namespace
}  // namespace xloop::trace
