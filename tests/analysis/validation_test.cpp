#include "analysis/validation.hpp"
#include "apps/text/validation_text.hpp"
#include "core/workload/network_spec.hpp"
#include "systemc_model/cost/cost_table.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>

namespace xloop {
namespace {

using testing::HasSubstr;
using Outcome = Validation::Verdict::Outcome;

const std::string source_dir = XLOOP_SOURCE_DIR;

/// An estimate, and a made-up timed run that gives the same figures until it is slowed.
struct TwoSides {
    TwoSides() {
        const NetworkSpec spec = load_network(source_dir + "/configs/networks/residual_16x16.yaml");
        network = map_network(build_graph(spec.resolve(spec.largest_path())), {});
        const Estimate figures = estimate(network, 1);
        activity = figures.activity;
        latency = figures.latency_cycles;
        for (const Estimate::Layer& layer : figures.layers) {
            lengths.push_back(layer.cycles());
            SimulationResult::Layer made;
            made.name = layer.name;
            made.tasks = {{1, 0, 0, 0}};
            timed.layers.push_back(made);
        }
        closed_form = report(lengths, latency, activity);
    }

    HardwareReport report(const std::vector<std::uint64_t>& layer_cycles, std::uint64_t cycles,
                          const ActivityRecord& counts) const {
        HardwareReport made;
        made.images = 1;
        made.cycles = made.latency_cycles = cycles;
        made.interval_cycles = static_cast<double>(cycles);
        for (std::size_t l = 0; l < layer_cycles.size(); ++l)
            made.layers.push_back({network.graph.layers[l].name, 0, layer_cycles[l]});
        made.activity = counts;
        complete_report(made, network, costs);
        return made;
    }

    Validation compare(const std::vector<Estimate::Contended>& contended = {}, bool strict = false,
                       bool pipelined = false) const {
        const HardwareReport simulation = report(lengths, latency, activity);
        HardwareReport estimated = closed_form;
        estimated.contention = contended;
        return compare_models({network, estimated, simulation, timed, pipelined, "", {}}, {5, 2, strict});
    }

    std::size_t layer(const std::string& name) const {
        const auto found = std::find_if(network.graph.layers.begin(), network.graph.layers.end(),
                                        [&](auto& l) { return l.name == name; });
        return static_cast<std::size_t>(found - network.graph.layers.begin());
    }

    CostTable costs = load_cost_table(source_dir + "/configs/tech/generic_32nm.yaml");
    MappedNetwork network;
    HardwareReport closed_form;
    SimulationResult timed;
    // Of the timed run.
    std::vector<std::uint64_t> lengths;
    std::uint64_t latency = 0;
    ActivityRecord activity;
};

Validation::Verdict verdict(const Validation& v, const std::string& name) {
    for (const Validation::Verdict& entry : v.verdicts)
        if (entry.name == name)
            return entry;
    ADD_FAILURE() << name;
    return {};
}

TEST(Validation, GivenEqualSides_ThenEveryVerdictIsPassedWithoutError) {
    const Validation v = TwoSides().compare();
    EXPECT_TRUE(v.passed());
    EXPECT_TRUE(v.counts_equal());
    for (const Validation::Verdict& entry : v.verdicts) {
        EXPECT_EQ(entry.worst_percent, 0) << entry.name;
        EXPECT_EQ(entry.outcome, Outcome::passed) << entry.name;
    }
}

TEST(Validation, GivenMissingEvents_ThenContentionDoesNotExcuseTheirEnergy) {
    TwoSides sides;
    for (auto& [path, counters] : sides.activity.instances)
        counters[Event::conversion] /= 2;
    const Validation v = sides.compare({{"conv1", "bus", 0.9, "it is busy"}});
    EXPECT_EQ(verdict(v, "dynamic energy").outcome, Outcome::failed);
    EXPECT_FALSE(v.passed());
}

/// The table shows a short layer's own error, the verdict one over 2 % of the latency: it says so.
TEST(Validation, GivenAShortLayerThatIsWorst_ThenTheVerdictTellsItsOwnErrorToo) {
    TwoSides sides;
    const std::size_t shortest =
        static_cast<std::size_t>(std::min_element(sides.lengths.begin(), sides.lengths.end()) - sides.lengths.begin());
    ASSERT_LT(1.2 * static_cast<double>(sides.lengths[shortest]), 0.02 * static_cast<double>(sides.latency));
    sides.lengths[shortest] += sides.lengths[shortest] / 10;
    const Validation v = sides.compare();
    const Validation::Verdict judged = verdict(v, "cycles of every layer");
    EXPECT_GT(judged.worst_percent, -5);
    EXPECT_LT(judged.worst_percent, 0);
    const std::string own = fmt::format("{:+.3f} % of its own cycles", v.layers[shortest].cycles.error_percent());
    EXPECT_THAT(validation_text(v), HasSubstr(v.layers[shortest].name + " (" + own));
    sides.lengths = TwoSides().lengths;
    sides.lengths[sides.layer("conv1")] *= 2;
    EXPECT_EQ(verdict(sides.compare(), "cycles of every layer").worst_remark, "");
}

TEST(Validation, GivenASlowLayer_ThenItFailsUnlessContendedAndThenWarnsUnlessStrict) {
    TwoSides sides;
    const std::size_t slow = sides.layer("conv1");
    sides.lengths[slow] *= 2;
    const Validation plain = sides.compare();
    EXPECT_EQ(verdict(plain, "cycles of every layer").outcome, Outcome::failed);
    EXPECT_EQ(verdict(plain, "cycles of every layer").broken, std::vector<std::string>{"conv1"});
    EXPECT_DOUBLE_EQ(verdict(plain, "cycles of every layer").worst_percent, -50);
    EXPECT_FALSE(plain.passed());

    const std::vector<Estimate::Contended> busy_bus = {{"conv1", "bus", 0.9, "it is busy"}};
    const Validation warned = sides.compare(busy_bus);
    EXPECT_EQ(verdict(warned, "cycles of every layer").outcome, Outcome::warning);
    EXPECT_TRUE(warned.passed());
    EXPECT_THAT(validation_text(warned), HasSubstr("conv1, bus: it is busy"));
    EXPECT_EQ(validation_json(warned)["layers"][slow]["contended"], (Json{"bus: it is busy"}));

    EXPECT_FALSE(sides.compare(busy_bus, true).passed());
    const std::vector<Estimate::Contended> elsewhere = {{"stem", "bus", 0.9, "it is busy"}};
    EXPECT_FALSE(sides.compare(elsewhere).passed());
    EXPECT_TRUE(sides.compare(elsewhere, false, true).passed());  // in a pipeline
}

TEST(Validation, GivenAShortLayer_ThenItsErrorIsJudgedOverTwoPercentOfTheLatency) {
    TwoSides sides;
    const std::size_t half = sides.layer("half");
    sides.latency = 100'000;
    sides.lengths[half] += 99;
    const Validation v = sides.compare();
    EXPECT_EQ(verdict(v, "cycles of every layer").outcome, Outcome::passed);
    EXPECT_NEAR(verdict(v, "cycles of every layer").worst_percent, -99.0 / 20, 1e-9);
    EXPECT_LT(v.layers[half].cycles.error_percent(), -10);
    sides.lengths[half] += 2;
    EXPECT_EQ(verdict(sides.compare(), "cycles of every layer").broken, std::vector<std::string>{"half"});
}

TEST(Validation, GivenAContendedPlace_ThenTheLayersOfItsTileAreMarkedOrAll) {
    const TwoSides sides;
    const std::size_t conv1 = sides.layer("conv1");
    const int tile = sides.network.mapping.layers[conv1].copies.front().home;
    const Validation v = sides.compare({{sides.network.mapping.tile_name(tile), "bus", 0.9, "busy"}});
    for (std::size_t l = 0; l < v.layers.size(); ++l) {
        bool there = false;
        for (const LayerCopy& copy : sides.network.mapping.layers[l].copies)
            there = there || copy.home == tile || std::count(copy.tiles.begin(), copy.tiles.end(), tile) > 0;
        EXPECT_EQ(v.layers[l].contended.size(), there ? 1u : 0u) << v.layers[l].name;
    }
    EXPECT_EQ(v.layers[sides.layer("stem")].contended.size(), 0u);
    for (const Validation::Layer& layer : sides.compare({{"network", "network port", 0.9, "hot"}}).layers)
        EXPECT_EQ(layer.contended.size(), 1u) << layer.name;
}

TEST(Validation, GivenALongerLatency_ThenDelayStaticEnergyAndEdapAreOffAndDynamicEnergyIsNot) {
    TwoSides sides;
    sides.latency += sides.latency / 4;
    const Validation v = sides.compare();
    EXPECT_NEAR(verdict(v, "latency").worst_percent, -20, 0.01);
    EXPECT_NEAR(verdict(v, "static energy").worst_percent, -20, 0.01);
    EXPECT_EQ(verdict(v, "dynamic energy").worst_percent, 0);
    EXPECT_EQ(verdict(v, "EDAP alone").outcome, Outcome::failed);
    EXPECT_EQ(verdict(v, "EDAP alone").tolerance_percent, 4);
    EXPECT_EQ(verdict(v, "area").outcome, Outcome::passed);
}

TEST(Validation, GivenACountThatDiffers_ThenInstanceAndEventAreNamedAndNothingExcusesIt) {
    TwoSides sides;
    auto& [path, counters] = *sides.activity.instances.begin();
    ++counters[Event::conversion];
    const Validation v = sides.compare({{"network", "network port", 0.9, "everything"}});
    EXPECT_EQ(v.count_differences, 1u);
    ASSERT_EQ(v.first_differences.size(), 1u);
    EXPECT_EQ(v.first_differences[0].instance, path);
    EXPECT_EQ(v.first_differences[0].event, "conversion");
    EXPECT_EQ(v.first_differences[0].simulated, v.first_differences[0].estimated + 1);
    EXPECT_EQ(verdict(v, "event counts").outcome, Outcome::failed);
    sides.activity.instances["chip.nowhere"][Event::bus_byte] = 3;
    EXPECT_EQ(sides.compare().count_differences, 2u);
}

TEST(Validation, GivenDataEvents_ThenTheyAreNoDifferenceOfCounts) {
    TwoSides sides;
    sides.activity.instances.begin()->second[Event::row_pulse] += 7;
    EXPECT_TRUE(sides.compare().counts_equal());
}

TEST(DominantStall, GivenStates_ThenTheLargestOfTheActiveCyclesIsNamed) {
    SimulationResult::Layer layer;
    layer.arrays = 2;
    layer.read_cycles = 10;
    layer.adc_cycles = 5;
    layer.tasks = {{60, 20, 20, 900}};
    EXPECT_EQ(dominant_stall(layer), "busy reading 60 %");
    EXPECT_EQ(dominant_stall(layer, true), "busy multiplying 60 %") << "steps of a digital tile are no reads";
    layer.adc_cycles = 11;
    EXPECT_EQ(dominant_stall(layer), "busy converting 60 %");
    layer.tasks = {{20, 60, 20, 900}};
    EXPECT_EQ(dominant_stall(layer), "waiting for input 60 %");
    layer.tasks = {{20, 20, 60, 900}};
    EXPECT_EQ(dominant_stall(layer), "blocked by output 60 %");
    layer.arrays = 0;
    layer.tasks = {{3, 1, 0, 0}};
    EXPECT_EQ(dominant_stall(layer), "busy in the vector unit 75 %");
    EXPECT_EQ(dominant_stall(layer, true), "busy in the vector unit 75 %") << "a pool on a chip of digital tiles";
    layer.tasks = {{0, 0, 0, 5}};
    EXPECT_EQ(dominant_stall(layer), "idle");
}

}  // namespace
}  // namespace xloop
