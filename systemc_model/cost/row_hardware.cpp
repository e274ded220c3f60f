#include "systemc_model/cost/row_hardware.hpp"

#include "core/error.hpp"
#include "core/names.hpp"
#include "systemc_model/cost/adc/adc_kind.hpp"
#include "systemc_model/cost/cost_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace xloop {
namespace {

using Hardware = const HardwareConfig&;
constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

bool has_ramp(Hardware h) { return h.adc.type == AdcType::ramp; }

const std::vector<HardwareKey>& hardware_keys() {
    static const std::vector<HardwareKey> keys = {
        {"device.kind", [](Hardware h) { return static_cast<double>(h.device.kind); }, all_names<DeviceKind>(), nullptr,
         static_cast<double>(DeviceKind::reram)},
        {"device.r_on_ohm", [](Hardware h) { return h.device.r_on_ohm; }},
        {"device.r_off_ohm", [](Hardware h) { return h.device.r_off_ohm; }},
        {"device.storage", [](Hardware h) { return static_cast<double>(h.device.storage); }, all_names<CellStorage>()},
        {"device.bits_per_cell",
         [](Hardware h) -> double { return h.device.bits_per_cell; },
         {},
         [](Hardware h) { return !h.device.analog(); }},
        {"crossbar.rows", [](Hardware h) -> double { return h.array_rows(); }},
        {"crossbar.cols", [](Hardware h) -> double { return h.crossbar.cols; }},
        {"crossbar.spare_cols", [](Hardware h) -> double { return h.crossbar.spare_cols; }, {}, nullptr, 0},
        {"crossbar.read_time_ns", [](Hardware h) { return h.crossbar.read_time_ns; }},
        {"crossbar.read_voltage_v", [](Hardware h) { return h.crossbar.read_voltage_v; }},
        {"crossbar.write_time_ns", [](Hardware h) { return h.crossbar.write_time_ns; }},
        {"dac.bits", [](Hardware h) -> double { return h.dac.bits; }},
        {"adc.type", [](Hardware h) { return static_cast<double>(h.adc.type); }, all_names<AdcType>()},
        {"adc.bits", [](Hardware h) -> double { return h.adc.bits; }},
        {"adc.sample_rate_gsps",
         [](Hardware h) { return h.adc.sample_rate_gsps; },
         {},
         [](Hardware h) { return !has_ramp(h); }},
        {"adc.ramp_clock_ghz", [](Hardware h) { return h.adc.ramp_clock_ghz; }, {}, has_ramp},
        {"adc.correction_bits",
         [](Hardware h) -> double { return h.adc.correction_bits; },
         {},
         [](Hardware h) { return h.adc.corrects_gain(); }},
        {"adc.columns_per_adc", [](Hardware h) -> double { return h.adc.columns_per_adc; }},
        {"digital.rows", [](Hardware h) -> double { return h.digital.rows; }},
        {"digital.cols", [](Hardware h) -> double { return h.digital.cols; }},
        {"digital.weight_sets", [](Hardware h) -> double { return h.digital.weight_sets; }},
        {"digital.rate_ghz", [](Hardware h) { return h.digital.rate_ghz; }},
        {"digital.bits", [](Hardware h) -> double { return h.digital.bits; }},
        {"pe.arrays", [](Hardware h) -> double { return h.pe.arrays; }},
        {"pe.input_vectors", [](Hardware h) -> double { return h.pe.input_vectors; }},
        {"pe.output_vectors", [](Hardware h) -> double { return h.pe.output_vectors; }},
        {"buffer.bytes", [](Hardware h) -> double { return h.buffer.bytes; }},
        {"buffer.banks", [](Hardware h) -> double { return h.buffer.banks; }},
        {"buffer.ports", [](Hardware h) -> double { return h.buffer.ports; }},
        {"buffer.width_bits", [](Hardware h) -> double { return h.buffer.width_bits; }},
        {"tile.pes", [](Hardware h) -> double { return h.tile.pes; }},
        {"noc.concentration", [](Hardware h) -> double { return h.noc.concentration; }},
        {"noc.flit_bits", [](Hardware h) -> double { return h.noc.flit_bits; }},
        {"noc.vcs", [](Hardware h) -> double { return h.noc.vcs; }},
        {"noc.vc_buffer_flits", [](Hardware h) -> double { return h.noc.vc_buffer_flits; }},
        {"noc.clock_ghz", [](Hardware h) { return h.noc_clock_ghz(); }},
        {"clock.frequency_ghz", [](Hardware h) { return h.clock.frequency_ghz; }},
        {"numerics.activation_bits", [](Hardware h) -> double { return h.numerics.activation_bits; }},
        {"numerics.weight_bits", [](Hardware h) -> double { return h.numerics.weight_bits; }},
    };
    return keys;
}

using Keys = std::vector<const char*>;

// What the parts of a chip depend on. The clock stands with everything whose gates are sized for it, and whose published
// power, which holds leakage, was divided by a rate.
const Keys nothing;
const Keys cell_area = {"device.kind"};
const Keys cells = {"device.kind",      "device.storage",        "device.bits_per_cell",    "device.r_on_ohm",
                    "device.r_off_ohm", "crossbar.read_time_ns", "crossbar.read_voltage_v", "dac.bits"};
const Keys cell_writes = {"device.kind", "device.storage", "device.bits_per_cell", "crossbar.write_time_ns"};
const Keys row_lines = {"crossbar.cols", "crossbar.read_time_ns", "crossbar.read_voltage_v", "dac.bits"};
const Keys drivers = {"crossbar.cols", "crossbar.read_voltage_v", "dac.bits"};
const Keys samples = {"crossbar.read_time_ns"};
const Keys selection = {"adc.columns_per_adc", "crossbar.spare_cols"};
const Keys converters = {"adc.type", "adc.bits", "adc.sample_rate_gsps"};
const Keys adders = {"adc.bits", "numerics.activation_bits", "numerics.weight_bits", "clock.frequency_ghz"};
const Keys correctors = {"adc.bits", "adc.correction_bits", "numerics.activation_bits", "numerics.weight_bits",
                         "clock.frequency_ghz"};
const Keys multipliers = {"digital.bits", "digital.rate_ghz"};
const Keys weight_memories = {"digital.rows", "digital.cols", "digital.weight_sets", "digital.bits",
                              "digital.rate_ghz"};
const Keys inputs = {"crossbar.rows", "pe.arrays", "pe.input_vectors", "numerics.activation_bits",
                     "clock.frequency_ghz"};
const Keys outputs = {"crossbar.cols", "pe.arrays", "pe.output_vectors", "clock.frequency_ghz"};
const Keys buffers = {"buffer.bytes", "buffer.banks", "buffer.ports", "buffer.width_bits", "clock.frequency_ghz"};
const Keys across_tile = {"tile.pes", "pe.arrays", "clock.frequency_ghz"};
const Keys clocked = {"clock.frequency_ghz"};
const Keys lanes = {"numerics.activation_bits", "clock.frequency_ghz"};
const Keys control = {"tile.pes", "clock.frequency_ghz"};
const Keys routers = {"noc.flit_bits", "noc.vcs", "noc.vc_buffer_flits", "noc.concentration", "noc.clock_ghz"};
const Keys links = {"noc.flit_bits", "noc.concentration", "noc.clock_ghz"};

template <class Kind>
struct KeysOf {
    Kind kind;
    const Keys& keys;
};

const KeysOf<Event> event_keys[] = {
    {Event::cell_read, cells},
    {Event::read_conductance, cells},
    {Event::row_drive, row_lines},
    {Event::row_pulse, row_lines},
    {Event::column_sample, samples},
    {Event::column_select, selection},
    {Event::conversion, converters},
    {Event::shift_add, adders},
    {Event::mac, multipliers},
    {Event::weight_read_byte, weight_memories},
    {Event::weight_write_byte, weight_memories},
    {Event::input_register_byte, inputs},
    {Event::output_register_byte, outputs},
    {Event::buffer_read_byte, buffers},
    {Event::buffer_write_byte, buffers},
    {Event::bus_byte, across_tile},
    {Event::accumulate, clocked},
    {Event::vector_operation, lanes},
    {Event::control_step, control},
    {Event::router_flit, routers},
    {Event::router_toggle, routers},
    {Event::link_flit, links},
    {Event::link_toggle, links},
    {Event::io_byte, nothing},
    {Event::cell_write, cell_writes},
    {Event::gain_correction, correctors},
};
static_assert(std::size(event_keys) == event_count);

const KeysOf<Component> component_keys[] = {
    {Component::crossbar, cell_area},
    {Component::dac, drivers},
    {Component::sample_hold, nothing},
    {Component::column_mux, selection},
    {Component::adc, converters},
    {Component::shift_add, adders},
    {Component::mac_array, multipliers},
    {Component::weight_memory, weight_memories},
    {Component::input_register, inputs},
    {Component::output_register, outputs},
    {Component::buffer, buffers},
    {Component::bus, across_tile},
    {Component::accumulator, clocked},
    {Component::vector_unit, lanes},
    {Component::controller, control},
    {Component::router, routers},
    {Component::link, links},
    {Component::clock_tree, across_tile},
    {Component::io_link, nothing},
};
static_assert(std::size(component_keys) == component_count);

template <class Kind, std::size_t count>
const Keys& keys_in(const KeysOf<Kind> (&table)[count], Kind kind) {
    const auto found =
        std::find_if(std::begin(table), std::end(table), [kind](const auto& row) { return row.kind == kind; });
    if (found == std::end(table))
        throw Error(fmt::format("no keys are known that numbers of `{}` depend on", name_of(kind)));
    return found->keys;
}

const HardwareKey* find_key(const std::string& path) {
    const auto& keys = hardware_keys();
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const HardwareKey& key) { return path == key.path; });
    return found == keys.end() ? nullptr : &*found;
}

[[noreturn]] void fail(const config::Location& place, const std::string& text) {
    throw InputError(fmt::format("{}: for: {}", place.str(), text));
}

const HardwareKey& demand_key(const std::string& path, const config::Node& node) {
    if (const HardwareKey* key = find_key(path))
        return *key;
    std::vector<std::string> known;
    for (const HardwareKey& key : hardware_keys())
        known.emplace_back(key.path);
    fail(node.key_location, fmt::format("`{}` is no key that numbers depend on{}; expected one of {}", path,
                                        did_you_mean(path, known), fmt::join(known, ", ")));
}

struct Statement {
    const HardwareKey* key = nullptr;
    bool any = false;
    double value = not_known;
};

Statement read_statement(const std::string& path, const config::Node& node) {
    Statement statement{&demand_key(path, node)};
    statement.any = node.text == "any";
    if (node.kind == config::Node::Kind::scalar && (statement.any || node.text == "unknown"))
        return statement;
    const auto& names = statement.key->names;
    const auto name = std::find(names.begin(), names.end(), node.text);
    if (name != names.end()) {
        statement.value = static_cast<double>(name - names.begin());
    } else {
        const char* end = node.text.data() + node.text.size();
        const auto [stop, error] = std::from_chars(node.text.data(), end, statement.value);
        if (node.kind != config::Node::Kind::scalar || !names.empty() || error != std::errc() || stop != end ||
            !std::isfinite(statement.value))
            fail(node.location,
                 fmt::format("{}: expected {}, `any` or `unknown`, got `{}`", path,
                             names.empty() ? "a number" : fmt::format("one of {}", fmt::join(names, ", ")), node.text));
    }
    return statement;
}

const config::Node* statement_of(const config::Node* statements, const std::string& path) {
    return statements ? statements->find(path) : nullptr;
}

}  // namespace

std::string HardwareKey::text(double number) const {
    return names.empty() ? fmt::format("{:g}", number) : names.at(static_cast<std::size_t>(number));
}

const std::vector<const char*>& keys_of(Event event) { return keys_in(event_keys, event); }
const std::vector<const char*>& keys_of(Component component) { return keys_in(component_keys, component); }

void check_demands(const config::Node& common) {
    if (common.kind == config::Node::Kind::null)
        return;
    if (common.kind != config::Node::Kind::map)
        fail(common.location, "expected a map of hardware keys and the values that numbers are for");
    for (const auto& [path, value] : common.items)
        read_statement(path, value);
}

std::vector<RowDemand> read_demands(const config::Node& row, const config::Node* own, const config::Node* common,
                                    const std::vector<const char*>& needed, bool own_width) {
    std::vector<RowDemand> demands;
    std::vector<std::string> missing;
    const auto add = [&](const std::string& path, const config::Node& node) {
        const Statement statement = read_statement(path, node);
        if (!statement.any)
            demands.push_back({statement.key, statement.value});
    };
    if (own) {
        check_demands(*own);
        for (const auto& [path, value] : own->items)
            add(path, value);
    }
    const auto find = [&](const std::string& path) {
        const config::Node* node = statement_of(own, path);
        return node ? node : statement_of(common, path);
    };
    const config::Node* type = find("adc.type");
    for (std::string path : needed) {
        if (own_width && path == "noc.flit_bits")
            continue;
        if (path == "adc.sample_rate_gsps" && type && type->text == name_of(AdcType::ramp))
            path = "adc.ramp_clock_ghz";
        const config::Node* node = find(path);
        if (!node && !std::isnan(find_key(path)->unstated))
            demands.push_back({find_key(path), find_key(path)->unstated});
        else if (!node)
            missing.push_back(path);
        else if (!statement_of(own, path))
            add(path, *node);
    }
    if (!missing.empty())
        throw InputError(fmt::format(
            "{}: for: the row's numbers depend on {}; state what they are for, in the row or in the table's "
            "`for`: a value, `any` where they hold for all, or `unknown`",
            row.location.str(), fmt::join(missing, ", ")));
    return demands;
}

std::vector<RowDemand> unmet_demands(const CostOrigin& origin, const HardwareConfig& hardware) {
    std::vector<RowDemand> unmet;
    for (const RowDemand& demand : origin.demands) {
        if (demand.key->acts && !demand.key->acts(hardware))
            continue;
        const double here = demand.key->value(hardware);
        // An unknown value compares as different.
        if (!(std::abs(here - demand.value) <= 1e-9 * std::abs(here)))
            unmet.push_back(demand);
    }
    return unmet;
}

std::vector<std::string> rows_blind_to(const CostTable& table, const HardwareConfig& from, const HardwareConfig& to) {
    std::vector<std::string> rows;
    const HardwareKey* const converter_clock = find_key("adc.sample_rate_gsps");
    const auto check = [&](const char* row, const CostOrigin& origin) {
        const auto differs = [&](const RowDemand& demand) {
            // A row for one kind of converter follows the clock of another as little as its own.
            if (demand.key == converter_clock)
                return adc_kind(from.adc).ns(from.adc, 1) != adc_kind(to.adc).ns(to.adc, 1);
            return demand.key->value(from) != demand.key->value(to) && (!demand.key->acts || demand.key->acts(to));
        };
        if (!origin.otherwise.model && std::any_of(origin.demands.begin(), origin.demands.end(), differs) &&
            std::find(rows.begin(), rows.end(), row) == rows.end())
            rows.emplace_back(row);
    };
    for (std::size_t e = 0; e < event_count; ++e)
        check(name_of(static_cast<Event>(e)), table.events[e].origin);
    for (std::size_t c = 0; c < component_count; ++c)
        check(name_of(static_cast<Component>(c)), table.components[c].origin);
    return rows;
}

}  // namespace xloop
