#include "tests/apps/command_line.hpp"

#include <regex>
#include <set>
#include <sstream>

namespace xloop::test {
namespace {

using Words = std::vector<std::string>;
using testing::ContainsRegex;
using testing::Not;

const std::string one_layer = std::string(XLOOP_SOURCE_DIR) + "/configs/experiments/one_layer.yaml";
const std::string hardware_study = std::string(XLOOP_SOURCE_DIR) + "/configs/experiments/hardware_study.yaml";

/// All matches of a group of a pattern.
Words all_of(const std::string& text, const std::string& pattern, int group = 1) {
    const std::regex expression(pattern);
    Words found;
    for (auto at = std::sregex_iterator(text.begin(), text.end(), expression); at != std::sregex_iterator(); ++at)
        found.push_back((*at)[group]);
    return found;
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
    const std::size_t from = text.find(begin);
    const std::size_t first = from == text.npos ? text.size() : from + begin.size();
    return text.substr(first, text.find(end, first) - first);
}

/// What the page's script draws.
Json drawings(const std::string& page) {
    const Json json = Json::parse(between(page, "id=\"drawings\">", "</script>"), nullptr, false);
    EXPECT_TRUE(json.is_array());
    return json;
}

/// The part of the page that is no library: where the results are.
std::string content(const std::string& page) { return between(page, "<main>", "</main>"); }

class ReportCommand : public CommandLine {
protected:
    std::string record(const std::string& name, Words arguments) const {
        arguments.push_back("--json");
        return write(name, good(arguments).out);
    }
    std::string estimate(const std::string& name, const Words& more = {}) const {
        Words arguments = {"estimate", one_layer};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return record(name, arguments);
    }
    std::string report(Words paths, const std::string& out = "page.html") const {
        paths.insert(paths.begin(), "report");
        paths.insert(paths.end(), {"-o", out});
        good(paths);
        return read(out);
    }
    /// One file for all that reads as HTML of one page should: what holds for every page.
    static void expect_sound(const std::string& page) {
        EXPECT_EQ(page.rfind("<!DOCTYPE html>", 0), 0u);
        EXPECT_LT(page.size(), 2'000'000u);
        // Nothing is loaded: sources are data, links are anchors.
        for (const std::string& address : all_of(page, "<(?:img|script|link|iframe)[^>]*(?:src|href)=\"([^\"]*)\""))
            EXPECT_EQ(address.rfind("data:image/png;base64,", 0), 0u) << address.substr(0, 80);
        for (const std::string& address : all_of(content(page), "href=\"([^\"]*)\""))
            EXPECT_EQ(address.substr(0, 1), "#");
        EXPECT_THAT(page, HasSubstr("default-src 'none'"));
        EXPECT_THAT(page, HasSubstr("<noscript>"));
        // Every anchor is there once, every link leads to one.
        const Words anchors = all_of(content(page), " id=\"([^\"]*)\"");
        const std::set<std::string> unique(anchors.begin(), anchors.end());
        EXPECT_EQ(unique.size(), anchors.size());
        for (const std::string& link : all_of(between(page, "<nav", "</nav>"), "href=\"#([^\"]*)\""))
            EXPECT_EQ(unique.count(link), 1u) << link;
        const Words numbers = all_of(content(page), "data-drawing=\"(\\d+)\"");
        EXPECT_EQ(drawings(page).size(), numbers.size());
        for (std::size_t i = 0; i < numbers.size(); ++i)
            EXPECT_EQ(numbers[i], std::to_string(i));
    }
    static Json sweep() {
        return {
            {"kind", "sweep"},
            {"name", "bits"},
            {"experiment", "one_layer"},
            {"do", "estimate"},
            {"design", "full"},
            {"seed", 1},
            {"version", "0.1.0"},
            {"parameters", {{{"name", "adc.bits"}, {"values", {"4", "5"}}}}},
            {"metrics",
             {{{"name", "edap"}, {"heading", "EDAP nJ s mm2"}, {"scale", 1e9}, {"goal", "smaller"}},
              {{"name", "latency_s"}, {"heading", "latency us"}, {"scale", 1e6}, {"goal", "smaller"}}}},
            {"objectives", {"edap", "latency_s"}},
            {"points",
             {{{"id", 1},
               {"settings", {{"adc.bits", "4"}}},
               {"figures", {{"edap", 1.25e-9}, {"latency_s", 3e-6}}},
               {"failure", nullptr},
               {"front", true}},
              {{"id", 2},
               {"settings", {{"adc.bits", "5"}}},
               {"figures", Json::object()},
               {"failure", "does not fit"},
               {"front", false}}}},
            {"effects",
             {{{"parameter", "adc.bits"},
               {"metric", "edap"},
               {"values", {{{"value", "4"}, {"mean", 1.25e-9}, {"min", 1.25e-9}, {"max", 1.25e-9}, {"points", 1}}}}}}},
            {"tornado",
             {{{"parameter", "adc.bits"},
               {"metric", "edap"},
               {"base", 1.25e-9},
               {"low", {{"value", "4"}, {"figure", 1e-9}}},
               {"high", {{"value", "5"}, {"figure", 2e-9}}}}}},
            {"configuration", {{"adc.bits", 4}, {"seed", 7}}}};
    }
};

TEST_F(ReportCommand, GivenAnEstimate_ThenThePageHasItsSectionsAndFigures) {
    const std::string file = estimate("a.json", {"-s", "adc.bits=6"});
    const Json json = Json::parse(read(file));
    const std::string page = report({file});
    expect_sound(page);
    for (const char* title : {"Figures of merit", "What holds it back", "Energy and area by class", "Energy by layer",
                              "Floor plan", "Layers over time", "Provenance"})
        EXPECT_THAT(between(page, "<nav", "</nav>"), HasSubstr(std::string(">") + title + "<"));
    std::set<std::string> kinds;
    for (const Json& drawing : drawings(page))
        kinds.insert(drawing["kind"]);
    EXPECT_EQ(kinds, (std::set<std::string>{"chart", "floor_plan", "gantt"}));
    char latency[40];
    std::snprintf(latency, sizeof latency, ">%.3f<", 1e6 * json["latency_s"].get<double>());
    EXPECT_THAT(content(page), HasSubstr(latency));
    EXPECT_THAT(content(page), HasSubstr("<td>adc.bits</td><td>6</td><td>8</td>"));  // key, value, default
    EXPECT_EQ(report({file}, "again.html"), page);
}

TEST_F(ReportCommand, GivenTiles_ThenTheirEnergiesAreThatOfTheChipWithoutItsInputAndOutput) {
    for (const Words& command :
         {Words{"estimate", hardware_study}, Words{"simulate", hardware_study, "-s", "simulation.values=counts"}}) {
        const Json json = Json::parse(read(record("a.json", command)));
        double sum = 0, area = 0;
        int arrays = 0;
        for (const Json& tile : json["tile_figures"]) {
            sum += tile["dynamic_j"].get<double>() + tile["static_j"].get<double>() + tile["network_j"].get<double>();
            area += tile["area_mm2"].get<double>();
            arrays += tile["used_arrays"].get<int>();
        }
        const double energy = json["energy_j"]["total"], io = json["energy_j"]["by_class"]["io_link"];
        EXPECT_NEAR(sum, energy - io, 1e-9 * energy) << command[0];
        EXPECT_NEAR(area, json["area_mm2"]["tiles"].get<double>(), 1e-9);
        EXPECT_EQ(arrays, json["used_arrays"]);
        EXPECT_EQ(json["tile_figures"].size(), json["tiles"]);
    }
}

TEST_F(ReportCommand, GivenASimulation_ThenStallsAndAGanttChartOfEachImageAreThere) {
    const std::string file = record("s.json", {"simulate", hardware_study, "-s", "simulation.values=counts"});
    const Json json = Json::parse(read(file));
    const std::string page = report({file});
    expect_sound(page);
    EXPECT_THAT(content(page), HasSubstr("Busy and stalled"));
    for (const Json& drawing : drawings(page)) {
        if (drawing["kind"] == "gantt") {
            EXPECT_EQ(drawing["data"]["spans"].size(), json["layers"].size() * json["images"].get<std::size_t>());
        }
        if (drawing["title"] == "Where each layer's cycles went")
            for (std::size_t l = 0; l < json["layers"].size(); ++l) {
                double sum = 0;
                for (const Json& series : drawing["data"]["series"])
                    sum += series["values"][l].get<double>();
                EXPECT_NEAR(sum, 100, 0.01);
            }
    }
}

TEST_F(ReportCommand, GivenTextsThatLookLikeHtml_ThenTheyStayTexts) {
    Json json = Json::parse(read(estimate("a.json")));
    const std::string evil = "</script><b>\"&'<!--<script>";
    json["network"] = evil;
    json["layers"][0]["name"] = evil;
    json["tile_figures"][0]["layers"][0] = evil;
    json["configuration"]["name"] = evil;
    const std::string page = report({write("<b>.json", json.dump())});
    expect_sound(page);
    EXPECT_THAT(page, Not(HasSubstr("</script><b>")));
    EXPECT_THAT(page, Not(HasSubstr("<b>")));
    EXPECT_THAT(content(page), HasSubstr("&lt;/script&gt;&lt;b&gt;&quot;&amp;"));
    const Json drawn = drawings(page);
    EXPECT_TRUE(std::any_of(drawn.begin(), drawn.end(),
                            [&](const Json& d) { return d["kind"] == "gantt" && d["data"]["layers"][0] == evil; }));
    const std::size_t charts = page.find("Chart.js") == page.npos ? 0 : 1;
    EXPECT_EQ(all_of(page, "(</script>)").size(), 2 + charts);
}

TEST_F(ReportCommand, GivenTwoRuns_ThenTheyAreComparedAsByTheCommand) {
    const Words runs = {estimate("a.json"), estimate("b.json", {"-s", "crossbar.rows=128"})};
    const std::string page = report(runs);
    expect_sound(page);
    EXPECT_THAT(content(page), HasSubstr("Comparison of the hardware runs"));
    EXPECT_THAT(content(page), HasSubstr("<td>crossbar.rows</td><td>64</td><td>128</td>"));
    const Json compared = good({"compare", runs[0], runs[1], "--json"}).json();
    char ratio[40];
    std::snprintf(ratio, sizeof ratio, "x%.3f", compared["runs"][1]["ratio"]["energy_j"].get<double>());
    EXPECT_THAT(between(content(page), "Comparison of the hardware runs", "settings that differ"), HasSubstr(ratio));
}

TEST_F(ReportCommand, GivenFilesOfOneName_ThenTheirPathsTellThem) {
    estimate("a.json");
    fs::create_directories(folder_ / "more");
    fs::copy(folder_ / "a.json", folder_ / "more/a.json");
    const std::string page = report({"a.json", "more/a.json"});
    expect_sound(page);
    EXPECT_THAT(content(page), HasSubstr("<h2 id=\"more-a-json\">more/a.json "));
    EXPECT_THAT(content(page), HasSubstr("Their configurations are equal."));
}

TEST_F(ReportCommand, GivenAValidation_ThenItsVerdictsAreThere) {
    const std::string page = report({record("v.json", {"validate", one_layer, "-s", "simulation.values=counts"})});
    expect_sound(page);
    EXPECT_THAT(content(page), HasSubstr("<td>passed</td><td>cycles of every layer</td>"));
    EXPECT_THAT(content(page), HasSubstr("The simulated run"));
}

TEST_F(ReportCommand, GivenASweep_ThenPointsEffectsAndSwingsAreThere) {
    fs::create_directories(folder_ / "swept");
    write("swept/sweep.json", sweep().dump());
    EXPECT_THAT(good({"report", "swept"}).out, HasSubstr("swept/report.html"));
    const std::string page = read("swept/report.html");
    expect_sound(page);
    EXPECT_THAT(page, HasSubstr("2 points, 1 on the front, 1 failed; best EDAP nJ s mm2 1.25 at point 1"));
    for (const char* title : {"Points", "Main effects", "Tornado"})
        EXPECT_THAT(between(page, "<nav", "</nav>"), HasSubstr(std::string(">") + title + "<"));
    EXPECT_THAT(content(page), HasSubstr("failed: does not fit"));
    const Json drawn = drawings(page);
    EXPECT_EQ(drawn[0]["kind"], "points");
    EXPECT_EQ(drawn[0]["data"]["points"].size(), 1u);  // one failed
    EXPECT_EQ(drawn.back()["data"]["series"][0]["values"][0], (Json{1, 2}));
    EXPECT_EQ(report({"swept/sweep.json"}, "file.html").size() > 0, true);
}

TEST_F(ReportCommand, GivenResultsOfTraining_ThenCurvesAndIntervalsAreDrawn) {
    write("metrics.jsonl",
          R"({"epoch":1,"steps":4,"loss":0.5,"accuracy":0.75,"adversary":"none","validation":{"images":8,"clean":0.5}}
{"epoch":2,"steps":8,"loss":0.25,"accuracy":0.875,"adversary":"PGD","validation":{"images":8,"clean":0.625,"attacked":0.25}}
{"epoch":3,"st)");
    const std::string page = report({"."});
    expect_sound(page);
    const Json drawn = drawings(page);
    ASSERT_EQ(drawn[0]["data"]["series"].size(), 3u);
    EXPECT_EQ(drawn[0]["data"]["series"][0]["points"], (Json{{{"x", 1}, {"y", 75}}, {{"x", 2}, {"y", 87.5}}}));
    EXPECT_EQ(drawn[0]["data"]["series"][2]["points"], (Json{{{"x", 2}, {"y", 25}}}));
}

Json evaluation() {
    const Json row = {{"engine", "software"}, {"recalibrated", false}, {"chip_seed", nullptr}, {"attack", "clean"},
                      {"epsilon", 0.0},       {"correct", 50},         {"images", 100}};
    return {{"network", "n"},
            {"images", 100},
            {"accuracy", {row}},
            {"layers", Json::array()},
            {"confusion", {{"chips", 2}, {"recalibrated", true}, {"counts", {{70, 30}, {10, 90}}}}}};
}

TEST_F(ReportCommand, GivenAnEvaluation_ThenBarsHaveWilsonIntervalsAndClassesAreConfused) {
    const std::string page = report({write("e.json", evaluation().dump())});
    expect_sound(page);
    const Json confusion = drawings(page)[1];
    EXPECT_EQ(confusion["kind"], "matrix");
    EXPECT_EQ(confusion["title"], "2 chips, recalibrated");
    EXPECT_EQ(confusion["data"]["counts"], (Json{{70, 30}, {10, 90}}));
    const Json bars = drawings(page)[0]["data"]["series"][0];
    // (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n) with z = 1.96
    EXPECT_NEAR(bars["low"][0], 40.383, 0.001);
    EXPECT_NEAR(bars["high"][0], 59.617, 0.001);
}

TEST_F(ReportCommand, GivenAnAttack_ThenItsImagesAreInThePage) {
    fs::create_directories(folder_ / "attacked");
    const Json cell = {{"threat", "ss"},    {"engine", "software"}, {"attack", "pgd"},      {"steps", 7},
                       {"norm", "linf"},    {"epsilon", 0.03},      {"total", 4},           {"clean_share", 1.0},
                       {"clean_low", 0.5},  {"clean_high", 1.0},    {"robust_share", 0.25}, {"robust_low", 0.05},
                       {"robust_high", 0.7}};
    write(
        "attacked/attack.json",
        Json{{"network", "n"}, {"images", 4}, {"cells", {cell}}, {"chips", Json::array()}, {"warnings", {"<i>odd</i>"}}}
            .dump());
    write("attacked/images.png", "any");
    const std::string page = report({"attacked"});
    expect_sound(page);
    EXPECT_THAT(page,
                HasSubstr("pgd-7 of threat model ss on software, epsilon 0.03, which leaves 25.0 % right of 100.0 %"));
    EXPECT_THAT(content(page), HasSubstr("src=\"data:image/png;base64,YW55\""));
    EXPECT_THAT(content(page), HasSubstr("&lt;i&gt;odd"));
}

TEST_F(ReportCommand, GivenWhatIsNoResult_ThenItIsRefusedWithWhatWasExpected) {
    expect_refused({"report", "absent"}, {"absent", "is not there", "results folder"});
    fs::create_directories(folder_ / "empty");
    expect_refused({"report", "empty"}, {"empty", "holds no results", "xloop run", "search.sqlite"});
    expect_refused({"report", write("other.json", "{\"a\": 1}")},
                   {"other.json", "no kind that is known", "xloop estimate --json"});
    expect_refused({"report", write("cut.json", "{\"method\": \"esti")}, {"cut.json", "damaged"});
    expect_refused({"report", write("short.json", R"({"method": "estimate"})")}, {"short.json", "network"});
    expect_refused({"report", write("s.json", R"({"kind": "sweep"})")}, {"s.json", "xloop sweep"});
    fs::create_directories(folder_ / "lines");
    write("lines/metrics.jsonl", "none\n{}\n");
    expect_refused({"report", "lines"}, {"metrics.jsonl", "line 1"});
    expect_refused({"report", estimate("a.json"), "-o", "no/such/folder/x.html"}, {"no/such/folder"});
}

/// The page as a browser has it after its script has run; empty without a browser.
std::string in_browser(const fs::path& page, int width, const fs::path& folder) {
    if (std::system("command -v chromium > /dev/null 2>&1") != 0)
        return {};
    const std::string command =
        "HOME=" + folder.string() +
        " chromium --headless --no-sandbox --disable-gpu --enable-logging=stderr --user-data-dir=" +
        (folder / "browser").string() + " --window-size=" + std::to_string(width) + ",900 --dump-dom file://" +
        page.string() + " > " + (folder / "dom").string() + " 2> " + (folder / "log").string();
    EXPECT_EQ(std::system(command.c_str()), 0);
    EXPECT_THAT(read_file((folder / "log").string()), Not(HasSubstr("CONSOLE")));
    return read_file((folder / "dom").string());
}

TEST_F(ReportCommand, GivenABrowser_ThenEveryFigureIsDrawnWithoutAWord) {
    const std::string simulation = record("s.json", {"simulate", hardware_study, "-s", "simulation.values=counts"});
    fs::create_directories(folder_ / "swept");
    write("swept/sweep.json", sweep().dump());
    const std::string page = report({simulation, estimate("a.json"), "swept", write("e.json", evaluation().dump())});
    for (const int width : {360, 1280}) {
        const std::string dom = in_browser(folder_ / "page.html", width, root_);
        if (dom.empty())
            GTEST_SKIP() << "no chromium";
        EXPECT_EQ(all_of(dom, "data-ready=\"(\\d+) ms\"").size(), 1u);
        const Words drawn = all_of(dom, "data-drawn=\"([a-z ]+)\"");
        EXPECT_EQ(drawn.size(), drawings(page).size());
        const bool charts = page.find("Chart.js") != page.npos;
        for (const std::string& state : drawn)
            EXPECT_TRUE(state == "yes" || (!charts && state == "no library")) << state;
        for (const std::string& size : all_of(dom, "data-size=\"(\\d+x\\d+)\"")) {
            const int across = std::stoi(size), down = std::stoi(size.substr(size.find('x') + 1));
            EXPECT_GE(across, 200) << size;
            EXPECT_GE(down, 60) << size;
        }
    }
}

}  // namespace
}  // namespace xloop::test
