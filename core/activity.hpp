#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace xloop {

/// Classes of hardware. Energy and area are reported by class; each class is one row of area in a cost table.
enum class Component {
    crossbar,
    dac,
    sample_hold,
    column_mux,
    adc,
    shift_add,
    mac_array,
    weight_memory,
    input_register,
    output_register,
    buffer,
    bus,
    accumulator,
    vector_unit,
    controller,
    router,
    link,
    clock_tree,
    io_link,
};
inline constexpr std::size_t component_count = static_cast<std::size_t>(Component::io_link) + 1;
const char* name_of(Component component);
/// What one unit of a class is: "cell", "row line", "converter" ... Cost tables give area and leakage for each.
const char* unit_of(Component component);

/// Where the units of a component are.
enum class Place {
    array,  ///< with an array: cells, row drivers, sample-and-hold, multiplexers, converters, adders; a digital unit's parts
    processing_element,  ///< registers
    tile,                ///< shared by the processing elements of a tile
    chip,                ///< routers, links, i/o
};
Place place_of(Component component);
/// Hardware that only some chips have.
bool is_optional(Component component);

/// One figure for each class of hardware, in the order of `Component`.
using PerComponent = std::array<double, component_count>;

/// The sum in the order of `Component`: the definition of every total, so that totals close bit for bit.
double sum_of(const PerComponent& classes);

/// What can happen in the hardware, counted one by one. Energy comes later, from a cost table. Most counts follow from
/// sizes alone; those that depend on the data (`depends_on_data`) are counted in runs that compute values.
enum class Event {
    cell_read,             ///< one cell of the rows, used or not, that one read of an array can drive
    read_conductance,      ///< data: 1 nS of effective conductance that one read drives, x (DAC digit)^2
    row_drive,             ///< one row line driven, be its digit 0 or not, for one read
    row_pulse,             ///< data: one row line driven above 0 V for one read
    column_sample,         ///< one column current held for conversion
    column_select,         ///< one column (differential: pair) switched to its converter
    conversion,            ///< one ADC conversion
    shift_add,             ///< one code shifted and added to a partial sum
    mac,                   ///< one product of a digital unit, added up
    weight_read_byte,      ///< one byte read from a digital unit's weights: whole sets, used or not
    weight_write_byte,     ///< one byte written there between two rounds of layers
    input_register_byte,   ///< one byte written to a unit's input register (its bit-serial reads included)
    output_register_byte,  ///< one byte written to a unit's output register (its read included)
    buffer_read_byte,
    buffer_write_byte,
    bus_byte,
    accumulate,        ///< one addition of a partial sum
    vector_operation,  ///< one requantisation, comparison or addition of the vector unit
    control_step,      ///< one position of a layer begun by a tile's controller
    router_flit,       ///< one flit through one router
    router_toggle,     ///< data: one bit of a packet that differs from the same bit of its flit before, in a router
    link_flit,         ///< one flit over one link between routers
    link_toggle,       ///< data: as router_toggle, on a link between routers
    io_byte,           ///< one byte over the chip's border
    cell_write,        ///< one cell programmed between two rounds of layers
    gain_correction,   ///< one sum of an array times its factor, with its offset
};
inline constexpr std::size_t event_count = static_cast<std::size_t>(Event::gain_correction) + 1;
const char* name_of(Event event);
Component component_of(Event event);
/// Whether the count depends on values. Without them such events are not counted, or expected from averages.
bool depends_on_data(Event event);
/// Whether only chips with something that others do not have count it: a cost table need not price it, and reports leave it
/// out where it does not happen.
bool is_optional(Event event);

/// Whether lists of classes or events leave a kind out: there is none of it on the chip, as on most.
template <class Kind>
bool is_left_out(Kind kind, double amount) {
    return amount == 0.0 && is_optional(kind);
}

/// How often each event happens where it need not be a whole number (a rate, a share of a window), in the order of `Event`.
using PerEvent = std::array<double, event_count>;

/// Counts of one instance, or a sum of them.
struct Counters {
    std::array<std::uint64_t, event_count> events{};
    std::uint64_t busy_cycles = 0;

    std::uint64_t& operator[](Event e) { return events[static_cast<std::size_t>(e)]; }
    std::uint64_t operator[](Event e) const { return events[static_cast<std::size_t>(e)]; }
    Counters& operator+=(const Counters& o);
    Counters& operator-=(const Counters& o);
    bool operator==(const Counters& o) const { return events == o.events && busy_cycles == o.busy_cycles; }
};

/// What happened, by instance path ("chip.tile_0_1.xbar_3") and by layer. A value: records add and subtract.
struct ActivityRecord {
    std::map<std::string, Counters> instances;
    /// The same events by what they were done for: the layers of the graph, then the sending of images. A position's
    /// way to its readers and the writes there belong to the layer that made it, credits to the layer that sends them.
    /// Sums to total() in every event; without busy_cycles.
    std::vector<Counters> layers;
    /// On a chip with several kinds of hardware (HardwareKinds) the same events by the kind that they happened on, of which
    /// all above is the sum; else empty. What tiles share counts as the base, number 0.
    std::vector<ActivityRecord> kinds;

    /// Where events of a kind are counted before add_kinds.
    ActivityRecord& of_kind(int kind) { return kinds.empty() ? *this : kinds[static_cast<std::size_t>(kind)]; }
    /// Makes all above the sum of the kinds, if there are several.
    void add_kinds();

    Counters total() const;
    /// The record without the events that depend on data: what a run that only counts gives.
    ActivityRecord sizes_only() const;
    ActivityRecord& operator+=(const ActivityRecord& o);
    ActivityRecord& operator-=(const ActivityRecord& o);
    /// CSV with header: instance,component,event,count and one line `busy_cycles` for each instance.
    std::string csv() const;
};

}  // namespace xloop
