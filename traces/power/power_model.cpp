#include "traces/power/power_model.hpp"

namespace xloop::trace {
namespace {

using Events = std::array<std::uint64_t, event_count>;

void add_energy(const Events& events, const PowerModel::EventEnergies& event_j, PerComponent& energy) {
    for (std::size_t e = 0; e < event_count; ++e)
        for (std::size_t c = 0; c < component_count; ++c)
            energy[c] += static_cast<double>(events[e]) * event_j[e][c];
}

}  // namespace

std::vector<Component> PowerModel::classes() const {
    PerComponent charged = static_w;
    for (int kind = 0; kind < kinds(); ++kind)
        for (const PerComponent& energy : of_kind(kind))
            for (std::size_t c = 0; c < component_count; ++c)
                charged[c] += energy[c];
    std::vector<Component> shown;
    for (std::size_t c = 0; c < component_count; ++c)
        if (const auto of = static_cast<Component>(c); !is_left_out(of, charged[c]))
            shown.push_back(of);
    return shown;
}

PerComponent PowerModel::power_w(const CountedWindow& window, const Declarations& declarations) const {
    PerComponent watts{};
    if (other_kinds.empty()) {
        add_energy(window.totals(), event_j, watts);
    } else {
        std::vector<Events> events(static_cast<std::size_t>(kinds()), Events{});
        for (const CountedWindow::Cell& cell : window.cells) {
            const int kind = declarations.instances[static_cast<std::size_t>(cell.instance)].kind;
            events[static_cast<std::size_t>(kind)][static_cast<std::size_t>(cell.event)] += cell.n;
        }
        for (int kind = 0; kind < kinds(); ++kind)
            add_energy(events[static_cast<std::size_t>(kind)], of_kind(kind), watts);
    }
    for (std::size_t c = 0; c < component_count; ++c)
        watts[c] = static_w[c] + watts[c] / seconds(window);
    return watts;
}

}  // namespace xloop::trace
