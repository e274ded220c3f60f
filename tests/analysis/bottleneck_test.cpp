#include "analysis/bottleneck.hpp"
#include "analysis/bottleneck_changes.hpp"
#include "analysis/layer_limits.hpp"
#include "apps/text/bottleneck_text.hpp"
#include "core/config/schema.hpp"
#include "core/config/tree.hpp"
#include "core/hardware_variants.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/expected_reads.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"
#include "tests/systemc_model/cost/cost_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace xloop {
namespace {

using testing::HasSubstr;
using testing::Not;

CycleSpan span(std::uint64_t start, std::uint64_t end) { return {start, end}; }

std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Every row follows the hardware.
const CostTable& costs() {
    static const CostTable table = load_cost_table(test::cost_table_path("generic_22nm"));
    return table;
}

/// conv1 needs most of its array: 144 positions; conv2 a fourth of it.
const char* two_layers = R"(
name: two
input: {channels: 2, height: 12, width: 12}
layers:
  - {name: conv1, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: conv2, type: conv, out_channels: 8, kernel: 3, stride: 2, activation: relu}
  - {name: pool, type: avg_pool, kernel: 6}
  - {name: logits, type: linear, out_channels: 10}
)";

HardwareConfig pipelined_hardware() {
    HardwareConfig hw;
    hw.mapping.schedule = Schedule::pipelined;
    return hw;
}

struct Case {
    MappedNetwork network;
    SimulationResult result;

    explicit Case(const HardwareConfig& hw, const char* layers = two_layers)
        : network(map_network(test::random_graph(layers), hw)) {
        for (const GraphLayer& layer : network.graph.layers)
            result.layers.push_back({layer.name, 1, layer.on_crossbars() ? 1 : 0, {}, {}, 0, 0, -1.0});
    }
    /// Images that end `interval` cycles after one another; every layer works `length` cycles on each.
    void run(std::uint64_t interval, std::uint64_t length, int images = 4) {
        for (int i = 0; i < images; ++i) {
            const std::uint64_t start = static_cast<std::uint64_t>(i) * interval;
            result.images.push_back(span(start, start + 5 * interval));
            for (SimulationResult::Layer& layer : result.layers)
                layer.images.push_back(span(start, start + length));
        }
        result.cycles = result.noc_cycles = result.images.back().end;
        for (SimulationResult::Layer& layer : result.layers)
            layer.tasks = {{result.cycles / 2, result.cycles - result.cycles / 2, 0, 0}};
        result.rounds = {{0, 0, result.cycles}};
    }
    Bottleneck find() const { return find_bottleneck(network, costs(), result); }
    double interval() const { return limits_of(network).front().cycles; }
};

TEST(LayerLimits, GivenPipelinedHardware_ThenTheLongestLimitIsTheEstimatesInterval) {
    std::vector<HardwareConfig> variants(6, pipelined_hardware());
    variants[1].adc.columns_per_adc = 4;
    variants[2].tile.bus_bits = 8;
    variants[3].buffer.width_bits = 8;
    variants[3].buffer.banks = 1;
    variants[4].noc.flit_bits = 8;
    variants[4].noc.clock_ghz = 0.02;
    variants[5].tile.vector_lanes = 1;
    variants[5].dac.bits = 8;
    variants[5].crossbar.read_time_ns = 1;
    variants[5].adc.sample_rate_gsps = 100;
    for (const char* network : {two_layers, test::all_kinds})
        for (std::size_t v = 0; v < variants.size(); ++v) {
            const Case c(variants[v], network);
            EXPECT_NEAR(c.interval(), static_cast<double>(estimate(c.network, 4).interval_cycles), 0.5)
                << v << " " << c.network.graph.name;
        }
}

TEST(LayerLimits, GivenArrays_ThenTheirCyclesAreReadsTimesTheSlowerOfReadAndSweep) {
    HardwareConfig hw = pipelined_hardware();
    hw.adc.sample_rate_gsps = 0.1;  // 320 cycles for 32 conversions, a read 100
    const Case c(hw);
    const Limit limit = limits_of(c.network).front();
    EXPECT_EQ(limit.kind, LimitKind::converters);
    EXPECT_EQ(limit.layer, 0);
    EXPECT_EQ(limit.cycles, 144.0 * 8 * 10 * 8 * hw.slices()) << "8 channels in slices() cells, 10 cycles a conversion";
}

TEST(Bottleneck, GivenSlowConverters_ThenTheyAreNamedAndHalfTheColumnsIsComputed) {
    HardwareConfig hw = pipelined_hardware();
    hw.adc.sample_rate_gsps = 0.1;
    Case c(hw);
    const double interval = c.interval();
    c.run(static_cast<std::uint64_t>(interval), 1000);
    const Bottleneck found = c.find();
    EXPECT_EQ(found.layer, "conv1");
    EXPECT_EQ(found.limit, "adc");
    EXPECT_NEAR(found.busy, 1.0, 1e-3);
    EXPECT_EQ(found.interval_before, interval);
    ASSERT_TRUE(found.suggestion);
    for (const Bottleneck::Change& change : found.changes)
        EXPECT_TRUE(change.other_values || found.suggestion->interval <= change.interval) << change.key;
    ASSERT_FALSE(found.changes.empty());
    EXPECT_THAT(found.changes.front().key, HasSubstr("adc.columns_per_adc"));
    EXPECT_EQ(found.changes.front().interval, interval / 2) << "a sweep takes half as long, still longer than a read";
    EXPECT_THAT(bottleneck_text(found),
                HasSubstr("conv1 holds the pipeline: its ADC banks are busy 100 % of the time"));
    EXPECT_GE(lines_of(bottleneck_text(found)), 1u);
    EXPECT_LE(lines_of(bottleneck_text(found)), 5u);
}

/// Types that have a key's value from the base would follow a setting of it.
TEST(Bottleneck, GivenTypesOfTiles_ThenTheSettingsMakeTheHardwareThatIsPredicted) {
    const HardwareVariants mixed(config::load_file(XLOOP_SOURCE_DIR "/configs/hw/mixed_64x64.yaml"));
    const MappedNetwork network = map_network(test::random_graph(two_layers), mixed.with({}));
    const auto text = [](HardwareConfig hardware) {
        hardware.mapping = {};  // `list` of no copies is `none`
        return hardware_yaml(hardware);
    };
    std::vector<std::vector<HardwareChange>> all = smaller_hardware(network);
    all.push_back(changes_against({limits_of(network).front()}, network));
    int pinned = 0;
    for (const std::vector<HardwareChange>& changes : all)
        for (const HardwareChange& change : changes) {
            EXPECT_EQ(text(mixed.with(change.settings)), text(change.hardware)) << change.text;
            pinned += change.text.find("base tiles") != std::string::npos;
        }
    EXPECT_GT(pinned, 5);
}

TEST(Bottleneck, GivenSlowDigitalUnits_ThenTwiceTheirColumnsHalveTheInterval) {
    HardwareConfig hw = pipelined_hardware();
    hw.tile.engine = TileEngine::digital;
    hw.digital.rate_ghz = 0.002;  // 8 channels, 4 in each step of 500 cycles
    Case c(hw);
    const double interval = c.interval();
    EXPECT_EQ(interval, 144.0 * 2 * 500);
    c.run(static_cast<std::uint64_t>(interval), 1000);
    const Bottleneck found = c.find();
    EXPECT_EQ(found.limit, "multipliers");
    EXPECT_EQ(found.steps, 2);
    ASSERT_FALSE(found.changes.empty());
    EXPECT_EQ(found.changes.front().key, "digital.cols 4 -> 8");
    EXPECT_EQ(found.changes.front().interval, interval / 2);
    EXPECT_THAT(bottleneck_text(found), HasSubstr("its multipliers are busy 100 % of the time (2 steps a position)"));
}

TEST(Bottleneck, GivenSlowReads_ThenMoreDacBitsOrOneMoreCopyHalveTheInterval) {
    HardwareConfig hw = pipelined_hardware();
    hw.adc.sample_rate_gsps = 100;
    Case c(hw);
    const double interval = c.interval();
    EXPECT_EQ(interval, 144.0 * 8 * 100);
    c.run(static_cast<std::uint64_t>(interval), 1000);
    const Bottleneck found = c.find();
    EXPECT_EQ(found.limit, "reads");
    ASSERT_EQ(found.changes.size(), 2u);
    EXPECT_EQ(found.changes[0].key, "dac.bits 1 -> 2");
    EXPECT_EQ(found.changes[0].interval, interval / 2);
    EXPECT_EQ(found.changes[1].interval, interval / 2);
    EXPECT_EQ(found.changes[1].key, "one more copy of conv1 (1 more array)");
    EXPECT_EQ(found.suggestion->key, found.changes[1].key) << "it leaves values as they are";
}

/// Half of the reads are of zeros alone.
TEST(Bottleneck, GivenReadsThatAreLeftOut_ThenTheAdviceTakesThoseOfTheRun) {
    HardwareConfig hw = pipelined_hardware();
    hw.adc.sample_rate_gsps = 100;
    hw.crossbar.skip_zero_reads = true;
    Case c(hw);
    const double all = c.interval();
    MadeReads made = expected_reads(c.network, 4, 1.0);
    for (std::size_t l = 0; l < made.layers.size(); ++l)
        for (MadeReads::Copy& copy : made.layers[l]) {
            for (std::vector<std::uint64_t>& groups : copy.blocks)
                for (std::uint64_t& reads : groups)
                    reads /= 2;
            for (auto& [tile, steps] : copy.steps)
                steps /= 2;
        }
    for (std::size_t l = 0; l < made.layers.size(); ++l)
        c.result.layers[l].made = made.layers[l];
    c.run(static_cast<std::uint64_t>(all / 2), 1000);
    const Bottleneck found = c.find();
    EXPECT_EQ(found.limit, "reads");
    EXPECT_EQ(found.interval_before, all / 2);
    EXPECT_NEAR(found.busy, 1.0, 1e-3);
    ASSERT_EQ(found.changes.size(), 2u);
    EXPECT_EQ(found.changes[0].key, "dac.bits 1 -> 2");
    EXPECT_EQ(found.changes[0].interval, all / 4);
    EXPECT_THAT(found.changes[0].uncertain, HasSubstr("zero less often"));
    EXPECT_EQ(found.changes[1].key, "one more copy of conv1 (1 more array)");
    EXPECT_EQ(found.changes[1].interval, all / 4) << "each copy leaves out as many";
    EXPECT_EQ(found.changes[1].uncertain, "");
    EXPECT_THAT(bottleneck_text(found), HasSubstr("larger ones are zero less often"));

    // The same without a run, and what all reads would be taken for.
    c.network.reads = std::make_shared<const MadeReads>(made);
    EXPECT_EQ(find_bottleneck(c.network, costs(), 4).interval_before, all / 2);
    c.network.reads = nullptr;
    const Bottleneck takes_all = find_bottleneck(c.network, costs(), 4);
    EXPECT_EQ(takes_all.interval_before, all);
    EXPECT_GT(takes_all.energy_j, 1.2 * found.energy_j);
}

TEST(Bottleneck, GivenLayersThatHoldThePipelineAlike_ThenAllAreNamedAndCopiedTogether) {
    const char* three_equal = R"(
name: equal
input: {channels: 2, height: 12, width: 12}
layers:
  - {name: a, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: b, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: pool, type: avg_pool, kernel: 12}
  - {name: logits, type: linear, out_channels: 10}
)";
    Case c(pipelined_hardware(), three_equal);
    c.run(static_cast<std::uint64_t>(c.interval()), 1000);
    const Bottleneck found = c.find();
    EXPECT_THAT(bottleneck_text(found), HasSubstr("a and b hold the pipeline: their arrays are"));
    ASSERT_TRUE(found.suggestion);
    EXPECT_THAT(found.suggestion->key, HasSubstr("each of these 2 layers"));
    EXPECT_EQ(found.suggestion->interval, found.interval_before / 2);
}

TEST(Bottleneck, GivenSharedParts_ThenTheOneThatIsBusyIsNamed) {
    const auto limit_with = [](auto change) {
        HardwareConfig hw = pipelined_hardware();
        hw.crossbar.read_time_ns = 1;
        hw.dac.bits = 8;
        hw.adc.sample_rate_gsps = 1000;
        change(hw);
        Case c(hw);
        c.run(static_cast<std::uint64_t>(c.interval()), 1000);
        return c.find();
    };
    EXPECT_EQ(limit_with([](HardwareConfig& hw) { hw.tile.bus_bits = 8; }).limit, "bus");
    EXPECT_EQ(limit_with([](HardwareConfig& hw) {
                  hw.buffer.width_bits = 8;
                  hw.buffer.banks = 1;
              }).limit,
              "buffer ports");
    const Bottleneck network = limit_with([](HardwareConfig& hw) { hw.noc.clock_ghz = 0.01; });
    EXPECT_THAT(network.limit, testing::AnyOf("link", "network interface", "image input"));
    ASSERT_TRUE(network.suggestion);
    EXPECT_THAT(network.suggestion->key, testing::AnyOf(HasSubstr("noc.flit_bits"), HasSubstr("noc.clock_ghz")));
}

TEST(Bottleneck, GivenChangesThatDoNotFit_ThenTheyAreNotProposed) {
    HardwareConfig hw = pipelined_hardware();
    hw.adc.sample_rate_gsps = 100;
    hw.tile.pes = 1;
    hw.noc.mesh_cols = 5;
    hw.noc.mesh_rows = 1;
    Case c(hw);
    c.run(static_cast<std::uint64_t>(c.interval()), 1000);
    for (const Bottleneck::Change& change : c.find().changes)
        EXPECT_THAT(change.key, Not(HasSubstr("copy")));
}

TEST(Bottleneck, GivenAnIntervalThatNoPartExplains_ThenTheLayerBehindTheBlockedOnesIsNamed) {
    Case c(pipelined_hardware());
    c.run(static_cast<std::uint64_t>(3 * c.interval()), 1000);
    EXPECT_EQ(c.find().limit, "nothing");
    c.result.layers[0].tasks = {{c.result.cycles / 2, 0, c.result.cycles / 2, 0}};
    const Bottleneck found = c.find();
    EXPECT_EQ(found.limit, "room at the receivers");
    EXPECT_EQ(found.layer, "conv2");
    EXPECT_NEAR(found.busy, 1.0 / 3.0, 1e-3);
    EXPECT_FALSE(found.suggestion);
    EXPECT_TRUE(bottleneck_json(found)["interval_after"].is_null());
}

/// The hardware that the settings of a change make of a given one, as the command line does.
HardwareConfig with(HardwareConfig hw, const std::vector<std::string>& settings) {
    config::Section root;
    describe(root, hw);
    config::Node tree;
    for (const std::string& setting : settings)
        config::apply_override(tree, setting);
    config::read(tree, root);
    return hw;
}

TEST(Bottleneck, GivenAChange_ThenItsSettingsMakeItAndItsEnergyAndAreaAreThoseOfTheHardware) {
    HardwareConfig hw = pipelined_hardware();
    hw.adc.sample_rate_gsps = 0.1;
    Case c(hw);
    c.run(static_cast<std::uint64_t>(c.interval()), 1000);
    const Bottleneck found = c.find();
    ASSERT_GE(found.changes.size(), 3u);
    for (const Bottleneck::Change& change : found.changes) {
        const Case changed(with(hw, change.settings));
        const Bottleneck then = find_bottleneck(changed.network, costs(), 4);
        EXPECT_EQ(then.interval_before, change.interval) << change.key;
        EXPECT_EQ(then.energy_j, change.energy_j) << change.key;
        EXPECT_EQ(then.area_mm2, change.area_mm2) << change.key;
        EXPECT_TRUE(change.area_mm2 != found.area_mm2 || change.key.rfind("one ", 0) == 0) << change.key;
        EXPECT_THAT(bottleneck_text(found), HasSubstr(change.key.substr(1)));
    }
    EXPECT_THAT(bottleneck_text(found), HasSubstr(" %, area +"));
}

TEST(Bottleneck, GivenChangesThatGainNothing_ThenTheyAreLeftOut) {
    HardwareConfig hw = pipelined_hardware();
    hw.crossbar.read_time_ns = 1;
    hw.dac.bits = 8;
    hw.adc.sample_rate_gsps = 1000;
    for (const bool few_entries : {false, true}) {
        hw.tile.accumulator_positions = few_entries ? 1 : 4;
        hw.tile.bus_bits = few_entries ? 384 : 8;
        Case c(hw);
        c.run(static_cast<std::uint64_t>(c.interval()), 1000);
        const Bottleneck found = c.find();
        for (const Bottleneck::Change& change : found.changes)
            EXPECT_LT(change.interval, found.interval_before) << change.key;
        if (few_entries) {
            ASSERT_EQ(found.limit, name_of(LimitKind::places));
            for (const Bottleneck::Change& change : found.changes)
                EXPECT_THAT(change.key, Not(HasSubstr("pe."))) << "registers are not short";
        }
    }
}

/// A network that is needed for half of the interval, and a run that takes far longer than its parts explain.
TEST(Bottleneck, GivenAJammedNetwork_ThenItIsNamedAndWhatRelievesItIsReckonedFromTheRun) {
    HardwareConfig hw = pipelined_hardware();
    hw.noc.clock_ghz = 0.04;
    hw.noc.flit_bits = 8;
    Case c(hw);
    const std::vector<Limit> limits = limits_of(c.network);
    const auto port =
        std::find_if(limits.begin(), limits.end(), [](const Limit& l) { return l.kind == LimitKind::link; });
    ASSERT_GT(port->cycles, 0.3 * c.interval());
    ASSERT_LT(port->cycles, 0.9 * c.interval());
    const double measured = 1.4 * c.interval();
    c.run(static_cast<std::uint64_t>(measured), 1000);
    c.result.layers[0].tasks = {{c.result.cycles / 2, 0, c.result.cycles / 2, 0}};
    const Bottleneck found = c.find();
    EXPECT_TRUE(found.jammed);
    EXPECT_EQ(found.limit, "link");
    EXPECT_THAT(bottleneck_text(found), HasSubstr("Packets hold each other up in the network"));
    EXPECT_THAT(bottleneck_text(found), Not(HasSubstr("slack")));
    ASSERT_TRUE(found.suggestion);
    EXPECT_THAT(found.suggestion->key, HasSubstr("noc."));
    for (const Bottleneck::Change& change : found.changes) {
        EXPECT_FALSE(change.uncertain.empty()) << change.key;
        EXPECT_GE(change.interval, c.interval() - 1) << "arrays need as long as before";
        EXPECT_LT(change.interval, measured);
    }
}

TEST(Bottleneck, GivenANetworkThatComesNext_ThenThePredictionIsMarked) {
    HardwareConfig hw = pipelined_hardware();
    hw.adc.sample_rate_gsps = 100;
    for (const bool slow : {false, true}) {
        hw.noc.clock_ghz = slow ? 0.05 : 0.0;
        hw.noc.flit_bits = slow ? 8 : 32;
        Case c(hw);
        c.run(static_cast<std::uint64_t>(c.interval()), 1000);
        const Bottleneck found = c.find();
        ASSERT_TRUE(found.suggestion);
        EXPECT_EQ(found.suggestion->uncertain.empty(), !slow);
        EXPECT_EQ(bottleneck_text(found).find("at best") == std::string::npos, !slow);
    }
}

TEST(Bottleneck, GivenHardwareLargerThanItNeedBe_ThenWhatMayShrinkKeepsTheInterval) {
    HardwareConfig hw = pipelined_hardware();
    hw.buffer.bytes = 1 << 20;
    hw.adc.columns_per_adc = 4;
    Case c(hw);
    c.run(static_cast<std::uint64_t>(c.interval()), 1000);
    const Bottleneck found = c.find();
    std::vector<std::string> keys;
    for (const Bottleneck::Change& smaller : found.may_shrink) {
        keys.push_back(smaller.key.substr(0, smaller.key.find(' ')));
        const Case changed(with(hw, smaller.settings));
        EXPECT_LE(changed.interval(), 1.001 * c.interval()) << smaller.key;
        EXPECT_TRUE(smaller.area_mm2 < found.area_mm2 || smaller.energy_j < found.energy_j) << smaller.key;
    }
    EXPECT_THAT(keys, testing::IsSupersetOf({"adc.columns_per_adc", "buffer.bytes"}));
    EXPECT_THAT(bottleneck_text(found), HasSubstr("may shrink"));
}

TEST(Bottleneck, GivenAShortRunBelowWhatArraysWork_ThenItSaysThatTheIntervalHasNotSettled) {
    Case c(pipelined_hardware());
    c.run(static_cast<std::uint64_t>(0.99 * c.interval()), 1000, 2);
    EXPECT_TRUE(c.find().unsettled());
    EXPECT_THAT(bottleneck_text(c.find()), HasSubstr("the first ones waited for their start"));
    Case settled(pipelined_hardware());
    settled.run(static_cast<std::uint64_t>(1.01 * settled.interval()), 1000, 2);
    EXPECT_THAT(bottleneck_text(settled.find()), Not(HasSubstr("waited")));
}

TEST(Bottleneck, GivenNoRun_ThenTheReportIsThatOfTheClosedForm) {
    for (const Schedule schedule : {Schedule::pipelined, Schedule::layer_by_layer}) {
        HardwareConfig hw;
        hw.mapping.schedule = schedule;
        const Case c(hw);
        const Bottleneck found = find_bottleneck(c.network, costs(), 1);
        EXPECT_EQ(found.layer, "conv1");
        EXPECT_TRUE(found.suggestion);
        EXPECT_EQ(found.interval_before, static_cast<double>(estimate(c.network, 1).interval_cycles));
        EXPECT_THAT(bottleneck_text(found), HasSubstr("cycles in closed form"));
        EXPECT_TRUE(bottleneck_json(found)["interval_measured"].is_null());
    }
}

/// A change that only looks free, because a row of numbers does not follow it, has no price.
TEST(Bottleneck, GivenATableOfNumbers_ThenAChangeThatItDoesNotPriceSaysSo) {
    const Case c{HardwareConfig()};
    const CostTable numbers = load_cost_table(test::cost_table_path("isaac_32nm"));
    const auto wider_dac = [&](const CostTable& table) {
        for (const Bottleneck::Change& change : find_bottleneck(c.network, table, 1).changes)
            if (change.key.rfind("dac.bits", 0) == 0)
                return change;
        ADD_FAILURE() << "no wider DAC is proposed";
        return Bottleneck::Change();
    };
    EXPECT_THAT(wider_dac(numbers).unpriced, AllOf(HasSubstr("row_drive"), HasSubstr("do not follow")));
    EXPECT_EQ(wider_dac(costs()).unpriced, "");
}

TEST(Bottleneck, GivenLayerByLayer_ThenTheLayerWithTheLargestShareOfTheLatencyIsNamed) {
    Case c{HardwareConfig()};
    const Estimate figures = estimate(c.network, 2);
    for (std::size_t l = 0; l < figures.layers.size(); ++l)
        for (std::uint64_t i = 0; i < 2; ++i)
            c.result.layers[l].images.push_back(span(i * figures.interval_cycles + figures.layers[l].start_cycle,
                                                     i * figures.interval_cycles + figures.layers[l].end_cycle));
    c.result.images = {span(0, figures.latency_cycles), span(figures.interval_cycles, figures.cycles)};
    c.result.cycles = figures.cycles;
    c.result.rounds = {{0, 0, figures.cycles}};
    const Bottleneck found = c.find();
    EXPECT_EQ(found.layer, "conv1");
    EXPECT_EQ(found.interval_before, static_cast<double>(figures.latency_cycles));
    EXPECT_GT(found.busy, 0.9);
    ASSERT_TRUE(found.suggestion);
    EXPECT_LT(found.suggestion->interval, found.interval_before);
    EXPECT_THAT(bottleneck_text(found), HasSubstr("conv1 takes the largest share of the latency"));
}

}  // namespace
}  // namespace xloop
