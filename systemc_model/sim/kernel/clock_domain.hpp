#pragma once

#include <cstdint>
#include <systemc>

namespace xloop::sim {

/// Cycle counts of one clock on SystemC's time axis. Edges lie at multiples of the period; the time resolution must be one
/// femtosecond.
class ClockDomain {
public:
    explicit ClockDomain(double frequency_ghz) : period_fs_(static_cast<std::uint64_t>(1e6 / frequency_ghz + 0.5)) {}

    std::uint64_t period_fs() const { return period_fs_; }
    std::uint64_t now() const { return sc_core::sc_time_stamp().value() / period_fs_; }
    std::uint64_t time_fs(std::uint64_t cycle) const { return cycle * period_fs_; }
    /// First cycle whose edge is later than cycle `cycle` of `other`: when a message from there may be seen here.
    std::uint64_t first_after(std::uint64_t cycle, const ClockDomain& other) const {
        return other.time_fs(cycle) / period_fs_ + 1;
    }

private:
    std::uint64_t period_fs_;
};

}  // namespace xloop::sim
