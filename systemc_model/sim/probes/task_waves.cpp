#include "systemc_model/sim/probes/task_waves.hpp"

#include "systemc_model/cost/adc/adc_kind.hpp"
#include "systemc_model/cost/models/logic.hpp"
#include "systemc_model/sim/probes/bytes.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <cstring>

namespace xloop::sim {
namespace {

using trace::SignalClass;

/// Bits for the sums behind a converter of a type of tile: a code, shifted by all input bits and all slices, and one of
/// each group of rows.
int sum_bits(const HardwareKinds& kinds, int type) {
    int bits = 0;
    for (int kind = 0; kind < kinds.count(); ++kind)
        if (kinds.type_of(kind) == type)
            bits = std::max(bits, kinds[kind].numerics.activation_bits + kinds[kind].numerics.weight_bits);
    return std::min(32, kinds[type].adc.bits + bits + row_group_bits(kinds[type]));
}

/// When the codes of a converter come after its sample-and-hold: one after the other.
std::vector<trace::Time> code_offsets(const HardwareConfig& hw, int count) {
    const AdcKind& kind = adc_kind(hw.adc);
    std::vector<trace::Time> offsets;
    for (int i = 0; i < count; ++i) {
        offsets.push_back(static_cast<trace::Time>(std::floor(1000.0 * kind.code_ns(hw.adc, i + 1))));
    }
    return offsets;
}

/// For each converter the conversions that it makes, neighbours in the order of the columns.
std::vector<std::vector<int>> shared_out(const HardwareConfig& hw, int outputs) {
    const int conversions = hw.conversions(outputs), slices = conversions / outputs;
    const int each = adc_kind(hw.adc).conversions_in_turn(hw.adc);
    std::vector<std::vector<int>> converters(static_cast<std::size_t>((conversions + each - 1) / each));
    for (int place = 0; place < conversions; ++place)
        converters[static_cast<std::size_t>(place / each)].push_back(place % slices * outputs + place / slices);
    return converters;
}

/// Converters that an array has; a column comparator counts as one.
std::size_t converters_of_array(const HardwareConfig& hw) {
    const int each = adc_kind(hw.adc).conversions_in_turn(hw.adc);
    const int conversions = std::max(hw.conversions(hw.outputs_per_array()), hw.most_conversions);
    return static_cast<std::size_t>((conversions + each - 1) / each);
}

/// DAC digits number `t` of rows [row, end) at one read, `dac_bits` for each row; zeros up to the size of `words`.
void row_digits(const std::uint8_t* inputs, int row, int end, int t, int dac_bits, std::vector<std::uint64_t>& words) {
    std::fill(words.begin(), words.end(), 0);
    if (dac_bits == 1 && row % 8 == 0) {
        for (; row + 8 <= end; row += 8) {
            std::uint64_t eight;
            std::memcpy(&eight, inputs + row, 8);
            // One bit of each byte, gathered in the highest byte.
            const std::uint64_t bits = ((eight >> t) & 0x0101010101010101u) * 0x0102040810204080u >> 56;
            words[static_cast<std::size_t>(row) / 64] |= bits << (row % 64);
        }
    }
    for (; row < end; ++row) {
        const std::uint64_t digit = static_cast<std::uint64_t>(inputs[row] >> (t * dac_bits)) & ((1u << dac_bits) - 1);
        const int at = row * dac_bits;
        words[static_cast<std::size_t>(at) / 64] |= digit << (at % 64);
        if (at % 64 + dac_bits > 64)
            words[static_cast<std::size_t>(at) / 64 + 1] |= digit >> (64 - at % 64);
    }
}

/// All that one vector does to the arrays of a task.
class ReadsJob : public trace::Job {
public:
    explicit ReadsJob(std::shared_ptr<TaskWaves> waves) : waves_(std::move(waves)), w_(*waves_) {}

    void run(trace::Time, const std::uint8_t* payload, trace::Emitter& out) override {
        std::memcpy(&reads_, payload, sizeof reads_);
        const auto* codes = reinterpret_cast<const std::int16_t*>(payload + sizeof reads_);
        const auto* inputs = reinterpret_cast<const std::uint8_t*>(codes + w_.code_count);
        std::vector<std::int32_t>& results = w_.results(reads_.own);
        results.assign(w_.output_count, 0);
        for (const TaskWaves::Slice& slice : w_.slices) {
            if (w_.hardware.is_digital()) {
                for (std::size_t a : slice.arrays)
                    step(w_.arrays[a], inputs + slice.input_offset, results, out);
                continue;
            }
            find_reads(slice, inputs + slice.input_offset);
            drive_rows(slice, inputs + slice.input_offset, out);
            for (std::size_t a : slice.arrays) {
                hold_and_convert(w_.arrays[a], out);
                if (w_.needs_codes)
                    convert(w_.arrays[a], codes + w_.arrays[a].code_offset, inputs + slice.input_offset, results, out);
            }
        }
    }

private:
    /// When the columns of the step-th read are held.
    std::uint64_t held(std::size_t step) const { return reads_.first_held + step * w_.interval; }

    /// The reads that the slice's arrays make: all, or those not of zeros alone. Without values only their number is known.
    void find_reads(const TaskWaves::Slice& slice, const std::uint8_t* inputs) {
        made_.clear();
        words_.assign(static_cast<std::size_t>(w_.hardware.crossbar.rows * w_.dac_bits + 63) / 64, 0);
        for (int t = 0; t < slice.reads; ++t) {
            if (!w_.context.values()) {
                if (made_.size() == reads_.steps)
                    return;
            } else if (w_.hardware.skips_zero_reads()) {
                find_digits(slice, inputs, t);
                if (std::all_of(words_.begin(), words_.end(), [](std::uint64_t word) { return word == 0; }))
                    continue;
            }
            made_.push_back(t);
        }
    }

    /// What read number `t` puts on the rows.
    void find_digits(const TaskWaves::Slice& slice, const std::uint8_t* inputs, int t) {
        const int at_once = w_.hardware.crossbar.rows_at_once(), row = t % slice.groups * at_once;
        row_digits(inputs, row, std::min(row + at_once, slice.rows), t / slice.groups, w_.dac_bits, words_);
    }

    void drive_rows(const TaskWaves::Slice& slice, const std::uint8_t* inputs, trace::Emitter& out) {
        const std::size_t end = made_.size();
        for (std::size_t i = 0; end > 0 && i <= end && w_.context.values(); ++i) {
            if (i == end)
                std::fill(words_.begin(), words_.end(), 0);
            else
                find_digits(slice, inputs, made_[i]);
            const std::uint64_t begin = i == end ? held(i - 1) : held(i) - w_.read_cycles;
            for (std::size_t a : slice.arrays) {
                if (w_.arrays[a].lines < 0)
                    continue;
                if (i > 0 && i < end && w_.interval > w_.read_cycles)
                    out.value({w_.context.time(held(i - 1)), w_.arrays[a].lines, zeros(words_.size())});
                out.value({w_.context.time(begin), w_.arrays[a].lines, words_.data()});
            }
        }
    }

    void step(const TaskWaves::Array& unit, const std::uint8_t* inputs, std::vector<std::int32_t>& results,
              trace::Emitter& out) {
        static constexpr std::uint64_t low = 0, high = 1;
        if (unit.busy >= 0) {
            out.value({w_.context.time(reads_.begin), unit.busy, &high});
            out.value({w_.context.time(reads_.begin + unit.sweep), unit.busy, &low});
        }
        if (!w_.needs_codes)
            return;
        w_.context.chip->layer_arrays(w_.task.layer)
            ->multiply_exactly(unit.block, {inputs, 0, 1, {}}, results.data() + unit.output_offset, 0);
        write_results(unit, results, out);
    }

    /// Drivers and converters at work: one pulse for each read, or one for all when they follow without a break.
    void hold_and_convert(const TaskWaves::Array& array, trace::Emitter& out) {
        static constexpr std::uint64_t low = 0, high = 1;
        const bool all = static_cast<int>(made_.size()) == array.reads;
        const trace::Pattern& pattern = w_.bus_patterns()[static_cast<std::size_t>(array.held_pattern)];
        const trace::Time first = w_.context.time(reads_.first_held), cycle = w_.context.time(1);
        const auto work = [&](int signal, std::uint64_t begin, std::uint64_t cycles) {
            if (signal < 0)
                return;
            if (cycles < w_.interval && all)
                return out.pulses({w_.context.time(begin), signal, &pattern,
                                   w_.context.time(begin + cycles) - w_.context.time(begin)});
            for (std::size_t i = 0; i < made_.size(); ++i) {
                if (i == 0 || cycles < w_.interval)
                    out.value({w_.context.time(begin + i * w_.interval), signal, &high});
                if (i + 1 == made_.size() || cycles < w_.interval)
                    out.value({w_.context.time(begin + i * w_.interval + cycles), signal, &low});
            }
        };
        work(array.enable, reads_.first_held - w_.read_cycles, w_.read_cycles);
        work(array.busy, reads_.first_held, array.sweep);
        if (!all)
            work(array.hold, reads_.first_held, 1);
        else if (array.hold >= 0)
            out.pulses({first, array.hold, &pattern, cycle});
    }

    void convert(const TaskWaves::Array& array, const std::int16_t* codes, const std::uint8_t* inputs,
                 std::vector<std::int32_t>& results, trace::Emitter& out) {
        raw_.assign(static_cast<std::size_t>(array.outputs), 0);
        for (std::size_t i = 0; i < made_.size(); ++i) {
            const int t = made_[i];
            const trace::Time start = w_.context.time(held(i));
            for (const TaskWaves::Converter& converter : array.converters)
                emit(converter, codes + static_cast<std::size_t>(t) * array.conversions, start,
                     t / array.model->row_groups(), out);
        }
        array.model->finish(inputs, raw_.data(), results.data() + array.output_offset);
        write_results(array, results, out);
    }

    void write_results(const TaskWaves::Array& array, const std::vector<std::int32_t>& results, trace::Emitter& out) {
        if (array.output_register >= 0) {
            bytes_.clear();
            append_words(bytes_, results.data() + array.output_offset, static_cast<std::size_t>(array.outputs),
                         accumulator_bytes);
            take_bits(bytes_.data(), bytes_.size(), 0, w_.hardware.built_outputs() * 32, words_);
            out.value({w_.context.time(reads_.result), array.output_register, words_.data()});
        }
    }

    /// The codes of one converter in one read of a digit, and the sums that they are added to.
    void emit(const TaskWaves::Converter& converter, const std::int16_t* codes, trace::Time start, int digit,
              trace::Emitter& out) {
        const std::size_t count = converter.conversions.size();
        values_.resize(count);
        sums_.resize(count);
        const int shift = digit * w_.dac_bits;
        std::int32_t* raw = raw_.data();
        for (std::size_t i = 0; i < count; ++i) {
            values_[i] = codes[converter.conversions[i]];
            sums_[i] = raw[converter.outputs[i]] += values_[i] * converter.weights[i] * (1 << shift);
        }
        const trace::Pattern* pattern = &w_.bus_patterns()[static_cast<std::size_t>(converter.pattern)];
        if (converter.code >= 0)
            out.burst({start, converter.code, pattern, values_.data()});
        if (converter.strobe >= 0)
            out.pulses({start, converter.strobe, pattern, w_.strobe_high});
        if (converter.sum >= 0)
            out.burst({start + w_.sum_delay, converter.sum, pattern, sums_.data()});
    }

    const std::uint64_t* zeros(std::size_t count) {
        zeros_.assign(count, 0);
        return zeros_.data();
    }

    std::shared_ptr<TaskWaves> waves_;
    TaskWaves& w_;
    ArrayWaves::Reads reads_{};
    std::vector<int> made_;  ///< numbers of the reads of a slice
    std::vector<std::uint64_t> words_, zeros_;
    std::vector<std::int32_t> raw_, values_, sums_;
    std::vector<std::uint8_t> bytes_;
};

/// The sums of all arrays go over the tile's bus.
class GatherJob : public trace::Job {
public:
    explicit GatherJob(std::shared_ptr<TaskWaves> waves) : waves_(std::move(waves)) {}

    void run(trace::Time, const std::uint8_t* payload, trace::Emitter& out) override {
        GatherPayload gather;
        std::memcpy(&gather, payload, sizeof gather);
        const std::vector<std::int32_t>& results = waves_->results(gather.own);
        bytes_.clear();
        append_words(bytes_, results.data(), results.size(), accumulator_bytes);
        const int width = waves_->hardware.tile.bus_bits;
        const std::size_t beat = static_cast<std::size_t>(width);
        for (std::uint64_t cycle = gather.begin;
             cycle < gather.end && (cycle - gather.begin) * beat < 8 * bytes_.size(); ++cycle) {
            take_bits(bytes_.data(), bytes_.size(), (cycle - gather.begin) * beat, width, words_);
            out.value({waves_->context.time(cycle), waves_->bus_data, words_.data()});
        }
    }

private:
    std::shared_ptr<TaskWaves> waves_;
    std::vector<std::uint8_t> bytes_;
    std::vector<std::uint64_t> words_;
};

}  // namespace

TaskWaves::TaskWaves(trace::TraceBus& bus, const TraceContext& ctx, const FlowTask& flow, int bus_signal,
                     bool codes_needed)
    : context(ctx), hardware(ctx.network.layer_hardware(flow.layer)),
      durations(ctx.network.layer_durations(flow.layer)), task(flow), dac_bits(hardware.dac.bits),
      code_width(hardware.adc.bits), sum_width(sum_bits(ctx.network.kinds, ctx.network.mapping.type_of(flow.tile))),
      read_cycles(static_cast<std::uint64_t>(durations.read(flow.work.outputs))),
      interval(static_cast<std::uint64_t>(durations.read_interval(flow.work.outputs))), needs_codes(codes_needed),
      bus_data(bus_signal), bus_(bus) {
    const HardwareConfig& hw = hardware;
    const LayerCopy& copy =
        ctx.network.mapping.layers[static_cast<std::size_t>(task.layer)].copies[static_cast<std::size_t>(task.copy)];
    const AdcKind& adc = adc_kind(hw.adc);
    const double strobe_ns = adc.strobe_ns ? adc.strobe_ns(hw.adc) : adc.ns(hw.adc, 1);
    strobe_high = std::max<trace::Time>(1, static_cast<trace::Time>(500.0 * strobe_ns));
    sum_delay = ctx.time(static_cast<std::uint64_t>(durations.stage(hw.pe.shift_add_cycles)));
    for (int block : task.work.blocks)
        add_array(bus, block, copy.blocks[static_cast<std::size_t>(block)]);
    if (!needs_codes)
        code_count = 0;
    std::size_t offset = 0;
    for (const TileWork::RowSlice& slice : task.work.row_slices) {
        Slice part{slice.rows, hw.read_groups(slice.rows), durations.reads(slice.rows), offset, {}};
        for (int b : slice.blocks)
            part.arrays.push_back(static_cast<std::size_t>(
                std::find(task.work.blocks.begin(), task.work.blocks.end(), b) - task.work.blocks.begin()));
        offset += static_cast<std::size_t>(slice.rows);
        slices.push_back(std::move(part));
    }
    ring.resize(
        static_cast<std::size_t>(hw.pe.output_vectors + hw.pe.input_vectors + hw.tile.accumulator_positions + 2));
}

void TaskWaves::add_array(trace::TraceBus& bus, int number, const PlacedBlock& block) {
    const HardwareConfig& hw = hardware;
    const int reads = durations.reads(block.rows);
    trace::Pattern held;
    for (int t = 0; t < reads; ++t)
        held.offsets.push_back(context.time(static_cast<std::uint64_t>(t) * interval));
    const std::string path = context.paths.array(block);
    Array array{};
    array.model = context.chip && !hw.is_digital() ? &context.chip->array(task.layer, task.copy, number) : nullptr;
    array.block = number;
    array.outputs = block.outs;
    array.output_offset = output_count;
    array.conversions = static_cast<std::size_t>(hw.conversions(block.outs));
    array.code_offset = code_count;
    array.reads = reads;
    array.held_pattern = bus.declare(held);
    if (hw.is_digital()) {
        array.sweep = static_cast<std::uint64_t>(durations.read(block.outs));
        array.enable = array.lines = array.hold = -1;
        array.busy = bus.declare({path + ".mac_array", "busy", 1, SignalClass::enable});
    } else {
        array.sweep = static_cast<std::uint64_t>(durations.sweep(block.outs));
        array.enable = bus.declare({path + ".row_drivers", "en", 1, SignalClass::enable});
        array.lines =
            declare_data(bus, {path + ".row_drivers", "lines", hw.crossbar.rows * dac_bits, SignalClass::lines});
        array.hold = bus.declare({path + ".sample_hold", "hold", 1, SignalClass::strobe});
        array.busy = bus.declare({path + ".adc_bank", "busy", 1, SignalClass::enable});
    }
    array.output_register =
        declare_data(bus, {context.paths.pe_part(block.tile, block.pe, Component::output_register),
                           fmt::format("q_{}", block.slot), hw.built_outputs() * 32, SignalClass::registers});
    if (!hw.is_digital())
        add_converters(bus, array, path);
    code_count += array.conversions * static_cast<std::size_t>(reads);
    output_count += static_cast<std::size_t>(block.outs);
    arrays.push_back(std::move(array));
}

void TaskWaves::add_converters(trace::TraceBus& bus, Array& array, const std::string& path) {
    const HardwareConfig& hw = hardware;
    const auto used = shared_out(hw, array.outputs);
    const std::size_t all = converters_of_array(hw);
    for (std::size_t k = 0; k < all; ++k) {
        Converter converter = declare_converter(bus, path, k);
        if (k >= used.size())
            continue;
        converter.conversions = used[k];
        for (int c : used[k]) {
            converter.outputs.push_back(c % array.outputs);
            converter.weights.push_back(array.model ? array.model->shifted(1, c, 0) : 0);
        }
        converter.pattern = bus.declare(trace::Pattern{code_offsets(hw, static_cast<int>(used[k].size()))});
        array.converters.push_back(std::move(converter));
    }
}

int TaskWaves::declare_data(trace::TraceBus& bus, trace::Signal signal) const {
    return context.values() ? bus.declare(std::move(signal)) : -1;
}

TaskWaves::Converter TaskWaves::declare_converter(trace::TraceBus& bus, const std::string& array,
                                                  std::size_t number) const {
    const std::string path = fmt::format("{}.adc_bank.adc_{}", array, number);
    Converter converter{};
    converter.code = declare_data(bus, {path, "code", code_width, SignalClass::code});
    converter.strobe = bus.declare({path, "strobe", 1, SignalClass::strobe});
    converter.sum =
        declare_data(bus, {array + ".shift_add", fmt::format("sum_{}", number), sum_width, SignalClass::registers});
    return converter;
}

std::unique_ptr<trace::Job> make_reads_job(std::shared_ptr<TaskWaves> waves) {
    return std::make_unique<ReadsJob>(std::move(waves));
}
std::unique_ptr<trace::Job> make_gather_job(std::shared_ptr<TaskWaves> waves) {
    return std::make_unique<GatherJob>(std::move(waves));
}

}  // namespace xloop::sim
