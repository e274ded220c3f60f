#include "core/files.hpp"
#include "core/workload/digital.hpp"
#include "tests/systemc_model/sim/timed_run.hpp"
#include "tests/traces/plain_waves.hpp"
#include "tests/traces/scratch_folder.hpp"
#include "traces/power/activity_sink.hpp"
#include "traces/saif/saif_sink.hpp"
#include "traces/tools/trace_check.hpp"
#include "traces/vcd/vcd_reader.hpp"
#include "traces/vcd/vcd_sink.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <functional>
#include <numeric>
#include <sstream>

namespace xloop {
namespace {

using test::TimedRun;
using testing::HasSubstr;
using testing::IsEmpty;
using trace::Time;

/// A branch that is read by two layers, a convolution of groups, an addition, and an output.
constexpr const char* small_branch = R"(
name: small_branch
input: {channels: 2, height: 5, width: 5}
layers:
  - {name: stem, type: conv, out_channels: 6, kernel: 3, activation: relu}
  - {name: a, type: conv, out_channels: 6, kernel: 3, groups: 3}
  - {name: sum, type: add, inputs: [a, stem], activation: relu}
  - {name: pool, type: max_pool, kernel: 2, stride: 2}
  - {name: logits, type: linear, out_channels: 3}
)";

constexpr const char* chain = R"(
name: chain
input: {channels: 3, height: 4, width: 4}
layers:
  - {name: stem, type: conv, out_channels: 5, kernel: 3, activation: relu}
  - {name: next, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: logits, type: linear, out_channels: 3}
)";

trace::Selection everything() {
    trace::Selection selection;
    selection.detail = trace::Detail::all;
    return selection;
}

trace::Declarations clocked(const HardwareConfig& hw) {
    trace::Declarations declarations;
    declarations.cycle_fs = static_cast<std::uint64_t>(1e6 / hw.clock.frequency_ghz + 0.5);
    declarations.program = "xloop test";
    return declarations;
}

SimulationOptions traced_by(trace::TraceBus& bus) {
    SimulationOptions options;
    options.trace = &bus;
    return options;
}

/// Files of a run of which everything is traced.
class ModelTraces : public test::ScratchFolder {
protected:
    SimulationResult trace(TimedRun& run, bool computes, trace::Selection selection = everything(),
                           trace::TimeWindows windows = trace::TimeWindows::always()) const {
        trace::VcdSink vcd(path("t.vcd"));
        trace::SaifSink saif(path("t.saif"));
        trace::ActivitySink activity(path("t.csv"), 777);
        trace::TraceBus bus(clocked(run.network.hardware), std::move(selection), std::move(windows),
                            {&vcd, &saif, &activity});
        return computes ? run.compute(traced_by(bus)) : run.count(traced_by(bus));
    }

    /// Counts of the activity file by instance and event.
    std::map<std::string, std::map<std::string, std::uint64_t>> activity_sums() const {
        std::map<std::string, std::map<std::string, std::uint64_t>> sums;
        std::istringstream lines(read_file(path("t.csv")));
        std::string line, cells[5];
        for (std::getline(lines, line); std::getline(lines, line);) {
            std::istringstream in(line);
            for (std::string& cell : cells)
                std::getline(in, cell, ',');
            sums[cells[2]][cells[3]] += std::stoull(cells[4]);
        }
        return sums;
    }

    SimulationResult result_;

    std::vector<std::string> problems(const char* file) const {
        trace::TextInput in(path(file));
        return trace::check_trace(in, 5).problems;
    }
};

std::map<std::string, std::map<std::string, std::uint64_t>> counted(const SimulationResult& result) {
    std::map<std::string, std::map<std::string, std::uint64_t>> sums;
    for (const auto& [instance, counters] : result.activity.instances)
        for (std::size_t e = 0; e < event_count; ++e)
            if (counters.events[e] > 0)
                sums[instance][name_of(static_cast<Event>(e))] += counters.events[e];
    return sums;
}

struct Toggles {
    std::uint64_t ports = 0, links = 0;
    bool operator==(const Toggles& o) const { return ports == o.ports && links == o.links; }
    friend std::ostream& operator<<(std::ostream& out, const Toggles& t) { return out << t.ports << " " << t.links; }
};

/// Changes of the data nets of all routers, and of those that lead to other routers.
Toggles port_toggles(const trace::NetCounts& nets) {
    Toggles sums;
    for (const auto& [name, counts] : nets) {
        if (name.find(".router_") == name.npos || name.find(".data[") == name.npos)
            continue;
        sums.ports += counts.tc;
        if (name.find(".node_") == name.npos)
            sums.links += counts.tc;
    }
    return sums;
}

Toggles counted_toggles(const ActivityRecord& activity) {
    const Counters total = activity.total();
    return {total[Event::router_toggle], total[Event::link_toggle]};
}

struct Variation {
    const char* name;
    std::function<void(HardwareConfig&)> change;
    bool computes = true;
};

const std::vector<Variation> variations = {
    {"layer_by_layer", [](HardwareConfig&) {}},
    {"pipelined", [](HardwareConfig& hw) { hw.mapping.schedule = Schedule::pipelined; }},
    {"digital",
     [](HardwareConfig& hw) {
         hw.tile.engine = TileEngine::digital;
         hw.digital = {16, 2, 2, 0.7, 8, 2};
         hw.mapping.schedule = Schedule::pipelined;
     }},
    {"digital_counts", [](HardwareConfig& hw) { hw.tile.engine = TileEngine::digital; }, false},
    {"copies",
     [](HardwareConfig& hw) {
         hw.mapping.schedule = Schedule::pipelined;
         hw.mapping.replication = Replication::list;
         hw.mapping.replicas = {"stem=3", "a=2"};
     }},
    {"rounds",
     [](HardwareConfig& hw) {
         hw.mapping.oversubscribed = Oversubscribed::rounds;
         hw.noc.mesh_cols = hw.noc.mesh_rows = 1;
         hw.tile.pes = 3;
     }},
    {"split_rows_and_many_tiles",
     [](HardwareConfig& hw) {
         hw.mapping.schedule = Schedule::pipelined;
         hw.crossbar.rows = hw.crossbar.cols = 32;
         hw.tile.pes = 2;
     }},
    {"shared_tiles",
     [](HardwareConfig& hw) {
         hw.mapping.schedule = Schedule::pipelined;
         hw.mapping.tiles = TileSharing::shared;
         hw.pe.arrays = 2;
         hw.tile.bus_bits = 64;
     }},
    {"other_noc_clock",
     [](HardwareConfig& hw) {
         hw.mapping.schedule = Schedule::pipelined;
         hw.noc.clock_ghz = 1.3;
         hw.noc.switch_alloc_delay_cycles = 2;
         hw.noc.vc_alloc_delay_cycles = 2;
         hw.noc.flit_bits = 24;
     }},
    {"unicast_small_packets",
     [](HardwareConfig& hw) {
         hw.mapping.schedule = Schedule::pipelined;
         hw.noc.multicast = false;
         hw.noc.vc_buffer_flits = 2;
         hw.noc.flit_bits = 16;
         hw.noc.interface_packets = 2;
     }},
    {"multicast_in_pieces",
     [](HardwareConfig& hw) {
         hw.mapping.schedule = Schedule::pipelined;
         hw.noc.vc_buffer_flits = 2;
         hw.noc.flit_bits = 16;
         hw.noc.topology = NocTopology::torus;
     }},
    {"two_bit_dac", [](HardwareConfig& hw) { hw.dac.bits = 2; }},
    {"ramp", [](HardwareConfig& hw) { hw.adc.type = AdcType::ramp; }},
    {"flash_several_adcs",
     [](HardwareConfig& hw) {
         hw.adc.type = AdcType::flash;
         hw.adc.flash_latency_samples = 3;
         hw.adc.columns_per_adc = 8;
         hw.mapping.schedule = Schedule::pipelined;
     }},
    {"adcs_limit",
     [](HardwareConfig& hw) {  // sweeps follow one another without a break
         hw.adc.columns_per_adc = 64;
         hw.crossbar.read_time_ns = 10;
         hw.mapping.schedule = Schedule::pipelined;
     }},
    {"no_sample_hold", [](HardwareConfig& hw) { hw.crossbar.sample_hold = false; }},
    {"separate", [](HardwareConfig& hw) { hw.crossbar.weights = WeightMapping::separate; }},
    {"offset_and_packed_groups",
     [](HardwareConfig& hw) {
         hw.crossbar.weights = WeightMapping::offset;
         hw.mapping.group_packing = GroupPacking::diagonal;
     }},
    {"ports_and_banks",
     [](HardwareConfig& hw) {
         hw.mapping.schedule = Schedule::pipelined;
         hw.buffer.ports = 2;
         hw.buffer.latency_cycles = 3;
         hw.buffer.width_bits = 32;
         hw.buffer.banks = 1;
         hw.pe.output_vectors = 2;
         hw.tile.stage_cycles = 10;
     }},
    {"window_reuse",
     [](HardwareConfig& hw) {
         hw.tile.window_reuse = true;
         hw.crossbar.rows = 24;
         hw.tile.bus_bits = 64;
         hw.mapping.schedule = Schedule::pipelined;
         hw.mapping.replication = Replication::list;
         hw.mapping.replicas = {"stem=2"};
     }},
    {"odd_clock", [](HardwareConfig& hw) { hw.clock.frequency_ghz = 0.7; }},
    {"noisy",
     [](HardwareConfig& hw) {
         hw.device.read_noise_sigma = 0.02;
         hw.adc.noise_sigma_lsb = 0.5;
         hw.adc.inl_sigma_lsb = 0.3;
     }},
    {"counts", [](HardwareConfig& hw) { hw.mapping.schedule = Schedule::pipelined; }, false},
};

class EveryTrace : public ModelTraces, public testing::WithParamInterface<std::size_t> {};

TEST_P(EveryTrace, GivenAChip_ThenFilesAgreeWithOneAnotherAndWithTheCountsAndTheRunIsTheSame) {
    const Variation& variation = variations[GetParam()];
    HardwareConfig hw;
    variation.change(hw);
    TimedRun run(hw, small_branch, 2);
    const SimulationResult traced = trace(run, variation.computes);
    EXPECT_THAT(problems("t.vcd"), IsEmpty());
    EXPECT_THAT(problems("t.saif"), IsEmpty());
    const trace::SaifFile written = trace::saif_file(path("t.saif")), converted = trace::saif_from_vcd(path("t.vcd"));
    EXPECT_EQ(written.header.duration, converted.header.duration);
    EXPECT_GE(written.header.duration, traced.cycles * clocked(hw).cycle_fs / 1000);
    const trace::NetCounts nets = counts_of(written), others = counts_of(converted);
    ASSERT_EQ(nets.size(), others.size());
    int shown = 0;
    for (const auto& [name, counts] : nets) {
        ASSERT_EQ(others.count(name), 1u) << name;
        const bool same = others.at(name) == counts;
        EXPECT_TRUE(same || ++shown > 10) << name << ": " << testing::PrintToString(counts) << ", from the VCD "
                                          << testing::PrintToString(others.at(name));
    }
    EXPECT_EQ(activity_sums(), counted(traced));
    if (variation.computes) {
        EXPECT_EQ(port_toggles(nets), counted_toggles(traced.activity));
    }

    const SimulationResult plain = variation.computes ? run.compute() : run.count();
    EXPECT_EQ(traced.logits, plain.logits);
    EXPECT_EQ(traced.events, plain.events);
    test::expect_equal_times(traced, plain);
    test::expect_equal_counts(traced.activity, plain.activity);

    trace::SaifSink direct(path("p.saif"));
    trace::TraceBus bus(clocked(hw), everything(), trace::TimeWindows::always(), {&direct});
    SimulationOptions options = traced_by(bus);
    options.scheduler = SimulationOptions::Scheduler::processes;
    const SimulationResult processes = variation.computes ? run.compute(options) : run.count(options);
    EXPECT_EQ(traced.logits, processes.logits);
    test::expect_equal_times(traced, processes);
    test::expect_equal_counts(traced.activity, processes.activity);
    EXPECT_TRUE(counts_of(trace::saif_file(path("p.saif"))) == nets);
}

INSTANTIATE_TEST_SUITE_P(Hardware, EveryTrace, testing::Range<std::size_t>(0, variations.size()),
                         [](const auto& at) { return std::string(variations[at.param].name); });

/// The waveforms of a file, sampled.
class Waves {
public:
    explicit Waves(const std::string& path) {
        trace::TextInput in(path);
        trace::VcdReader reader(in);
        const trace::VcdHeader& header = reader.header();
        std::vector<Wave*> by_code(header.values.size(), nullptr);
        for (const trace::VcdVariable& variable : header.variables)
            by_code[variable.code] = &waves_[header.path_of(variable.scope) + "." + variable.name];
        for (auto event = reader.next(); event != trace::VcdReader::Event::end; event = reader.next())
            if (event == trace::VcdReader::Event::change)
                (*by_code[reader.change().code])[reader.time()] =
                    Words(reader.change().value, reader.change().value + header.values[reader.change().code].words());
    }

    /// The value from `time` on; the value before it.
    const std::vector<std::uint64_t>& at(const std::string& name, Time time) const {
        return std::prev(wave(name).upper_bound(time))->second;
    }
    const std::vector<std::uint64_t>& before(const std::string& name, Time time) const { return at(name, time - 1); }
    std::vector<Time> rises(const std::string& name) const {
        std::vector<Time> times;
        std::uint64_t last = 0;
        for (const auto& [time, words] : wave(name)) {
            if (words[0] > last)
                times.push_back(time);
            last = words[0];
        }
        return times;
    }
    /// Clock edges at which `name` is high.
    std::vector<Time> high_at(const std::string& name, Time period) const {
        std::vector<Time> times;
        const Wave& all = wave(name);
        for (auto change = all.begin(); change != all.end(); ++change)
            if (change->second[0] && std::next(change) != all.end())
                for (Time t = change->first; t < std::next(change)->first; t += period)
                    times.push_back(t);
        return times;
    }

private:
    using Words = std::vector<std::uint64_t>;
    using Wave = std::map<Time, Words>;
    const Wave& wave(const std::string& name) const {
        const auto found = waves_.find(name);
        if (found == waves_.end())
            throw std::out_of_range("no signal " + name);
        return found->second;
    }
    std::map<std::string, Wave> waves_;
};

std::vector<std::uint8_t> bytes_of(const std::vector<std::uint64_t>& words, int width) {
    std::vector<std::uint8_t> bytes;
    for (int b = 0; b < width; b += 8)
        bytes.push_back(static_cast<std::uint8_t>(words[static_cast<std::size_t>(b) / 64] >> (b % 64)));
    return bytes;
}

/// The first layer of `chain` on one tile: what its arrays see and give, from the executor's parts.
class BitTrue : public ModelTraces {
protected:
    struct Layer {
        std::vector<std::vector<std::uint8_t>> inputs;  ///< of each image and position
        std::vector<std::vector<std::int32_t>> sums;    ///< of all output channels
    };

    void run_on(const HardwareConfig& hw) {
        run_ = std::make_unique<TimedRun>(hw, chain, 2);
        trace(*run_, true);
        waves_ = std::make_unique<Waves>(path("t.vcd"));
        chip_ = std::make_unique<Chip>(run_->network);
        const GraphLayer& stem = run_->network.graph.layers[0];
        layer_ = {};
        for (int image = 0; image < run_->images; ++image)
            for (int p = 0; p < stem.positions(); ++p) {
                std::vector<Activation> map(run_->pixels.begin() + image * run_->network.graph.input.size(),
                                            run_->pixels.begin() + (image + 1) * run_->network.graph.input.size());
                layer_.inputs.emplace_back(static_cast<std::size_t>(stem.rows()));
                gather_window(stem, {map.data(), stem.in.channels}, p, 0, layer_.inputs.back().data());
                layer_.sums.emplace_back(static_cast<std::size_t>(stem.out.channels), 0);
                chip_->multiply(0, {image, p}, 1, layer_.inputs.back().data(), layer_.sums.back().data());
            }
    }

    const std::vector<PlacedBlock>& blocks() const { return run_->network.mapping.layers[0].copies[0].blocks; }
    std::string array_path(const PlacedBlock& block) const {
        return fmt::format("chip.{}.pe_{}.xbar_{}", run_->network.mapping.tile_name(block.tile), block.pe, block.slot);
    }
    /// Numbers of the reads that a block makes for a vector.
    std::vector<int> made(const PlacedBlock& block, std::size_t v) const {
        const HardwareConfig& hw = run_->network.hardware;
        const int groups = hw.read_groups(block.rows), at_once = hw.crossbar.rows_at_once();
        std::vector<int> reads;
        for (int t = 0; t < hw.reads(block.rows); ++t) {
            bool zero = hw.crossbar.skip_zero_reads;
            for (int r = t % groups * at_once; r < std::min(block.rows, (t % groups + 1) * at_once); ++r)
                zero = zero &&
                       (layer_.inputs[v][static_cast<std::size_t>(block.row_begin + r)] >> (t / groups * hw.dac.bits) &
                        ((1 << hw.dac.bits) - 1)) == 0;
            if (!zero)
                reads.push_back(t);
        }
        return reads;
    }
    Time cycle() const { return clocked(run_->network.hardware).cycle_fs / 1000; }

    /// Whatever the lines are when the columns are held, read by read, gives the inputs.
    void expect_lines() const {
        const HardwareConfig& hw = run_->network.hardware;
        const int bits = hw.dac.bits;
        for (const PlacedBlock& block : blocks()) {
            const int groups = hw.read_groups(block.rows);
            std::size_t read = 0;
            const std::vector<Time> held = waves_->rises(array_path(block) + ".sample_hold.hold");
            for (std::size_t v = 0; v < layer_.inputs.size(); ++v) {
                std::vector<int> seen(static_cast<std::size_t>(block.rows), 0);
                for (int t : made(block, v)) {
                    ASSERT_LT(read, held.size());
                    const auto& lines = waves_->before(array_path(block) + ".row_drivers.lines", held[read++]);
                    for (int r = 0; r < block.rows; ++r)
                        for (int b = 0; b < bits; ++b) {
                            const auto at = static_cast<std::size_t>(r * bits + b);
                            const bool driven = (lines[at / 64] >> (at % 64) & 1) != 0;
                            ASSERT_FALSE(driven && r / hw.crossbar.rows_at_once() != t % groups)
                                << "row " << r << " of another group";
                            seen[static_cast<std::size_t>(r)] |= static_cast<int>(lines[at / 64] >> (at % 64) & 1)
                                                                 << (t / groups * bits + b);
                        }
                }
                const auto first = layer_.inputs[v].begin() + block.row_begin;
                ASSERT_EQ(seen, std::vector<int>(first, first + block.rows)) << "vector " << v;
            }
            ASSERT_EQ(read, held.size());
        }
    }

    /// The codes at the strobes of all converters, shifted and added, are the product of each array.
    void expect_codes() const {
        const HardwareConfig& hw = run_->network.hardware;
        const int each = hw.adc.type == AdcType::ramp ? 1 : hw.adc.columns_per_adc;
        for (std::size_t b = 0; b < blocks().size(); ++b) {
            const PlacedBlock& block = blocks()[b];
            const ProgrammedArray& array = chip_->array(0, 0, static_cast<int>(b));
            std::size_t all = 0, read = 0;
            for (std::size_t v = 0; v < layer_.inputs.size(); ++v)
                all += made(block, v).size();
            const int conversions = array.conversions(), slices = conversions / block.outs;
            std::vector<std::vector<Time>> strobes;
            const auto adc = [&](std::size_t k) { return fmt::format("{}.adc_bank.adc_{}", array_path(block), k); };
            for (int k = 0; k < (conversions + each - 1) / each; ++k) {
                strobes.push_back(waves_->rises(adc(static_cast<std::size_t>(k)) + ".strobe"));
                const auto own = static_cast<std::size_t>(std::min(each, conversions - k * each));
                ASSERT_EQ(strobes.back().size(), all * own);
            }
            for (std::size_t v = 0; v < layer_.inputs.size(); ++v) {
                const std::uint8_t* inputs = layer_.inputs[v].data() + block.row_begin;
                std::vector<std::int32_t> raw(static_cast<std::size_t>(block.outs), 0), sums = raw, expected = raw;
                for (int t : made(block, v)) {
                    std::vector<std::int32_t> codes(static_cast<std::size_t>(conversions));
                    for (int column = 0; column < conversions;
                         ++column) {  // outputs side by side, each with its slices
                        const auto k = static_cast<std::size_t>(column / each);
                        const std::size_t own = strobes[k].size() / all;
                        const Time strobe = strobes[k][read * own + static_cast<std::size_t>(column % each)];
                        const std::uint64_t code = waves_->at(adc(k) + ".code", strobe)[0];
                        const int shift = 64 - hw.adc.bits;  // the sign in the top bit
                        codes[static_cast<std::size_t>(column % slices * block.outs + column / slices)] =
                            hw.differential()
                                ? static_cast<std::int32_t>(static_cast<std::int64_t>(code << shift) >> shift)
                                : static_cast<std::int32_t>(code);
                    }
                    array.shift_add(codes.data(), t, raw.data());
                    ++read;
                }
                array.finish(inputs, raw.data(), sums.data());
                const int positions = run_->network.graph.layers[0].positions();
                array.multiply(
                    {inputs, block.rows, 1, static_cast<std::int64_t>(v) / positions, static_cast<int>(v) % positions},
                    expected.data(), block.outs);
                ASSERT_EQ(sums, expected) << "vector " << v;
            }
        }
    }

    /// The bus of the tile: windows and sums, transfer by transfer, in their orders.
    void expect_bus() const {
        const std::string tile = "chip." + run_->network.mapping.tile_name(blocks()[0].tile);
        const int width = run_->network.hardware.tile.bus_bits;
        std::vector<std::uint8_t> seen;
        for (Time time : waves_->high_at(tile + ".bus.valid", cycle())) {
            const auto beat = bytes_of(waves_->at(tile + ".bus.data", time), width);
            seen.insert(seen.end(), beat.begin(), beat.end());
        }
        const auto padded = [&](std::vector<std::uint8_t> bytes) {
            bytes.resize((bytes.size() + static_cast<std::size_t>(width) / 8 - 1) /
                             (static_cast<std::size_t>(width) / 8) * (static_cast<std::size_t>(width) / 8),
                         0);
            return bytes;
        };
        std::size_t windows = 0, gathered = 0, at = 0;
        while (at < seen.size()) {
            const auto next = [&](const std::vector<std::uint8_t>& bytes) {
                return at + bytes.size() <= seen.size() &&
                       std::equal(bytes.begin(), bytes.end(), seen.begin() + static_cast<std::ptrdiff_t>(at));
            };
            std::vector<std::uint8_t> window, sums;
            if (windows < layer_.inputs.size())
                window = padded(layer_.inputs[windows]);
            if (gathered < layer_.sums.size())
                for (std::int32_t sum : layer_.sums[gathered])
                    for (int b = 0; b < 32; b += 8)
                        sums.push_back(static_cast<std::uint8_t>(sum >> b));
            sums = padded(sums);
            if (!window.empty() && next(window)) {
                ++windows;
                at += window.size();
            } else if (!sums.empty() && next(sums)) {
                ++gathered;
                at += sums.size();
            } else {
                FAIL() << "byte " << at << " of " << seen.size() << " belongs to neither window " << windows
                       << " nor sums " << gathered;
            }
        }
        EXPECT_EQ(windows, layer_.inputs.size());
        EXPECT_EQ(gathered, layer_.sums.size());
    }

    /// The accumulate unit writes the sums of every position.
    void expect_accumulator() const {
        const std::string unit = "chip." + run_->network.mapping.tile_name(blocks()[0].tile) + ".accumulator";
        std::vector<std::uint8_t> seen;
        for (Time time : waves_->high_at(unit + ".we", cycle())) {
            const auto beat = bytes_of(waves_->at(unit + ".sum", time), run_->network.hardware.tile.bus_bits);
            seen.insert(seen.end(), beat.begin(), beat.end());
        }
        std::vector<std::uint8_t> expected;
        for (const auto& sums : layer_.sums) {
            for (std::int32_t sum : sums)
                for (int b = 0; b < 32; b += 8)
                    expected.push_back(static_cast<std::uint8_t>(sum >> b));
            while (expected.size() % (static_cast<std::size_t>(run_->network.hardware.tile.bus_bits) / 8) != 0)
                expected.push_back(0);
        }
        EXPECT_EQ(seen, expected);
    }

    /// What the router of the i/o node gives to tile 0: data of the image, flit by flit behind their heads.
    void expect_pixels() const {
        const int flit_bits = run_->network.hardware.noc.flit_bits;
        const Shape& input = run_->network.graph.input;
        const int row_bytes = input.width * input.channels, flits = (8 * row_bytes + flit_bits - 1) / flit_bits;
        const std::string port = "chip.noc.router_0_0.node_0";
        struct Packet {
            int left = 0;
            bool of_image = false;
            std::vector<std::uint8_t> bytes;
        };
        std::map<std::uint64_t, Packet> by_channel;
        std::vector<std::uint8_t> seen;
        for (Time time : waves_->high_at(port + ".valid", cycle())) {
            Packet& packet = by_channel[waves_->at(port + ".vc", time)[0]];
            const auto& data = waves_->at(port + ".data", time);
            if (packet.left == 0) {
                const std::uint64_t source = data[0] & 0x3ff, kind = data[0] >> 10 & 3,
                                    producer = data[0] >> 12 & 0xfff;
                packet.of_image = source == static_cast<std::uint64_t>(run_->network.mapping.io_node()) && kind == 0 &&
                                  producer == 0xfff;
                packet.bytes.clear();
                packet.left = packet.of_image ? flits : 0;  // credits from elsewhere have a head alone
                continue;
            }
            const auto some = bytes_of(data, flit_bits);
            packet.bytes.insert(packet.bytes.end(), some.begin(), some.end());
            if (--packet.left > 0)
                continue;
            packet.bytes.resize(static_cast<std::size_t>(row_bytes));
            seen.insert(seen.end(), packet.bytes.begin(), packet.bytes.end());
        }
        EXPECT_EQ(seen, run_->pixels);
    }

    std::unique_ptr<TimedRun> run_;
    std::unique_ptr<Waves> waves_;
    std::unique_ptr<Chip> chip_;
    Layer layer_;
};

TEST_F(BitTrue, GivenChips_ThenLinesCodesSumsAndPixelsAreTheComputedOnes) {
    const std::vector<std::pair<const char*, std::function<void(HardwareConfig&)>>> chips = {
        {"default", [](HardwareConfig&) {}},
        {"narrow bus", [](HardwareConfig& hw) { hw.tile.bus_bits = 64; }},
        {"narrower bus, pipelined",
         [](HardwareConfig& hw) {
             hw.tile.bus_bits = 32;
             hw.mapping.schedule = Schedule::pipelined;
         }},
        {"dac of 2 bits, several converters",
         [](HardwareConfig& hw) {
             hw.dac.bits = 2;
             hw.adc.columns_per_adc = 8;
         }},
        {"rows in two slices", [](HardwareConfig& hw) { hw.crossbar.rows = 16; }},
        {"groups of rows", [](HardwareConfig& hw) { hw.crossbar.rows_per_read = 8; }},
        {"groups of rows in two slices, dac of 3 bits",
         [](HardwareConfig& hw) {
             hw.crossbar.rows = 16;
             hw.crossbar.rows_per_read = 5;
             hw.dac.bits = 3;
             hw.crossbar.sample_hold = false;
         }},
        {"no sample-and-hold, offset",
         [](HardwareConfig& hw) {
             hw.crossbar.sample_hold = false;
             hw.crossbar.weights = WeightMapping::offset;
         }},
        {"reads of zeros left out",
         [](HardwareConfig& hw) {
             hw.crossbar.rows_per_read = 3;
             hw.crossbar.skip_zero_reads = true;
             hw.adc.offset_sigma_lsb = 1;
         }},
        {"reads of zeros left out in two slices, back to back",
         [](HardwareConfig& hw) {
             hw.crossbar.rows = 16;
             hw.crossbar.rows_per_read = 2;
             hw.crossbar.skip_zero_reads = true;
             hw.adc.columns_per_adc = 64;
             hw.crossbar.read_time_ns = 5;
         }},
        {"separate", [](HardwareConfig& hw) { hw.crossbar.weights = WeightMapping::separate; }},
        {"ramp", [](HardwareConfig& hw) { hw.adc.type = AdcType::ramp; }},
        {"flash",
         [](HardwareConfig& hw) {
             hw.adc.type = AdcType::flash;
             hw.mapping.schedule = Schedule::pipelined;
         }},
        {"noise",
         [](HardwareConfig& hw) {
             hw.device.read_noise_sigma = 0.02;
             hw.adc.noise_sigma_lsb = 0.4;
         }},
        {"bound by converters",
         [](HardwareConfig& hw) {
             hw.adc.columns_per_adc = 64;
             hw.crossbar.read_time_ns = 5;
             hw.mapping.schedule = Schedule::pipelined;
         }},
    };
    for (const auto& [name, change] : chips) {
        SCOPED_TRACE(name);
        HardwareConfig hw;
        change(hw);
        run_on(hw);
        expect_lines();
        expect_codes();
        if (blocks().size() == 1)  // with more, the bus carries sums of each array
            expect_bus();
        expect_accumulator();
        expect_pixels();
    }
}

TEST_F(BitTrue, GivenDigitalTiles_ThenWindowsSumsAndStepsAreTheComputedOnes) {
    HardwareConfig hw;
    hw.tile.engine = TileEngine::digital;
    hw.digital = {64, 4, 16, 1.0, 8, 2};
    run_on(hw);
    expect_bus();
    expect_accumulator();
    ASSERT_EQ(blocks().size(), 1u);
    const PlacedBlock& block = blocks().front();
    EXPECT_EQ(waves_->high_at(array_path(block) + ".mac_array.busy", cycle()).size(), 2 * layer_.inputs.size())
        << "5 outputs, 4 in a step";
    const std::string element = fmt::format("chip.{}.pe_{}", run_->network.mapping.tile_name(block.tile), block.pe);
    const auto last = bytes_of(
        waves_->before(fmt::format("{}.output_register.q_{}", element, block.slot), std::numeric_limits<Time>::max()),
        32 * block.outs);
    std::vector<std::uint8_t> sums;
    for (std::int32_t sum : layer_.sums.back())
        for (int b = 0; b < 32; b += 8)
            sums.push_back(static_cast<std::uint8_t>(sum >> b));
    EXPECT_EQ(last, sums);
    EXPECT_THROW(waves_->rises(array_path(block) + ".sample_hold.hold"), std::out_of_range);
}

TEST_F(ModelTraces, GivenRegions_ThenTheWindowIsFromALayersFirstFetchToItsLastPositionSent) {
    for (bool pipelined : {false, true}) {
        TimedRun run(pipelined ? test::pipelined({}) : HardwareConfig{}, small_branch, 3);
        const auto duration = [&](const trace::Region& region) {
            trace::Selection selection = everything();
            selection.regions = {region};
            result_ = trace(run, true, selection, trace::TimeWindows());
            const trace::SaifFile written = trace::saif_file(path("t.saif")),
                                  converted = trace::saif_from_vcd(path("t.vcd"));
            EXPECT_EQ(counts_of(written), counts_of(converted));
            EXPECT_EQ(written.header.duration, converted.header.duration);
            return written.header.duration;
        };
        for (std::size_t layer : {std::size_t{0}, std::size_t{1}, std::size_t{4}}) {
            const Time length = duration({run.network.graph.layers[layer].name, 1});
            EXPECT_EQ(length, result_.layers[layer].images[1].length() * 1000) << run.network.graph.layers[layer].name;
        }
        const Time all_images = duration({"a", -1});
        Time sum = 0, free = 0;
        for (const CycleSpan& span : result_.layers[1].images) {
            sum += 1000 * (span.end - std::max(span.start, std::min(free, span.end)));
            free = std::max(free, span.end);
        }
        EXPECT_EQ(all_images, sum);
        // All layers on one image: from the first fetch of any to the last position of any; no gaps unless nobody works.
        Time first = trace::never, last = 0;
        const Time image = duration({"", 1});
        for (const auto& layer : result_.layers) {
            first = std::min<Time>(first, layer.images[1].start);
            last = std::max<Time>(last, layer.images[1].end);
        }
        EXPECT_LE(image, 1000 * (last - first));
        EXPECT_GT(image, 0u);
    }
}

TEST_F(ModelTraces, GivenPathsAndClasses_ThenOnlyWhatTheyTakeIsInTheFile_WithTheSameActivity) {
    TimedRun run(test::pipelined({}), small_branch, 1);
    trace(run, true);
    const trace::NetCounts all = counts_of(trace::saif_file(path("t.saif")));
    const auto expect_subset = [&](const trace::Selection& selection,
                                   const std::function<bool(const std::string&)>& belongs) {
        trace(run, true, selection);
        trace::NetCounts expected;
        for (const auto& net : all)
            if (belongs(net.first))
                expected.insert(net);
        EXPECT_FALSE(expected.empty());
        EXPECT_EQ(counts_of(trace::saif_file(path("t.saif"))), expected);
    };
    const auto has = [](const std::string& name, const char* part) { return name.find(part) != std::string::npos; };
    trace::Selection selection = everything();
    selection.select = {trace::Glob("chip.tile_0_0")};
    selection.exclude = {trace::Glob("chip.**.adc_bank"), trace::Glob("**.lines")};
    expect_subset(selection, [&](const std::string& name) {
        return has(name, "chip.tile_0_0.") && !has(name, ".adc_bank.") && !has(name, ".lines");
    });
    selection = {};
    selection.classes = {trace::SignalClass::lines, trace::SignalClass::code};
    expect_subset(selection,
                  [&](const std::string& name) { return has(name, ".row_drivers.lines") || has(name, ".code["); });
    selection.select = {trace::Glob("chip.nowhere")};
    EXPECT_THROW(trace(run, true, selection), InputError);
}

TEST_F(ModelTraces, GivenSpansOfTime_ThenAllFilesCoverThemAlone) {
    TimedRun run(test::pipelined({}), small_branch, 2);
    const SimulationResult result =
        trace(run, true, everything(),
              trace::TimeWindows({{1'234'567, 2'000'000}, {3'000'500, 3'500'000}, {3'900'000, trace::never}}));
    ASSERT_GT(result.cycles, 4000u);
    const trace::SaifFile written = trace::saif_file(path("t.saif")), converted = trace::saif_from_vcd(path("t.vcd"));
    EXPECT_EQ(counts_of(written), counts_of(converted));
    EXPECT_EQ(written.header.duration, converted.header.duration);
    EXPECT_GE(written.header.duration, 2'000'000u - 1'234'567 + 499'500 + result.cycles * 1000 - 3'900'000);
    EXPECT_THAT(problems("t.vcd"), IsEmpty());
    EXPECT_THAT(problems("t.saif"), IsEmpty());
}

}  // namespace
}  // namespace xloop
