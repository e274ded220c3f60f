#include "tests/apps/command_line.hpp"

#include "core/activity.hpp"

namespace xloop::test {
namespace {

class TracePlot : public CommandLine {
protected:
    /// A window of 1 us for each number: W of the buses; the ADCs have 1 W always.
    std::string power(const std::vector<double>& bus_w) const {
        std::string text = "start_cycle,end_cycle,start_s,end_s";
        for (std::size_t c = 0; c < component_count; ++c)
            text += std::string(",") + name_of(static_cast<Component>(c)) + "_w";
        text += ",total_w\n";
        for (std::size_t w = 0; w < bus_w.size(); ++w) {
            text += std::to_string(1000 * w) + "," + std::to_string(1000 * w + 1000) + "," + std::to_string(w) +
                    "e-6," + std::to_string(w + 1) + "e-6";
            for (std::size_t c = 0; c < component_count; ++c)
                text += "," + std::to_string(static_cast<Component>(c) == Component::bus   ? bus_w[w]
                                             : static_cast<Component>(c) == Component::adc ? 1.0
                                                                                           : 0.0);
            text += "," + std::to_string(1 + bus_w[w]) + "\n";
        }
        return write("power.csv", text);
    }

    static std::string instance(int tile, int number) {
        return "chip.tile_" + std::to_string(tile) + "_0.pe_" + std::to_string(number);
    }
    static std::string activity_row(int window, const std::string& path, const std::string& event, int count) {
        return std::to_string(100 * window) + "," + std::to_string(100 * window + 100) + "," + path + "," + event +
               "," + std::to_string(count) + "\n";
    }
    const std::string activity_header_ = "start_cycle,end_cycle,instance,event,count\n";

    std::string timeline() const {
        std::string text = R"({"displayTimeUnit":"ns","traceEvents":[
{"ph":"X","pid":2,"tid":7,"name":"early","cat":"image","ts":0,"dur":4.5,"args":{"image":0}},
{"ph":"M","pid":1,"name":"process_name","args":{"name":"chip.tile_0_0"}},
{"ph":"M","pid":2,"name":"process_name","args":{"name":"layers"}},
{"ph":"M","pid":2,"name":"process_sort_index","args":{"sort_index":9}},
{"ph":"M","pid":2,"tid":7,"name":"thread_name","args":{"name":"conv\"1"}},
{"ph":"C","pid":1,"name":"level","ts":1,"args":{"value":3}})";
        for (int track = 0; track < 3; ++track) {
            const std::string number = std::to_string(track);
            text += ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":" + number +
                    ",\"name\":\"thread_name\",\"args\":{\"name\":\"pe_" + number + "\"}}";
            for (int slice = 0; slice <= track; ++slice)
                text += ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":" + number +
                        ",\"name\":\"read\",\"cat\":\"operation\",\"ts\":" + std::to_string(2 * slice) + ",\"dur\":1}";
        }
        return write("timeline.json", text + "\n]}\n");
    }

    std::string plot(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"-q", "trace", "plot"});
        arguments.insert(arguments.end(), {"-o", "out.svg"});
        good(arguments);
        const std::string svg = read("out.svg");
        EXPECT_THAT(svg, HasSubstr("</svg>"));
        return svg;
    }
};

TEST_F(TracePlot, GivenPower_ThenItIsStackedByClassWithItsMeanAndPeak) {
    const std::string svg = plot({power({0, 2, 5, 1})});
    for (const char* part :
         {"power by class: peak 6 W at 2 us, windows of 1000 ns", "time (us)", "power (W)", "bus", "adc", "mean 3 W"})
        EXPECT_THAT(svg, HasSubstr(part));
    EXPECT_THAT(svg, testing::Not(HasSubstr("router")));  // no visible part
}

TEST_F(TracePlot, GivenTimes_ThenOnlyTheyAreDrawn) {
    const std::string file = power({0, 2, 5, 1});
    EXPECT_THAT(plot({file, "--from", "0.5us", "--to", "2000ns"}),
                HasSubstr("mean 2.333 W"));  // 0.5 us of 1 W, 1 us of 3 W
    EXPECT_THAT(plot({file, "--from", "3"}), HasSubstr("peak 2 W at 3 us"));
}

TEST_F(TracePlot, GivenMoreWindowsThanPixels_ThenTheirHighestIsShownToo) {
    std::vector<double> watts(3000, 1.0);
    watts[1234] = 3;
    const std::string svg = plot({power(watts)});
    EXPECT_THAT(svg, HasSubstr("peak 4 W at 1234 us"));
    EXPECT_THAT(svg, HasSubstr("highest of 4 windows"));
}

TEST_F(TracePlot, GivenASinglePeak_ThenTheAxisEndsBelowItAndSaysSo) {
    std::vector<double> watts(500, 0.0);
    watts[7] = 99;
    EXPECT_THAT(plot({power(watts)}), HasSubstr("peak 100 W at 7 us (beyond the axis)"));
}

TEST_F(TracePlot, GivenActivity_ThenRowsAreInstancesOrTilesWhereTheyAreMany) {
    std::string text = activity_header_;
    for (int i = 0; i < 5; ++i)
        text += activity_row(i, instance(i / 3, i), "conversion", 100) +
                activity_row(i, instance(i / 3, i), "io_byte", 700);
    text += activity_row(5, instance(0, 0), "conversion", 500);
    const std::string file = write("activity.csv", text);
    const std::string instances = plot({file, "--event", "conversion"});
    for (const char* part : {"conversion of 5 instances", "chip.tile_1_0.pe_4", "conversion events a cycle",
                             "time (cycles of the digital clock)"})
        EXPECT_THAT(instances, HasSubstr(part));
    const std::string tiles = plot({file, "--event", "conversion", "--rows", "4"});
    EXPECT_THAT(tiles, HasSubstr("conversion of 2 tiles"));
    EXPECT_THAT(tiles, testing::Not(HasSubstr("pe_4")));
    EXPECT_THAT(plot({file, "--event", "conversion", "--rows", "4", "--group", "instance"}),
                HasSubstr("conversion of 4 instances (1 with less are left out)"));
    EXPECT_THAT(plot({file, "--event", "conversion", "--tracks", "chip.tile_1_*"}),
                HasSubstr("conversion of 2 instances"));
    EXPECT_THAT(plot({file, "--group", "tile", "--event", "io_byte"}), HasSubstr("io_byte of 2 tiles"));
}

TEST_F(TracePlot, GivenAnExperiment_ThenActivityIsEnergyOverTime) {
    const std::string file =
        write("activity.csv", activity_header_ + activity_row(0, instance(0, 0), "conversion", 1000));
    const std::string svg = plot({file, "-e", XLOOP_SOURCE_DIR "/configs/experiments/one_layer.yaml", "--to", "1ms"});
    for (const char* part : {"dynamic energy of 1 instance", "dynamic power (mW)", "time (us)"})
        EXPECT_THAT(svg, HasSubstr(part));
    expect_refused({"trace", "plot", file, "-o", "out2.svg", "--from", "1us"}, {"-e EXPERIMENT"});
}

TEST_F(TracePlot, GivenPowerOfInstances_ThenItIsAHeatMapWithoutTheStaticRest) {
    const std::string svg =
        plot({write("i.csv", "start_s,end_s,instance,power_w\n0,1e-6,chip.a.bus,2\n0,1e-6,(static),7\n")});
    EXPECT_THAT(svg, HasSubstr("chip.a.bus"));
    EXPECT_THAT(svg, testing::Not(HasSubstr("(static)")));
}

TEST_F(TracePlot, GivenATimeLine_ThenTracksAreRowsInTheirOrder) {
    const std::string svg = plot({timeline()});
    for (const char* part : {"7 slices on 4 tracks", "operation", "image", "time (us)"})
        EXPECT_THAT(svg, HasSubstr(part));
    EXPECT_LT(svg.find("tile_0_0.pe_0"), svg.find("tile_0_0.pe_2"));
    EXPECT_LT(svg.find("tile_0_0.pe_2"), svg.find("layers.conv"));
}

TEST_F(TracePlot, GivenATrackThatIsSeldomBusy_ThenItIsPaleAndABusyOneIsNot) {
    const auto drawn = [this](double microseconds) {
        std::string text = "{\"traceEvents\":[";
        for (int i = 0; i < 3000; ++i)
            text +=
                std::string(i > 0 ? "," : "") +
                "{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"name\":\"send\",\"cat\":\"message\",\"ts\":" + std::to_string(i) +
                ",\"dur\":" + std::to_string(microseconds) + "}";
        return plot({write("bus.json", text + "]}")});
    };
    EXPECT_THAT(drawn(0.001), HasSubstr("fill-opacity='0.1"));
    EXPECT_THAT(drawn(1), testing::Not(HasSubstr("fill-opacity")));
}

TEST_F(TracePlot, GivenWindowsFarApart_ThenTheGapIsCutOutOfEveryPicture) {
    const std::string line = R"({"ph":"X","pid":1,"tid":1,"name":"read","cat":"operation","dur":1,"ts":)",
                      cut = "998 not shown";
    EXPECT_THAT(plot({write("far.json", "{\"traceEvents\":[" + line + "1}," + line + "1000}]}")}), HasSubstr(cut));
    EXPECT_THAT(
        plot({write("far.csv", "start_s,end_s,instance,power_w\n1e-6,2e-6,chip.a,2\n1e-3,1.001e-3,chip.a,7\n")}),
        HasSubstr(cut));
    const std::string power_file = power({0, 2});
    std::string text = read("power.csv");
    for (const auto& [from, to] : {std::pair{"\n1000,2000,1e-6,2e-6", "\n1000,2000,1e-3,1.001e-3"}})
        text.replace(text.find(from), std::string(from).size(), to);
    EXPECT_THAT(plot({write("far_power.csv", text)}), HasSubstr("999 not shown"));
    EXPECT_THAT(plot({timeline()}), testing::Not(HasSubstr("not shown")));
}

TEST_F(TracePlot, GivenMoreWindowsThanColumns_ThenThePeakIsNamedBesideTheMean) {
    std::string text = "start_s,end_s,instance,power_w\n";
    for (int i = 0; i < 720; ++i)
        text += std::to_string(i) + "e-6," + std::to_string(i + 1) + "e-6,chip.a," + (i == 100 ? "0.33" : "0.05") +
                "\n" + std::to_string(i) + "e-6," + std::to_string(i + 1) + "e-6,chip.b,0.0004\n";
    const std::string svg = plot({write("i.csv", text)});
    EXPECT_THAT(svg, HasSubstr("time (us); a column shows the mean of 2; highest of one instance 330"));
}

TEST_F(TracePlot, GivenTracksAndTimes_ThenTheBusiestOfTheseAreKept) {
    const std::string file = timeline();
    EXPECT_THAT(plot({file, "--tracks", "chip.**", "--rows", "2"}),
                HasSubstr("5 slices on 2 tracks (1 with less to do are left out)"));
    EXPECT_THAT(plot({file, "--tracks", "chip.tile_0_0.pe_2", "--from", "2.5us"}), HasSubstr("2 slices on 1 track"));
    // One category only: by name.
    EXPECT_THAT(plot({file, "--tracks", "chip.**"}), HasSubstr("read"));
}

TEST_F(TracePlot, GivenWhatCannotBeDrawn_ThenItSaysWhereAndWhatWasExpected) {
    const std::string file = power({1, 2});
    const auto refused = [&](std::vector<std::string> arguments, const std::vector<std::string>& parts) {
        arguments.insert(arguments.begin(), {"trace", "plot"});
        arguments.insert(arguments.end(), {"-o", "out.svg"});
        expect_refused(arguments, parts);
    };
    refused({"missing.csv"}, {"missing.csv"});
    refused({write("other.csv", "a,b\n1,2\n")}, {"other.csv", "expected power over time"});
    refused({file, "--from", "2us", "--to", "1us"}, {"--from 2us --to 1us"});
    refused({file, "--from", "soon"}, {"--from: `soon`", "12.5us"});
    refused({file, "--from", "5us"}, {"power.csv", "no window within"});
    refused({file, "--event", "conversoin"}, {"conversoin", "did you mean `conversion`"});
    refused({write("short.csv", activity_header_ + "0,100,chip.a\n")}, {"short.csv:2", "3 cells; expected 5"});
    refused({write("word.csv", activity_header_ + "0,ten,chip.a,conversion,1\n")},
            {"word.csv:2", "end_cycle is `ten`"});
    refused({write("empty.csv", activity_header_)}, {"empty.csv", "no events"});
    refused({write("cut.json", "{\"traceEvents\":[{\"ph\":\"X\",\"pid\":1,")}, {"cut.json", "no time line"});
    refused({write("wrong.json", "{\"traceEvents\":[{\"ph\":\"X\",\"pid\":1,\"ts\":\"a\"}]}")},
            {"wrong.json", "no time line"});
    refused({timeline(), "--tracks", "nothing"}, {"timeline.json", "no slices"});
    expect_refused({"trace", "plot", file, "-o", "no_folder/out.svg"}, {"no_folder"});
}

}  // namespace
}  // namespace xloop::test
