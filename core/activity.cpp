#include "core/activity.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {
namespace {

struct EventInfo {
    const char* name;
    Component component;
    bool depends_on_data = false;
};

constexpr std::array<EventInfo, event_count> events = {{
    {"cell_read", Component::crossbar},
    {"read_conductance", Component::crossbar, true},
    {"row_drive", Component::dac},
    {"row_pulse", Component::dac, true},
    {"column_sample", Component::sample_hold},
    {"column_select", Component::column_mux},
    {"conversion", Component::adc},
    {"shift_add", Component::shift_add},
    {"input_register_byte", Component::input_register},
    {"output_register_byte", Component::output_register},
    {"buffer_read_byte", Component::buffer},
    {"buffer_write_byte", Component::buffer},
    {"bus_byte", Component::bus},
    {"accumulate", Component::accumulator},
    {"vector_operation", Component::vector_unit},
    {"control_step", Component::controller},
    {"router_flit", Component::router},
    {"router_toggle", Component::router, true},
    {"link_flit", Component::link},
    {"link_toggle", Component::link, true},
    {"io_byte", Component::io_link},
    {"cell_write", Component::crossbar},
}};

constexpr std::array<const char*, component_count> components = {
    "crossbar", "dac", "sample_hold", "column_mux",  "adc",        "shift_add", "input_register", "output_register",
    "buffer",   "bus", "accumulator", "vector_unit", "controller", "router",    "link",           "clock_tree",
    "io_link"};

void subtract(std::uint64_t& from, std::uint64_t amount) {
    if (amount > from)
        throw Error("activity records subtract only where every count is large enough");
    from -= amount;
}

}  // namespace

const char* name_of(Component component) { return components[static_cast<std::size_t>(component)]; }
const char* name_of(Event event) { return events[static_cast<std::size_t>(event)].name; }
Component component_of(Event event) { return events[static_cast<std::size_t>(event)].component; }
bool depends_on_data(Event event) { return events[static_cast<std::size_t>(event)].depends_on_data; }

Counters& Counters::operator+=(const Counters& o) {
    for (std::size_t i = 0; i < event_count; ++i)
        events[i] += o.events[i];
    busy_cycles += o.busy_cycles;
    return *this;
}

Counters& Counters::operator-=(const Counters& o) {
    for (std::size_t i = 0; i < event_count; ++i)
        subtract(events[i], o.events[i]);
    subtract(busy_cycles, o.busy_cycles);
    return *this;
}

Counters ActivityRecord::total() const {
    Counters sum;
    for (const auto& [path, counters] : instances)
        sum += counters;
    return sum;
}

ActivityRecord ActivityRecord::sizes_only() const {
    ActivityRecord record = *this;
    const auto clear = [](Counters& counters) {
        for (std::size_t e = 0; e < event_count; ++e)
            if (xloop::events[e].depends_on_data)
                counters.events[e] = 0;
    };
    for (auto& [path, counters] : record.instances)
        clear(counters);
    for (Counters& counters : record.layers)
        clear(counters);
    return record;
}

ActivityRecord& ActivityRecord::operator+=(const ActivityRecord& o) {
    for (const auto& [path, counters] : o.instances)
        instances[path] += counters;
    layers.resize(std::max(layers.size(), o.layers.size()));
    for (std::size_t l = 0; l < o.layers.size(); ++l)
        layers[l] += o.layers[l];
    return *this;
}

ActivityRecord& ActivityRecord::operator-=(const ActivityRecord& o) {
    for (const auto& [path, counters] : o.instances)
        instances[path] -= counters;
    layers.resize(std::max(layers.size(), o.layers.size()));
    for (std::size_t l = 0; l < o.layers.size(); ++l)
        layers[l] -= o.layers[l];
    return *this;
}

std::string ActivityRecord::csv() const {
    std::string text = "instance,component,event,count\n";
    for (const auto& [path, counters] : instances) {
        for (std::size_t i = 0; i < event_count; ++i)
            if (counters.events[i] > 0)
                text += fmt::format("{},{},{},{}\n", path, name_of(xloop::events[i].component), xloop::events[i].name,
                                    counters.events[i]);
        text += fmt::format("{},,busy_cycles,{}\n", path, counters.busy_cycles);
    }
    return text;
}

}  // namespace xloop
