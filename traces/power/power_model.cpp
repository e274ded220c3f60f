#include "traces/power/power_model.hpp"

namespace xloop::trace {

PerComponent PowerModel::dynamic_j(const std::array<std::uint64_t, event_count>& events) const {
    PerComponent energy{};
    for (std::size_t e = 0; e < event_count; ++e)
        for (std::size_t c = 0; c < component_count; ++c)
            energy[c] += static_cast<double>(events[e]) * event_j[e][c];
    return energy;
}

PerComponent PowerModel::power_w(const std::array<std::uint64_t, event_count>& events, double seconds) const {
    PerComponent watts = dynamic_j(events);
    for (std::size_t c = 0; c < component_count; ++c)
        watts[c] = static_w[c] + watts[c] / seconds;
    return watts;
}

}  // namespace xloop::trace
