#include "tests/apps/command_line.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace xloop {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing::UnorderedElementsAre;

/// Standard output of a command of the shell, its error output included.
std::string shell(const std::string& command) {
    std::string out;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    std::array<char, 4096> part;
    while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe))
        out.append(part.data(), size);
    ::pclose(pipe);
    return out;
}

bool has_program(const std::string& name) { return shell("command -v " + name) != ""; }

class Shell : public test::CommandLine {
protected:
    /// What bash offers for the last word of a command line, which it cuts as it does at = and :.
    std::vector<std::string> offers(const std::string& words) {
        if (!exists("completion"))
            write("completion", good({"completion", "bash"}).out);
        write("ask", "cd '" + folder_.string() + "'; source completion; complete() { :; }; COMP_WORDS=(" + words +
                         "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _xloop; printf '%s\\n' \"${COMPREPLY[@]}\"");
        std::istringstream lines(shell("bash '" + (folder_ / "ask").string() + "'"));
        std::vector<std::string> found;
        for (std::string line; std::getline(lines, line);)
            if (!line.empty())
                found.push_back(line);
        return found;
    }
};

TEST_F(Shell, GivenPlaces_ThenBashOffersSubcommandsAndOptions) {
    EXPECT_THAT(offers("xloop es"), ElementsAre("estimate"));
    EXPECT_THAT(offers("xloop config ''"), AllOf(Contains("schema"), Contains("show"), Contains("check")));
    EXPECT_THAT(offers("xloop estimate --act"), ElementsAre("--activity"));
    EXPECT_THAT(offers("xloop -q config show FILE --verb"), ElementsAre("--verbose"));
    EXPECT_THAT(offers("xloop ''"),
                AllOf(Not(Contains("command-tree")), Not(Contains("man-pages")), Contains("train")));
    if (XLOOP_WITH_TORCH) {  // described by the other program
        EXPECT_THAT(offers("xloop search fro"), ElementsAre("front"));
    }
}

TEST_F(Shell, GivenValues_ThenBashOffersChoicesKeysAndFiles) {
    EXPECT_THAT(offers("xloop simulate --scheduler ''"), UnorderedElementsAre("wheel", "processes"));
    EXPECT_THAT(offers("xloop simulate --scheduler = w"), ElementsAre("wheel"));
    EXPECT_THAT(offers("xloop simulate FILE -s crossbar.rows"), Contains("crossbar.rows="));
    EXPECT_THAT(offers("xloop simulate FILE -s adc.type = f"), ElementsAre("flash"));
    EXPECT_THAT(offers("xloop simulate FILE -s adc.type ="), Contains("ramp"));
    EXPECT_THAT(offers("xloop simulate --threads ''"), IsEmpty());
    write("one.yaml", "");
    write("two.txt", "");
    fs::create_directory(folder_ / "three");
    EXPECT_THAT(offers("xloop estimate ''"), UnorderedElementsAre("one.yaml", "three"));
    EXPECT_THAT(offers("xloop estimate one.yaml --ledger t"), UnorderedElementsAre("two.txt", "three"));
    EXPECT_THAT(offers("xloop estimate -s cost_table = o"), ElementsAre("one.yaml"));
}

TEST_F(Shell, GivenZsh_ThenItTakesTheScript) {
    write("completion", good({"completion", "zsh"}).out);
    EXPECT_THAT(read("completion"), AllOf(StartsWith("#compdef xloop\n"), HasSubstr("_xloop_simulate()")));
    if (!has_program("zsh"))
        GTEST_SKIP() << "zsh is not installed";
    EXPECT_EQ(shell("zsh -n '" + (folder_ / "completion").string() + "'"), "");
}

TEST_F(Shell, GivenNoSuchShell_ThenItIsRefused) { EXPECT_EQ(xloop({"completion", "fish"}).code, 2); }

TEST_F(Shell, GivenEachSubcommand_ThenItHasAPageAndTheProgramsOneNamesIt) {
    good({"man-pages", "man"});
    const std::string whole = read("man/xloop.1");
    for (const char* name : {"estimate", "simulate", "config", "trace", "train", "search", "completion"}) {
        const std::string page = read("man/xloop-" + std::string(name) + ".1");
        EXPECT_THAT(page, AllOf(HasSubstr(".SH \"NAME\"\nxloop\\-" + std::string(name) + " \\- "),
                                HasSubstr(".SH \"SYNOPSIS\"\n")));
        EXPECT_THAT(whole, HasSubstr("\\fBxloop\\-" + std::string(name) + "\\fR(1)"));
    }
    EXPECT_THAT(read("man/xloop-config.1"), HasSubstr(".SS \"xloop config show\"\n"));
    EXPECT_THAT(read("man/xloop-simulate.1"), HasSubstr("\\fB\\-\\-scheduler\\fR \\fITEXT\\fR\n"));
    if (XLOOP_WITH_TORCH) {
        EXPECT_THAT(read("man/xloop-search.1"), HasSubstr("\\fB\\-\\-workers\\fR"));
    }
}

TEST_F(Shell, GivenManualPages_ThenTheirReaderHasNoWarning) {
    const std::string reader = has_program("mandoc")  ? "mandoc -T lint -W warning"
                               : has_program("groff") ? "groff -man -ww -z -Tutf8"
                                                      : "";
    if (reader.empty())
        GTEST_SKIP() << "neither mandoc nor groff is installed";
    good({"man-pages", "man"});
    for (const auto& page : fs::directory_iterator(folder_ / "man")) {
        if (page.path().filename() == "xloop-torch.1")  // includes another
            continue;
        EXPECT_EQ(shell(reader + " '" + page.path().string() + "'"), "");
    }
}

TEST_F(Shell, GivenVersion_ThenTheProgramIsNamedFirstAndLibrariesFollow) {
    const std::string out = good({"--version"}).out;
    EXPECT_THAT(out.substr(0, out.find('\n')), testing::MatchesRegex("xloop [0-9.]+ \\(.+\\)"));
    EXPECT_THAT(out, AllOf(HasSubstr("SystemC 2."), HasSubstr("Eigen 3."), HasSubstr("LibTorch")));
}

}  // namespace
}  // namespace xloop
