#include "tests/apps/command_line.hpp"

#include <sys/stat.h>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

namespace xloop {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string vcd =
    "$timescale 1ns $end\n$scope module tb $end\n$scope module dut $end\n$var wire 1 ! clk $end\n"
    "$var wire 2 \" d [1:0] $end\n$upscope $end\n$upscope $end\n$enddefinitions $end\n"
    "#0\n$dumpvars\n0!\nb0 \"\n$end\n#5\n1!\nb1 \"\n#10\n0!\n#15\n1!\nb10 \"\n#20\n";
const std::string saif =
    "(SAIFILE (SAIFVERSION \"2.0\") (DIRECTION \"backward\") (TIMESCALE 1 ns) (DURATION 20)\n"
    "(INSTANCE tb (INSTANCE dut (NET (clk (T0 10) (T1 10) (TC 3)) (d[0] (T0 10) (T1 10) (TC 2))\n"
    "(d[1] (T0 15) (T1 5) (TC 1))))))\n";

class TraceCommand : public test::CommandLine {};

TEST_F(TraceCommand, GivenEveryHelp_ThenItTeachesWithAnExample) {
    for (const char* name : {"info", "convert", "diff", "check"})
        EXPECT_THAT(good({"trace", name, "--help"}).out, HasSubstr(std::string("xloop trace ") + name + " ")) << name;
    EXPECT_THAT(good({"trace", "--help"}).out, HasSubstr("convert"));
}

TEST_F(TraceCommand, GivenInfo_ThenTextJsonAndCsvAreGiven) {
    write("a.vcd", vcd);
    const Json json = good({"trace", "info", "a.vcd", "--json", "--top", "1", "--csv", "a.csv"}).json();
    EXPECT_EQ(json["format"], "VCD");
    EXPECT_EQ(json["toggles"], 6);
    EXPECT_EQ(json["top_nets"].size(), 1u);
    EXPECT_EQ(json["top_nets"][0]["net"], "tb.dut.clk");
    EXPECT_THAT(read("a.csv"), HasSubstr("nets,tb.dut.d[0],toggles,2\n"));
    EXPECT_THAT(good({"trace", "info", "a.vcd"}).out, HasSubstr("tb.dut.clk\n"));
    // The content decides, not the name.
    write("a.txt", saif);
    EXPECT_EQ(good({"trace", "info", "a.txt", "--json"}).json()["format"], "SAIF");
}

TEST_F(TraceCommand, GivenConvert_ThenTheSaifIsEqualToTheVcdAndPassesTheCheck) {
    write("a.vcd", vcd);
    write("b.saif", saif);
    good({"trace", "convert", "a.vcd", "a.saif.gz"});
    good({"trace", "diff", "a.saif.gz", "b.saif"});
    good({"trace", "diff", "a.vcd", "a.saif.gz"});
    good({"trace", "check", "a.vcd", "a.saif.gz", "b.saif"});
}

TEST_F(TraceCommand, GivenWindowScopeAndNames_ThenTheFileHasThem) {
    write("a.vcd", vcd);
    good({"trace", "convert", "a.vcd", "w.saif", "--window", "5ns:15ns", "--scope", "tb/*", "--strip-path", "tb",
          "--divider", "."});
    const std::string text = read("w.saif");
    EXPECT_THAT(text, HasSubstr("(DURATION 10)"));
    EXPECT_THAT(text, HasSubstr("(DIVIDER . )"));
    EXPECT_THAT(text, HasSubstr("(INSTANCE dut\n"));
    EXPECT_THAT(text, HasSubstr("(clk (T0 5) (T1 5) (TX 0) (TC 1) (IG 0))"));
}

TEST_F(TraceCommand, GivenANameMap_ThenWhatItDidNotTakeIsListed) {
    write("a.vcd", vcd);
    write("names.yaml",
          "rules:\n  - {model: \"tb.dut.d\", rtl: \"top.data\"}\n  - {model: \"tb.none\", rtl: \"top.none\"}\n");
    const test::Outcome outcome = good({"trace", "convert", "a.vcd", "m.saif", "--name-map", "names.yaml"});
    EXPECT_THAT(outcome.err, HasSubstr("1 signals that no rule takes: tb.dut.clk"));
    EXPECT_THAT(outcome.err, HasSubstr("names.yaml:3"));
    EXPECT_THAT(read("m.saif"), HasSubstr("(INSTANCE top"));
    EXPECT_EQ(good({"trace", "info", "m.saif", "--json"}).json()["bits"], 2);
}

TEST_F(TraceCommand, GivenFilesThatDiffer_ThenTheExitCodeIs1AndThePlaceIsNamed) {
    write("a.vcd", vcd);
    std::string late = vcd;
    late.replace(late.find("#15"), 3, "#16");
    write("late.vcd", late);
    const test::Outcome outcome = xloop({"trace", "diff", "a.vcd", "late.vcd", "--json"});
    EXPECT_EQ(outcome.code, 1);
    const Json json = outcome.json();
    EXPECT_EQ(json["equal"], false);
    EXPECT_EQ(json["first"]["time"], 15);
    EXPECT_EQ(json["first"]["net"], "tb.dut.clk");
    EXPECT_EQ(json["nets_that_differ"], 3);
    EXPECT_THAT(xloop({"trace", "diff", "a.vcd", "late.vcd"}).out,
                HasSubstr("first difference      15 ns: tb.dut.clk is 1 | 0"));
    EXPECT_EQ(xloop({"trace", "diff", "a.vcd", "late.vcd", "--tolerance", "20"}).code, 0);
}

TEST_F(TraceCommand, GivenProblems_ThenCheckListsThemAndTheExitCodeIs1) {
    write("good.vcd", vcd);
    write("bad.vcd", vcd + "#19\n#18\n");
    write("bad.saif",
          "(SAIFILE (SAIFVERSION \"2.0\") (DIRECTION \"backward\") (TIMESCALE 1 ns) (DURATION 20)\n(INSTANCE a (NET (n "
          "(T0 19)))))");
    const test::Outcome outcome = xloop({"trace", "check", "good.vcd", "bad.vcd", "bad.saif", "--max", "1"});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.out, HasSubstr("good.vcd: VCD, 2 variables, good\n"));
    EXPECT_THAT(
        outcome.out,
        HasSubstr(
            "bad.vcd: VCD, 2 variables, 2 problems\n  bad.vcd:23:1: time goes back from 20 to 19\n  ... and 1 more"));
    EXPECT_THAT(outcome.out, HasSubstr("bad.saif:2: net `a.n`"));
    EXPECT_THAT(outcome.err, HasSubstr("3 problems found"));
    const test::Outcome json = xloop({"trace", "check", "good.vcd", "bad.vcd", "--json"});
    EXPECT_EQ(json.code, 1);
    EXPECT_EQ(json.json()[0]["found"], 0);
    EXPECT_EQ(json.json()[1]["found"], 2);
    EXPECT_EQ(xloop({"trace", "check", "good.vcd", "none.vcd", "bad.vcd"}).code, 2);
}

TEST_F(TraceCommand, GivenFilesOfOtherTools_ThenEachIsShownConvertedAndEqualToItself) {
    const fs::path folder = XLOOP_SOURCE_DIR "/tests/data/traces";
    int files = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string file = entry.path().string(), ending = entry.path().extension().string();
        if (ending != ".vcd" && ending != ".saif")
            continue;
        ++files;
        good({"trace", "info", file});
        good({"trace", "convert", file, "out.saif"});
        good({"trace", "check", "out.saif"});
        good({"trace", "diff", file, file});
        good({"trace", "diff", file, "out.saif"});
    }
    EXPECT_GE(files, 10);
}

TEST_F(TraceCommand, GivenOddVariables_ThenTheyCostAWarningWithTheirLine) {
    write(
        "odd.vcd",
        "$timescale 2 ns $end\n$scope module tb $end\n$var wire 0 % none $end\n$var wire 1 ! clk $end\n$upscope $end\n"
        "$enddefinitions $end\n#0\n0!\n#5\n1!\n$end\n#10\n");
    const test::Outcome outcome = good({"trace", "convert", "odd.vcd", "odd.saif"});
    EXPECT_THAT(outcome.err, HasSubstr("odd.vcd:1:"));
    EXPECT_THAT(outcome.err, HasSubstr("odd.vcd:3:"));
    EXPECT_THAT(outcome.err, HasSubstr("odd.vcd:11:"));
    EXPECT_THAT(read("odd.saif"), HasSubstr("(DURATION 20)"));
    EXPECT_THAT(read("odd.saif"), HasSubstr("(clk (T0 10) (T1 10)"));
    EXPECT_EQ(xloop({"trace", "check", "odd.vcd"}).code, 1);
}

TEST_F(TraceCommand, GivenScopesOfGenerateBlocks_ThenTheyAreSelectedByTheirNames) {
    const std::string blocks = XLOOP_SOURCE_DIR "/tests/data/traces/generate_blocks.vcd";
    const std::string dotted = XLOOP_SOURCE_DIR "/tests/data/traces/dotted_scope.vcd";
    good({"trace", "convert", blocks, "one.saif", "--scope", "tb.dut.genblk1[1]"});
    EXPECT_THAT(read("one.saif"), HasSubstr("(INSTANCE genblk1\\[1\\]\n"));
    EXPECT_EQ(good({"trace", "info", "one.saif", "--json"}).json()["bits"], 1);
    good({"trace", "convert", dotted, "gen.saif", "--strip-path", "tb/gen"});
    EXPECT_THAT(read("gen.saif"), HasSubstr("(INSTANCE blk\n"));
    good({"trace", "convert", dotted, "dotted.saif", "--scope", "tb.gen\\.blk"});
    EXPECT_THAT(read("dotted.saif"), HasSubstr("(INSTANCE gen\\.blk\n"));
    EXPECT_EQ(good({"trace", "info", "dotted.saif", "--json"}).json()["bits"], 1);
}

TEST_F(TraceCommand, GivenAFileInWhichNoTimePasses_ThenItIsRefused) {
    const std::string header = vcd.substr(0, vcd.find("#0"));
    for (const std::string& text : {header, header + "#7\n0!\nb0 \"\n"}) {
        write("empty.vcd", text);
        expect_refused({"trace", "convert", "empty.vcd", "out.saif"}, {"empty.vcd", "no time passes"});
        EXPECT_FALSE(exists("out.saif"));
        const test::Outcome info = xloop({"trace", "info", "empty.vcd"});
        EXPECT_EQ(info.code, 2);
        EXPECT_THAT(info.out, HasSubstr("signals"));
        EXPECT_THAT(info.err, HasSubstr("no time passes"));
        EXPECT_EQ(xloop({"trace", "check", "empty.vcd"}).code, 1);
        good({"trace", "diff", "empty.vcd", "empty.vcd"});
    }
    write("zero.saif", "(SAIFILE (DURATION 0) (INSTANCE a (NET (n (T0 0)))))");
    expect_refused({"trace", "convert", "zero.saif", "out.saif"}, {"zero.saif", "no time passes"});
}

TEST_F(TraceCommand, GivenEndlessOrDeepInput_ThenItIsRefusedAtOnce) {
    for (const char* name : {"info", "check"})
        expect_refused({"trace", name, "/dev/zero"}, {"/dev/zero", "device"});
    expect_refused({"trace", "plot", "/dev/zero", "-o", "a.svg"}, {"/dev/zero", "device"});
    write("blanks.vcd", std::string(200'000, '\n'));
    write("zeros.vcd", std::string(200'000, '\0'));
    write("deep.json", std::string(2'000'000, '['));
    write("long.json", "{\"traceEvents\":[{\"name\":\"" + std::string(3'000'000, 'x'));
    expect_refused({"trace", "info", "blanks.vcd"}, {"blanks.vcd"});
    expect_refused({"trace", "info", "zeros.vcd"}, {"zeros.vcd"});
    expect_refused({"trace", "info", "deep.json"}, {"deep.json"});
    expect_refused({"trace", "info", "long.json"}, {"long.json", "more than 1000000 characters"});
    fs::path pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    expect_refused({"trace", "plot", "pipe", "-o", "a.svg"}, {"pipe", "expected a file"});
}

TEST_F(TraceCommand, GivenAPipe_ThenItReadsAsTheFile) {
    write("a.vcd", vcd);
    fs::path pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::thread writer([&] { std::system(("cat " + (folder_ / "a.vcd").string() + " > " + pipe.string()).c_str()); });
    good({"trace", "convert", "pipe", "a.saif"});
    writer.join();
    good({"trace", "diff", "a.vcd", "a.saif"});
}

TEST_F(TraceCommand, GivenBadInput_ThenItIsNamedAndNothingIsWritten) {
    write("a.vcd", vcd);
    write("b.saif", saif);
    write("bad.vcd", "$var wire 1 ! a $end\n");
    write("words.txt", "hello, world\n");
    expect_refused({"trace", "info", "none.vcd"}, {"none.vcd", "No such file"});
    expect_refused({"trace", "info", "words.txt"}, {"words.txt", "expected VCD"});
    expect_refused({"trace", "info", "a.vcd", "--csv", "no_folder/a.csv"}, {"no_folder"});
    expect_refused({"trace", "convert", "bad.vcd", "out.saif"}, {"bad.vcd", "ends in its header"});
    expect_refused({"trace", "convert", "a.vcd", "no_folder/out.saif"}, {"no_folder"});
    expect_refused({"trace", "convert", "a.vcd", "out.saif", "--window", "5:10"}, {"BEGIN:END"});
    expect_refused({"trace", "convert", "a.vcd", "out.saif", "--window", "5ns:25ns"}, {"a.vcd", "0 s to 20 ns"});
    expect_refused({"trace", "convert", "b.saif", "out.saif", "--window", "5ns:10ns"}, {"--window needs a VCD"});
    expect_refused({"trace", "convert", "a.vcd", "out.saif", "--scope", "nobody"}, {"no net is left", "`tb`"});
    expect_refused({"trace", "convert", "words.txt", "out.saif"}, {"words.txt"});
    expect_refused({"trace", "diff", "a.vcd", "words.txt"}, {"words.txt"});
    expect_refused({"trace", "check", "words.txt"}, {"words.txt"});
    EXPECT_EQ(xloop({"trace"}).code, 2);
    EXPECT_EQ(xloop({"trace", "convert", "a.vcd", "out.saif", "--divider", "x"}).code, 2);
}

}  // namespace
}  // namespace xloop
