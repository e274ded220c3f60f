#include "tests/apps/command_line.hpp"
#include "tests/examples/on_path.hpp"
#include "tests/examples/verilog_skeleton.hpp"

#include <cstdint>
#include <cstdlib>
#include <map>
#include <regex>
#include <sstream>

namespace xloop {
namespace {

namespace fs = std::filesystem;
using test::on_path;
using Counts = std::map<std::string, std::uint64_t>;  // T0, T1, TX, TC, IG

const std::string example = XLOOP_SOURCE_DIR "/examples/rtl_tile/";

/// A SAIF file by the syntax alone: nets by their paths, "tb/u_npu/xfer[3]".
struct Saif {
    std::uint64_t duration = 0;
    std::map<std::string, Counts> nets;

    explicit Saif(const std::string& text) {
        static const std::regex word(R"([()]|"[^"]*"|[^\s()]+)");
        for (std::sregex_iterator it(text.begin(), text.end(), word), none; it != none; ++it)
            words_.push_back(it->str());
        read_group("");
        EXPECT_EQ(at_, words_.size());
    }

private:
    const std::string& word() { return words_.at(at_++); }

    static std::string plain(std::string name) {
        name.erase(std::remove(name.begin(), name.end(), '\\'), name.end());
        return name;
    }

    void read_group(const std::string& path) {
        ASSERT_EQ(word(), "(");
        const std::string kind = word();
        const std::string inner = kind == "INSTANCE" ? path + (path.empty() ? "" : "/") + plain(word()) : path;
        if (kind == "DURATION")
            duration = std::stoull(words_.at(at_));
        while (words_.at(at_) != ")") {
            if (words_[at_] != "(")
                ++at_;
            else if (kind == "NET")
                read_net(path);
            else
                read_group(inner);
        }
        ++at_;
    }

    void read_net(const std::string& path) {
        ++at_;
        const std::string name = path + "/" + plain(word());
        Counts counts;
        while (word() == "(") {
            const std::string kind = word();
            counts[kind] = std::stoull(word());
            ASSERT_EQ(word(), ")");
        }
        EXPECT_TRUE(nets.emplace(name, counts).second) << name << " comes twice";
    }

    std::vector<std::string> words_;
    std::size_t at_ = 0;
};

/// The variables of a dump as they are in the SAIF file.
std::set<std::string> vcd_nets(const std::string& text) {
    std::set<std::string> nets;
    std::vector<std::string> scopes;
    std::istringstream in(text.substr(0, text.find("$enddefinitions")));
    for (std::string word; in >> word;) {
        if (word == "$scope") {
            in >> word >> word;
            scopes.push_back(word);
        } else if (word == "$upscope") {
            scopes.pop_back();
        } else if (word == "$var") {
            int width = 0;
            std::string type, code, name, range, path;
            in >> type >> width >> code >> name >> range;
            for (const std::string& scope : scopes)
                path += scope + "/";
            name = name.substr(0, name.find('['));
            const bool bus = range != "$end" || width > 1;
            for (int bit = 0; bit < width; ++bit)
                nets.insert(path + name + (bus ? "[" + std::to_string(bit) + "]" : ""));
        }
    }
    return nets;
}

class RtlTile : public test::CommandLine {
protected:
    void trace() const {
        good({"simulate", example + "experiment.yaml", "--trace", "saif,vcd", "--trace-detail", "all", "--trace-out",
              "t", "--trace-name-map", example + "name_map.yaml"});
    }
};

TEST_F(RtlTile, GivenTheMapOfTheExample_ThenTheTraceHasEveryWireOfTheVerilogAndNoOther) {
    trace();
    const Saif saif(read("t.saif"));
    const auto wires = test::VerilogSkeleton(read_file(example + "tile.v")).wires("npu_tile", "tb/u_npu");
    ASSERT_GT(wires.size(), 500u);
    std::set<std::string> declared;
    for (const auto& wire : wires) {
        declared.insert(wire.begin(), wire.end());
        int annotated = 0;
        for (const std::string& name : wire)
            annotated += static_cast<int>(saif.nets.count(name));
        EXPECT_EQ(annotated, 1) << *wire.begin();
    }
    for (const auto& net : saif.nets)
        EXPECT_EQ(declared.count(net.first), 1u) << net.first;
    const std::set<std::string> dumped = vcd_nets(read("t.vcd"));
    for (const auto& net : saif.nets)
        EXPECT_EQ(dumped.count(net.first), 1u) << net.first;
    EXPECT_EQ(dumped.size(), saif.nets.size());
}

// Copy me: an example run as its README says.
TEST_F(RtlTile, GivenTheTraceOfTheExample_ThenTimesAddUpAndTheTileIsAtWork) {
    trace();
    const Saif saif(read("t.saif"));
    ASSERT_GT(saif.duration, 0u);
    std::map<std::string, std::uint64_t> toggles;
    for (const auto& [name, counts] : saif.nets) {
        EXPECT_EQ(counts.at("T0") + counts.at("T1") + counts.at("TX"), saif.duration) << name;
        EXPECT_EQ(counts.at("TX"), 0u) << name;
        toggles[name.substr(0, name.find('['))] += counts.at("TC");
    }
    for (const char* net : {"ck", "on", "phase", "mem_ce", "mem_a", "mem_q", "xfer", "act_on", "u_pe0/vec", "u_pe1/wl",
                            "u_pe0/go", "u_pe0/eoc", "u_pe1/dout", "u_pe0/sum", "res1"})
        EXPECT_GT(toggles[std::string("tb/u_npu/") + net], 0u) << net;
}

TEST(RtlTileVerilog, GivenASynthesisProgramOrSimulator_ThenItTakesTheVerilog) {
    const std::string file = "\"" + example + "tile.v\"";
    std::string command;
    if (on_path("yosys"))
        command = "yosys -q -p 'read_verilog " + file + "; hierarchy -check -top npu_tile; proc; check -assert'";
    else if (on_path("iverilog"))
        command = "iverilog -g2005 -Wall -t null -s npu_tile " + file;
    else
        GTEST_SKIP() << "neither yosys nor iverilog is on the path";
    EXPECT_EQ(std::system((command + " > /dev/null").c_str()), 0);
}

}  // namespace
}  // namespace xloop
