#include "core/activity.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

struct EventInfo {
    const char* name;
    Component component;
};

constexpr std::array<EventInfo, event_count> events = {{
    {"cell_read", Component::crossbar},
    {"row_drive", Component::dac},
    {"column_sample", Component::sample_hold},
    {"conversion", Component::adc},
    {"shift_add", Component::shift_add},
    {"input_register_byte", Component::input_register},
    {"output_register_byte", Component::output_register},
    {"buffer_read_byte", Component::buffer},
    {"buffer_write_byte", Component::buffer},
    {"bus_byte", Component::bus},
    {"accumulate", Component::accumulator},
    {"vector_operation", Component::vector_unit},
    {"router_flit", Component::router},
    {"io_byte", Component::io_link},
    {"cell_write", Component::crossbar},
}};

constexpr std::array<const char*, component_count> components = {
    "crossbar", "dac", "sample_hold", "adc", "shift_add", "input_register", "output_register",
    "buffer",   "bus", "accumulator", "vector_unit", "router", "io_link"};

void subtract(std::uint64_t& from, std::uint64_t amount) {
    if (amount > from)
        throw Error("activity records subtract only where every count is large enough");
    from -= amount;
}

}  // namespace

const char* name_of(Component component) { return components[static_cast<std::size_t>(component)]; }
const char* name_of(Event event) { return events[static_cast<std::size_t>(event)].name; }
Component component_of(Event event) { return events[static_cast<std::size_t>(event)].component; }

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

ActivityRecord& ActivityRecord::operator+=(const ActivityRecord& o) {
    for (const auto& [path, counters] : o.instances)
        instances[path] += counters;
    return *this;
}

ActivityRecord& ActivityRecord::operator-=(const ActivityRecord& o) {
    for (const auto& [path, counters] : o.instances)
        instances[path] -= counters;
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
