#include "analysis/statistics.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "systemc_model/cost/energy.hpp"
#include "systemc_model/cost/figures_of_merit.hpp"
#include "systemc_model/cost/power_profile.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/estimate/quick_estimate.hpp"
#include "systemc_model/mapping/expected_reads.hpp"
#include "systemc_model/mapping/instance_ledger.hpp"
#include "systemc_model/mapping/owned_units.hpp"
#include "tests/systemc_model/cost/cost_tables.hpp"
#include "tests/systemc_model/sim/random_hardware.hpp"
#include "tests/systemc_model/sim/timed_run.hpp"

#include <unistd.h>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace xloop {
namespace {

using test::TimedRun;

/// Convolutions, one of them of groups, a rejoining branch and a pool.
constexpr const char* small = R"(
name: small
input: {channels: 3, height: 6, width: 6}
layers:
  - {name: stem, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: grouped, type: conv, out_channels: 8, kernel: 3, groups: 2, activation: relu}
  - {name: deep, type: conv, out_channels: 8, kernel: 3, padding: 1}
  - {name: sum, type: add, inputs: [deep, stem], activation: relu}
  - {name: pool, type: max_pool, kernel: 2, stride: 2}
  - {name: wide, type: conv, out_channels: 24, kernel: 1, activation: relu6}
  - {name: mean, type: avg_pool, kernel: 0}
  - {name: logits, type: linear, out_channels: 5}
)";

double relative(double a, double b) { return std::abs(a - b) / std::max(std::abs(b), 1e-300); }

/// Classes, layers, instances and images add up to the same energy; so does power over time.
void expect_closed_books(const MappedNetwork& network, const SimulationResult& result, const CostTable& table) {
    const double seconds = 1e-9 * network.hardware.clock.period_ns() * static_cast<double>(result.cycles);
    const std::vector<UnitCosts> types = type_costs(table, network.kinds, CostDetail::figures);
    const Ledger ledger =
        make_ledger(result.activity, seconds, network.kinds, network.mapping.chip(), types, owned_units(network));
    double layers = 0, dynamic = 0, instances = 0, area = 0;
    for (const Ledger::Layer& layer : ledger.layers)
        layers += layer.total_j();
    for (const auto& [path, joules] : ledger.instance_dynamic_j)
        dynamic += joules;
    for (const InstanceCost& i : instance_ledger(ledger, network, types)) {
        instances += i.dynamic_j + i.leakage_j + i.refresh_j + i.clock_j;
        area += i.area_mm2;
    }
    EXPECT_LT(relative(layers, ledger.energy_total_j), 1e-9);
    EXPECT_LT(relative(dynamic, ledger.dynamic_total_j), 1e-9);
    EXPECT_LT(relative(instances, ledger.energy_total_j), 1e-9);
    EXPECT_LT(relative(area, ledger.area_total_mm2), 1e-9);
    EXPECT_LT(
        relative(sum_of(static_w(network.kinds, network.mapping.chip(), types)) * seconds, ledger.static_total_j()),
        1e-9);
}

/// A random chip: the same bits timed and untimed, the counts of the estimate, and books that close.
test::RandomHardware check_chip(int seed, const WorkloadGraph& graph, const CostTable& table, bool looks = false) {
    test::RandomHardware drawn = test::random_kinds(seed, graph);
    if (looks)
        test::look_at_weights(drawn.hardware);
    SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << drawn.text());
    TimedRun run(drawn.hardware, graph, drawn.images);
    SimulationOptions options;
    options.limits.power_window_cycles = 1000;
    const SimulationResult timed = run.compute(options);
    EXPECT_EQ(timed.logits, run.untimed());
    const bool skips = skips_reads(run.network);
    if (skips)
        run.network.reads = std::make_shared<const MadeReads>(timed.made_reads());
    const Estimate closed_form = estimate(run.network, drawn.images);
    test::expect_equal_counts(closed_form.activity, timed.activity.sizes_only());
    EXPECT_EQ(closed_form.activity.kinds.size(), timed.activity.kinds.size());
    for (std::size_t k = 0; k < timed.activity.kinds.size(); ++k)
        EXPECT_EQ(closed_form.activity.kinds[k].total().events, timed.activity.kinds[k].sizes_only().total().events)
            << "kind " << k;
    expect_closed_books(run.network, timed, table);
    if (skips)
        test::expect_equal_counts(closed_form.activity, run.count().activity);
    return drawn;
}

TEST(Kinds, GivenRandomChipsOfSeveralKinds_ThenBitsCountsAndBooksAreTheSame) {
    const WorkloadGraph graph = test::random_graph(small);
    const CostTable table = load_cost_table(test::cost_table_path("generic_22nm"));
    const char* more = std::getenv("XLOOP_KIND_SEEDS");  // 100 a second
    const int seeds = more ? std::atoi(more) : 300;
    int several = 0, mixed = 0;
    for (int seed = 0; seed < seeds && !testing::Test::HasFailure(); ++seed) {
        const HardwareKinds kinds(check_chip(seed, graph, table).hardware, graph);
        int digital = 0;
        for (int kind = 0; kind < kinds.count(); ++kind)
            digital += kinds[kind].is_digital();
        several += kinds.count() > 1;
        mixed += digital > 0 && digital < kinds.count();
    }
    EXPECT_GT(several, seeds / 2);
    EXPECT_GT(mixed, seeds / 10);
}

TEST(Kinds, GivenPrunedNetworksWithoutTheirZerosInArrays_ThenBitsCountsAndBooksAreTheSame) {
    const CostTable table = load_cost_table(test::cost_table_path("generic_22nm"));
    const char* more = std::getenv("XLOOP_KIND_SEEDS");
    const int seeds = more ? std::atoi(more) : 150;
    int fewer = 0, spared = 0;
    for (int seed = 0; seed < seeds && !testing::Test::HasFailure(); ++seed) {
        const WorkloadGraph graph = test::pruned(test::random_graph(small), static_cast<std::uint64_t>(seed));
        const test::RandomHardware drawn = check_chip(seed, graph, table, true);
        const MappedNetwork network = map_network(graph, drawn.hardware);
        for (std::size_t l = 0; l < graph.layers.size(); ++l) {
            fewer += network.graph.layers[l].held != nullptr;
            spared += network.layer_hardware(static_cast<int>(l)).adc.spared_bits > 0;
        }
    }
    EXPECT_GT(fewer, 3 * seeds);
    EXPECT_GT(spared, seeds / 2);
}

/// What simulate --record-statistics writes, read back for runs without values.
TEST(MadeReads, GivenTheFileOfARun_ThenItsReadsAreReadBackAndAnotherChipIsRefused) {
    HardwareConfig hw = test::small_tiles(4);
    hw.crossbar.rows_per_read = 4;
    hw.crossbar.skip_zero_reads = true;
    hw.mapping.replication = Replication::list;
    hw.mapping.replicas = {"grouped=2"};
    TimedRun run(hw, small);
    const SimulationResult timed = run.compute();
    const std::string file = testing::TempDir() + "xloop_made_reads_" + std::to_string(::getpid()) + ".yaml";
    write_file_atomically(file, statistics_yaml(timed, "small"));
    const MadeReads counted = timed.made_reads(), back = read_made_reads(file, run.network);
    EXPECT_EQ(back.images, counted.images);
    int copies = 0;
    for (std::size_t l = 0; l < counted.layers.size(); ++l)
        for (std::size_t r = 0; r < counted.layers[l].size(); ++r, ++copies) {
            EXPECT_EQ(back.layers[l][r].blocks, counted.layers[l][r].blocks);
            EXPECT_EQ(back.layers[l][r].steps, counted.layers[l][r].steps);
        }
    EXPECT_EQ(copies, 6);  // five layers with arrays
    hw.crossbar.rows_per_read = 3;
    try {
        read_made_reads(file, map_network(run.network.graph, hw));
        ADD_FAILURE();
    } catch (const InputError& e) {
        EXPECT_NE(std::string(e.what()).find("record it on this hardware"), std::string::npos) << e.what();
    }
    std::remove(file.c_str());
}

/// Two types that differ in nothing are one.
TEST(Kinds, GivenATypeThatIsTheBaseAgain_ThenEveryFigureButThePlaceIsThatOfTheBase) {
    const CostTable table = load_cost_table(test::cost_table_path("generic_22nm"));
    HardwareConfig plain = test::small_tiles(4), typed = plain;
    typed.tile_types.push_back({"twin", plain});
    for (const char* layer : {"stem", "deep", "logits"}) {
        LayerRule rule;
        rule.name = layer;
        rule.tile = "twin";
        typed.layers.push_back(rule);
    }
    TimedRun one(plain, small), two(typed, small);
    const SimulationResult a = one.compute(), b = two.compute();
    EXPECT_EQ(a.logits, b.logits);
    test::expect_equal_times(a, b);
    test::expect_equal_counts(a.activity, b.activity);
    const auto ledger = [&](const TimedRun& run, const SimulationResult& result) {
        return make_ledger(result.activity, 1e-6, run.network.kinds, run.network.mapping.chip(),
                           type_costs(table, run.network.kinds), owned_units(run.network));
    };
    EXPECT_NEAR(ledger(one, a).energy_total_j, ledger(two, b).energy_total_j, 1e-9 * ledger(one, a).energy_total_j);
    EXPECT_NEAR(ledger(one, a).area_total_mm2, ledger(two, b).area_total_mm2, 1e-9 * ledger(one, a).area_total_mm2);
}

/// An 8-bit converter that stops after 6 bits takes 6 bits' time and energy.
TEST(Kinds, GivenALayerThatUsesFewerBitsOfASarConverter_ThenItTakesThatShareOfTimeAndEnergy) {
    constexpr const char* one_layer = R"(
name: one
input: {channels: 16, height: 2, width: 2}
layers:
  - {name: logits, type: conv, out_channels: 8, kernel: 1}
)";
    const CostTable table = load_cost_table(test::cost_table_path("generic_22nm"));
    HardwareConfig whole;
    whole.crossbar.read_time_ns = 1;  // converters hold the arrays up
    whole.adc.sample_rate_gsps = 0.5;
    HardwareConfig part = whole;
    LayerRule rule;
    rule.name = "logits";
    rule.adc_bits = 6;
    part.layers.push_back(rule);
    const TimedRun eight(whole, one_layer, 1), six(part, one_layer, 1);
    EXPECT_EQ(eight.network.layer_durations(0).sweep(8), 64);
    EXPECT_EQ(six.network.layer_durations(0).sweep(8), 48);
    const auto adc_j = [&](const TimedRun& run) {
        return make_ledger(run.count().activity, 1e-6, run.network.kinds, run.network.mapping.chip(),
                           type_costs(table, run.network.kinds))
            .dynamic_j[static_cast<std::size_t>(Component::adc)];
    };
    EXPECT_NEAR(adc_j(six) / adc_j(eight), 6.0 / 8.0, 1e-9);
}

TEST(Kinds, GivenARuleThatMatchesNoLayer_ThenTheErrorNamesIt) {
    HardwareConfig hw;
    LayerRule rule;
    rule.name = "stm";
    hw.layers.push_back(rule);
    try {
        map_network(test::random_graph(small), hw);
        FAIL();
    } catch (const KeyError& e) {
        EXPECT_EQ(e.key(), "layers.stm");
        EXPECT_NE(std::string(e.what()).find("did you mean `stem`"), std::string::npos) << e.what();
    }
}

}  // namespace
}  // namespace xloop
