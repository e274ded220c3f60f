#include "traces/bus/name_map.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "traces/text/name_pattern.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>

namespace xloop::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class NameMapTest : public testing::Test {
protected:
    NameMapTest()
        : path_(std::filesystem::temp_directory_path().string() + "/xloop_name_map_" + std::to_string(::getpid()) +
                ".yaml") {}
    ~NameMapTest() override { std::filesystem::remove(path_); }

    NameMap load(const std::string& yaml) const {
        write_file_atomically(path_, yaml);
        return NameMap::load(path_);
    }

    /// "scope|name" of a signal of one bit, or "-".
    static std::string renamed(NameMap& map, const std::string& scope, const std::string& name, int width = 1) {
        const auto net = map.rename(levels_of(scope), name, width);
        return net ? joined({net->scope.begin(), net->scope.end()}) + "|" + net->name : "-";
    }

    void expect_refused(const std::string& yaml, int line, const std::vector<std::string>& parts) const {
        try {
            load(yaml);
            ADD_FAILURE() << "accepted:\n" << yaml;
        } catch (const InputError& error) {
            EXPECT_THAT(error.what(), HasSubstr(path_ + ":" + std::to_string(line) + ":"));
            for (const std::string& part : parts)
                EXPECT_THAT(error.what(), HasSubstr(part));
        }
    }

    std::string path_;
};

std::vector<std::string> captured(const std::string& pattern, const std::string& path) {
    std::vector<std::string_view> views;
    if (!NamePattern(pattern).match(path, views))
        return {"no match"};
    return {views.begin(), views.end()};
}

TEST(NamePattern, GivenWildcards_ThenTheyStayWithinTheirLevel) {
    EXPECT_THAT(captured("a.tile_*_*.b", "a.tile_3_12.b"), ElementsAre("3", "12"));
    EXPECT_THAT(captured("a.*", "a.b.c"), ElementsAre("no match"));
    EXPECT_THAT(captured("a.**", "a.b.c"), ElementsAre("b.c"));
    EXPECT_THAT(captured("**.c", "a.b.c"), ElementsAre("a.b"));
    EXPECT_THAT(captured("a?b", "axb"), ElementsAre("x"));
    EXPECT_THAT(captured("a?b", "a.b"), ElementsAre("no match"));
    EXPECT_THAT(captured("a*", "a"), ElementsAre(""));
    EXPECT_THAT(captured("a", "a"), ElementsAre());
    EXPECT_THAT(captured("a", "ab"), ElementsAre("no match"));
    EXPECT_THAT(captured("ab", "a"), ElementsAre("no match"));
}

TEST(NamePattern, GivenWordsOfDifferentLength_ThenTheOneThatFitsTheRestIsTaken) {
    EXPECT_THAT(captured("r.{ab,a}*.x", "r.abc.x"), ElementsAre("ab", "c"));
    EXPECT_THAT(captured("r.{a,ab}.x", "r.ab.x"), ElementsAre("ab"));
    EXPECT_THAT(captured("r.{east,west}.x", "r.north.x"), ElementsAre("no match"));
}

TEST(NamePattern, GivenAnAmbiguousPath_ThenEarlierWildcardsTakeLeast) {
    EXPECT_THAT(captured("t_*_*", "t_0_1_2"), ElementsAre("0", "1_2"));
    EXPECT_THAT(captured("**.**", "a.b.c"), ElementsAre("a", "b.c"));
}

TEST(NamePattern, GivenManyWildcardsAndNoMatch_ThenItEnds) {
    std::string pattern, path(300, 'a');
    for (int i = 0; i < 40; ++i)
        pattern += "**a";
    EXPECT_THAT(captured(pattern + "b", path), ElementsAre("no match"));
    EXPECT_EQ(captured(pattern, path).size(), 40u);
}

TEST_F(NameMapTest, GivenCaptures_ThenTheyAreFilledInAndReformatted) {
    NameMap map = load(R"(
rules:
  - {model: "chip.tile_*_*.pe_*.adc_*.code", rtl: "top.tile[{2}][{1}].pe{3:02d}.xb{4:d}.dout"}
)");
    EXPECT_EQ(renamed(map, "chip.tile_0_12.pe_7.adc_03", "code", 8), "top.tile[12][0].pe07.xb3|dout");
    EXPECT_EQ(renamed(map, "chip.tile_1_12.pe_123.adc_0", "code", 8), "top.tile[12][1].pe123.xb0|dout");
}

TEST_F(NameMapTest, GivenSeveralMatchingRules_ThenTheFirstWins) {
    NameMap map = load(R"(
rules:
  - {model: "chip.tile_0_0.bus.data", rtl: "top.first"}
  - {drop: "chip.tile_0_0.**"}
  - {model: "chip.tile_*_*.**", rtl: "top.t{1}_{2}.{3}"}
)");
    EXPECT_EQ(renamed(map, "chip.tile_0_0.bus", "data"), "top|first");
    EXPECT_EQ(renamed(map, "chip.tile_0_0.bus", "valid"), "-");
    EXPECT_EQ(renamed(map, "chip.tile_0_1.bus", "data"), "top.t0_1.bus|data");
    EXPECT_THAT(map.unmapped(), ElementsAre());
    EXPECT_THAT(map.unused_rules(), ElementsAre());
}

TEST_F(NameMapTest, GivenSignalsWithoutRulesAndRulesWithoutSignals_ThenBothAreListed) {
    NameMap map = load(R"(
rules:
  - {model: "chip.clk", rtl: "top.ck"}
  - {drop: "chip.noc.**"}
  - {model: "chip.tile_*.clk_en", rtl: "top.on{1}"}
)");
    EXPECT_EQ(renamed(map, "chip", "clk"), "top|ck");
    EXPECT_EQ(renamed(map, "chip.io", "data"), "-");
    EXPECT_THAT(map.unmapped(), ElementsAre("chip.io.data"));
    EXPECT_THAT(map.unused_rules(), ElementsAre(path_ + ":4: chip.noc.**", path_ + ":5: chip.tile_*.clk_en"));
}

TEST_F(NameMapTest, GivenUnmappedSignalsToKeep_ThenTheyKeepTheirNamesUnderThePrefix) {
    NameMap map = load("prefix: tb.dut\nunmapped: keep\nrules:\n  - {model: chip.clk, rtl: ck}\n");
    EXPECT_EQ(renamed(map, "chip", "clk"), "tb.dut|ck");
    EXPECT_EQ(renamed(map, "chip.io", "data"), "tb.dut.chip.io|data");
    EXPECT_THAT(map.unmapped(), ElementsAre("chip.io.data"));
}

TEST_F(NameMapTest, GivenNoNaming_ThenSlashesAndBrackets) {
    NameMap map = load("rules: [{drop: \"**\"}]");
    EXPECT_EQ(map.naming().divider, '/');
    EXPECT_EQ(map.naming().bus_bit, "{}[{}]");
}

TEST_F(NameMapTest, GivenNaming_ThenItIsHandedOn) {
    NameMap map = load("divider: \".\"\nbus_bit: \"{}_{}_\"\nrules: [{drop: \"**\"}]");
    EXPECT_EQ(map.naming().divider, '.');
    EXPECT_EQ(map.naming().bus_bit, "{}_{}_");
}

TEST_F(NameMapTest, GivenTwoSignalsForOneNet_ThenTheErrorNamesBothAndTheRule) {
    NameMap map = load("rules:\n  - {model: \"chip.tile_*_*.bus.data\", rtl: \"top.t{1}.d\"}\n");
    EXPECT_EQ(renamed(map, "chip.tile_0_0.bus", "data"), "top.t0|d");
    try {
        map.rename(levels_of("chip.tile_0_1.bus"), "data", 1);
        FAIL() << "accepted";
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr(path_ + ":2:"));
        EXPECT_THAT(error.what(),
                    HasSubstr("chip.tile_0_0.bus.data and chip.tile_0_1.bus.data would both be top.t0.d"));
    }
}

TEST_F(NameMapTest, GivenAKeptSignalWithTheNameOfAMappedNet_ThenItIsRefused) {
    NameMap map = load("unmapped: keep\nrules: [{model: chip.a, rtl: chip.b}]");
    EXPECT_EQ(renamed(map, "chip", "a"), "chip|b");
    EXPECT_THROW(map.rename(levels_of("chip"), "b", 1), InputError);
}

TEST_F(NameMapTest, GivenAWidthOfTheNet_ThenAnotherWidthIsRefused) {
    NameMap map = load("rules:\n  - {model: chip.a_*, rtl: \"top.a{1}\", width: 8}\n");
    EXPECT_EQ(renamed(map, "chip", "a_0", 8), "top|a0");
    try {
        map.rename(levels_of("chip"), "a_1", 7);
        FAIL() << "accepted";
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr(path_ + ":2:"));
        EXPECT_THAT(error.what(), HasSubstr("has 8 bits, but chip.a_1 has 7"));
    }
}

TEST_F(NameMapTest, GivenANumberFormatForAWord_ThenTheErrorNamesTheSignal) {
    NameMap map = load("rules:\n  - {model: \"chip.{east,west}\", rtl: \"top.p{1:02d}\"}\n");
    try {
        map.rename(levels_of("chip"), "west", 1);
        FAIL() << "accepted";
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr(path_ + ":2:"));
        EXPECT_THAT(error.what(), HasSubstr("stands for `west` in chip.west"));
    }
}

TEST_F(NameMapTest, GivenAWildcardForNothing_ThenNoLevelMayBeEmpty) {
    NameMap map = load("rules:\n  - {model: \"chip.a*.b\", rtl: \"top.{1}.b\"}\n");
    EXPECT_EQ(renamed(map, "chip.ax", "b"), "top.x|b");
    try {
        map.rename(levels_of("chip.a"), "b", 1);
        FAIL() << "accepted";
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr(path_ + ":2:"));
        EXPECT_THAT(error.what(), HasSubstr("chip.a.b, which leaves `top..b`"));
    }
}

TEST_F(NameMapTest, GivenAKeywordOfSaifForANet_ThenItIsRefusedWherePowerToolsWould) {
    const auto refusal = [this](const std::string& yaml, const char* scope, const char* name) -> std::string {
        NameMap map = load(yaml);
        try {
            map.rename(levels_of(scope), name, 1);
        } catch (const InputError& error) {
            return error.what();
        }
        return "accepted";
    };
    EXPECT_THAT(refusal("rules:\n  - {model: \"chip.s_*\", rtl: \"top.{1}\"}\n", "chip", "s_T0"),
                HasSubstr(path_ + ":2:5: chip.s_T0 would be top.T0, but `T0` is a keyword of SAIF"));
    EXPECT_THAT(refusal("rules: [{model: chip.a, rtl: top.NET.a}]", "chip", "a"), HasSubstr("`NET` is a keyword"));
    EXPECT_THAT(refusal("unmapped: keep\nrules: [{drop: x}]", "chip", "PORT"), HasSubstr("`PORT` is a keyword"));
    EXPECT_EQ(refusal("rules: [{model: chip.a, rtl: top.T0_q}]", "chip", "a"), "accepted");
}

TEST_F(NameMapTest, GivenNetsBelowTwoTopInstances_ThenTheSecondIsRefused) {
    NameMap map = load("unmapped: keep\nrules:\n  - {model: chip.clk, rtl: tb.ck}\n");
    EXPECT_EQ(renamed(map, "chip", "clk"), "tb|ck");
    try {
        map.rename(levels_of("chip.io"), "data", 1);
        FAIL() << "accepted";
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr("chip.io.data would be chip.io.data, beside the top instance tb"));
    }
}

TEST_F(NameMapTest, GivenNamesWithDotsAndBrackets_ThenPatternsReachThemAndOthersKeepTheirLevels) {
    NameMap map = load("unmapped: keep\nrules:\n  - {model: \"tb.gen[*].u.x.q\", rtl: \"tb.pe{1}.q\"}\n");
    const auto net = map.rename({"tb", "gen[3]", "u.x"}, "q", 1);
    ASSERT_TRUE(net);
    EXPECT_THAT(net->scope, ElementsAre("tb", "pe3"));
    const auto kept = map.rename({"tb", "a.b"}, "c.d", 1);
    ASSERT_TRUE(kept);
    EXPECT_THAT(kept->scope, ElementsAre("tb", "a.b"));
    EXPECT_EQ(kept->name, "c.d");
    EXPECT_THAT(map.unmapped(), ElementsAre("tb.a\\.b.c\\.d"));
}

TEST_F(NameMapTest, GivenWrongRules_ThenFileLineAndKeyAreNamed) {
    expect_refused("rules:\n  - {model: a.b, rtl: c.d}\n  - {modl: a.b, rtl: c.d}\n", 3,
                   {"modl", "did you mean `model`"});
    expect_refused("rules:\n  - {model: a.b}\n", 2, {"expected `model` and `rtl` in a rule, or `drop` alone"});
    expect_refused("rules:\n  - {drop: a.b, rtl: c.d}\n", 2, {"`drop` alone"});
    expect_refused("rules:\n  - {model: \"a.{b\", rtl: c.d}\n", 2, {"model: ", "expected `}`"});
    expect_refused("rules:\n  - {drop: \"a.b}\"}\n", 2, {"drop: ", "expected `{`"});
    expect_refused("rules:\n  - {drop: \"a.***\"}\n", 2, {"drop: ", "got `***`"});
    expect_refused("rules:\n  - {drop: \"a.{b,,c}\"}\n", 2, {"plain words"});
    expect_refused("rules:\n  - {drop: \"a.b[3]\"}\n", 2, {"brackets"});
    expect_refused("rules:\n  - {drop: \"\"}\n", 2, {"drop: ", "empty"});
    expect_refused("rules:\n  - {model: \"a.*\", rtl: \"c.{2}\"}\n", 2, {"rtl: ", "{1}, got `{2}`"});
    expect_refused("rules:\n  - {model: \"a.*.*\", rtl: \"c.{0}\"}\n", 2, {"{1} to {2}, got `{0}`"});
    expect_refused("rules:\n  - {model: a.b, rtl: \"c.{1}\"}\n", 2, {"which has none"});
    expect_refused("rules:\n  - {model: \"a.*\", rtl: \"c.{1:x}\"}\n", 2, {"{1:02d}", "got `{1:x}`"});
    expect_refused("rules:\n  - {model: \"a.*\", rtl: \"c.{1\"}\n", 2, {"expected `}`"});
    expect_refused("rules:\n  - {model: a.b, rtl: \"c..d\"}\n", 2, {"rtl: ", "got `c..d`"});
    expect_refused("rules:\n  - {model: a.b, rtl: \"c d.e\"}\n", 2, {"rtl: ", "got `c d.e`"});
    expect_refused("rules:\n  - {model: a.b, rtl: c}\n", 2, {"net within an instance, such as `top.c`"});
    expect_refused("rules:\n  - {model: a.b, rtl: c.d, width: 0}\n", 2, {"width"});
}

TEST_F(NameMapTest, GivenWrongKeysAtTheTop_ThenFileLineAndKeyAreNamed) {
    expect_refused("rules: [{drop: a}]\nprefx: tb\n", 2, {"prefx", "did you mean `prefix`"});
    expect_refused("rules: [{drop: a}]\nprefix: tb/dut\n", 2, {"prefix: ", "got `tb/dut`"});
    expect_refused("rules: [{drop: a}]\ndivider: \"|\"\n", 2, {"divider"});
    expect_refused("rules: [{drop: a}]\nbus_bit: \"{}\"\n", 2, {"bus_bit"});
    expect_refused("rules: [{drop: a}]\nbus_bit: \"{}{}\"\n", 2, {"bus_bit"});
    expect_refused("rules: [{drop: a}]\nunmapped: list\n", 2, {"unmapped"});
    expect_refused("rules: []\n", 1, {"rules: expected a list"});
    expect_refused("prefix: tb\n", 1, {"rules: expected a list"});
}

}  // namespace
}  // namespace xloop::trace
