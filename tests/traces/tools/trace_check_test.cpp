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
                            HasSubstr("t:3: the range of `v[7:0]` does not fit its width of 4"),
                            HasSubstr("t:4: variable `m.a` comes again, first in line 2"),
                            HasSubstr("t:5: variable `m.never` has no value at the first time"),
                            HasSubstr("t:15:1: time goes back from 5 to 4"),
                            HasSubstr("t:16:1: identifier code `?` is not declared"), HasSubstr("a value of 5 bits"),
                            HasSubstr("t:19: the last line has no end")));
    EXPECT_EQ(found.found, 8u);
}

TEST(TraceCheck, GivenFaultsThatEndTheReading_ThenTheyAreListedToo) {
    EXPECT_THAT(check("$var wire 1 ! a $end\n").problems, ElementsAre(HasSubstr("$enddefinitions")));
    EXPECT_THAT(check(header + "#0\n$dumpvars\n0!\n").problems,
                ElementsAre(HasSubstr("t:10:1: the file ends in $dumpvars")));
    EXPECT_THAT(check("$enddefinitions $end\n").problems,
                ElementsAre(HasSubstr("no $timescale"), HasSubstr("no variable"), HasSubstr("no time")));
}

TEST(TraceCheck, GivenASaifWithEveryFault_ThenEachIsListedWithItsPlace) {
    const TraceCheck found = check(
        "(SAIFILE (SAIFVERSION \"2.0\")\n(DURATION 10)\n(INSTANCE m (NET\n(a (T0 4) (T1 5))\n(b (T0 6) (T1 5))\n"
        "(c (T0 10) (TC 1))\n(d (T1 10) (TC 1))\n(c (T0 10))\n(e (T0 18446744073709551615) (T1 11)))\n"
        "(INSTANCE u)\n(INSTANCE u)))");
    EXPECT_THAT(
        found.problems,
        ElementsAre(HasSubstr("no DIRECTION"), HasSubstr("no TIMESCALE"),
                    HasSubstr("t:4: net `m.a`: T0 4 + T1 5 + TX 0 + TZ 0 is less than the DURATION 10"),
                    HasSubstr("t:5: net `m.b`"), HasSubstr("t:6: net `m.c`: TC 1, but it was never at 1"),
                    HasSubstr("t:7: net `m.d`: TC 1, but it was never at 0"),
                    HasSubstr("t:8: net `c` comes again, first in line 6"), HasSubstr("is more than the DURATION"),
                    HasSubstr("t:11: instance `u` comes again, first in line 10")));
    EXPECT_THAT(check("(SAIFILE (INSTANCE m").problems, ElementsAre(HasSubstr("cut off")));
}

TEST(TraceCheck, GivenMoreProblemsThanAsked_ThenAllAreCountedAndTheFirstListed) {
    std::string text = header + "#0\n0!\nb0 \"\n";
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
