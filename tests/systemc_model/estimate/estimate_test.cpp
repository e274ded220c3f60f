#include "systemc_model/estimate/estimate.hpp"
#include "apps/experiment.hpp"
#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "systemc_model/estimate/activity_count.hpp"
#include "systemc_model/estimate/contention.hpp"
#include "systemc_model/estimate/quick_estimate.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "systemc_model/mapping/network_load.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <filesystem>
#include <string>

namespace xloop {
namespace {

using testing::ElementsAre;

// Copy me: cycles by hand, at N and at N - 1.
TEST(Durations, GivenASarConverter_ThenASweepIsItsConversionsOneAfterTheOther) {
    HardwareConfig hw;                      // 4 cells for a weight; 1.28 conversions in a cycle
    EXPECT_EQ(Durations(hw).sweep(8), 25);  // 32 conversions
    EXPECT_EQ(Durations(hw).sweep(1), 4);   // 3.125 cycles
    EXPECT_EQ(Durations(hw).vector_latency(64, 8), 8 * 100 + 25 + 1);
    hw.adc.columns_per_adc = 8;
    EXPECT_EQ(Durations(hw).sweep(8), 7);
    hw.adc.sample_rate_gsps = 1.0;
    EXPECT_EQ(Durations(hw).sweep(8), 8);
}

TEST(Durations, GivenASweepLongerThanARead_ThenItSetsThePaceOnlyWithSampleHold) {
    HardwareConfig hw;
    hw.crossbar.read_time_ns = 32;
    hw.adc.sample_rate_gsps = 1.0;
    EXPECT_EQ(Durations(hw).vector_interval(64, 8), 8 * 32);
    hw.crossbar.read_time_ns = 31;
    EXPECT_EQ(Durations(hw).vector_interval(64, 8), 8 * 32);
    EXPECT_EQ(Durations(hw).vector_latency(64, 8), 31 + 7 * 32 + 32 + 1);
    hw.crossbar.sample_hold = false;
    EXPECT_EQ(Durations(hw).vector_interval(64, 8), 8 * (31 + 32));
    EXPECT_EQ(Durations(hw).vector_latency(64, 8), 31 + 7 * 63 + 32 + 1);
}

TEST(Durations, GivenRowsThatAreDrivenInGroups_ThenEachGroupTakesReadsOfItsOwn) {
    HardwareConfig hw;
    hw.crossbar.rows_per_read = 16;
    const Durations d(hw);
    EXPECT_EQ(d.reads(64), 4 * 8);
    EXPECT_EQ(d.reads(17), 2 * 8);
    EXPECT_EQ(d.reads(16), 8);
    EXPECT_EQ(d.vector_interval(64, 8), 4 * 8 * 100);
    EXPECT_EQ(d.vector_latency(64, 8), 4 * 8 * 100 + 25 + 1);
    EXPECT_EQ(d.vector_latency(17, 8), 2 * 8 * 100 + 25 + 1);
}

TEST(Durations, GivenAFlashConverter_ThenItsLatencyCountsOnceAVector) {
    HardwareConfig hw;
    hw.adc.sample_rate_gsps = 0.5;
    const std::int64_t sar = Durations(hw).vector_latency(64, 8), interval = Durations(hw).vector_interval(64, 8);
    hw.adc.type = AdcType::flash;
    hw.adc.flash_latency_samples = 3;
    EXPECT_EQ(Durations(hw).code_latency(), 6);
    EXPECT_EQ(Durations(hw).vector_latency(64, 8), sar + 6);
    EXPECT_EQ(Durations(hw).vector_interval(64, 8), interval);
}

TEST(Durations, GivenARampConverter_ThenASweepIsItsStepsWhateverTheColumns) {
    HardwareConfig hw;
    hw.adc.type = AdcType::ramp;
    hw.adc.ramp_clock_ghz = 1.0;
    EXPECT_EQ(Durations(hw).sweep(8), 256);
    EXPECT_EQ(Durations(hw).sweep(1), 256);
    hw.adc.bits = 7;
    EXPECT_EQ(Durations(hw).sweep(8), 128);
    EXPECT_EQ(Durations(hw).code_latency(), 0);
}

TEST(Durations, GivenAStaticPipeline_ThenEveryStepIsRoundedUpToStages) {
    HardwareConfig hw;
    hw.tile.stage_cycles = 10;
    const Durations d(hw);
    EXPECT_EQ(d.read(8), 100);
    EXPECT_EQ(d.sweep(8), 30);
    EXPECT_EQ(d.vector_latency(64, 8), 100 + 7 * 100 + 30 + 10);
    EXPECT_EQ(d.bus(48 * 10), 10);
    EXPECT_EQ(d.bus(48 * 10 + 1), 20);
    EXPECT_EQ(d.accumulate(), 10);
    EXPECT_EQ(d.vector_unit(160), 10);
    EXPECT_EQ(d.vector_unit(161), 20);
    hw.tile.accumulator_latency_cycles = 0;
    EXPECT_EQ(Durations(hw).accumulate(), 0);
}

TEST(Durations, GivenABuffer_ThenWordsAreSpreadOverBanksAndTheBusFollows) {
    HardwareConfig hw;  // words of 32 bytes, 4 banks; a bus of 48 bytes
    EXPECT_EQ(Durations(hw).buffer_port(128), 1);
    EXPECT_EQ(Durations(hw).buffer_port(129), 2);
    EXPECT_EQ(Durations(hw).buffer_port(0), 0);
    EXPECT_EQ(Durations(hw).bus(48), 1);
    EXPECT_EQ(Durations(hw).bus(49), 2);
    EXPECT_EQ(Durations(hw).fetch(128, 480), 10);
    hw.buffer.latency_cycles = 5;
    EXPECT_EQ(Durations(hw).fetch(128, 480), 14);
    hw.buffer.banks = 1;
    hw.buffer.width_bits = 8;
    EXPECT_EQ(Durations(hw).fetch(128, 480), 4 + 128);
}

HardwareConfig preset(const std::string& file) {
    HardwareConfig hw;
    config::Section root;
    describe(root, hw);
    const config::Origins origins = config::read(config::load_file(XLOOP_SOURCE_DIR "/configs/hw/" + file), root);
    validate(hw, origins);
    for (const auto& [key, origin] : origins)
        EXPECT_FALSE(origin.source.empty()) << file << ": " << key;
    return hw;
}

WorkloadGraph graph_of(const std::string& file) {
    const NetworkSpec spec = load_network(XLOOP_SOURCE_DIR "/configs/networks/" + file);
    return build_graph(spec.resolve(spec.largest_path()));
}

TEST(Presets, GivenEachFile_ThenItIsValidAndEveryKeyHasASource) {
    int files = 0;
    const std::filesystem::path folder = XLOOP_SOURCE_DIR "/configs/hw";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_directory())
            continue;
        EXPECT_NO_THROW(preset(entry.path().lexically_relative(folder).string())) << entry.path();
        ++files;
    }
    EXPECT_GE(files, 3);
}

TEST(Presets, GivenTheHarshChip_ThenOnlyItsCellsAndWiresDiffer) {
    const HardwareConfig plain = preset("reram_64x64.yaml"), harsh = preset("reram_64x64_harsh.yaml");
    EXPECT_EQ(plain.arrays_per_tile(), 12);
    EXPECT_EQ(plain.buffer.bytes, 65536);
    EXPECT_EQ(harsh.arrays_per_tile(), 12);
    EXPECT_EQ(harsh.device.r_on_ohm, 20e3);
}

TEST(Presets, GivenIsaac_ThenItsStructureIsThePublishedOne) {
    const HardwareConfig hw = preset("isaac_ce.yaml");
    EXPECT_EQ(hw.arrays_per_tile(), 96);
    EXPECT_EQ(hw.noc.mesh_cols * hw.noc.mesh_rows * hw.noc.concentration, 168);
    EXPECT_EQ(hw.outputs_per_array(), 16);
    EXPECT_EQ(hw.conversions(16), 128);
    EXPECT_EQ(hw.sampled_columns(16), 129);
    EXPECT_EQ(hw.digits(), 16);
    EXPECT_EQ(Durations(hw).read(8), 100);
    EXPECT_EQ(Durations(hw).sweep(16), 100);
}

/// One layer on one IMA of ISAAC: 22 stages of 100 ns for a position, and a position every 16 stages.
TEST(Presets, GivenIsaacsLayerStep_ThenItTakes22StagesAndRepeatsEvery16) {
    HardwareConfig hw = preset("isaac_ce.yaml");
    const WorkloadGraph graph = graph_of("isaac_layer.yaml");
    const Mapping mapping = map_network(graph, hw).mapping;
    const GraphLayer& layer = graph.layers.front();
    const LayerCopy& copy = mapping.layers.front().copies.front();
    ASSERT_EQ(copy.blocks.size(), 4u);
    for (const PlacedBlock& block : copy.blocks)
        EXPECT_EQ(block.pe, 0);
    const TileWork work = tile_work(layer, copy, copy.home, hw);
    const Durations d(hw);
    const int fetch = d.fetch(window_bytes(layer, work, LayerWindows(layer).part(0), hw), work.register_bytes);
    const int gather = d.bus(work.gather_bytes);
    const int vector_unit = d.vector_unit(layer.out.channels) + d.vector_unit_latency();
    const int write = d.buffer_port(output_bytes(layer)) + d.buffer_latency();
    EXPECT_EQ(d.vector_latency(work.rows, work.outputs), 1800);
    EXPECT_EQ(fetch + d.vector_latency(work.rows, work.outputs) + gather + d.accumulate() + vector_unit + write, 2200);
    EXPECT_EQ(d.vector_interval(work.rows, work.outputs), 1600);
    const auto positions = static_cast<std::uint64_t>(layer.positions());
    EXPECT_EQ(estimate(map_network(graph, hw), 2).interval_cycles, 1600 * positions);
    hw.pe.input_vectors = 1;  // the next fetch waits for the last read
    EXPECT_EQ(estimate(map_network(graph, hw), 2).interval_cycles, 1700 * positions);
}

TEST(Presets, GivenIsaacsExperiment_ThenItLoads) {
    const ExperimentConfig config = load_experiment(XLOOP_SOURCE_DIR "/configs/experiments/isaac_step.yaml", {}).config;
    EXPECT_EQ(config.simulation.values, SimulatedValues::counts);
    EXPECT_EQ(config.hardware.numerics.activation_bits, 16);
    EXPECT_NO_THROW(load_network(config.network));
}

/// The same steps without stages: what the bus of a tile of 12 full IMAs has to carry in the 1600 cycles of a vector.
TEST(Presets, GivenIsaacsFullTile_ThenItsBusIsFreeForMoreThanHalfOfTheTime) {
    HardwareConfig hw = preset("isaac_ce.yaml");
    constexpr int inputs = 8 * 128 * 2, sums = 8 * 16 * accumulator_bytes;  // bytes of an IMA
    EXPECT_EQ(12 * (Durations(hw).bus(inputs) + Durations(hw).bus(sums)), 2400);
    hw.tile.stage_cycles = 1;
    EXPECT_EQ(12 * (Durations(hw).bus(inputs) + Durations(hw).bus(sums)), 648);
}

Mapping routers(int cols, int rows, int concentration = 1, bool torus = false) {
    Mapping mapping;
    mapping.mesh_cols = cols;
    mapping.mesh_rows = rows;
    mapping.concentration = concentration;
    mapping.torus = torus;
    return mapping;
}

std::vector<std::int64_t> flits_of(const NetworkLoad& load, const Mapping& mapping) {
    std::vector<std::int64_t> flits;
    for (int r = 0; r < mapping.routers(); ++r)
        flits.push_back(load.router(r));
    return flits;
}

TEST(NetworkLoad, GivenOneReceiver_ThenFlitsPassTheRoutersXFirst) {
    const HardwareConfig hw;
    const Mapping mesh = routers(3, 2);
    NetworkLoad load(mesh, hw);
    load.send(0, {5}, 8, 10);  // head and two flits
    EXPECT_THAT(flits_of(load, mesh), ElementsAre(30, 30, 30, 0, 0, 30));
    EXPECT_EQ(load.routers_between(0, 5), 4);
    EXPECT_EQ(load.busiest_port(), 30);
}

TEST(NetworkLoad, GivenSeveralReceivers_ThenEachLinkOfTheirTreeIsPassedOnce) {
    HardwareConfig hw;
    const Mapping mesh = routers(3, 2);
    NetworkLoad tree(mesh, hw), single(mesh, hw);
    tree.send(0, {1, 2, 4}, 4, 1);  // router 1 copies to its tile, to the east and to the south
    EXPECT_THAT(flits_of(tree, mesh), ElementsAre(2, 6, 2, 0, 2, 0));
    hw.noc.multicast = false;
    NetworkLoad one_each(mesh, hw);
    one_each.send(0, {1, 2, 4}, 4, 1);
    EXPECT_THAT(flits_of(one_each, mesh), ElementsAre(6, 6, 2, 0, 2, 0));
    EXPECT_EQ(one_each.injected_flits(3, 4), 6);
}

TEST(NetworkLoad, GivenABranch_ThenTheInputPortNeedsACycleForEachCopy) {
    const HardwareConfig hw;
    const Mapping mesh = routers(3, 2);
    NetworkLoad load(mesh, hw);
    EXPECT_EQ(load.port_flits(0, {1, 2, 4}, 4), 2 * 3);  // router 1: its tile, east, south
    EXPECT_EQ(load.port_flits(0, {1, 2}, 4), 2 * 2);
    EXPECT_EQ(load.port_flits(0, {2}, 4), 2);
    load.send(0, {1, 2, 4}, 4, 5);
    EXPECT_EQ(load.busiest_port(), 5 * 2 * 3);
    EXPECT_EQ(load.take_busiest_port(), 5 * 2 * 3);
    load.send(0, {1}, 4, 7);
    EXPECT_EQ(load.take_busiest_port(), 7 * 2);
    EXPECT_EQ(load.busiest_port(), 5 * 2 * 3 + 7 * 2);
}

TEST(NetworkLoad, GivenALongMulticast_ThenItIsSplitIntoPacketsThatFitABuffer) {
    HardwareConfig hw;
    hw.noc.vc_buffer_flits = 4;  // 12 bytes and a head
    const Mapping mesh = routers(2, 1);
    EXPECT_EQ(NetworkLoad(mesh, hw).injected_flits(2, 12), 4);
    EXPECT_EQ(NetworkLoad(mesh, hw).injected_flits(2, 13), 4 + 2);
    EXPECT_EQ(NetworkLoad(mesh, hw).injected_flits(1, 13), 5);
    EXPECT_EQ(NetworkLoad(mesh, hw).injected_flits(2, 0), 1);
    hw.noc.vc_buffer_flits = 1;
    EXPECT_EQ(NetworkLoad(mesh, hw).injected_flits(2, 13), 2 * 5);
    EXPECT_EQ(NetworkLoad(mesh, hw).injected_flits(2, 0), 1);
}

TEST(NetworkLoad, GivenATorusOrSharedRouters_ThenWaysAreShorter) {
    const HardwareConfig hw;
    const Mapping torus = routers(4, 1, 1, true), shared = routers(2, 1, 2);
    NetworkLoad around(torus, hw), local(shared, hw);
    around.send(0, {3}, 0, 1);
    EXPECT_THAT(flits_of(around, torus), ElementsAre(1, 0, 0, 1));
    local.send(0, {1}, 0, 1);
    local.send(0, {shared.io_node()}, 0, 1);
    local.send(0, {3}, 0, 1);
    EXPECT_THAT(flits_of(local, shared), ElementsAre(3, 1));
}

constexpr const char* chain = R"(
name: chain
input: {channels: 1, height: 4, width: 4}
layers:
  - {name: a, type: conv, out_channels: 8, kernel: 1, activation: relu}
  - {name: b, type: conv, out_channels: 5, kernel: 3}
)";

HardwareConfig one_array_tiles(Schedule schedule) {
    HardwareConfig hw;
    hw.tile.pes = 1;
    hw.crossbar.rows = 72;
    hw.mapping.schedule = schedule;
    return hw;
}

/// Two layers in two tiles side by side. A 3 x 3 window on 4 x 4 pixels moves its first needed position through
/// 0 1 2 4 5 6 8 9 10 16: 9 credits an image. Rows and credits of the image: one port; all between the tiles: two.
TEST(Activity, GivenTwoTiles_ThenEveryPacketIsCountedByHand) {
    const WorkloadGraph graph = test::random_graph(chain);
    for (const bool pipelined : {false, true}) {
        const HardwareConfig hw = one_array_tiles(pipelined ? Schedule::pipelined : Schedule::layer_by_layer);
        const MappedNetwork network = map_network(graph, hw);
        ASSERT_EQ(network.mapping.tiles(), 2);
        const ActivityRecord record = count_activity(network, 3);
        const int rows = 4 * 2, credits = pipelined ? 16 : 0, a = 16 * 3, logits = 16 * (1 + 5),
                  b_credits = pipelined ? 9 : 0;
        EXPECT_EQ(record.instances.at("chip.noc.router_0_0")[Event::router_flit],
                  3u * (rows + credits + a + logits + b_credits));
        EXPECT_EQ(record.instances.at("chip.noc.router_1_0")[Event::router_flit], 3u * (a + logits + b_credits));
        EXPECT_EQ(record.instances.at("chip.io")[Event::io_byte], 3u * (16 + 16 * 5 * 4));
        const Counters& buffer = record.instances.at("chip.tile_1_0.buffer");
        EXPECT_EQ(buffer[Event::buffer_read_byte],
                  3u * (8 * (4 * 9 + 8 * 6 + 4 * 4) + 16 * 20));  // windows, then logits
        EXPECT_EQ(buffer[Event::buffer_write_byte], 3u * (16 * 8 + 16 * 20));
        EXPECT_EQ(record.instances.at("chip.tile_1_0.bus")[Event::bus_byte], 3u * 16 * (72 + 20));
        EXPECT_EQ(record.instances.at("chip.tile_1_0.pe_0.xbar_0")[Event::conversion], 3u * 16 * 8 * 20);
        EXPECT_EQ(record.instances.at("chip.tile_1_0.pe_0.input_register")[Event::input_register_byte], 3u * 16 * 72);
        EXPECT_EQ(record.instances.at("chip.tile_1_0.pe_0.output_register")[Event::output_register_byte], 3u * 16 * 20);
        EXPECT_EQ(record.total()[Event::cell_write], 0u);
    }
}

TEST(Activity, GivenRounds_ThenLaterArraysAreWrittenOnceAndMapsGoOutAndIn) {
    const WorkloadGraph graph = test::random_graph(chain);
    HardwareConfig hw = one_array_tiles(Schedule::pipelined);
    hw.noc.mesh_cols = hw.noc.mesh_rows = 1;
    hw.mapping.oversubscribed = Oversubscribed::rounds;
    const MappedNetwork network = map_network(graph, hw);
    ASSERT_EQ(network.mapping.rounds, 2);
    const ActivityRecord record = count_activity(network, 3);
    EXPECT_EQ(record.total()[Event::cell_write], 72u * 64);
    EXPECT_EQ(record.instances.at("chip.io")[Event::io_byte], 3u * (16 + 2 * 16 * 8 + 16 * 20));
}

TEST(Activity, GivenCopies_ThenTheyShareThePositions) {
    const WorkloadGraph graph = test::random_graph(chain);
    HardwareConfig hw = one_array_tiles(Schedule::pipelined);
    hw.mapping.replication = Replication::list;
    hw.mapping.replicas = {"b=3"};
    const ActivityRecord record = count_activity(map_network(graph, hw), 1);
    std::vector<std::uint64_t> vectors;
    for (const auto& [path, counters] : record.instances)
        if (counters[Event::row_drive] > 0)
            vectors.push_back(counters[Event::shift_add] / 8);
    EXPECT_THAT(vectors, testing::UnorderedElementsAre(16 * 32, 6 * 20, 5 * 20, 5 * 20));
}

constexpr const char* one_pixel =
    "name: n\ninput: {channels: 1, height: 1, width: 1}\nlayers: [{name: c, type: conv, out_channels: 8, kernel: 1}]";

/// Hand-over and delivery take a cycle each, a packet alone 4 cycles for one router, 2 more, and its further flits.
constexpr unsigned one_router(unsigned flits) { return 1 + 4 + 2 + (flits - 1) + 1; }

TEST(Estimate, GivenOneReadOnOneTile_ThenTheLatencyIsTheSumOfItsSteps) {
    HardwareConfig hw;
    hw.crossbar.read_time_ns = 50;
    hw.adc.sample_rate_gsps = 1.0;
    const WorkloadGraph graph = test::random_graph(one_pixel);
    const unsigned image = one_router(2) + 1;       // head and one flit, written to the buffer
    const unsigned reads = 8 * 50 + 32 + 1;         // bit-serial reads, last sweep, shift-and-add
    const unsigned finish = 1 + 1 + 1 + 1 + 1 + 1;  // fetch, gather, accumulate, vector unit, write, read out
    const unsigned logits = one_router(1 + 8);
    for (Schedule schedule : {Schedule::layer_by_layer, Schedule::pipelined}) {
        hw.mapping.schedule = schedule;
        EXPECT_EQ(estimate(map_network(graph, hw), 1).latency_cycles, image + reads + finish + logits);
    }
}

TEST(Estimate, GivenLayerByLayer_ThenImagesFollowOneByOne) {
    const WorkloadGraph graph = test::random_graph(test::all_kinds);
    const HardwareConfig hw;
    const Estimate result = estimate(map_network(graph, hw), 4);
    EXPECT_EQ(result.interval_cycles, result.latency_cycles);
    EXPECT_EQ(result.cycles, 4 * result.latency_cycles);
}

TEST(Estimate, GivenAPipeline_ThenItsSlowestPartSetsTheInterval) {
    const WorkloadGraph graph = test::random_graph(chain);
    const auto interval = [&](const HardwareConfig& hw) { return estimate(map_network(graph, hw), 4).interval_cycles; };
    const HardwareConfig arrays = one_array_tiles(Schedule::pipelined);
    EXPECT_EQ(interval(arrays), 16u * 8 * 100);
    HardwareConfig converters = arrays;
    converters.adc.sample_rate_gsps = 0.25;
    EXPECT_EQ(interval(converters), 16u * 8 * 128);
    HardwareConfig single = arrays;  // the next fetch begins after the last read; 72 rows: 2 cycles on the bus
    single.pe.input_vectors = 1;
    EXPECT_EQ(interval(single), 16u * (8 * 100 + 2));
    HardwareConfig fast = arrays;
    fast.crossbar.read_time_ns = 1;
    fast.dac.bits = 8;
    fast.adc.columns_per_adc = 1;
    fast.pe.input_vectors = fast.pe.output_vectors = fast.tile.accumulator_positions = 64;
    HardwareConfig bus = fast;
    bus.tile.bus_bits = 8;
    EXPECT_EQ(interval(bus), 16u * (72 + 20));
    HardwareConfig buffer = fast;  // tile 1: windows of 800 bytes, 16 positions of 8 arrive, 20 are written and read
    buffer.buffer.banks = 1;
    buffer.buffer.width_bits = 8;
    EXPECT_EQ(interval(buffer), 800u + 16 * (8 + 2 * 20));
    buffer.buffer.ports = 2;
    EXPECT_EQ(interval(buffer), (800u + 16 * (8 + 2 * 20)) / 2);
    HardwareConfig lanes = fast;
    lanes.tile.vector_lanes = 1;
    lanes.tile.vector_latency_cycles = 30;
    EXPECT_EQ(interval(lanes), 16u * 8);
    HardwareConfig links = fast;  // to the i/o node: logits of 6 flits, and 16 credits of layer a
    links.noc.clock_ghz = 0.5;
    EXPECT_EQ(interval(links), 2u * (16 * 6 + 16));
}

TEST(Estimate, GivenNoSampleHold_ThenTheNextFetchOverlapsTheLastConversions) {
    const WorkloadGraph graph = test::random_graph(chain);
    HardwareConfig hw = one_array_tiles(Schedule::pipelined);
    hw.crossbar.sample_hold = false;
    hw.pe.input_vectors =
        1;  // a fetch of 2 cycles fits into the last sweep: 20 conversions in 16 cycles; layer a: 32 in 25
    EXPECT_EQ(estimate(map_network(graph, hw), 4).interval_cycles, 16u * 8 * (100 + 25));
}

TEST(Estimate, GivenAFullStream_ThenItsProducerWaitsForTheReader) {
    const WorkloadGraph graph = test::random_graph(chain);
    HardwareConfig hw = one_array_tiles(Schedule::pipelined);
    hw.mapping.replication = Replication::list;
    hw.mapping.replicas = {"a=2"};  // 2 positions at a time, for a reader that takes them one by one
    hw.mapping.line_buffer_slack_rows = 0;
    const Estimate waits = estimate(map_network(graph, hw), 1);
    hw.mapping.line_buffer_slack_rows = 4;
    const Estimate free = estimate(map_network(graph, hw), 1);
    EXPECT_GT(waits.layers[0].cycles(), free.layers[0].cycles());
    EXPECT_EQ(waits.latency_cycles, free.latency_cycles);
}

TEST(Contention, GivenIdleParts_ThenNothingIsNamed) {
    const WorkloadGraph graph = test::random_graph(chain);
    for (Schedule schedule : {Schedule::layer_by_layer, Schedule::pipelined}) {
        const HardwareConfig hw = one_array_tiles(schedule);
        EXPECT_TRUE(estimate(map_network(graph, hw), 4).contended.empty()) << name_of(schedule);
    }
}

TEST(Contention, GivenASaturatedPart_ThenItIsNamedWithItsLoad) {
    const WorkloadGraph graph = test::random_graph(chain);
    HardwareConfig hw = one_array_tiles(Schedule::pipelined);
    hw.crossbar.read_time_ns = 1;
    hw.dac.bits = 8;
    hw.adc.columns_per_adc = 1;
    hw.pe.input_vectors = hw.pe.output_vectors = hw.tile.accumulator_positions = 64;
    HardwareConfig bus = hw;
    bus.tile.bus_bits = 8;
    const Estimate slow = estimate(map_network(graph, bus), 4);
    ASSERT_FALSE(slow.contended.empty());
    EXPECT_EQ(slow.contended.front().where, "tile_1_0");
    EXPECT_EQ(slow.contended.front().what, "bus");
    EXPECT_DOUBLE_EQ(slow.contended.front().load, 1.0);
    EXPECT_NE(slow.contended.front().reason.find("100 % of the interval"), std::string::npos);
    HardwareConfig links = hw;
    links.noc.clock_ghz = 0.1;
    const Estimate jammed = estimate(map_network(graph, links), 4);
    ASSERT_FALSE(jammed.contended.empty());
    EXPECT_EQ(jammed.contended.front().where, "network");
    EXPECT_EQ(jammed.contended.front().what, "network port");
}

TEST(Contention, GivenStreamsWithoutSlack_ThenTheyAreNamedOnlyWhereTheyDelay) {
    RoundTimes times;
    times.latency = 1000;
    times.layers = {{0, 2, 0, 500}, {1, 1, 100, 900}};
    times.layers[0].waited = 10;
    HardwareConfig hw;
    hw.mapping.schedule = Schedule::pipelined;
    hw.mapping.line_buffer_slack_rows = 0;
    ASSERT_EQ(find_contention(times, hw).size(), 1u);
    EXPECT_EQ(find_contention(times, hw).front().layer, 0);
    EXPECT_EQ(find_contention(times, hw).front().what, Contention::What::stream);
    times.layers[0].waited = 4;
    EXPECT_TRUE(find_contention(times, hw).empty());
    times.layers[0].waited = 10;
    hw.mapping.line_buffer_slack_rows = 1;
    EXPECT_TRUE(find_contention(times, hw).empty());
}

/// The quick call against the full one, which lists every instance.
TEST(QuickEstimate, GivenManyPiecesOfHardware_ThenEveryFigureIsThatOfTheFullEstimate) {
    const CostTable table = load_cost_table(XLOOP_SOURCE_DIR "/configs/tech/isaac_32nm.yaml");
    const WorkloadGraph graph = test::random_graph(test::all_kinds);
    const QuickEstimator quick(graph);
    int fitted = 0;
    for (int n = 0; n < 48; ++n) {
        HardwareConfig hw;
        hw.crossbar.rows = hw.crossbar.cols = 16 << n % 3;
        hw.crossbar.weights = n % 5 == 4   ? WeightMapping::offset
                              : n % 7 == 6 ? WeightMapping::separate
                                           : WeightMapping::differential;
        hw.tile.pes = 1 + n % 4;
        hw.pe.arrays = 1 + n % 2;
        hw.noc.topology = n % 3 == 1 ? NocTopology::torus : NocTopology::mesh;
        hw.noc.flit_bits = 8 << n % 4;
        hw.mapping.schedule = n % 4 == 0 ? Schedule::layer_by_layer : Schedule::pipelined;
        hw.mapping.tiles = n % 6 < 3 ? TileSharing::shared : TileSharing::exclusive;
        hw.mapping.line_buffer_slack_rows = n % 3;
        if (n % 5 == 1) {
            hw.mapping.replication = Replication::automatic;
            hw.mapping.array_budget = 60 * (hw.crossbar.weights == WeightMapping::separate ? 2 : 1);
        }
        if (n % 8 == 3) {
            hw.mapping.oversubscribed = Oversubscribed::rounds;
            hw.noc.mesh_cols = hw.noc.mesh_rows = 3;
        }
        const int images = 1 + n % 3;
        const UnitCosts costs = unit_costs(table, hw);
        QuickFigures figures;
        MappedNetwork network;
        try {
            network = map_network(graph, hw);
            figures = quick(hw, {costs}, images);
        } catch (const InputError&) {
            EXPECT_THROW(quick(hw, {costs}, images), InputError);
            continue;
        }
        ++fitted;
        Estimate full = estimate(network, images);
        EXPECT_EQ(figures.latency_cycles, full.latency_cycles);
        EXPECT_EQ(figures.interval_cycles, full.interval_cycles);
        EXPECT_EQ(figures.cycles, full.cycles);
        EXPECT_EQ(figures.contended, !full.contended.empty());
        expect_data(full.activity, hw);
        const auto seconds = [&](std::uint64_t cycles) {
            return static_cast<double>(cycles) / (hw.clock.frequency_ghz * 1e9);
        };
        const Ledger ledger = make_ledger(full.activity, seconds(full.cycles), hw, network.mapping.chip(), costs);
        EXPECT_EQ(figures.ledger.dynamic_j, ledger.dynamic_j);
        EXPECT_EQ(figures.ledger.energy_j, ledger.energy_j);
        EXPECT_EQ(figures.ledger.area_mm2, ledger.area_mm2);
        const FiguresOfMerit merit = figures_of_merit(ledger, images, seconds(full.latency_cycles),
                                                      seconds(full.interval_cycles), static_cast<double>(graph.macs()));
        EXPECT_EQ(figures.figures.edap_alone(), merit.edap_alone());
        EXPECT_EQ(figures.figures.edap_stream(), merit.edap_stream());
    }
    EXPECT_GT(fitted, 30);
}

TEST(Estimate, GivenCopiesOfTheSlowestLayer_ThenTheIntervalShrinksToTheNext) {
    const WorkloadGraph graph = test::random_graph(chain);
    HardwareConfig hw = one_array_tiles(Schedule::pipelined);
    hw.mapping.replication = Replication::list;
    hw.mapping.replicas = {"a=4"};
    EXPECT_EQ(estimate(map_network(graph, hw), 2).interval_cycles, 16u * 800);
    hw.mapping.replicas = {"a=4", "b=3"};
    EXPECT_EQ(estimate(map_network(graph, hw), 2).interval_cycles, 6u * 800);
}

TEST(Estimate, GivenAPipeline_ThenALayerStartsWhenItsFirstWindowIsThere) {
    const WorkloadGraph graph = test::random_graph(chain);
    const HardwareConfig hw = one_array_tiles(Schedule::pipelined);
    const Estimate result = estimate(map_network(graph, hw), 2);
    // Position 5 of layer a, the last in the first 3 x 3 window; then the way to the next tile.
    const std::uint64_t sixth = 1 + (8 * 100 + 25 + 1) + 1 + 1 + 1 + 1 + 1 + 5 * 800;
    EXPECT_EQ(result.layers[1].start_cycle, result.layers[0].start_cycle + sixth + one_router(3) + 4 + 1);
    EXPECT_EQ(result.cycles, result.latency_cycles + result.interval_cycles);
}

TEST(Estimate, GivenRounds_ThenTheyAddUpWithTheWritesBetween) {
    const WorkloadGraph graph = test::random_graph(chain);
    HardwareConfig hw = one_array_tiles(Schedule::layer_by_layer);
    hw.noc.mesh_cols = hw.noc.mesh_rows = 1;
    hw.mapping.oversubscribed = Oversubscribed::rounds;
    hw.crossbar.write_time_ns = 100;
    const Estimate result = estimate(map_network(graph, hw), 5);
    const std::uint64_t last_round = (result.cycles - result.latency_cycles) / 4;
    const std::uint64_t second_start = result.latency_cycles - last_round;
    EXPECT_EQ(result.cycles, second_start + 5 * last_round);
    EXPECT_EQ(result.interval_cycles, (result.cycles + 2) / 5);
    // The first round: rows of the image, 16 positions, the last of them to the i/o node.
    const std::uint64_t first = 3 * 2 + one_router(2) + 1 + (1 + 826 + 1 + 1 + 1 + 1 + 1) + 15 * 800 + one_router(3);
    EXPECT_EQ(second_start, 5 * first + 72 * 100);
}

}  // namespace
}  // namespace xloop
