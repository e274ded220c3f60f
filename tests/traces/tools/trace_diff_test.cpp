#include "traces/tools/trace_diff.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>

namespace xloop::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TraceDifference diff(const std::string& a, const std::string& b, double tolerance = 0) {
    TextInput in_a("a", a), in_b("b", b);
    return diff_traces(in_a, in_b, tolerance);
}

const std::string header_a =
    "$timescale 1ns $end $scope module m $end $var wire 1 ! a $end $var wire 4 \" v [3:0] $end\n"
    "$var real 64 # r $end $upscope $end $enddefinitions $end\n";
/// The same variables with other codes and in another order, and a finer time scale.
const std::string header_b =
    "$timescale 100ps $end $scope module m $end $var real 64 A r $end $var wire 4 B v [3:0] $end\n"
    "$var wire 1 C a $end $upscope $end $enddefinitions $end\n";

TEST(TraceDiff, GivenOtherCodesOrderAndScale_ThenTheFilesAreEqual) {
    const TraceDifference d = diff(header_a + "#0 0! b0 \" r0 # #5 1! b101 \" r2.5 # #7 0! 1! #9 0! #20",
                                   header_b + "$dumpvars b0000 B r0 A 0C $end #50 r2.5 A b0101 B 1C #90 0C #200");
    EXPECT_TRUE(d.compared_values);
    EXPECT_EQ(d.variables_that_part, 0u);
    EXPECT_FALSE(d.first);
    EXPECT_EQ(d.duration_a, 200u);
    EXPECT_EQ(d.duration_b, 200u);
    EXPECT_EQ(d.nets, 5u);
    EXPECT_TRUE(d.equal);
}

TEST(TraceDiff, GivenOneOtherValue_ThenItsFirstTimeNetAndValuesAreNamed) {
    const std::string a = header_a + "#0 0! b0 \" r0 # #5 b101 \" #7 1! #9 b0 \" 0! #20";
    const std::string b = header_b + "#0 0C b0 B r0 A #50 b100 B #70 1C #90 b0 B 0C #200";
    const TraceDifference d = diff(a, b);
    EXPECT_FALSE(d.equal);
    ASSERT_TRUE(d.first);
    EXPECT_EQ(d.first->time, 50u);
    EXPECT_EQ(d.unit_fs, 100'000u);
    EXPECT_EQ(d.first->net, "m.v[3:0]");
    EXPECT_EQ(d.first->value_a, "0101");
    EXPECT_EQ(d.first->value_b, "0100");
    EXPECT_EQ(d.variables_that_part, 1u);
    ASSERT_EQ(d.differing.size(), 1u);
    EXPECT_EQ(d.differing[0].net, "m.v[0]");
    EXPECT_EQ(d.differing[0].tc_a, 2u);
    EXPECT_EQ(d.differing[0].tc_b, 0u);
    EXPECT_EQ(d.differing[0].t1_a, 40u);
    EXPECT_EQ(d.toggles_a, 6u);
    EXPECT_EQ(d.toggles_b, 4u);
}

TEST(TraceDiff, GivenALateAndAnEarlyChange_ThenTheFirstDifferenceIsTheEarliestAndAmongEqualsTheFirstDeclared) {
    const TraceDifference d =
        diff(header_a + "#0 0! b0 \" r0 # #5 #8 1! #20", header_b + "#0 0C b0 B r0 A #80 1C #90 b1 B r1 A #200");
    ASSERT_TRUE(d.first);
    EXPECT_EQ(d.first->time, 90u);
    EXPECT_EQ(d.first->net, "m.v[3:0]");
    EXPECT_EQ(d.variables_that_part, 2u);
}

TEST(TraceDiff, GivenOnlyRealsThatDiffer_ThenTheFilesDiffer) {
    const TraceDifference d = diff(header_a + "#0 0! b0 \" r0.1 # #20", header_a + "#0 0! b0 \" r0.2 # #20");
    EXPECT_FALSE(d.equal);
    EXPECT_EQ(d.first->value_a, "0.1");
    EXPECT_EQ(d.first->value_b, "0.2");
    EXPECT_TRUE(d.differing.empty());
}

TEST(TraceDiff, GivenShiftedEdges_ThenCountsAreEqualAndValuesAreNot) {
    const TraceDifference d =
        diff(header_a + "#0 0! b0 \" r0 # #5 1! #8 0! #20", header_a + "#0 0! b0 \" r0 # #6 1! #9 0! #20");
    EXPECT_TRUE(d.differing.empty());
    EXPECT_EQ(d.variables_that_part, 1u);
    EXPECT_FALSE(d.equal);
}

TEST(TraceDiff, GivenValuesThatDifferAfterAPause_ThenTheyAreFound) {
    const TraceDifference d = diff(header_a + "#0 0! b0 \" r0 # #5 $dumpoff x! $end #8 $dumpon 1! $end #20",
                                   header_a + "#0 0! b0 \" r0 # #5 $dumpoff x! $end #8 $dumpon 0! $end #20");
    ASSERT_TRUE(d.first);
    EXPECT_EQ(d.first->time, 8u);
    EXPECT_EQ(d.first->net, "m.a");
}

TEST(TraceDiff, GivenOtherNetsWidthsOrLengths_ThenTheFilesDiffer) {
    const std::string one = "$scope module m $end $var wire 1 ! a $end $upscope $end $enddefinitions $end #0 0! #20";
    const TraceDifference nets = diff(header_a + "#0 0! b0 \" r0 # #20", one);
    EXPECT_FALSE(nets.equal);
    EXPECT_THAT(nets.only_a, ElementsAre("m.v[0]", "m.v[1]", "m.v[2]", "m.v[3]"));
    EXPECT_TRUE(nets.only_b.empty());
    const TraceDifference length = diff(one, one.substr(0, one.size() - 1) + "5");
    EXPECT_FALSE(length.equal);
    EXPECT_EQ(length.duration_b, 25u);
    EXPECT_TRUE(diff(one, one).equal);
}

TEST(TraceDiff, GivenVcdAndSaif_ThenTheirCountsAreCompared) {
    const std::string vcd = header_a + "#0 0! b0 \" r0 # #5 1! b1 \" #7 0! #20";
    const std::string saif =
        "(SAIFILE (DURATION 20000) (TIMESCALE 1 ps) (INSTANCE m (NET (a (T0 18000) (T1 2000) (TC 2))\n"
        "(v\\[0\\] (T0 5000) (T1 15000) (TC 1)) (v[1] (T0 20000)) (v[2] (T0 20000)) (v[3] (T0 20000)))))";
    const TraceDifference d = diff(vcd, saif);
    EXPECT_TRUE(d.equal);
    EXPECT_FALSE(d.compared_values);
    EXPECT_EQ(d.nets, 5u);
    EXPECT_DOUBLE_EQ(d.high_a, 17e6 / 1e3);
    EXPECT_TRUE(diff(saif, vcd).equal);
}

TEST(TraceDiff, GivenATolerance_ThenDifferencesWithinItAreAllowed) {
    const auto saif = [](int t1, int tc, int other_tc) {
        return "(SAIFILE (DURATION 1000) (TIMESCALE 1 ps) (INSTANCE m (NET (a (T1 " + std::to_string(t1) + ") (TC " +
               std::to_string(tc) + ")) (b (TC " + std::to_string(other_tc) + ")))))";
    };
    EXPECT_TRUE(diff(saif(500, 100, 0), saif(496, 99, 0), 0.01).equal);
    EXPECT_FALSE(diff(saif(500, 100, 0), saif(496, 99, 0)).equal);
    EXPECT_FALSE(diff(saif(500, 100, 0), saif(494, 100, 0), 0.01).equal);
    // Largest difference first.
    const TraceDifference d = diff(saif(500, 100, 10), saif(500, 98, 30), 0.01);
    ASSERT_EQ(d.differing.size(), 2u);
    EXPECT_EQ(d.differing[0].net, "m.b");
    EXPECT_EQ(d.differing[1].net, "m.a");
    const auto json = d.json(1);
    EXPECT_EQ(json["differences"].size(), 1u);
    EXPECT_EQ(json["nets_that_differ"], 2);
    EXPECT_EQ(json["toggles"]["b"], 128);
    EXPECT_THAT(d.table(1), HasSubstr("m.b"));
}

TEST(TraceDiff, GivenAFileAndItself_ThenTheyAreEqualWhateverIsInIt) {
    const std::string dotted =
        "$timescale 1ns $end $scope module tb $end $scope module gen.blk $end $var wire 1 ! q $end $upscope $end "
        "$scope module "
        "gen $end $scope module blk $end $var wire 1 \" q $end $upscope $end $upscope $end $var wire 1 ! same $end "
        "$var wire 1 "
        "\" same $end $upscope $end $enddefinitions $end ";
    for (const std::string& text : {dotted + "#0 0! 0\" #5 1! #10", dotted, dotted + "0! 1\" #7", dotted + "#7 0!"})
        EXPECT_TRUE(diff(text, text).equal) << text;
    EXPECT_EQ(diff(dotted + "#0 0! 0\" #5 1! #10", dotted + "#0 0! 0\" #5 1\" #10").variables_that_part, 4u);
}

TEST(TraceDiff, GivenValuesBeforeTheFirstTime_ThenTheyAreCompared) {
    const std::string header =
        "$timescale 1ns $end $var parameter 8 ! p $end $var wire 1 \" a $end $enddefinitions $end ";
    const TraceDifference d = diff(header + "b101 ! #5 0\" #9", header + "b111 ! #5 0\" #9");
    ASSERT_TRUE(d.first);
    EXPECT_EQ(d.first->net, "p");
    EXPECT_FALSE(d.equal);
}

TEST(TraceDiff, GivenOtherKindsOrHugeTimes_ThenTheyAreRefused) {
    EXPECT_THROW(diff("{}", header_a), InputError);
    EXPECT_THROW(diff(header_a + "#0 #18446744073709551610", header_b + "#0"), InputError);
}

}  // namespace
}  // namespace xloop::trace
