#include <xloop/xloop.hpp>

#include "analysis/study.hpp"
#include "analysis/timed_run.hpp"
#include "core/files.hpp"
#include "core/hardware_config.hpp"
#include "core/json.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "systemc_model/sim/simulate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace xloop {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

const std::string configs = std::string(XLOOP_SOURCE_DIR) + "/configs";
const std::string costs_file = configs + "/tech/generic_32nm.yaml";
const std::vector<std::string> settings = {"crossbar.rows=32", "crossbar.cols=32"};

constexpr const char* yaml = R"(
name: small
input: {channels: 2, height: 6, width: 6}
layers:
  - {name: conv1, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: logits, type: linear, out_channels: 5}
)";

/// The same by the functions that the interface stands before.
WorkloadGraph inner_graph() {
    WorkloadGraph graph = build_graph(parse_network(yaml, "network"));
    randomise_weights(graph, 3);
    return graph;
}

MappedNetwork inner_network() { return map_network(inner_graph(), load_hardware("", settings)); }

api::Network network() { return api::Network::parse(yaml).with_random_weights(3); }
api::Hardware hardware() { return api::Hardware::load("", settings); }
api::Costs costs() { return api::Costs::load(costs_file); }

api::Pixels pixels(int images) {
    api::Pixels all(static_cast<std::size_t>(images) * 2 * 6 * 6);
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<std::uint8_t>(i * 37 % 251);
    return all;
}

// Copy me: a call of the interface beside what it stands before; the same numbers to the last bit.
TEST(Estimate, GivenANetwork_ThenFiguresAreThoseOfTheRooms) {
    const api::Report report = api::estimate(network(), hardware(), costs(), 3);
    const HardwareReport inner = estimate_hardware(inner_network(), load_cost_table(costs_file), 3);
    EXPECT_EQ(report.images(), 3);
    EXPECT_EQ(report.cycles(), inner.cycles);
    EXPECT_EQ(report.latency_cycles(), inner.latency_cycles);
    EXPECT_EQ(report.interval_cycles(), inner.interval_cycles);
    EXPECT_EQ(report.energy_j(), inner.figures.energy_alone_j());
    EXPECT_EQ(report.area_mm2(), inner.figures.area_mm2);
    EXPECT_EQ(report.edap(), inner.edap());
    EXPECT_EQ(report.json(), inner.json().dump(2));
    EXPECT_DOUBLE_EQ(report.edap(), report.energy_j() * report.area_mm2() * 1e-9 *
                                        static_cast<double>(report.latency_cycles()) / report.clock_ghz());
}

TEST(Ledger, GivenAnEstimate_ThenClassesAndInstancesAddUpToTheTotal) {
    const api::Report report = api::estimate(network(), hardware(), costs());
    std::vector<api::LedgerRow> rows = report.ledger();
    const api::LedgerRow total = rows.back();
    rows.pop_back();
    EXPECT_EQ(total.name, "total");
    double energy_j = 0, area_mm2 = 0;
    for (const api::LedgerRow& row : rows) {
        energy_j += row.dynamic_j + row.static_j;
        area_mm2 += row.area_mm2;
    }
    EXPECT_NEAR(energy_j, total.dynamic_j + total.static_j, 1e-12 * energy_j);
    EXPECT_NEAR(area_mm2, total.area_mm2, 1e-12 * area_mm2);

    std::istringstream csv(report.instances_csv());
    std::string line;
    std::getline(csv, line);
    EXPECT_EQ(line, "instance,dynamic_j,leakage_j,refresh_j,clock_j,total_j,area_mm2");
    double instances_j = 0;
    while (std::getline(csv, line)) {
        const std::size_t last = line.rfind(',');
        instances_j += std::stod(line.substr(line.rfind(',', last - 1) + 1));
    }
    EXPECT_NEAR(instances_j, energy_j, 1e-4 * energy_j);  // the file has some digits only
}

TEST(Chip, GivenImages_ThenLogitsAreThoseOfTheRoomsForAnyNumberOfThreads) {
    const api::Chip chip = api::Chip::program(network(), hardware());
    const auto inner = program(inner_network());
    const api::Pixels images = pixels(3);
    const api::Logits expected = run_images(inner_graph(), *inner, images.data(), 0, 3);
    EXPECT_EQ(chip.run(images), expected);
    EXPECT_EQ(chip.run(images, 2), expected);
}

/// What the rooms give for a run of the cycle model, in a process of its own: SystemC elaborates once.
std::string inner_simulation(int images, bool values) {
    const std::string file =
        (std::filesystem::temp_directory_path() / ("xloop_facade_" + std::to_string(::getpid()) + ".json")).string();
    if (const pid_t child = ::fork(); child == 0) {
        Study study;
        study.costs = load_cost_table(costs_file);
        study.config.hardware = load_hardware("", settings);
        study.config.simulation.images = images;
        study.config.simulation.values = values ? SimulatedValues::compute : SimulatedValues::counts;
        SimulationOptions options;
        options.limits = study.config.simulation.limits;
        const auto chip = program(inner_network());
        const api::Pixels all = pixels(images);
        const SimulationResult result =
            values ? simulate({*chip, all.data(), 0, images}, options) : simulate({chip->network(), images}, options);
        write_file_atomically(
            file, simulation_report(result, study, chip->network()).json().dump(2) + Json(result.logits).dump());
        ::_exit(0);
    } else {
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    std::string text = read_file(file);
    std::filesystem::remove(file);
    return text;
}

TEST(Simulate, GivenAChip_ThenReportAndLogitsAreThoseOfTheRooms) {
    const std::string expected = inner_simulation(2, true);
    const api::Chip chip = api::Chip::program(network(), hardware());
    const api::Simulation simulation = chip.simulate(pixels(2), costs());
    EXPECT_EQ(simulation.logits, chip.run(pixels(2)));
    EXPECT_EQ(simulation.report.json() + Json(simulation.logits).dump(), expected);
    EXPECT_THAT([&] { chip.simulate(pixels(1), costs()); },
                ThrowsMessage<std::runtime_error>(HasSubstr("once per process")));
}

TEST(Simulate, GivenCountsOnly_ThenTheReportIsThatOfTheRooms) {
    const std::string expected = inner_simulation(2, false);
    const api::Simulation simulation = api::simulate(network(), hardware(), costs(), 2);
    EXPECT_THAT(simulation.logits, IsEmpty());
    EXPECT_EQ(simulation.report.json() + "[]", expected);
    EXPECT_EQ(simulation.report.images(), 2);
}

TEST(Network, GivenEachKindOfFile_ThenItIsRead) {
    const std::string folder =
        (std::filesystem::temp_directory_path() / ("xloop_facade_" + std::to_string(::getpid()))).string();
    save_workload(inner_graph(), folder);
    const api::Network workload = api::Network::load(folder + "/workload.yaml");
    EXPECT_TRUE(workload.has_weights());
    EXPECT_EQ(workload.name(), "small");
    const api::Pixels images = pixels(1);
    EXPECT_EQ(api::Chip::program(workload, hardware()).run(images),
              api::Chip::program(network(), hardware()).run(images));
    std::filesystem::remove_all(folder);

    const api::Network file = api::Network::load(configs + "/networks/lenet5.yaml");
    EXPECT_FALSE(file.has_weights());
    EXPECT_EQ(file.input(), (std::vector<int>{1, 28, 28}));
    EXPECT_EQ(file.logits(), 10);
    EXPECT_EQ(api::Network::parse(yaml).macs(), 6 * 6 * 4 * 9 * 2 + 6 * 6 * 4 * 5);

    const std::string space = configs + "/search_spaces/fmnist_space.yaml";
    EXPECT_THAT(api::Network::load(space, "stage1=w8k3 stage2=w16k5 stage3=w24k3").name(), HasSubstr("stage1=w8k3"));
}

TEST(Mistakes, GivenOne_ThenTheMessageSaysWhatWasExpected) {
    const auto expect_thrown = [](const auto& what, const std::string& part) {
        EXPECT_THAT(what, ThrowsMessage<std::runtime_error>(HasSubstr(part)));
    };
    expect_thrown([] { api::Hardware::load("", {"crossbar.row=32"}); }, "did you mean `rows`?");
    expect_thrown([] { api::Costs::load("/absent.yaml"); }, "/absent.yaml");
    expect_thrown([] { api::Chip::program(api::Network::parse(yaml), hardware()); }, "with_random_weights");
    expect_thrown([] { api::Chip::program(network(), hardware()).run(api::Pixels(71)); },
                  "72 bytes each (2x6x6), got 71");
    expect_thrown([] { api::estimate(network(), hardware(), costs(), 0); }, "one image or more");
    expect_thrown([] { api::Report().json(); }, "empty");
}

}  // namespace
}  // namespace xloop
