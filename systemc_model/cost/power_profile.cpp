#include "systemc_model/cost/power_profile.hpp"

#include "systemc_model/cost/energy.hpp"

#include <algorithm>

namespace xloop {

double PowerProfile::window_s(std::size_t window) const {
    const std::uint64_t start = window * window_cycles;
    return cycle_s * static_cast<double>(std::min(window_cycles, cycles - std::min(start, cycles)));
}

double PowerProfile::energy_j() const {
    double energy = 0;
    for (std::size_t w = 0; w < watts.size(); ++w)
        energy += sum_of(watts[w]) * window_s(w);
    return energy;
}

double PowerProfile::peak_w() const {
    double peak = 0;
    for (std::size_t w = 0; w < watts.size(); ++w)
        if (w == 0 || (w + 1) * window_cycles <= cycles)
            peak = std::max(peak, sum_of(watts[w]));
    return peak;
}

PowerProfile power_profile(const std::vector<PerEvent>& windows, std::uint64_t window_cycles, std::uint64_t cycles,
                           const HardwareConfig& hardware, const ChipShape& chip, const UnitCosts& costs) {
    PowerProfile profile{window_cycles, cycles, 1e-9 * hardware.clock.period_ns(), {}};
    const PerComponent constant = static_w(make_inventory(hardware, chip), costs, hardware);
    for (std::size_t w = 0; w < windows.size(); ++w) {
        PerComponent watts = dynamic_j(windows[w], costs);
        for (std::size_t c = 0; c < component_count; ++c)
            watts[c] = constant[c] + watts[c] / profile.window_s(w);
        profile.watts.push_back(watts);
    }
    return profile;
}

}  // namespace xloop
