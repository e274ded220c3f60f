#include "traces/text/glob.hpp"

#include <gtest/gtest.h>

namespace xloop::trace {
namespace {

// Copy me: a table of what holds and what does not.
TEST(Glob, GivenWildcards_ThenOneStarStaysWithinALevelAndTwoCrossLevels) {
    const auto matches = [](const char* pattern, const char* path) { return Glob(pattern).matches(path); };
    EXPECT_TRUE(matches("chip.tile_0_0", "chip.tile_0_0"));
    EXPECT_FALSE(matches("chip.tile_0_0", "chip.tile_0_01"));
    EXPECT_FALSE(matches("chip.tile_0_0", "chip"));
    EXPECT_TRUE(matches("chip.*.bus", "chip.tile_0_0.bus"));
    EXPECT_TRUE(matches("chip.*", "chip."));
    EXPECT_FALSE(matches("chip.*.bus", "chip.tile_0_0.pe_1.bus"));
    EXPECT_TRUE(matches("chip.**.bus", "chip.tile_0_0.pe_1.bus"));
    EXPECT_TRUE(matches("**", ""));
    EXPECT_TRUE(matches("**adc_?", "chip.xbar.adc_7"));
    EXPECT_FALSE(matches("**adc_?", "chip.xbar.adc_17"));
    EXPECT_FALSE(matches("chip?bus", "chip.bus")) << "a level's end is no character";
    EXPECT_TRUE(matches("*_*_*", "tile_0_1"));
    EXPECT_FALSE(matches("*_*_*", "tile_0"));
    EXPECT_FALSE(matches("a", ""));
}

TEST(Glob, GivenAScope_ThenAllBelowItMatchesWithin) {
    const Glob tile("chip.tile_?_0");
    EXPECT_FALSE(tile.used());
    EXPECT_FALSE(tile.matches_within("chip.noc.router_0_0.valid"));
    EXPECT_FALSE(tile.matches_within("chip"));
    EXPECT_FALSE(tile.matches_within("chip.tile_10_0.bus"));
    EXPECT_FALSE(tile.used());
    EXPECT_TRUE(tile.matches_within("chip.tile_1_0.pe_0.xbar_0.lines"));
    EXPECT_TRUE(tile.matches_within("chip.tile_1_0"));
    EXPECT_TRUE(tile.used());
}

TEST(Glob, GivenNamesOfAnyCharacters_ThenLevelsStayApartAndBackslashesMakePlainText) {
    const auto within = [](const char* pattern, std::vector<std::string_view> levels) {
        return Glob(pattern).matches_within(levels);
    };
    EXPECT_TRUE(within("tb.genblk1[1]", {"tb", "genblk1[1]", "u"}));
    EXPECT_FALSE(within("tb.genblk1[1]", {"tb", "genblk1[0]", "u"}));
    EXPECT_TRUE(within("tb/gen.blk", {"tb", "gen.blk"}));
    EXPECT_TRUE(within("tb.gen.blk", {"tb", "gen", "blk"}));
    EXPECT_TRUE(within("tb.*", {"tb", "gen.blk"}));
    EXPECT_TRUE(within("tb.gen\\.blk", {"tb", "gen.blk"}));
    EXPECT_FALSE(within("tb.gen\\.blk", {"tb", "gen", "blk"}));
    EXPECT_TRUE(within("a\\*b\\{c\\}", {"a*b{c}"}));
    EXPECT_FALSE(within("a\\*b", {"axb"}));
    EXPECT_TRUE(within("tb.u/x", {"tb", "u/x"}));
    EXPECT_TRUE(within("tb.a?b", {"tb", "a.b"}));
}

}  // namespace
}  // namespace xloop::trace
