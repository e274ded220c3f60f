#include "systemc_model/mapping/durations.hpp"

#include "core/error.hpp"
#include "systemc_model/cost/adc/adc_kind.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>

namespace xloop {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

int cycles_of(double time_ns, const HardwareConfig& hardware) {
    const double cycles = std::ceil(time_ns * hardware.clock.frequency_ghz - 1e-9);
    // A position is a few of these times; its cycles must fit into the same type.
    constexpr double most = std::numeric_limits<int>::max() / 32;
    if (!(cycles <= most))
        throw KeyError("clock.frequency_ghz",
                       fmt::format("a step of {} ns at {} GHz is {:.3g} cycles; at most {:.0f} can be counted", time_ns,
                                   hardware.clock.frequency_ghz, cycles, most));
    return static_cast<int>(cycles);
}

}  // namespace

Durations::Durations(const HardwareConfig& hardware)
    : hardware_(hardware), read_(stage(cycles_of(hardware.crossbar.read_time_ns, hardware))),
      adc_(&adc_kind(hardware.adc)),
      code_latency_(cycles_of(adc_->ns(hardware.adc, adc_->latency_clocks(hardware.adc)), hardware)) {}

int Durations::stage(int cycles) const {
    return static_cast<int>(ceil_div(cycles, hardware_.tile.stage_cycles)) * hardware_.tile.stage_cycles;
}

int Durations::read(int outputs) const {
    const DigitalConfig& unit = hardware_.digital;
    return hardware_.is_digital() ? stage(cycles_of(unit.steps(outputs) / unit.rate_ghz, hardware_)) : read_;
}

int Durations::sweep(int outputs) const {
    if (hardware_.is_digital())
        return 0;
    const int conversions = std::min(hardware_.conversions(outputs), adc_->conversions_in_turn(hardware_.adc));
    return stage(cycles_of(adc_->conversions_ns(hardware_.adc, conversions), hardware_));
}

std::int64_t Durations::read_interval(int outputs) const {
    return hardware_.crossbar.sample_hold ? std::max(read(outputs), sweep(outputs)) : read(outputs) + sweep(outputs);
}

std::int64_t Durations::vector_latency(int rows, int outputs) const {
    return read(outputs) + held(rows, outputs) + sweep(outputs) + sums_latency();
}

int Durations::sums_latency() const {
    return hardware_.is_digital() ? stage(hardware_.digital.latency_cycles)
                                  : code_latency_ + stage(hardware_.pe.shift_add_cycles);
}

int Durations::buffer_port(std::int64_t bytes) const {
    const std::int64_t words = ceil_div(8 * bytes, hardware_.buffer.width_bits);
    return stage(static_cast<int>(ceil_div(words, hardware_.buffer.banks)));
}

int Durations::bus(std::int64_t bytes) const {
    return stage(static_cast<int>(ceil_div(8 * bytes, hardware_.tile.bus_bits)));
}

int Durations::fetch(std::int64_t buffer_bytes, std::int64_t bus_bytes) const {
    return buffer_latency() + std::max(buffer_port(buffer_bytes), bus(bus_bytes));
}

int Durations::vector_unit(std::int64_t operations) const {
    return stage(static_cast<int>(ceil_div(operations, hardware_.tile.vector_lanes)));
}

int Durations::flits(std::int64_t payload_bytes) const {
    return 1 + static_cast<int>(ceil_div(8 * payload_bytes, hardware_.noc.flit_bits));
}

std::int64_t Durations::multicast_payload() const {
    return std::max<std::int64_t>(std::int64_t{hardware_.noc.vc_buffer_flits - 1} * hardware_.noc.flit_bits / 8, 0);
}

std::int64_t Durations::reprogram() const {
    const auto cycles = [this](double time_ns) {
        return std::llround(std::ceil(time_ns * hardware_.clock.frequency_ghz - 1e-9));
    };
    return hardware_.is_digital() ? cycles(hardware_.digital.weight_sets / hardware_.digital.rate_ghz)
                                  : std::int64_t{hardware_.crossbar.rows} * cycles(hardware_.crossbar.write_time_ns);
}

}  // namespace xloop
