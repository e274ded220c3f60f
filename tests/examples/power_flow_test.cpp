#include "tests/apps/command_line.hpp"
#include "tests/examples/on_path.hpp"

#include <cmath>
#include <regex>
#include <sstream>

namespace xloop {
namespace {

using test::on_path;
using testing::HasSubstr;

const std::string flow = XLOOP_SOURCE_DIR "/examples/power_flow/";
const std::string tile = XLOOP_SOURCE_DIR "/examples/rtl_tile/tile.v";

/// All matches of a pattern's first two groups.
std::vector<std::pair<std::string, std::string>> matches(const std::string& text, const std::string& pattern) {
    std::vector<std::pair<std::string, std::string>> all;
    const std::regex regex(pattern);
    for (std::sregex_iterator it(text.begin(), text.end(), regex), none; it != none; ++it)
        all.emplace_back((*it)[1], it->size() > 2 ? (*it)[2] : std::string());
    return all;
}

/// Names and contents of all groups of a kind, `cell (NAME) { ... }`.
std::map<std::string, std::string> groups(const std::string& text, const std::string& kind) {
    std::map<std::string, std::string> all;
    const std::regex begin("\\b" + kind + R"( *\((\w*)\) *\{)");
    for (std::sregex_iterator it(text.begin(), text.end(), begin), none; it != none; ++it) {
        const auto from = static_cast<std::size_t>(it->position() + it->length());
        std::size_t at = from;
        for (int depth = 1; depth > 0 && at < text.size(); ++at)
            depth += text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
        all[(*it)[1]] = text.substr(from, at - from - 1);
    }
    return all;
}

double number(const std::string& group, const std::string& key) {
    const auto found = matches(group, "\\b" + key + " : ([0-9.]+);");
    EXPECT_EQ(found.size(), 1u) << key << " in " << group;
    return found.empty() ? NAN : std::stod(found[0].first);
}

std::set<std::string> words(const std::string& text) {
    std::set<std::string> all;
    for (const auto& word : matches(text, R"((\w+))"))
        all.insert(word.first);
    return all;
}

/// The columns of recorded.csv, row by row.
std::vector<std::map<std::string, std::string>> recorded() {
    std::istringstream in(read_file(flow + "recorded.csv"));
    std::string line;
    std::getline(in, line);
    EXPECT_TRUE(std::regex_match(line, std::regex(R"(# OpenSTA [0-9.]+, Yosys [0-9.]+)"))) << line;
    std::getline(in, line);
    std::vector<std::string> names;
    for (const auto& name : matches(line, "([^,]+)"))
        names.push_back(name.first);
    std::vector<std::map<std::string, std::string>> rows;
    while (std::getline(in, line)) {
        const auto values = matches(line, "([^,]+)");
        EXPECT_EQ(values.size(), names.size()) << line;
        rows.emplace_back();
        for (std::size_t i = 0; i < names.size() && i < values.size(); ++i)
            rows.back()[names[i]] = values[i].first;
    }
    return rows;
}

class PowerFlow : public test::CommandLine {
protected:
    /// Runs the script in the test's folder.
    int run(const std::string& arguments, const std::string& variables = "") const {
        const int status = std::system(("cd '" + folder_.string() + "' && XLOOP='" XLOOP_BINARY "' " + variables +
                                        " '" + flow + "run.sh' " + arguments + " > out.txt 2> err.txt < /dev/null")
                                           .c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
};

TEST_F(PowerFlow, GivenSynthesisAndPowerTool_ThenTheTableIsAsRecorded) {
    if (!on_path("yosys") || !on_path("sta"))
        GTEST_SKIP() << "yosys or sta (OpenSTA) is not on the path";
    const int code = run("--check");
    if (code == 77)
        GTEST_SKIP() << read("err.txt");
    EXPECT_EQ(code, 0) << read("out.txt") << read("err.txt");
}

TEST_F(PowerFlow, GivenHelpOrWrongUse_ThenTheExitCodeSaysSo) {
    EXPECT_EQ(run("--help"), 0);
    EXPECT_THAT(read("out.txt"), HasSubstr("Usage: run.sh"));
    for (const char* arguments :
         {"--liberty", "--liberty absent.lib", "--check --liberty out.txt", "--out ''", "extra"}) {
        EXPECT_EQ(run(arguments), 2) << arguments;
        EXPECT_EQ(read("out.txt"), "");
        EXPECT_THAT(read("err.txt"), HasSubstr("run.sh: ")) << arguments;
    }
}

TEST_F(PowerFlow, GivenNoPowerTool_ThenItIsNamedAndNothingIsWritten) {
    EXPECT_EQ(run("", "YOSYS=true STA=/absent/sta"), 77);
    EXPECT_THAT(read("err.txt"), HasSubstr("OpenSTA is missing"));
    EXPECT_EQ(run("", "YOSYS=true STA=true"), 77);
    EXPECT_THAT(read("err.txt"), HasSubstr("not OpenSTA 2.6 or newer"));
    EXPECT_EQ(run("", "YOSYS=/absent/yosys STA=true"), 77);
    EXPECT_THAT(read("err.txt"), HasSubstr("Yosys is missing"));
    EXPECT_EQ(files().size(), 2u);
}

TEST(PowerFlowCells, GivenTheLibrary_ThenItsNumbersFollowFromTheTransistorsAsItSays) {
    const std::string text = read_file(flow + "cells.lib");
    EXPECT_EQ(std::count(text.begin(), text.end(), '{'), std::count(text.begin(), text.end(), '}'));
    const auto cells = groups(text, "cell");
    EXPECT_EQ(cells.size(), 12u);
    for (const auto& [name, cell] : cells) {
        const double transistors = number(cell, "area") / 0.2;
        EXPECT_NEAR(number(cell, "cell_leakage_power"), 3 * transistors, 1e-9) << name;
        std::set<std::string> inputs;
        std::string output;
        for (const auto& [pin, group] : groups(cell, "pin")) {
            if (group.find("direction : input") != std::string::npos) {
                inputs.insert(pin);
                EXPECT_GE(number(group, "capacitance"), 1.6) << name << "." << pin;
            } else {
                EXPECT_EQ(output, "") << name;
                output = group;
            }
        }
        // Activity goes through what has an arc; energy is taken of what has a group.
        const auto related = matches(output, "related_pin : \"([^\"]*)\"");
        ASSERT_EQ(related.size(), 2u) << name;
        EXPECT_EQ(related[0].first, related[1].first) << name;
        const auto function = matches(output, "function : \"([^\"]*)\"");
        ASSERT_EQ(function.size(), 1u) << name;
        const bool flip_flop = groups(cell, "ff").size() + matches(cell, R"((ff \())").size() > 0;
        EXPECT_EQ(flip_flop, name == "DFF");
        if (flip_flop)
            continue;
        EXPECT_EQ(words(related[0].first), inputs) << name;
        EXPECT_EQ(words(function[0].first), inputs) << name;
        for (const auto& energy : matches(cell, R"re(_power \(scalar\) \{ values \("([0-9.]+)"\))re"))
            EXPECT_NEAR(std::stod(energy.first), 0.1 * transistors, 1e-9) << name;
    }
}

TEST(PowerFlowCells, GivenTheMacros_ThenTheirPinsAreThePortsInTheVerilog) {
    const auto macros = groups(read_file(flow + "macros.lib"), "cell");
    const std::string verilog = read_file(tile);
    ASSERT_EQ(macros.size(), 2u);
    for (const auto& [name, macro] : macros) {
        std::set<std::string> pins;
        for (const char* kind : {"pin", "bus"})
            for (const auto& pin : groups(macro, kind))
                pins.insert(pin.first);
        const std::size_t from = verilog.find("module " + name + " (");
        ASSERT_NE(from, std::string::npos) << name;
        std::set<std::string> ports;
        for (const auto& port : matches(verilog.substr(from, verilog.find(");", from) - from),
                                        R"((?:input|output) +wire +(?:\[\d+:0\] +)?(\w+))"))
            ports.insert(port.first);
        EXPECT_EQ(pins, ports) << name;
    }
}

TEST(PowerFlowRecord, GivenTheRecordedTable_ThenFormatsAgreeAndPowerMakesSense) {
    std::map<std::string, std::map<std::string, std::string>> rows;
    for (const auto& row : recorded())
        rows[row.at("case") + "/" + row.at("activity")] = row;
    const auto watts = [&](const std::string& key, const char* column) { return std::stod(rows.at(key).at(column)); };
    int pairs = 0;
    for (auto [key, row] : rows) {
        // Single precision of sums in another order.
        EXPECT_NEAR(watts(key, "registers_w") + watts(key, "logic_w"), watts(key, "total_w"),
                    1e-5 * watts(key, "total_w"));
        EXPECT_NEAR(watts(key, "internal_w") + watts(key, "switching_w") + watts(key, "leakage_w"),
                    watts(key, "total_w"), 1e-5 * watts(key, "total_w"));
        if (row["activity"] == "-")
            continue;
        EXPECT_EQ(row["drivers_refused"] + row["registers_open"], "00") << key;
        if (row["activity"] != "VCD")
            continue;
        ++pairs;
        auto saif = rows.at(row["case"] + "/SAIF");
        saif["activity"] = "VCD";
        EXPECT_EQ(row, saif);
    }
    EXPECT_GE(pairs, 3);
    // A register for each bit of a `reg` but act[31], which is always 0; each takes 1.2 fJ at both edges of 1 GHz.
    const std::string verilog = read_file(tile);
    const std::size_t top = verilog.find("module npu_tile");
    const auto bits = [](const std::string& text) {
        int count = 0;
        for (const auto& reg : matches(text, R"(\breg +(?:\[(\d+):0\] +)?(\w+))"))
            count += reg.first.empty() ? 1 : std::stoi(reg.first) + 1;
        return count;
    };
    const int registers = 2 * bits(verilog.substr(0, top)) + bits(verilog.substr(top)) - 1;
    EXPECT_EQ(rows.at("still/SAIF").at("registers"), std::to_string(registers));
    EXPECT_NEAR(watts("still/SAIF", "internal_w"), registers * 2e9 * 1.2e-15, 1e-8);
    EXPECT_EQ(watts("still/SAIF", "switching_w"), 0);
    EXPECT_LT(watts("still/SAIF", "total_w"), watts("image0/SAIF", "total_w"));
    EXPECT_LT(watts("image1/SAIF", "total_w"), watts("toggling/SAIF", "total_w"));
    EXPECT_NE(watts("image0/SAIF", "logic_w"), watts("image1/SAIF", "logic_w"));
}

TEST_F(PowerFlow, GivenNetsThatModulesDrive_ThenTheScriptSetsTheirRegistersAndReportsWhatTheToolTook) {
    if (!on_path("tclsh"))
        GTEST_SKIP() << "tclsh is not on the path";
    write("t.saif",
          "(SAIFILE (TIMESCALE 1 ps) (DURATION 10000) (INSTANCE tb (INSTANCE u (NET (ck (T0 5000) (T1 5000) (TC 19))\n"
          "(in (T0 9000) (T1 1000) (TC 2)) (x (T0 7500) (T1 2500) (TC 5)) (y (T0 10000) (T1 0) (TC 0))\n"
          "(zero (T0 9000) (T1 1000) (TC 2)) (gone (T0 10000) (T1 0) (TC 0))))))\n");
    const std::string mock = XLOOP_SOURCE_DIR "/tests/examples/netlist_stand_in.tcl";
    ASSERT_EQ(std::system(("cd '" + folder_.string() + "' && tclsh '" + mock + "' '" + flow +
                           "annotate_nets.tcl' t.saif > out.txt 2>&1")
                              .c_str()),
              0)
        << read("out.txt");
    EXPECT_EQ(read("out.txt"),
              "set in 0.2 0.1\nset _1_/Q 0.5 0.25\nset _1_/QN 0.5 0.75\nset u/_2_/Q 0.0 0.0\n"
              "nets of the trace: 6; drivers of theirs that were set: 4\n"
              "nets without a driver in the netlist (clocks, constants): 2: ck zero\n"
              "nets that are not in the netlist: 1: gone\n"
              "drivers that the tool lists as unannotated: 0 of 4: \n"
              "register outputs that it lists: 1 of 4: _3_/Q\n");
}

TEST_F(PowerFlow, GivenNetsOfTwoLevels_ThenEachLevelIsShownToTheReaderAndProbesAreReadBack) {
    if (!on_path("tclsh"))
        GTEST_SKIP() << "tclsh is not on the path";
    // Of the tool: a reader that says what it was asked, and probes that took 0.5 changes a nanosecond and were 1 a quarter of the time.
    write("test.tcl",
          "proc read_verilog {file} { puts [read [open $file]] }\n"
          "proc link_design {top} {}\n"
          "proc create_clock {args} {}\n"
          "proc get_cells {args} {}\n"
          "proc read_vcd {args} { puts $args }\n"
          "proc report_power {args} {\n"
          "    set channel [open [lindex $args end] w]\n"
          "    puts $channel { Internal Switching Leakage Total}\n"
          "    puts $channel {  5.0e-07 0.0e+00 2.5e-10 5.0e-07 p0}\n"
          "    close $channel\n"
          "}\n"
          "source [lindex $argv 0]\n"
          "puts [read_nets {read_vcd -begin_time 7} t.vcd tb/u 1.0 {a 0 0 b[0] 0 0 b[1] 0 0 x/y/c[2] 0 0}]\n");
    ASSERT_EQ(
        std::system(
            ("cd '" + folder_.string() + "' && tclsh test.tcl '" + flow + "read_nets.tcl' > out.txt 2>&1").c_str()),
        0)
        << read("out.txt");
    const std::string out = read("out.txt");
    EXPECT_THAT(out, HasSubstr("  input  a;\n"));
    EXPECT_THAT(out, HasSubstr("  input [1:0] b;\n"));
    EXPECT_THAT(out, HasSubstr("  PROBE p0 (.A(a));\n  PROBE p1 (.A(b[0]));\n  PROBE p2 (.A(b[1]));\nendmodule\n"));
    EXPECT_THAT(out, HasSubstr("-begin_time 7 -scope tb/u t.vcd\n"));
    EXPECT_THAT(out, HasSubstr("  input [2:0] c;\n  PROBE p0 (.A(c[2]));\nendmodule\n"));
    EXPECT_THAT(out, HasSubstr("-begin_time 7 -scope tb/u/x/y t.vcd\n"));
    EXPECT_THAT(out, HasSubstr("a 0.5 0.25 {x/y/c[2]} 0.5 0.25\n"));
}

}  // namespace
}  // namespace xloop
