#include "core/activity.hpp"
#include "tests/apps/command_line.hpp"

#include <cstdint>
#include <map>
#include <sstream>

namespace xloop::test {
namespace {

const std::string study = std::string(XLOOP_SOURCE_DIR) + "/configs/experiments/hardware_study.yaml";

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

std::vector<std::vector<std::string>> cells_of(const std::string& csv) {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(csv);
    for (std::string line; std::getline(lines, line);) {
        rows.emplace_back();
        std::istringstream cells(line);
        for (std::string cell; std::getline(cells, cell, ',');)
            rows.back().push_back(cell);
    }
    return rows;
}

class SimulateCommand : public CommandLine {};

/// Every task's cycles have a state; what the report says of layers and components is what was counted for energy.
TEST_F(SimulateCommand, GivenAPipelinedRun_ThenStatesAddUpAndTotalsEqualTheEventCounts) {
    const Json report =
        good({"simulate", study, "--json", "-s", "mapping.schedule=pipelined", "-s", "simulation.images=1",
              "--activity", "a.csv", "--components", "c.csv", "--links", "l.csv", "--layers", "y.csv"})
            .json();
    const auto cycles = report["cycles"].get<std::uint64_t>();
    std::uint64_t array_reads = 0;
    for (const Json& layer : report["layers"]) {
        std::uint64_t sum = 0;
        double percent = 0.0;
        for (const auto& [state, value] : layer["state_cycles"].items())
            sum += value.get<std::uint64_t>();
        for (const auto& [state, value] : layer["state_percent"].items())
            percent += value.get<double>();
        EXPECT_EQ(sum, cycles * layer["tasks"].get<std::uint64_t>()) << layer["name"];
        EXPECT_NEAR(percent, 100.0, 1e-9) << layer["name"];
        array_reads += layer["read_cycles"].get<std::uint64_t>();
    }
    std::map<std::string, std::uint64_t> busy;
    std::uint64_t array_busy = 0;
    for (const auto& row : cells_of(read("a.csv")))
        if (row.at(2) == "busy_cycles") {
            busy[row.front()] = std::stoull(row.at(3));
            if (row.front().find(".xbar_") != std::string::npos)
                array_busy += std::stoull(row.at(3));
        }
    EXPECT_EQ(array_busy, array_reads);
    std::uint64_t shared = 0;
    for (const Json& component : report["components"]) {
        const std::string path = component["path"], kind = component["kind"];
        if (kind != "bus" && kind != "buffer" && kind != "vector_unit")
            continue;
        shared += component["state_cycles"]["busy"].get<std::uint64_t>();
        ASSERT_EQ(busy.count(path), 1u) << path;
        EXPECT_EQ(component["state_cycles"]["busy"], busy[path]) << path;
    }
    EXPECT_GT(shared, 0u);
    std::uint64_t flits = 0;
    for (const Json& link : report["links"])
        flits += link["flits"].get<std::uint64_t>();
    EXPECT_EQ(flits, report["activity"]["router_flit"].get<std::uint64_t>());
    EXPECT_EQ(cells_of(read("l.csv")).size(), report["links"].size() + 1);
    EXPECT_EQ(cells_of(read("c.csv")).size(), report["components"].size() + 1);
    EXPECT_EQ(cells_of(read("y.csv")).size(), report["layers"].size() + 1);
    EXPECT_NE(report["bottleneck"]["text"], "");
}

TEST_F(SimulateCommand, GivenSizesOnly_ThenTimesAndCountsEqualThoseOfTheComputingRun) {
    const std::vector<std::string> run = {"simulate", study, "--json", "-s", "simulation.images=1"};
    const Json computed = good(with(run, {"--record-statistics", "s.yaml"})).json();
    const Json counted =
        good(with(run, {"-s", "simulation.values=counts", "-s", "simulation.statistics=s.yaml"})).json();
    for (const char* key : {"cycles", "image_times", "activity", "area_mm2", "bottleneck", "components", "links"})
        EXPECT_EQ(computed[key], counted[key]) << key;
    EXPECT_EQ(computed["energy_j"]["data"], "values");
    EXPECT_EQ(counted["energy_j"]["data"], "averages");
    EXPECT_GT(computed["data_activity"]["row_pulse"], 0);
    // The activity of each layer was recorded, so the mean number of driven rows is that of the values.
    EXPECT_NEAR(
        counted["data_activity"]["row_pulse"].get<double>() / computed["data_activity"]["row_pulse"].get<double>(), 1.0,
        1e-6);
    EXPECT_EQ(computed["logits_equal_untimed"], true);
    EXPECT_FALSE(counted.contains("logits_equal_untimed"));
    for (std::size_t l = 0; l < computed["layers"].size(); ++l) {
        const Json &measured = computed["layers"][l]["active_rows"], &read_back = counted["layers"][l]["active_rows"];
        ASSERT_EQ(measured.is_null(), read_back.is_null());
        if (!measured.is_null()) {
            EXPECT_NEAR(measured.get<double>(), read_back.get<double>(), 1e-8);
        }
    }
}

TEST_F(SimulateCommand, GivenTheTable_ThenItHoldsLayersServersLinksAndTheBottleneckInWords) {
    const std::string table =
        good({"simulate", study, "-s", "simulation.images=1", "-s", "simulation.values=counts"}).out;
    for (const char* words : {"image latency", "one image does not show it", "classifier", "busiest servers",
                              "fullest buffers", "busiest links", "takes the largest share of the latency"})
        EXPECT_THAT(table, HasSubstr(words));
}

/// Its latency is no interval: what a pipeline gives in a stream, and layer by layer what the next image would wait for.
TEST_F(SimulateCommand, GivenOneImage_ThenNoFigureOfAStreamIsGiven) {
    for (const char* schedule : {"mapping.schedule=pipelined", "mapping.schedule=layer_by_layer"}) {
        const std::vector<std::string> run = {"simulate", study, "-s", schedule, "-s", "simulation.values=counts",
                                              "-s"};
        const Json one = good(with(run, {"simulation.images=1", "--json"})).json(),
                   two = good(with(run, {"simulation.images=2", "--json"})).json();
        for (const char* key : {"interval_cycles", "interval_s", "throughput_per_s"}) {
            EXPECT_TRUE(one[key].is_null()) << key;
            EXPECT_GT(two[key], 0) << key;
        }
        for (const auto& [key, value] : one["stream"].items())
            EXPECT_TRUE(value.is_null()) << key;
        for (const auto& [key, value] : two["stream"].items())
            EXPECT_GT(value, 0) << key;
        EXPECT_GT(one["alone"]["edap_j_s_mm2"], 0);
        EXPECT_THAT(good(with(run, {"simulation.images=1"})).out,
                    testing::ContainsRegex("stream of images +-, one image does not show the interval"));
    }
}

TEST_F(SimulateCommand, GivenARunThatCounts_ThenItsActivityFileHasExpectedDataAsTheEnergyHas) {
    const Json report = good({"simulate", study, "--json", "-s", "simulation.images=1", "-s",
                              "simulation.values=counts", "--activity", "a.csv"})
                            .json();
    std::map<std::string, std::uint64_t> totals;
    for (const auto& row : cells_of(read("a.csv"))) {
        const bool of_data = report["data_activity"].contains(row.at(2));
        if (row.at(0) == "instance")
            continue;
        EXPECT_EQ(row.at(4), of_data ? "expected" : "counted") << row.at(2);
        totals[row.at(2)] += std::stoull(row.at(3));
    }
    for (const auto& [event, count] : report["data_activity"].items()) {
        EXPECT_GT(count, 0) << event;
        EXPECT_EQ(totals[event], count.get<std::uint64_t>()) << event;
    }
}

TEST_F(SimulateCommand, GivenAFaultInAnArrayThatIsNotThere_ThenAWarningNamesFileLineAndNumber) {
    write("faults.csv", "array,row,column,fault\n0,1,1,on\n*,2,2,off\n3,5,5,open\n77,0,0,on\n");
    const std::string err = good({"simulate", std::string(XLOOP_SOURCE_DIR) + "/configs/experiments/one_layer.yaml",
                                  "-s", "device.fault_map=faults.csv"})
                                .err;
    EXPECT_THAT(err, testing::ContainsRegex("faults.csv:4: .*no array 3 "));
    EXPECT_THAT(err, testing::ContainsRegex("faults.csv:5: .*no array 77 .*layer 0, array 77"));
    EXPECT_THAT(err, testing::Not(HasSubstr("faults.csv:2")));
}

/// [1, 3] is a choice of squares; who writes it for a window 1 high and 3 wide must hear it.
TEST_F(SimulateCommand, GivenAListOfKernelsAndNoPath_ThenAWarningSaysWhatIsTaken) {
    write("net.yaml", R"(name: n
input: {channels: 3, height: 8, width: 8}
layers:
  - {name: c1, type: conv, out_channels: 4, kernel: [1, 3], activation: relu}
  - {name: fc, type: linear, out_channels: 3}
)");
    const std::vector<std::string> run = {"estimate", study, "-s", "network=net.yaml"};
    EXPECT_THAT(good(run).err, AllOf(HasSubstr("net.yaml:4:"), HasSubstr("kernel [1, 3] of layer `c1`"),
                                     HasSubstr("c1=k3"), HasSubstr("kernel_hw")));
    EXPECT_EQ(good(with(run, {"-s", "path=c1=k1"})).err, "");
}

/// On a table of numbers for other hardware, the line of the class says so, and how the powers are meant.
TEST_F(SimulateCommand, GivenCostsForOtherHardware_ThenTheLineOfTheClassAndTheJsonSayIt) {
    const std::vector<std::string> run = {"estimate",
                                          std::string(XLOOP_SOURCE_DIR) + "/configs/experiments/isaac_step.yaml"};
    const Json same = good(with(run, {"--json"})).json(),
               other = good(with(run, {"--json", "-s", "adc.bits=4"})).json();
    EXPECT_EQ(same["other_hardware"], Json::array());
    EXPECT_EQ(same["cost_warnings"], Json::array());
    EXPECT_EQ(same["energy_j"], other["energy_j"]) << "numbers do not follow";
    EXPECT_EQ(other["other_hardware"][0],
              (Json{{"row", "adc"}, {"class", "adc"}, {"key", "adc.bits"}, {"table", "8"}, {"here", "4"}}));
    const std::string text = good(with(run, {"-s", "adc.bits=4"})).out;
    EXPECT_THAT(text, testing::ContainsRegex("\n  adc .*adc.bits 8\n"));
    EXPECT_THAT(text, testing::ContainsRegex("\n  powers +dynamic; no leakage, refresh, clock"));
    EXPECT_THAT(text, HasSubstr("conversion: numbers for adc.bits 8 (here 4)"));
}

TEST_F(SimulateCommand, GivenNoSampleAndHold_ThenItCostsNothing) {
    const std::vector<std::string> run = {
        "simulate", study, "--json", "-s", "simulation.images=1", "-s", "simulation.values=counts"};
    const Json with_hold = good(run).json(), without = good(with(run, {"-s", "crossbar.sample_hold=false"})).json();
    for (const char* figure : {"energy_j", "area_mm2"}) {
        EXPECT_GT(with_hold[figure]["by_class"]["sample_hold"], 0) << figure;
        EXPECT_EQ(without[figure]["by_class"]["sample_hold"], 0) << figure;
    }
    EXPECT_EQ(without["activity"]["column_sample"], 0);
}

TEST_F(SimulateCommand, GivenTheOtherScheduler_ThenTheReportIsTheSameBytes) {
    const std::vector<std::string> run = {
        "simulate", study, "--json", "-s", "simulation.images=1", "-s", "simulation.values=counts"};
    EXPECT_EQ(good(with(run, {"--scheduler", "processes"})).out, good(run).out);
}

TEST_F(SimulateCommand, GivenMoreThanEightBits_ThenOnlyRunsThatCountAreAccepted) {
    for (const char* key : {"numerics.activation_bits", "numerics.weight_bits"}) {
        const std::vector<std::string> run = {"estimate", study, "-s", std::string(key) + "=9"};
        expect_refused(run, {key, "simulation.values: counts"});
        good(with(run, {"-s", "simulation.values=counts"}));
    }
}

TEST_F(SimulateCommand, GivenOptionsThatNeedValues_ThenARunThatCountsRefusesThem) {
    const std::vector<std::string> run = {"simulate", study, "-s", "simulation.values=counts"};
    expect_refused(with(run, {"--record-statistics", "s.yaml"}), {"simulation.values", "--record-statistics"});
    expect_refused(with(run, {"--json", "--logits"}), {"simulation.values", "--logits"});
    expect_refused({"simulate", study, "-s", "simulation.statistics=s.yaml"}, {"simulation.statistics"});
    expect_refused({"simulate", study, "-s", "simulation.values=none"}, {"simulation.values", "compute", "counts"});
}

TEST_F(SimulateCommand, GivenModelledCosts_ThenEveryAccountOfTheEnergyHasTheSameSum) {
    const std::string costs = "cost_table=" XLOOP_SOURCE_DIR "/configs/tech/generic_22nm.yaml";
    // The same network on tiles of several types, whose layers have widths of their own.
    write("mixed.yaml", "base: [" + study +
                            ", " XLOOP_SOURCE_DIR
                            "/configs/hw/mixed_64x64.yaml]\nlayers:\n"
                            "  conv1: {tile: large, weight_bits: 6, adc: {bits: 7}}\n  classifier: {tile: precise}\n");
    for (const auto& [file, values] :
         {std::pair(study, "compute"), std::pair(study, "counts"), std::pair(std::string("mixed.yaml"), "compute"),
          std::pair(std::string("mixed.yaml"), "counts")}) {
        const Json report =
            good({"simulate", file, "--json", "-s", costs, "-s", std::string("simulation.values=") + values, "--ledger",
                  "ledger.csv", "--power", "power.csv"})
                .json();
        EXPECT_EQ(report.contains("tile_types"), file != study);
        if (file != study) {
            double of_types = 0;
            for (const Json& type : report["tile_types"])
                of_types += type["dynamic_j"].get<double>() + type["static_j"].get<double>();
            EXPECT_NEAR(of_types / report["energy_j"]["total"].get<double>(), 1.0, 1e-9) << values;
        }
        const double total = report["energy_j"]["total"];
        EXPECT_NEAR(report["power"]["energy_j"].get<double>() / total, 1.0, 1e-9) << values;
        EXPECT_FALSE(report.contains("trace")) << "a file of power over time alone is no trace";
        EXPECT_GE(report["power"]["peak_w"], report["stream"]["average_power_w"]) << values;
        double images = 0, layers = report["images_energy_j"]["total"].get<double>() +
                                    report["shared_energy_j"]["total"].get<double>();
        for (const Json& image : report["image_energy_j"])
            images += image.get<double>();
        for (const Json& layer : report["layers"])
            layers += layer["energy_j"]["total"].get<double>();
        EXPECT_NEAR(images / total, 1.0, 1e-9) << values;
        EXPECT_NEAR(layers / total, 1.0, 1e-9) << values;
        /// Sum of a column, times the difference of two others if given.
        const auto column_sum = [&](const char* table, std::size_t column, std::size_t from, std::size_t to) {
            auto rows = cells_of(read(table));
            rows.erase(rows.begin());
            double sum = 0;
            for (const auto& row : rows)
                sum += std::stod(row[column]) * (to > 0 ? std::stod(row[to]) - std::stod(row[from]) : 1.0);
            return sum;
        };
        EXPECT_NEAR(column_sum("ledger.csv", 5, 0, 0) / total, 1.0, 1e-9) << values;
        EXPECT_NEAR(column_sum("ledger.csv", 6, 0, 0) / report["area_mm2"]["total"].get<double>(), 1.0, 1e-9) << values;
        EXPECT_NEAR(column_sum("power.csv", cells_of(read("power.csv")).front().size() - 1, 2, 3) / total, 1.0, 1e-7)
            << values;  // 9 digits of time
    }
}

}  // namespace
}  // namespace xloop::test
