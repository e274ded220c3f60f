#include "systemc_model/estimate/estimate.hpp"
#include "tests/systemc_model/sim/timed_run.hpp"

#include <functional>

namespace xloop {
namespace {

using test::branches;
using test::TimedRun;

struct Case {
    const char* name;
    const char* network;
    std::function<void(HardwareConfig&)> change;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

const Case cases[] = {
    {"layer_by_layer", test::all_kinds, [](HardwareConfig& hw) { hw.mapping.schedule = Schedule::layer_by_layer; }},
    {"layer_by_layer_branches", branches, [](HardwareConfig& hw) { hw.mapping.schedule = Schedule::layer_by_layer; }},
    {"pipelined", test::all_kinds, [](HardwareConfig&) {}},
    {"pipelined_branches", branches, [](HardwareConfig&) {}},
    {"no_slack", branches, [](HardwareConfig& hw) { hw.mapping.line_buffer_slack_rows = 0; }},
    {"copies", branches,
     [](HardwareConfig& hw) {
         hw.mapping.replication = Replication::list;
         hw.mapping.replicas = {"stem=4", "a=3", "down=2"};
     }},
    {"copies_layer_by_layer", test::all_kinds,
     [](HardwareConfig& hw) {
         hw.mapping.schedule = Schedule::layer_by_layer;
         hw.mapping.replication = Replication::automatic;
         hw.mapping.array_budget = 60;
     }},
    {"auto_copies_shared_tiles", branches,
     [](HardwareConfig& hw) {
         hw.mapping.replication = Replication::automatic;
         hw.mapping.array_budget = 40;
         hw.mapping.tiles = TileSharing::shared;
         hw.tile.pes = 4;
         hw.pe.arrays = 2;
     }},
    {"unicast_torus_concentration", branches,
     [](HardwareConfig& hw) {
         hw.noc.multicast = false;
         hw.noc.topology = NocTopology::torus;
         hw.noc.concentration = 2;
     }},
    {"slow_network_clock", branches, [](HardwareConfig& hw) { hw.noc.clock_ghz = 0.3; }},
    {"fast_network_clock_narrow_flits", test::all_kinds,
     [](HardwareConfig& hw) {
         hw.noc.clock_ghz = 1.7;
         hw.noc.flit_bits = 8;
         hw.noc.vcs = 1;
         hw.noc.vc_buffer_flits = 2;
     }},
    {"one_of_everything", branches,
     [](HardwareConfig& hw) {
         hw.pe.input_vectors = 1;
         hw.tile.accumulator_positions = 1;
         hw.noc.interface_packets = 1;
         hw.noc.vcs = 1;
         hw.noc.vc_buffer_flits = 1;
         hw.tile.bus_bits = 8;
         hw.tile.vector_lanes = 1;
         hw.buffer.banks = 1;
         hw.buffer.width_bits = 8;
         hw.mapping.line_buffer_slack_rows = 0;
     }},
    {"converters", branches,
     [](HardwareConfig& hw) {
         hw.adc.type = AdcType::flash;
         hw.adc.noise_sigma_lsb = 0.5;
         hw.crossbar.sample_hold = false;
         hw.device.read_noise_sigma = 0.02;
         hw.dac.bits = 2;
         hw.mapping.replication = Replication::list;
         hw.mapping.replicas = {"a=2"};
     }},
    {"few_bits", test::all_activations,
     [](HardwareConfig& hw) {
         hw.numerics = {5, 3};
         hw.dac.bits = 2;
         hw.adc.noise_sigma_lsb = 0.5;
     }},
    {"binary_weights", branches,
     [](HardwareConfig& hw) {
         hw.numerics = {3, 1};
         hw.crossbar.weights = WeightMapping::offset;
     }},
    {"one_bit_inputs_two_arrays", test::all_kinds,
     [](HardwareConfig& hw) {
         hw.numerics = {1, 2};
         hw.crossbar.weights = WeightMapping::separate;
         hw.mapping.schedule = Schedule::layer_by_layer;
     }},
    {"spare_columns", branches,
     [](HardwareConfig& hw) {
         hw.crossbar.spare_cols = 3;
         hw.device.stuck_on_rate = hw.device.open_rate = 0.02;
     }},
    {"improved_placement", branches, [](HardwareConfig& hw) { hw.mapping.placement = Placement::improved; }},
    {"rounds", branches,
     [](HardwareConfig& hw) {
         hw.mapping.oversubscribed = Oversubscribed::rounds;
         hw.noc.mesh_cols = 2;
         hw.noc.mesh_rows = 2;
     }},
    {"rounds_layer_by_layer", test::all_kinds,
     [](HardwareConfig& hw) {
         hw.mapping.schedule = Schedule::layer_by_layer;
         hw.mapping.oversubscribed = Oversubscribed::rounds;
         hw.noc.mesh_cols = 2;
         hw.noc.mesh_rows = 2;
     }},
};

class EverySchedule : public testing::TestWithParam<Case> {
protected:
    static HardwareConfig hardware() {
        HardwareConfig hw = test::pipelined(test::small_tiles(3));
        GetParam().change(hw);
        return hw;
    }
};

TEST_P(EverySchedule, LogitsEqualTheUntimedOnesBitForBit) {
    TimedRun run(hardware(), GetParam().network, 3);
    EXPECT_EQ(run.compute().logits, run.untimed());
}

TEST_P(EverySchedule, ResultsDoNotDependOnOrderSchedulerOrValues) {
    TimedRun run(hardware(), GetParam().network, 2);
    const SimulationResult computed = run.compute(), counted = run.count();
    test::expect_equal_times(computed, counted);
    test::expect_equal_counts(computed.activity.sizes_only(), counted.activity);
    SimulationOptions processes;
    processes.scheduler = SimulationOptions::Scheduler::processes;
    processes.reversed = true;
    const SimulationResult other = run.count(processes);
    test::expect_equal_times(counted, other);
    test::expect_equal_counts(counted.activity, other.activity);
}

TEST_P(EverySchedule, CountsEqualTheEstimates) {
    const TimedRun run(hardware(), GetParam().network, 2);
    test::expect_equal_counts(estimate(run.network, 2).activity, run.count().activity);
}

TEST_P(EverySchedule, StatesOfEveryTaskAddUpToTheRun) {
    TimedRun run(hardware(), GetParam().network, 2);
    const SimulationResult result = run.count();
    for (const SimulationResult::Layer& layer : result.layers) {
        ASSERT_FALSE(layer.tasks.empty()) << layer.name;
        for (const StateCycles& task : layer.tasks)
            EXPECT_EQ(task.total(), result.cycles) << layer.name;
        EXPECT_GT(layer.states().busy, 0u) << layer.name;
    }
    for (const SimulationResult::ServerFigures& component : result.components) {
        EXPECT_EQ(component.states.total() % result.cycles, 0u) << component.path;
        if (component.capacity > 0) {
            EXPECT_LE(component.high_water, component.capacity) << component.path;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, EverySchedule, testing::ValuesIn(cases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace xloop
