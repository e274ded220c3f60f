#include "systemc_model/cost/cost_table.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/cost/models/cost_model.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <deque>

namespace xloop {
namespace {

std::size_t index_of(const std::vector<std::string>& names, const std::string& name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

/// Of one event, unit or action, in the unit of its key: what counts and times can multiply without end of the numbers.
constexpr double largest_figure = 1e15;

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

[[noreturn]] void fail(const config::Node& row, const std::string& key, const std::string& message) {
    const config::Node* node = row.find(key);
    throw InputError(fmt::format("{}: {}: {}", (node ? node : &row)->location.str(), key, message));
}

/// The rows of one list, each with a name of its own.
struct RowList {
    std::string key;                      ///< of the list: "events"
    std::string name_key;                 ///< of a row's name: "event"
    std::vector<std::string> names;       ///< of the rows
    std::vector<bool> optional;           ///< that a model stands for where there is no row
    std::vector<config::Location> found;  ///< place of each name's row; no file: none yet

    template <class Id>
    static RowList of(std::string list_key, std::string row_key, std::size_t count) {
        RowList rows{std::move(list_key), std::move(row_key), all_names<Id>(count), {}, {}};
        for (std::size_t i = 0; i < count; ++i)
            rows.optional.push_back(is_optional(static_cast<Id>(i)));
        rows.found.resize(count);
        return rows;
    }

    std::size_t claim(const config::Node& row, const std::string& name) {
        const std::size_t index = index_of(names, name);
        if (!found[index].file.empty())
            fail(row, name_key, fmt::format("`{}` has a row already, at {}", name, found[index].str()));
        found[index] = row.location;
        return index;
    }
};

/// What all rows have: a model or not, the technology of the numbers, their source.
class OriginReader {
public:
    OriginReader(const config::Node& row, const Technology& table, Component component)
        : row_(row), table_(table), component_(component), of_model_(row.find("model") != nullptr) {}

    bool of_model() const { return of_model_; }

    void declare(config::Section& s) {
        s.value("model", model_name_, "what works the figures out, instead of numbers")
            .one_of(models("model", of_model_));
        s.raw("parameters", parameters_, "of the model");
        s.raw("for", for_, "hardware that the numbers are for: key paths and values, `any` or `unknown`");
        s.raw("else", else_, "model and parameters for other hardware");
        s.value("per_bits", origin_.per_bits, "flit width that the figures are for", "none")
            .unit("bits")
            .range(1, 1024);
        s.value("node_nm", numbers_.node_nm, "node that the numbers are for; without: the table's")
            .unit("nm")
            .range(1, 1e5);
        s.value("supply_v", numbers_.supply_v, "supply that the numbers are for; without: nominal")
            .unit("V")
            .range(0.01, 100);
        s.value("scaling", scaling_, "how the numbers are carried to the table's node")
            .one_of({"stillmaker_baas_2017"});
        s.value("source", origin_.source, "where the figures come from").required();
    }

    /// The factors that the figures of an event or of a component are within.
    void declare_uncertainty(config::Section& s, bool of_event) {
        const auto factor = [&](const char* key, double& target, const char* doc) {
            s.value(key, target, doc, "not stated").range(1, 1000);
        };
        if (of_event) {
            factor("within", origin_.within, "factor that 90 % of true energies are within, up and down");
        } else {
            factor("area_within", origin_.area_within, "factor that 90 % of true areas are within, up and down");
            factor("power_within", origin_.power_within, "the same of leakage, refresh and clock");
        }
        s.value("within_source", origin_.within_source, "where the factors come from");
    }

    /// After the row was read. `charges`: it has a number above 0, which depends on the hardware's keys `needed`; `common`:
    /// the table's own statements of what numbers are for, null when they have a fault.
    CostOrigin finish(bool depends_on_flit, bool charges, const std::vector<const char*>& needed,
                      const config::Node* common) {
        if (is_blank(origin_.source))
            fail(row_, "source", "expected where the figures come from, got an empty text");
        const bool uncertain = origin_.within > 1 || origin_.area_within > 1 || origin_.power_within > 1;
        if (uncertain == is_blank(origin_.within_source))
            fail(row_, "within_source",
                 uncertain ? "expected where the factors of uncertainty come from, got nothing"
                           : "there is no factor above 1 that it could be the source of; remove the key");
        if (origin_.per_bits != 0 && (!depends_on_flit || of_model_))
            fail(row_, "per_bits",
                 "only numbers of `router_flit` and `router` depend on the width of a flit; remove the key");
        if (of_model_) {
            for (const char* key : {"node_nm", "supply_v", "scaling", "else"})
                if (row_.find(key) != nullptr)
                    fail(row_, key, "a model works at the table's node and supply, for any hardware; remove the key");
            origin_.use = model_use(model_name_, parameters_);
        } else if (row_.find("parameters") != nullptr) {
            fail(row_, "parameters", "only models have parameters; name one with `model`");
        }
        if (charges && common)
            origin_.demands = read_demands(row_, row_.find("for"), common, needed, origin_.per_bits != 0);
        else if (!charges && row_.find("for") != nullptr)
            fail(row_, "for", "the row has no number above 0 that could be for some hardware; remove the key");
        if (common)
            read_otherwise();
        place_numbers();
        return std::move(origin_);
    }

    /// With its parameters as `given`; the others as the model has them at first.
    static ModelUse model_use(const std::string& name, const config::Node& given) {
        ModelUse use{find_cost_model(name), {}};
        const std::vector<ModelParameter>& known = use.model->parameters;
        config::Section s("parameters of a model");
        std::deque<std::string> texts;  // keeps its elements in place
        use.parameters.resize(known.size());
        for (std::size_t i = 0; i < known.size(); ++i) {
            const ModelParameter& parameter = known[i];
            use.parameters[i] = parameter.initial;
            if (parameter.choices.empty()) {
                s.value(parameter.name, use.parameters[i], parameter.doc)
                    .range(parameter.low, parameter.high)
                    .unit(parameter.unit);
            } else {
                texts.push_back(parameter.choices[static_cast<std::size_t>(parameter.initial)]);
                s.value(parameter.name, texts.back(), parameter.doc).one_of(parameter.choices);
            }
        }
        if (given.kind != config::Node::Kind::null)
            config::read(given, s);
        for (std::size_t i = 0; i < known.size(); ++i) {
            if (known[i].choices.empty())
                continue;
            use.parameters[i] = static_cast<double>(index_of(known[i].choices, texts.front()));
            texts.pop_front();
        }
        return use;
    }

    /// Factors to the table's technology, after `finish`.
    const NodeScaling& factors() const { return factors_; }

private:
    /// Names of the models that may stand for the row's component; one is asked for at `key`.
    std::vector<std::string> models(const char* key, bool needed) const {
        std::vector<std::string> names;
        for (const CostModel& model : cost_models())
            if (std::count(model.components.begin(), model.components.end(), component_) > 0)
                names.emplace_back(model.name);
        if (needed && names.empty())
            fail(row_, key, fmt::format("there is no model of `{}`; give numbers", name_of(component_)));
        return names;
    }

    void read_otherwise() {
        if (else_.kind == config::Node::Kind::null)
            return;
        if (origin_.demands.empty())
            fail(row_, "else",
                 "the row's numbers hold for all hardware; remove the key, or state in `for` what they are for");
        std::string name;
        config::Node parameters;
        config::Section s("a model for other hardware");
        s.value("model", name, "what works the figures out then").required().one_of(models("else", true));
        s.raw("parameters", parameters, "of the model");
        config::read(else_, s);
        origin_.otherwise = model_use(name, parameters);
    }

    void place_numbers() {
        const bool own_node = numbers_.node_nm > 0;
        if (!scaling_.empty() && !own_node)
            fail(row_, "scaling", "expected `node_nm` beside it, the node that the numbers are for");
        if (!own_node || table_.node_nm <= 0)
            return;
        if (numbers_.supply_v <= 0)
            numbers_.supply_v = nominal_supply_v(numbers_.node_nm);
        if (numbers_.node_nm == table_.node_nm && numbers_.supply_v == table_.supply_v)
            return;
        if (!scaling_.empty()) {
            factors_ = stillmaker_baas_2017(numbers_, table_);
            origin_.source += fmt::format(
                "; {:g} nm, {:g} V to {:g} nm, {:g} V by Stillmaker and Baas 2017, geometric between its "
                "nodes: energy x {:.3g}, area x {:.3g}",
                numbers_.node_nm, numbers_.supply_v, table_.node_nm, table_.supply_v, factors_.energy, factors_.area);
            if (std::min(numbers_.node_nm, table_.node_nm) < scaling_lowest_nm ||
                std::max(numbers_.node_nm, table_.node_nm) > scaling_highest_nm)
                origin_.remark = fmt::format("scaling covers {:g} ... {:g} nm", scaling_lowest_nm, scaling_highest_nm);
        } else {
            origin_.remark = fmt::format("figures of {:g} nm, {:g} V stand unscaled in a table of {:g} nm, {:g} V",
                                         numbers_.node_nm, numbers_.supply_v, table_.node_nm, table_.supply_v);
        }
    }

    const config::Node& row_;
    const Technology& table_;
    const Component component_;
    const bool of_model_;
    CostOrigin origin_;
    std::string model_name_, scaling_;
    config::Node parameters_, for_, else_;
    Technology numbers_;
    NodeScaling factors_;
};

class TableReader {
public:
    CostTable read(const config::Node& root) {
        config::Node events, components, overrides;
        config::Section schema("a cost table");
        schema.value("name", table_.name, "name of the table").required();
        schema.value("node_nm", table_.node_nm, "technology node").required().range(1, 1e5).unit("nm");
        schema.value("supply_v", table_.supply_v, "supply; without: nominal of the node").range(0.01, 100).unit("V");
        table_.temperature_k = 350;
        schema.value("temperature_k", table_.temperature_k, "of the chip", "our choice").range(1, 1e4).unit("K");
        schema.value("powers", table_.powers, "what its sources' figures hold besides, such as leakage; for reports");
        schema.raw("for", for_, "hardware that numbers are for, where a row does not say otherwise");
        schema.raw("events", events, "energy of every event");
        schema.raw("components", components, "area and static power of every component");
        schema.raw("overrides", overrides, "rows that replace rows of the same name");
        attempt([&] { config::read(root, schema); });
        // A fault of these statements is told once, not again by every row.
        for_is_good_ = attempt([&] { check_demands(for_); });
        if (table_.supply_v <= 0 && table_.node_nm > 0)
            table_.supply_v = nominal_supply_v(table_.node_nm);
        technology_ = table_.technology();
        set_defaults();
        read_events(root, events, true);
        read_components(root, components, true);
        attempt([&] { read_overrides(overrides); });
        if (!problems_.empty())
            throw InputError(fmt::format("{}", fmt::join(problems_, "\n")));
        return std::move(table_);
    }

private:
    /// Goes on after a problem, so that one run reports them all.
    template <class Step>
    bool attempt(Step step) {
        try {
            step();
            return true;
        } catch (const InputError& e) {
            problems_.push_back(e.what());
            return false;
        }
    }

    const config::Node* common() const { return for_is_good_ ? &for_ : nullptr; }

    void read_events(const config::Node& parent, const config::Node& list, bool all) {
        RowList rows = RowList::of<Event>("events", "event", event_count);
        read_list(parent, list, rows, all, [&](const config::Node& row) { read_event(row, rows); });
    }

    void read_components(const config::Node& parent, const config::Node& list, bool all) {
        RowList rows = RowList::of<Component>("components", "component", component_count);
        read_list(parent, list, rows, all, [&](const config::Node& row) { read_component(row, rows); });
    }

    void read_overrides(const config::Node& overrides) {
        if (overrides.kind == config::Node::Kind::null)
            return;
        config::Node events, components;
        config::Section schema("rows that replace others");
        // What rows of another source are for is theirs to say.
        schema.raw("for", for_, "hardware that these rows' numbers are for, where a row does not say otherwise");
        schema.raw("events", events, "energy of some events");
        schema.raw("components", components, "area and static power of some components");
        config::read(overrides, schema);
        check_demands(for_);
        if (events.kind != config::Node::Kind::null)
            read_events(overrides, events, false);
        if (components.kind != config::Node::Kind::null)
            read_components(overrides, components, false);
    }

    /// Of the rows that a table need not have.
    void set_defaults() {
        const auto set = [](CostOrigin& origin, const char* model) {
            origin.use = OriginReader::model_use(model, {});
            origin.source = "our choice, as the table has no row";
        };
        const auto event = [&](Event e) -> CostOrigin& { return table_.events[static_cast<std::size_t>(e)].origin; };
        const auto component = [&](Component c) -> CostOrigin& {
            return table_.components[static_cast<std::size_t>(c)].origin;
        };
        set(event(Event::gain_correction), "gain_multiplier");
        set(event(Event::mac), "multiplier_tree");
        set(component(Component::mac_array), "multiplier_tree");
        for (CostOrigin* memory :
             {&event(Event::weight_read_byte), &event(Event::weight_write_byte), &component(Component::weight_memory)})
            set(*memory, "weight_sram_cacti7");
    }

    template <class ReadRow>
    void read_list(const config::Node& parent, const config::Node& list, const RowList& rows, bool all,
                   ReadRow read_row) {
        const std::size_t problems_before = problems_.size();
        if (list.kind != config::Node::Kind::sequence)
            return void(attempt([&] {
                fail(parent, rows.key, fmt::format("expected a list of rows, one for every {}", rows.name_key));
            }));
        for (const auto& item : list.items)
            attempt([&] { read_row(item.second); });
        // A name that is misspelt would be called missing as well.
        if (all && problems_.size() == problems_before)
            attempt([&] { check_complete(list, rows); });
    }

    static void check_complete(const config::Node& list, const RowList& rows) {
        std::vector<std::string> missing;
        for (std::size_t i = 0; i < rows.names.size(); ++i)
            if (rows.found[i].file.empty() && !rows.optional[i])
                missing.push_back("`" + rows.names[i] + "`");
        if (!missing.empty())
            throw InputError(fmt::format("{}: {}: expected a row for every {}; missing: {}", list.location.str(),
                                         rows.key, rows.name_key, fmt::join(missing, ", ")));
    }

    /// The component whose models a row may name; any while the name is not known.
    template <class Id>
    static Component component_for(const config::Node& row, const RowList& rows) {
        const config::Node* name = row.find(rows.name_key);
        const std::size_t index = name ? index_of(rows.names, name->text) : rows.names.size();
        if (index == rows.names.size())
            return Component::adc;
        if constexpr (std::is_same_v<Id, Event>)
            return component_of(static_cast<Event>(index));
        else
            return static_cast<Component>(index);
    }

    void read_event(const config::Node& row, RowList& rows) {
        std::string name;
        EventCost cost;
        OriginReader origin(row, technology_, component_for<Event>(row, rows));
        config::Section s("energy of one event");
        s.value("event", name, "what happens").required().one_of(rows.names);
        config::Field& energy =
            s.value("energy_pj", cost.energy_pj, "energy of one event").range(0, largest_figure).unit("pJ");
        if (!origin.of_model())
            energy.required();
        origin.declare(s);
        origin.declare_uncertainty(s, true);
        config::read(row, s);
        if (origin.of_model() && row.find("energy_pj") != nullptr)
            fail(row, "energy_pj", "a row has either a number or a model");
        const std::size_t index = rows.claim(row, name);
        const auto event = static_cast<Event>(index);
        cost.origin = origin.finish(event == Event::router_flit, cost.energy_pj > 0, keys_of(event), common());
        cost.energy_pj *= origin.factors().energy;
        table_.events[index] = std::move(cost);
    }

    void read_component(const config::Node& row, RowList& rows) {
        std::string name, unit;
        ComponentCost cost;
        OriginReader origin(row, technology_, component_for<Component>(row, rows));
        config::Section s("area and static power of one component");
        s.value("component", name, "class of hardware").required().one_of(rows.names);
        s.value("unit", unit, "what the figures are for").required();
        struct Number {
            const char* key;
            const char* unit;
            const char* doc;
            std::optional<double> ComponentCost::*target;
            bool required;
            double value;
        };
        Number numbers[] = {{"area_um2", "um2", "area of one unit", &ComponentCost::area_um2, true, 0},
                            {"leakage_uw", "uW", "leakage of one unit", &ComponentCost::leakage_uw, true, 0},
                            {"refresh_uw", "uW", "refresh of one unit", &ComponentCost::refresh_uw, false, 0},
                            {"clock_pj", "pJ", "clock of one unit, each cycle", &ComponentCost::clock_pj, false, 0},
                            {"latency_ns", "ns", "of one action; 0: not known", &ComponentCost::latency_ns, false, 0}};
        for (Number& number : numbers) {
            config::Field& field =
                s.value(number.key, number.value, number.doc).range(0, largest_figure).unit(number.unit);
            if (number.required && !origin.of_model())
                field.required();
        }
        origin.declare(s);
        origin.declare_uncertainty(s, false);
        config::read(row, s);
        const std::size_t index = rows.claim(row, name);
        const auto component = static_cast<Component>(index);
        bool charges = false;
        for (const Number& number : numbers)
            if (row.find(number.key) != nullptr) {
                cost.*number.target = number.value;
                charges = charges || number.value > 0;
            }
        cost.origin = origin.finish(component == Component::router, charges, keys_of(component), common());
        // Leakage and refresh have no published rule to go by and stay as they are.
        const NodeScaling& factors = origin.factors();
        scale(cost.area_um2, factors.area);
        scale(cost.clock_pj, factors.energy);
        scale(cost.latency_ns, factors.delay);
        // Figures per array in a row per cell would pass every other check and be wrong by a factor of thousands.
        const std::string expected = unit_of(component);
        if (unit != expected)
            fail(row, "unit", fmt::format("expected `{}` for component `{}`, got `{}`", expected, name, unit));
        table_.components[index] = std::move(cost);
    }

    static void scale(std::optional<double>& number, double factor) {
        if (number)
            *number *= factor;
    }

    CostTable table_;
    Technology technology_;
    config::Node for_;
    bool for_is_good_ = true;
    std::vector<std::string> problems_;
};

}  // namespace

CostTable load_cost_table(const std::string& path) { return TableReader().read(config::load_file(path)); }

CostTable parse_cost_table(const std::string& text, const std::string& name) {
    return TableReader().read(config::load_text(text, name));
}

}  // namespace xloop
