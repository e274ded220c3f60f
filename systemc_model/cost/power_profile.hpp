#pragma once

#include "core/chip_shape.hpp"
#include "systemc_model/cost/ledger.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// Power of the chip over time, by class of hardware: static power everywhere, and the energy of each window's events
/// over the window's length. The integral is the ledger's energy.
struct PowerProfile {
    std::uint64_t window_cycles = 0, cycles = 0;  ///< of the digital clock; the last window may be shorter
    double cycle_s = 0;
    std::vector<PerComponent> watts;  ///< of each window

    double window_s(std::size_t window) const;
    double energy_j() const;
    /// Highest power of a window; the last one counts only if it is whole, as a short one may hold a single event.
    double peak_w() const;
};

/// `window_j`: energy of the events of each window of a run of `cycles` cycles of `cycle_s`; `constant_w`: static_w of the chip.
PowerProfile power_profile(const std::vector<PerComponent>& window_j, std::uint64_t window_cycles, std::uint64_t cycles,
                           double cycle_s, const PerComponent& constant_w);

}  // namespace xloop
