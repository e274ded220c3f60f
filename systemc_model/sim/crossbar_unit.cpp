#include "systemc_model/sim/crossbar_unit.hpp"

#include <algorithm>

namespace xloop::sim {

CrossbarUnit::CrossbarUnit(const sc_core::sc_module_name& name, const ClockDomain& clock, const ProgrammedArray& array,
                           const HardwareConfig& hardware, int layer, int block, UnitOwner& owner, TraceBus* trace)
    : ClockedAgent(name, clock), array_(array), durations_(hardware),
      cells_(static_cast<std::uint64_t>(hardware.crossbar.rows) * hardware.crossbar.cols),
      lines_(static_cast<std::uint64_t>(array.rows())),
      columns_(static_cast<std::uint64_t>(hardware.sampled_columns(array.outputs()))),
      layer_(layer), block_(block), owner_(owner), codes_(static_cast<std::size_t>(array.reads()) * array.conversions()), trace_(trace) {
    if (trace_) {
        const std::string scope = this->name();
        position_signal_ = trace_->declare(scope, "position", 16);
        read_signal_ = trace_->declare(scope, "read", 3);
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
    read_ = 0;
    array_.convert(running_->inputs.data(), running_->image, running_->position, codes_.data());
    raw_.assign(static_cast<std::size_t>(array_.outputs()), 0);
    hold_cycle_ = std::max(first_read + durations_.read(), adc_free_);
    owner_.unit_started(layer_, block_, running_->position, first_read + 1);
    if (trace_) {
        trace_->change(first_read, position_signal_, static_cast<std::uint64_t>(running_->position));
        trace_->change(first_read, read_signal_, 0);
    }
    wake_at(hold_cycle_);
}

void CrossbarUnit::on_cycle(std::uint64_t cycle) {
    if (!running_ || cycle != hold_cycle_)
        return;
    hold_and_convert(cycle);
    if (read_ + 1 < durations_.reads()) {
        ++read_;
        hold_cycle_ = std::max(cycle + durations_.read(), adc_free_);
        if (trace_)
            trace_->change(cycle, read_signal_, static_cast<std::uint64_t>(read_));
        wake_at(hold_cycle_);
        return;
    }
    constexpr int shift_add = 1;
    std::vector<std::int32_t> sums(raw_.size(), 0);
    array_.finish(running_->inputs.data(), raw_.data(), sums.data());
    counters_[Event::output_register_byte] += sums.size() * accumulator_bytes;
    owner_.unit_finished(layer_, block_, running_->position, std::move(sums), adc_free_ + shift_add);
    running_.reset();
    if (waiting_)
        start(cycle);
}

void CrossbarUnit::hold_and_convert(std::uint64_t cycle) {
    const std::int32_t* codes = codes_.data() + static_cast<std::ptrdiff_t>(read_) * array_.conversions();
    array_.shift_add(codes, read_, raw_.data());
    adc_free_ = cycle + durations_.sweep(array_.outputs());
    count_read();
    if (trace_) {
        trace_->change(cycle, rows_signal_, static_cast<std::uint64_t>(array_.rows_driven(running_->inputs.data(), read_)));
        trace_->change(cycle, code_signal_, static_cast<std::uint16_t>(codes[0]));
    }
}

void CrossbarUnit::count_read() {
    counters_[Event::cell_read] += cells_;
    counters_[Event::row_drive] += lines_;
    counters_[Event::column_sample] += columns_;
    const auto conversions = static_cast<std::uint64_t>(array_.conversions());
    counters_[Event::conversion] += conversions;
    counters_[Event::shift_add] += conversions;
    counters_.busy_cycles += static_cast<std::uint64_t>(durations_.read());
}

}  // namespace xloop::sim
