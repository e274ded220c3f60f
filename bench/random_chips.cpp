// Random chips through the cycle model: logits against the untimed chip, counts against the estimate, one process for each
// clock against one for each component with tiles in reverse order. Every third runs a pruned network, whose zeros take no arrays. Prints every difference; exit code 1 if there is one.
// Usage: random_chips [FIRST_SEED [CHIPS]]
#include "core/error.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "tests/systemc_model/sim/random_hardware.hpp"
#include "tests/systemc_model/sim/timed_run.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

using namespace xloop;

/// Odd map sizes, wide padding, long strides; two paths that meet after linear layers.
constexpr const char* odd_sizes = R"(
name: odd_sizes
input: {channels: 2, height: 7, width: 9}
layers:
  - {name: stem, type: conv, out_channels: 5, kernel: 5, stride: 2, padding: 4, activation: relu}
  - {name: p, type: max_pool, kernel: 3, stride: 2, padding: 1}
  - {name: x, type: conv, inputs: [stem], out_channels: 4, kernel: 3, stride: 3, padding: 2, activation: relu}
  - {name: y, type: conv, inputs: [p], out_channels: 4, kernel: 1, activation: relu}
  - {name: xl, type: linear, inputs: [x], out_channels: 6, activation: relu}
  - {name: yl, type: linear, inputs: [y], out_channels: 6, activation: relu}
  - {name: s, type: add, inputs: [xl, yl], activation: relu}
  - {name: logits, type: linear, out_channels: 3}
)";

using test::Draw;

void draw_tiles(HardwareConfig& hw, Draw& draw) {
    hw.crossbar.rows = hw.crossbar.cols = draw.of({16, 32, 64});
    hw.crossbar.circuit = Circuit::ideal;
    hw.crossbar.read_time_ns = draw.of({1, 5, 20, 100});
    hw.crossbar.sample_hold = !draw.one_in(3);
    hw.adc.type = draw.of({AdcType::sar, AdcType::flash, AdcType::ramp});
    hw.adc.columns_per_adc = draw.of({4, 8, 32});
    hw.pe = {draw.of({1, 2, 4}), draw.of({1, 2, 3}), draw.of({1, 2}), draw.of({0, 1, 3})};
    hw.buffer.banks = draw.of({1, 2, 4});
    hw.buffer.ports = draw.of({1, 2, 3});
    hw.buffer.width_bits = draw.of({8, 64, 256});
    hw.buffer.latency_cycles = draw.of({1, 2, 5});
    hw.tile.pes = draw.of({1, 2, 3, 5, 12});
    hw.tile.bus_bits = draw.of({8, 64, 384});
    hw.tile.accumulator_positions = draw.of({1, 2, 4, 8});
    hw.tile.accumulator_latency_cycles = draw.of({0, 1, 4});
    hw.tile.vector_lanes = draw.of({1, 4, 16});
    hw.tile.vector_latency_cycles = draw.of({1, 3});
    hw.tile.stage_cycles = draw.of({1, 1, 1, 10});
}

void draw_network(HardwareConfig& hw, Draw& draw) {
    hw.noc.topology = draw.one_in(3) ? NocTopology::torus : NocTopology::mesh;
    hw.noc.concentration = draw.of({1, 1, 2, 4});
    hw.noc.clock_ghz = draw.of({0.0, 0.0, 0.37, 2.3});
    hw.noc.flit_bits = draw.of({8, 32, 128});
    hw.noc.vcs = hw.noc.topology == NocTopology::torus ? draw.of({2, 4}) : draw.of({1, 2, 4});
    hw.noc.vc_buffer_flits = draw.of({1, 2, 4, 8});
    hw.noc.routing_delay_cycles = draw.of({0, 1});
    hw.noc.link_delay_cycles = draw.of({1, 1, 3});
    hw.noc.speculative = draw.one_in(4);
    hw.noc.multicast = !draw.one_in(4);
    hw.noc.interface_packets = draw.of({1, 2, 8});
}

void draw_mapping(HardwareConfig& hw, Draw& draw) {
    hw.mapping.schedule = draw.one_in(4) ? Schedule::layer_by_layer : Schedule::pipelined;
    hw.mapping.tiles = draw.of({TileSharing::shared, TileSharing::exclusive});
    hw.mapping.tile_blocks = draw.of({TileBlocks::outputs, TileBlocks::rows});
    hw.mapping.placement = draw.one_in(4) ? Placement::improved : Placement::snake;
    hw.mapping.line_buffer_slack_rows = draw.of({0, 0, 1, 3});
    if (draw.one_in(3)) {
        hw.mapping.replication = Replication::automatic;
        hw.mapping.array_budget = draw.of({30, 100, 300});
    }
    if (draw.one_in(5)) {
        hw.mapping.oversubscribed = Oversubscribed::rounds;
        hw.noc.mesh_cols = draw.of({1, 2, 3});
        hw.noc.mesh_rows = draw.of({1, 2});
    }
}

/// Empty when everything agrees.
std::string difference(const HardwareConfig& hw, const WorkloadGraph& network) {
    constexpr int images = 3;
    test::TimedRun run(hw, network, images);
    const SimulationResult timed = run.compute();
    if (timed.logits != run.untimed())
        return "logits differ from the untimed chip's";
    const ActivityRecord sizes = timed.activity.sizes_only();
    if (!(estimate(run.network, images).activity.instances == sizes.instances))
        return "counts differ from the estimate's";
    SimulationOptions other;
    other.scheduler = SimulationOptions::Scheduler::processes;
    other.reversed = true;
    const SimulationResult again = run.count(other);
    if (again.cycles != timed.cycles || !(again.activity.instances == sizes.instances))
        return "times or counts depend on the scheduler, the order of tiles, or values";
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const int first = argc > 1 ? std::atoi(argv[1]) : 0, chips = argc > 2 ? std::atoi(argv[2]) : 300;
    int different = 0, unfit = 0;
    for (int seed = first; seed < first + chips; ++seed) {
        Draw draw(static_cast<unsigned>(seed));
        HardwareConfig hw;
        draw_tiles(hw, draw);
        draw_network(hw, draw);
        draw_mapping(hw, draw);
        WorkloadGraph network = test::random_graph(draw.of({test::branches, test::all_kinds, odd_sizes}));
        if (seed % 3 == 2) {
            network = test::pruned(std::move(network), static_cast<std::uint64_t>(seed));
            test::look_at_weights(hw);
        }
        std::string what;
        try {
            what = difference(hw, network);
        } catch (const InputError&) {
            ++unfit;  // the drawn mesh, budget or buffer is too small for the network
        } catch (const std::exception& e) {
            what = e.what();
        }
        if (what.empty())
            continue;
        ++different;
        std::printf("seed %d: %s\n", seed, what.c_str());
    }
    std::printf("%d chips: %d did not fit their network, %d ran, %d of them with differences\n", chips, unfit,
                chips - unfit, different);
    return different == 0 ? 0 : 1;
}
