#include "systemc_model/sim/crossbar_unit.hpp"

#include <algorithm>

namespace xloop::sim {

CrossbarUnit::CrossbarUnit(const sc_core::sc_module_name& name, const ClockDomain& clock, const ProgrammedArray& array,
                           const HardwareConfig& hardware, int layer, int block, UnitOwner& owner, TraceBus* trace)
    : ClockedAgent(name, clock), array_(array), durations_(hardware),
      cells_(static_cast<std::uint64_t>(hardware.crossbar.rows) * hardware.crossbar.cols),
      lines_(static_cast<std::uint64_t>(array.rows())),
      columns_(static_cast<std::uint64_t>(array.conversions()) * (hardware.differential() ? 2 : 1) +
               (hardware.differential() ? 0 : 1)),
      layer_(layer), block_(block), owner_(owner), codes_(static_cast<std::size_t>(array.conversions())), trace_(trace) {
    if (trace_) {
        const std::string scope = this->name();
        position_signal_ = trace_->declare(scope, "position", 16);
        bit_signal_ = trace_->declare(scope, "bit", 3);
        rows_signal_ = trace_->declare(scope, "rows_driven", 11);
        code_signal_ = trace_->declare(scope, "adc_code_0", 16);
    }
}

void CrossbarUnit::load(std::int64_t image, int position, std::vector<std::uint8_t> inputs) {
    counters_[Event::input_register_byte] += inputs.size();
    waiting_ = Vector{image, position, std::move(inputs)};
    if (!running_)
        start(now());
}

// The row drivers are free at `first_read`; the sample-and-hold is free when the last conversion is done.
void CrossbarUnit::start(std::uint64_t first_read) {
    running_ = std::move(*waiting_);
    waiting_.reset();
    bit_ = 0;
    sums_.assign(static_cast<std::size_t>(array_.outputs()), 0);
    hold_cycle_ = std::max(first_read + durations_.read(), adc_free_);
    owner_.unit_started(layer_, block_, running_->position, first_read + 1);
    if (trace_) {
        trace_->change(first_read, position_signal_, static_cast<std::uint64_t>(running_->position));
        trace_->change(first_read, bit_signal_, 0);
    }
    wake_at(hold_cycle_);
}

void CrossbarUnit::on_cycle(std::uint64_t cycle) {
    if (!running_ || cycle != hold_cycle_)
        return;
    hold_and_convert(cycle);
    if (bit_ + 1 < durations_.bits()) {
        ++bit_;
        hold_cycle_ = std::max(cycle + durations_.read(), adc_free_);
        if (trace_)
            trace_->change(cycle, bit_signal_, static_cast<std::uint64_t>(bit_));
        wake_at(hold_cycle_);
        return;
    }
    constexpr int shift_add = 1;
    counters_[Event::output_register_byte] += sums_.size() * accumulator_bytes;
    owner_.unit_finished(layer_, block_, running_->position, sums_, adc_free_ + shift_add);
    running_.reset();
    if (waiting_)
        start(cycle);
}

void CrossbarUnit::hold_and_convert(std::uint64_t cycle) {
    const RowMask mask = bit_plane(running_->inputs.data(), array_.rows(), bit_);
    array_.convert(mask, {running_->image, running_->position, bit_}, codes_.data());
    array_.shift_add(codes_.data(), mask, bit_, sums_.data());
    adc_free_ = cycle + durations_.sweep(array_.outputs());
    count_read();
    if (trace_) {
        trace_->change(cycle, rows_signal_, static_cast<std::uint64_t>(mask.ones));
        trace_->change(cycle, code_signal_, static_cast<std::uint16_t>(codes_.front()));
    }
}

void CrossbarUnit::count_read() {
    counters_[Event::cell_read] += cells_;
    counters_[Event::row_drive] += lines_;
    counters_[Event::column_sample] += columns_;
    counters_[Event::conversion] += codes_.size();
    counters_[Event::shift_add] += codes_.size();
    counters_.busy_cycles += static_cast<std::uint64_t>(durations_.read());
}

}  // namespace xloop::sim
