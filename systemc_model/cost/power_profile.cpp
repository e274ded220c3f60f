#include "systemc_model/cost/power_profile.hpp"

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

PowerProfile power_profile(const std::vector<PerComponent>& window_j, std::uint64_t window_cycles, std::uint64_t cycles,
                           double cycle_s, const PerComponent& constant_w) {
    PowerProfile profile{window_cycles, cycles, cycle_s, {}};
    for (std::size_t w = 0; w < window_j.size(); ++w) {
        PerComponent watts;
        for (std::size_t c = 0; c < component_count; ++c)
            watts[c] = constant_w[c] + window_j[w][c] / profile.window_s(w);
        profile.watts.push_back(watts);
    }
    return profile;
}

}  // namespace xloop
