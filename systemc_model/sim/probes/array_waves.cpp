#include "systemc_model/sim/probes/array_waves.hpp"

#include "systemc_model/sim/probes/bytes.hpp"
#include "systemc_model/sim/probes/task_waves.hpp"

#include <fmt/format.h>
#include <cstring>

namespace xloop::sim {

using trace::SignalClass;

ArrayWaves::ArrayWaves(trace::TraceBus& bus, const TraceContext& context, const FlowTask& task, int bus_data)
    : bus_(bus), context_(context), task_(task) {
    const auto any = [&](auto... kinds) { return (bus.wants(kinds) || ...); };
    waves_wanted_ = any(SignalClass::enable, SignalClass::lines, SignalClass::code, SignalClass::strobe,
                        SignalClass::registers, SignalClass::bus);
    codes_wanted_ = context.values() && any(SignalClass::code, SignalClass::registers, SignalClass::bus);
    waves_ = std::make_shared<TaskWaves>(bus, context, task, bus_data, codes_wanted_);
    reads_job_ = bus.declare(make_reads_job(waves_));
    gather_job_ = bus.declare(make_gather_job(waves_));
    const LayerCopy& copy = context.network.mapping.layers[static_cast<std::size_t>(task.layer)]
                                .copies[static_cast<std::size_t>(task.copy)];
    const int kind = context.network.kinds.of_layer(task.layer);
    const HardwareConfig& hardware = context.network.kinds[kind];
    for (int b : task.work.blocks) {
        const PlacedBlock& block = copy.blocks[static_cast<std::size_t>(b)];
        const auto registers = [&](Component c) { return context.paths.pe_part(block.tile, block.pe, c); };
        input_registers_.push_back(
            context.values() ? bus.declare({registers(Component::input_register), fmt::format("q_{}", block.slot),
                                            hardware.array_rows() * 8, SignalClass::registers})
                             : -1);
        if (bus.wants_counts())
            instances_.push_back({bus.declare(trace::Instance{context.paths.array(block), kind}),
                                  bus.declare(trace::Instance{registers(Component::input_register), kind}),
                                  bus.declare(trace::Instance{registers(Component::output_register), kind})});
    }
}

ArrayWaves::~ArrayWaves() = default;

void ArrayWaves::load(std::uint64_t cycle, const Inputs& inputs) {
    if (!bus_.wants(SignalClass::registers) || !context_.values())
        return;
    for (const TaskWaves::Slice& slice : waves_->slices)
        for (std::size_t a : slice.arrays) {
            take_bits(inputs.data() + slice.input_offset, static_cast<std::size_t>(slice.rows), 0,
                      context_.network.layer_hardware(task_.layer).array_rows() * 8, words_);
            bus_.change(context_.time(cycle), input_registers_[a], words_.data());
        }
}

void ArrayWaves::read(const Reads& reads, const Inputs& inputs, const Codes& codes) {
    if (!waves_wanted_)
        return;
    // Codes have at most 16 bits.
    std::uint8_t* payload = bus_.defer(context_.time(reads.begin), context_.time(reads.result), reads_job_,
                                       sizeof reads + codes.size() * sizeof(std::int16_t) + inputs.size());
    std::memcpy(payload, &reads, sizeof reads);
    auto* words = reinterpret_cast<std::int16_t*>(payload + sizeof reads);
    for (std::size_t i = 0; i < codes.size(); ++i)
        words[i] = static_cast<std::int16_t>(codes[i]);
    if (!inputs.empty())
        std::memcpy(words + codes.size(), inputs.data(), inputs.size());
}

void ArrayWaves::gather(std::uint64_t own, std::uint64_t begin, std::uint64_t end) {
    if (!bus_.wants(SignalClass::bus) || !context_.values() || waves_->bus_data < 0)
        return;
    const GatherPayload payload{own, begin, end};
    std::memcpy(bus_.defer(context_.time(begin), context_.time(end), gather_job_, sizeof payload), &payload,
                sizeof payload);
}

void ArrayWaves::count(std::size_t index, Event event, std::uint64_t n, std::uint64_t begin, std::uint64_t end) {
    const Instances& of = instances_[index];
    const int instance = event == Event::input_register_byte    ? of.input_register
                         : event == Event::output_register_byte ? of.output_register
                                                                : of.array;
    bus_.count(instance, event, n, begin, end);
}

}  // namespace xloop::sim
