#include "systemc_model/cost/nameplate.hpp"

#include "systemc_model/cost/adc/adc_kind.hpp"
#include "systemc_model/cost/energy.hpp"

namespace xloop {
namespace {

constexpr double partial_sum_bytes = 4;
constexpr int neighbours = 4;  // of a router in a mesh or torus

std::size_t at(Component component) { return static_cast<std::size_t>(component); }
double& of(PerEvent& rates, Event event) { return rates[static_cast<std::size_t>(event)]; }

double reads_per_s(const HardwareConfig& h) { return 1e9 / h.crossbar.read_time_ns; }
double vectors_per_s(const HardwareConfig& h) {
    return h.is_digital() ? 1e9 * h.digital.rate_ghz / h.digital.weight_sets
                          : reads_per_s(h) / h.reads(h.crossbar.rows);
}
double cycles_per_s(const HardwareConfig& h) { return 1e9 * h.clock.frequency_ghz; }

double conversions_per_s(const HardwareConfig& h) {
    const AdcKind& kind = adc_kind(h.adc);
    const int at_once = kind.in_turn ? h.adcs_per_array() : h.conversions(h.outputs_per_array());
    return at_once * 1e9 * (h.adc.*kind.clock_ghz) / kind.conversion_clocks(h.adc);
}

/// How many of the event `data` the averages expect for one of the event `size`.
double expected_share(Event data, Event size, const HardwareConfig& h, const DataAverages& averages) {
    constexpr std::uint64_t many = 1'000'000;
    ActivityRecord record;
    record.instances[""][size] = many;
    expect_data(record, h, averages);
    return static_cast<double>(record.instances[""][data]) / many;
}

void add(PerComponent& sum, const PerComponent& part, double times) {
    for (std::size_t c = 0; c < component_count; ++c)
        sum[c] += times * part[c];
}

void add(NameplatePart& sum, const NameplatePart& part, double times) {
    add(sum.dynamic_w, part.dynamic_w, times);
    add(sum.static_w, part.static_w, times);
    add(sum.area_mm2, part.area_mm2, times);
}

void add_events(NameplatePart& part, const PerEvent& rates, const UnitCosts& costs) {
    add(part.dynamic_w, dynamic_j(rates, costs), 1.0);  // J of a second's events
}

void add_units(NameplatePart& part, Component component, double units, const HardwareConfig& h,
               const UnitCosts& costs) {
    part.static_w[at(component)] += static_w(component, units, costs, h);
    part.area_mm2[at(component)] += area_mm2(component, units, costs);
}

}  // namespace

double NameplatePart::power_w(Component component) const { return dynamic_w[at(component)] + static_w[at(component)]; }

PerEvent array_rates(const HardwareConfig& h, const NameplateAssumptions& assumed) {
    PerEvent rates{};
    if (h.is_digital()) {
        const double steps = 1e9 * h.digital.rate_ghz;
        of(rates, Event::mac) = steps * h.digital.rows * h.digital.cols;
        of(rates, Event::weight_read_byte) = steps * h.digital.set_bytes();
        return rates;
    }
    const double reads = reads_per_s(h);
    of(rates, Event::cell_read) = reads * h.crossbar.rows_at_once() * h.crossbar.cols;
    of(rates, Event::row_drive) = reads * h.crossbar.rows_at_once();
    for (Event data : {Event::row_pulse, Event::read_conductance})
        of(rates, data) = of(rates, Event::row_drive) * expected_share(data, Event::row_drive, h, assumed.data);
    of(rates, Event::column_sample) = h.crossbar.sample_hold ? reads * h.sampled_columns(h.outputs_per_array()) : 0.0;
    for (Event conversion : {Event::column_select, Event::conversion, Event::shift_add})
        of(rates, conversion) = conversions_per_s(h);
    if (h.adc.corrects_gain())
        of(rates, Event::gain_correction) = vectors_per_s(h) * h.outputs_per_array();
    return rates;
}

PerEvent register_rates(const HardwareConfig& h) {
    PerEvent rates{};
    const double vectors = vectors_per_s(h) * h.pe.arrays;
    of(rates, Event::input_register_byte) = vectors * h.array_rows() * h.activation_bytes();
    of(rates, Event::output_register_byte) = vectors * h.outputs_per_array() * partial_sum_bytes;
    return rates;
}

PerEvent shared_rates(const HardwareConfig& h, const NameplateAssumptions& assumed) {
    PerEvent rates{};
    const double cycles = cycles_per_s(h);
    for (Event access : {Event::buffer_read_byte, Event::buffer_write_byte})
        of(rates, access) = cycles * h.buffer.ports * h.buffer.width_bits / 8.0 / 2.0;
    of(rates, Event::bus_byte) = cycles * h.tile.bus_bits / 8.0;
    for (Event lane : {Event::accumulate, Event::vector_operation})
        of(rates, lane) = cycles * h.tile.vector_lanes;
    of(rates, Event::control_step) = vectors_per_s(h) * h.tile.pes;
    of(rates, Event::router_flit) = 1e9 * h.noc_clock_ghz() * (h.noc.concentration + neighbours) / h.noc.concentration;
    of(rates, Event::router_toggle) =
        of(rates, Event::router_flit) * expected_share(Event::router_toggle, Event::router_flit, h, assumed.data);
    return rates;
}

PerEvent border_rates(const HardwareConfig& h, const ChipShape& chip, const NameplateAssumptions& assumed) {
    PerEvent rates{};
    of(rates, Event::link_flit) = 1e9 * h.noc_clock_ghz() * chip.links();
    of(rates, Event::link_toggle) =
        of(rates, Event::link_flit) * expected_share(Event::link_toggle, Event::link_flit, h, assumed.data);
    of(rates, Event::io_byte) = 1e9 * assumed.io_link_gb_s * h.noc.io_links;
    return rates;
}

Nameplate make_nameplate(const HardwareConfig& h, const ChipShape& chip, const UnitCosts& costs,
                         const NameplateAssumptions& assumed) {
    const Inventory in_chip = make_inventory(h, chip), in_tile = tile_inventory(h);
    const auto units = [&](NameplatePart& part, Component component, double share) {
        add_units(part, component, static_cast<double>(in_tile[component]) * share, h, costs);
    };
    Nameplate plate;
    add_events(plate.array, array_rates(h, assumed), costs);
    for (Component c : {Component::crossbar, Component::dac, Component::sample_hold, Component::column_mux,
                        Component::adc, Component::shift_add, Component::mac_array, Component::weight_memory})
        units(plate.array, c, 1.0 / h.arrays_per_tile());

    add(plate.pe, plate.array, h.pe.arrays);
    add_events(plate.pe, register_rates(h), costs);
    for (Component c : {Component::input_register, Component::output_register})
        units(plate.pe, c, 1.0 / h.tile.pes);

    add(plate.tile, plate.pe, h.tile.pes);
    add_events(plate.tile, shared_rates(h, assumed), costs);
    for (Component c : {Component::buffer, Component::bus, Component::accumulator, Component::vector_unit,
                        Component::controller, Component::clock_tree})
        units(plate.tile, c, 1.0);
    add_units(plate.tile, Component::router, 1.0 / h.noc.concentration, h, costs);

    add(plate.chip, plate.tile, chip.tiles);
    add_events(plate.chip, border_rates(h, chip, assumed), costs);
    for (Component c : {Component::link, Component::io_link})
        add_units(plate.chip, c, static_cast<double>(in_chip[c]), h, costs);
    return plate;
}

}  // namespace xloop
