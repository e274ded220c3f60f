#include "core/activity.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {
namespace {

struct ComponentInfo {
    Component component;
    const char* name;
    const char* unit;
    Place place;
    bool optional = false;
};

constexpr ComponentInfo components[] = {
    {Component::crossbar, "crossbar", "cell", Place::array},
    {Component::dac, "dac", "row line", Place::array},
    {Component::sample_hold, "sample_hold", "column", Place::array},
    {Component::column_mux, "column_mux", "column", Place::array},
    {Component::adc, "adc", "converter", Place::array},
    {Component::shift_add, "shift_add", "adder", Place::array},
    {Component::mac_array, "mac_array", "multiplier", Place::array, true},
    {Component::weight_memory, "weight_memory", "byte", Place::array, true},
    {Component::input_register, "input_register", "byte", Place::processing_element},
    {Component::output_register, "output_register", "byte", Place::processing_element},
    {Component::buffer, "buffer", "byte", Place::tile},
    {Component::bus, "bus", "wire", Place::tile},
    {Component::accumulator, "accumulator", "lane", Place::tile},
    {Component::vector_unit, "vector_unit", "lane", Place::tile},
    {Component::controller, "controller", "controller", Place::tile},
    {Component::router, "router", "router", Place::chip},
    {Component::link, "link", "link", Place::chip},
    {Component::clock_tree, "clock_tree", "tree", Place::tile},
    {Component::io_link, "io_link", "link", Place::chip},
};

struct EventInfo {
    Event event;
    const char* name;
    Component component;
    bool depends_on_data = false;
    bool optional = false;
};

constexpr EventInfo events[] = {
    {Event::cell_read, "cell_read", Component::crossbar},
    {Event::read_conductance, "read_conductance", Component::crossbar, true},
    {Event::row_drive, "row_drive", Component::dac},
    {Event::row_pulse, "row_pulse", Component::dac, true},
    {Event::column_sample, "column_sample", Component::sample_hold},
    {Event::column_select, "column_select", Component::column_mux},
    {Event::conversion, "conversion", Component::adc},
    {Event::shift_add, "shift_add", Component::shift_add},
    {Event::mac, "mac", Component::mac_array, false, true},
    {Event::weight_read_byte, "weight_read_byte", Component::weight_memory, false, true},
    {Event::weight_write_byte, "weight_write_byte", Component::weight_memory, false, true},
    {Event::input_register_byte, "input_register_byte", Component::input_register},
    {Event::output_register_byte, "output_register_byte", Component::output_register},
    {Event::buffer_read_byte, "buffer_read_byte", Component::buffer},
    {Event::buffer_write_byte, "buffer_write_byte", Component::buffer},
    {Event::bus_byte, "bus_byte", Component::bus},
    {Event::accumulate, "accumulate", Component::accumulator},
    {Event::vector_operation, "vector_operation", Component::vector_unit},
    {Event::control_step, "control_step", Component::controller},
    {Event::router_flit, "router_flit", Component::router},
    {Event::router_toggle, "router_toggle", Component::router, true},
    {Event::link_flit, "link_flit", Component::link},
    {Event::link_toggle, "link_toggle", Component::link, true},
    {Event::io_byte, "io_byte", Component::io_link},
    {Event::cell_write, "cell_write", Component::crossbar},
    {Event::gain_correction, "gain_correction", Component::shift_add, false, true},
};

/// Whether a table has a row for each enumerator, at the place of its number.
template <class Row, std::size_t rows, class Kind>
constexpr bool is_complete(const Row (&table)[rows], Kind Row::*kind, std::size_t kinds) {
    for (std::size_t i = 0; i < rows; ++i)
        if (static_cast<std::size_t>(table[i].*kind) != i)
            return false;
    return rows == kinds;
}
static_assert(is_complete(components, &ComponentInfo::component, component_count));
static_assert(is_complete(events, &EventInfo::event, event_count));

void subtract(std::uint64_t& from, std::uint64_t amount) {
    if (amount > from)
        throw Error("activity records subtract only where every count is large enough");
    from -= amount;
}

}  // namespace

const char* name_of(Component component) { return components[static_cast<std::size_t>(component)].name; }
const char* unit_of(Component component) { return components[static_cast<std::size_t>(component)].unit; }
Place place_of(Component component) { return components[static_cast<std::size_t>(component)].place; }
bool is_optional(Component component) { return components[static_cast<std::size_t>(component)].optional; }

double sum_of(const PerComponent& classes) {
    double sum = 0;
    for (double value : classes)
        sum += value;
    return sum;
}

const char* name_of(Event event) { return events[static_cast<std::size_t>(event)].name; }
Component component_of(Event event) { return events[static_cast<std::size_t>(event)].component; }
bool depends_on_data(Event event) { return events[static_cast<std::size_t>(event)].depends_on_data; }
bool is_optional(Event event) { return events[static_cast<std::size_t>(event)].optional; }

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

void ActivityRecord::add_kinds() {
    if (kinds.empty())
        return;
    instances.clear();
    layers.clear();
    for (const ActivityRecord& kind : kinds) {
        for (const auto& [path, counters] : kind.instances)
            instances[path] += counters;
        layers.resize(std::max(layers.size(), kind.layers.size()));
        for (std::size_t l = 0; l < kind.layers.size(); ++l)
            layers[l] += kind.layers[l];
    }
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
    for (ActivityRecord& kind : record.kinds)
        kind = kind.sizes_only();
    return record;
}

ActivityRecord& ActivityRecord::operator+=(const ActivityRecord& o) {
    for (const auto& [path, counters] : o.instances)
        instances[path] += counters;
    layers.resize(std::max(layers.size(), o.layers.size()));
    for (std::size_t l = 0; l < o.layers.size(); ++l)
        layers[l] += o.layers[l];
    kinds.resize(std::max(kinds.size(), o.kinds.size()));
    for (std::size_t k = 0; k < o.kinds.size(); ++k)
        kinds[k] += o.kinds[k];
    return *this;
}

ActivityRecord& ActivityRecord::operator-=(const ActivityRecord& o) {
    for (const auto& [path, counters] : o.instances)
        instances[path] -= counters;
    layers.resize(std::max(layers.size(), o.layers.size()));
    for (std::size_t l = 0; l < o.layers.size(); ++l)
        layers[l] -= o.layers[l];
    kinds.resize(std::max(kinds.size(), o.kinds.size()));
    for (std::size_t k = 0; k < o.kinds.size(); ++k)
        kinds[k] -= o.kinds[k];
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
