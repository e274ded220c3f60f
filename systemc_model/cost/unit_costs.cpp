#include "systemc_model/cost/unit_costs.hpp"

#include "systemc_model/cost/adc/adc_kind.hpp"
#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/cost/models/cost_model.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

const std::string remedy =
    "numbers do not follow the hardware; take a table of models (configs/tech/generic_32nm.yaml, generic_22nm.yaml), "
    "give "
    "these rows for this hardware in `overrides:`, or name a model in the row's `else:`";

/// The source of a row for one piece of hardware.
struct RowCase {
    const ModelUse* use;  ///< its model is null for numbers
    std::vector<RowDemand> unmet;
    bool numbers;  ///< its numbers, if it has any, count
};

std::string table_text(const RowDemand& demand) {
    return std::isnan(demand.value) ? "unknown" : demand.key->text(demand.value);
}

/// "adc.bits 8 (here 4), adc.type sar (here ramp)"
std::string unmet_text(const std::vector<RowDemand>& unmet, const HardwareConfig& hardware) {
    std::vector<std::string> keys;
    for (const RowDemand& demand : unmet)
        keys.push_back(fmt::format("{} {} (here {})", demand.key->path, table_text(demand),
                                   demand.key->text(demand.key->value(hardware))));
    return fmt::format("{}", fmt::join(keys, ", "));
}

/// Time that the hardware's configuration gives an action, and the key that says so.
struct Promise {
    double ns = 0;  ///< 0: none
    const char* key = "";
};

Promise promise_of(Component component, const HardwareConfig& h) {
    switch (component) {
    case Component::crossbar: return {h.crossbar.read_time_ns, "crossbar.read_time_ns"};
    case Component::adc: {
        const AdcKind& kind = adc_kind(h.adc);
        return {kind.ns(h.adc, kind.conversion_clocks(h.adc)), kind.clock_key};
    }
    case Component::weight_memory: return {1.0 / h.digital.rate_ghz, "digital.rate_ghz"};
    case Component::buffer: return {h.buffer.latency_cycles * h.clock.period_ns(), "buffer.latency_cycles"};
    case Component::bus: return {h.clock.period_ns(), "clock.frequency_ghz, a cycle for each word on the bus"};
    case Component::link: return {h.noc.link_delay_cycles / h.noc_clock_ghz(), "noc.link_delay_cycles"};
    default: return {};
    }
}

class Evaluation {
public:
    Evaluation(const CostTable& table, const HardwareConfig& hardware, CostDetail detail)
        : table_(table), hardware_(hardware), technology_(table.technology()) {
        report_.wants_conditions = detail == CostDetail::origins;
    }

    UnitCosts run() {
        for (const bool with_tile : {false, true}) {
            if (with_tile)
                tile_um2_ = area_of_tile();
            for (std::size_t c = 0; c < component_count; ++c)
                if (const RowCase row = case_of(table_.components[c].origin);
                    needs_tile(row) == with_tile && has(hardware_, static_cast<Component>(c)))
                    component(c, row);
        }
        for (std::size_t e = 0; e < event_count; ++e)
            if (const auto of = static_cast<Event>(e);
                has(hardware_, component_of(of)) && (of != Event::gain_correction || hardware_.adc.corrects_gain()))
                event(e);
        for (std::size_t c = 0; c < component_count; ++c)
            check_promise(static_cast<Component>(c));
        check_sharing();
        if (!costs_.other_hardware.empty())
            warnings_.push_back({{table_.name.c_str()}, remedy});
        write_warnings();
        return std::move(costs_);
    }

private:
    /// Sweeps ask for figures alone, which numbers without another model give whatever the hardware.
    RowCase case_of(const CostOrigin& origin) const {
        RowCase row{&origin.use, {}, true};
        if (report_.wants_conditions || origin.otherwise.model)
            row.unmet = unmet_demands(origin, hardware_);
        if (!row.unmet.empty() && origin.otherwise.model) {
            row.use = &origin.otherwise;
            row.numbers = false;
        }
        return row;
    }
    static bool needs_tile(const RowCase& row) { return row.use->model && row.use->model->needs_tile; }

    double width_factor(const CostOrigin& origin) const {
        return origin.per_bits == 0 ? 1.0 : static_cast<double>(hardware_.noc.flit_bits) / origin.per_bits;
    }

    /// Without the wires that cross the tile.
    double area_of_tile() const {
        const Inventory tile = tile_inventory(hardware_);
        double area = 0;
        for (std::size_t c = 0; c < component_count; ++c)
            area += static_cast<double>(tile.units[c]) * costs_.components[c].area_um2;
        return area;
    }

    Figures figures_of(const ModelUse& use, Component component, Event event) {
        ModelQuery query(hardware_, technology_, table_.temperature_k, use.parameters, report_);
        query.component = component;
        query.event = event;
        query.tile_um2 = tile_um2_;
        query.router_um2 = costs_[Component::router].area_um2;
        return use.model->evaluate(query);
    }

    void component(std::size_t index, const RowCase& from) {
        static const ComponentCost no_numbers;
        const CostOrigin& origin = table_.components[index].origin;
        const ComponentCost& row = from.numbers ? table_.components[index] : no_numbers;
        const auto of = static_cast<Component>(index);
        // No model gives a component's figures by event; any event of another component will do.
        Figures figures;
        if (from.use->model)
            figures = figures_of(*from.use, of, Event::cell_read);
        const double width = width_factor(row.origin);
        UnitCosts::Unit& unit = costs_.components[index];
        unit.area_um2 = width * row.area_um2.value_or(figures.area_um2);
        unit.leakage_uw = width * row.leakage_uw.value_or(figures.leakage_uw);
        unit.refresh_uw = width * row.refresh_uw.value_or(figures.refresh_uw);
        unit.clock_pj = width * row.clock_pj.value_or(figures.clock_pj);
        unit.latency_ns = row.latency_ns.value_or(figures.latency_ns);
        finish(name_of(of), of, origin, from, unit.origin);
        if (of == Component::shift_add && hardware_.adc.corrects_gain())
            add_multiplier(unit);
    }

    /// A multiplier beside each adder. Of numbers for gain_correction only the energy is known: area and leakage are then
    /// those of the adder's row.
    void add_multiplier(UnitCosts::Unit& unit) {
        const RowCase row = case_of(table_[Event::gain_correction].origin);
        if (!row.use->model)
            return;
        const Figures figures = figures_of(*row.use, Component::shift_add, Event::gain_correction);
        unit.area_um2 += figures.area_um2;
        unit.leakage_uw += figures.leakage_uw;
        if (report_.wants_conditions)
            unit.origin += fmt::format("; with the {} of gain_correction", row.use->model->name);
        report_.remarks.clear();  // the event's row tells them
        report_.conditions.clear();
    }

    void event(std::size_t index) {
        const EventCost& row = table_.events[index];
        const auto what = static_cast<Event>(index);
        const RowCase from = case_of(row.origin);
        UnitCosts::Action& action = costs_.events[index];
        action.energy_pj = from.use->model ? figures_of(*from.use, component_of(what), what).energy_pj
                                           : row.energy_pj * width_factor(row.origin);
        finish(name_of(what), component_of(what), row.origin, from, action.origin);
    }

    /// Takes down what the row's model reported, and where its numbers are for other hardware.
    void finish(const char* row, Component component, const CostOrigin& origin, const RowCase& from,
                std::string& text) {
        if (!origin.remark.empty())
            warn(row, origin.remark);
        const ModelUse& use = *from.use;
        for (const std::string& remark : report_.remarks)
            warn(row, fmt::format("model {}: {} ({})", use.model->name, remark, use.model->source));
        report_.remarks.clear();
        std::string unmet;
        if (!from.unmet.empty())
            unmet = fmt::format("numbers for {}", unmet_text(from.unmet, hardware_));
        if (!from.unmet.empty() && from.numbers) {
            for (const RowDemand& demand : from.unmet)
                costs_.other_hardware.push_back({row, name_of(component), demand.key->path, table_text(demand),
                                                 demand.key->text(demand.key->value(hardware_))});
            warn(row, unmet);
        }
        if (!report_.wants_conditions)
            return;
        auto& conditions = report_.conditions;
        std::vector<std::string> once;
        for (std::string& condition : conditions)
            if (std::find(once.begin(), once.end(), condition) == once.end())
                once.push_back(std::move(condition));
        conditions.clear();
        text = unmet.empty() ? "" : unmet + "; ";
        if (use.model)
            text += fmt::format("model {}({}): {}; ", use.model->name, fmt::join(once, ", "), use.model->source);
        text += origin.source;
    }

    void check_promise(Component component) {
        const Promise promise = promise_of(component, hardware_);
        const double latency_ns = costs_[component].latency_ns;
        if (promise.ns > 0 && latency_ns > promise.ns * (1 + 1e-9))
            warn(name_of(component), fmt::format("takes {:.3g} ns, but the hardware allows {:.3g} ns ({})", latency_ns,
                                                 promise.ns, promise.key));
    }

    void check_sharing() {
        if (hardware_.is_digital())
            return;
        const int conversions = hardware_.conversions(hardware_.outputs_per_array());
        if (hardware_.adc.columns_per_adc > conversions)
            warn(name_of(Component::adc),
                 fmt::format(
                     "adc.columns_per_adc is {}, but an array has only {} conversions a read: one converter does "
                     "them all, as with {}",
                     hardware_.adc.columns_per_adc, conversions, conversions));
    }

    /// Rows with the same warning share it.
    struct Warning {
        std::vector<const char*> rows;
        std::string text;
    };

    void warn(const char* row, const std::string& text) {
        auto known = std::find_if(warnings_.begin(), warnings_.end(), [&](const Warning& w) { return w.text == text; });
        if (known == warnings_.end())
            known = warnings_.insert(known, {{}, text});
        if (std::find(known->rows.begin(), known->rows.end(), row) == known->rows.end())
            known->rows.push_back(row);
    }

    void write_warnings() {
        for (const Warning& warning : warnings_)
            costs_.warnings.push_back(fmt::format("{}: {}", fmt::join(warning.rows, ", "), warning.text));
    }

    const CostTable& table_;
    const HardwareConfig& hardware_;
    const Technology technology_;
    ModelReport report_;
    UnitCosts costs_;
    std::vector<Warning> warnings_;
    double tile_um2_ = 0;
};

}  // namespace

UnitCosts unit_costs(const CostTable& table, const HardwareConfig& hardware, CostDetail detail) {
    return Evaluation(table, hardware, detail).run();
}

std::vector<UnitCosts> type_costs(const CostTable& table, const HardwareKinds& kinds, CostDetail detail) {
    std::vector<UnitCosts> types;
    for (int type = 0; type < kinds.types(); ++type) {
        types.push_back(unit_costs(table, kinds[type], detail));
        if (type > 0)
            for (std::string& warning : types.back().warnings)
                warning = fmt::format("type {}: {}", kinds.name_of_type(type), warning);
    }
    return types;
}

UnitCosts costs_of_kind(const UnitCosts& type, const HardwareConfig& kind) {
    UnitCosts costs = type;
    costs.events[static_cast<std::size_t>(Event::conversion)].energy_pj *= adc_kind(kind.adc).used_share(kind.adc);
    return costs;
}

std::string powers_of(const CostTable& table, const UnitCosts& costs) {
    struct Part {
        const char* name;
        double UnitCosts::Unit::*figure;
    };
    std::string with = "dynamic", without;
    for (const Part& part :
         {Part{"leakage", &UnitCosts::Unit::leakage_uw}, Part{"refresh", &UnitCosts::Unit::refresh_uw},
          Part{"clock", &UnitCosts::Unit::clock_pj}}) {
        const bool charged = std::any_of(costs.components.begin(), costs.components.end(),
                                         [&](const UnitCosts::Unit& unit) { return unit.*part.figure > 0; });
        std::string& list = charged ? with : without;
        list += fmt::format("{}{}", list.empty() ? "" : ", ", part.name);
    }
    return with + (without.empty() ? "" : "; no " + without) + (table.powers.empty() ? "" : " (" + table.powers + ")");
}

double UnitCosts::clock_uw(Component component, const HardwareConfig& hardware) const {
    const bool network = component == Component::router || component == Component::link;
    // pJ x GHz = mW
    return (*this)[component].clock_pj * (network ? hardware.noc_clock_ghz() : hardware.clock.frequency_ghz) * 1e3;
}

double UnitCosts::static_uw(Component component, const HardwareConfig& hardware) const {
    const Unit& unit = (*this)[component];
    return unit.leakage_uw + unit.refresh_uw + clock_uw(component, hardware);
}

}  // namespace xloop
