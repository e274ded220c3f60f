#include "systemc_model/cost/power_profile.hpp"

#include "systemc_model/cost/inventory.hpp"

#include <fmt/format.h>
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

std::string PowerProfile::csv() const {
    std::string text = "start_cycle,end_cycle,start_s,end_s";
    for (std::size_t c = 0; c < component_count; ++c)
        text += fmt::format(",{}_w", name_of(static_cast<Component>(c)));
    text += ",total_w\n";
    for (std::size_t w = 0; w < watts.size(); ++w) {
        const std::uint64_t start = w * window_cycles, end = std::min(start + window_cycles, cycles);
        text += fmt::format("{},{},{:.9g},{:.9g}", start, end, cycle_s * static_cast<double>(start),
                            cycle_s * static_cast<double>(end));
        for (double value : watts[w])
            text += fmt::format(",{:.12g}", value);
        text += fmt::format(",{:.12g}\n", sum_of(watts[w]));
    }
    return text;
}

PowerProfile power_profile(const std::vector<std::array<double, event_count>>& windows, std::uint64_t window_cycles,
                           std::uint64_t cycles, const HardwareConfig& hardware, const ChipShape& chip,
                           const UnitCosts& costs) {
    PowerProfile profile{window_cycles, cycles, 1e-9 * hardware.clock.period_ns(), {}};
    const Inventory inventory = make_inventory(hardware, chip);
    PerComponent constant{};
    for (std::size_t c = 0; c < component_count; ++c)
        constant[c] =
            1e-6 * static_cast<double>(inventory.units[c]) * costs.static_uw(static_cast<Component>(c), hardware);
    for (std::size_t w = 0; w < windows.size(); ++w) {
        PerComponent watts = constant;
        const double seconds = profile.window_s(w);
        for (std::size_t e = 0; e < event_count; ++e)
            watts[static_cast<std::size_t>(component_of(static_cast<Event>(e)))] +=
                1e-12 * windows[w][e] * costs.events[e].energy_pj / seconds;
        profile.watts.push_back(watts);
    }
    return profile;
}

}  // namespace xloop
