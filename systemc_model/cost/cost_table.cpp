#include "systemc_model/cost/cost_table.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "systemc_model/cost/inventory.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

namespace xloop {
namespace {

template <class Id, std::size_t count>
std::vector<std::string> names_of() {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i)
        names.push_back(name_of(static_cast<Id>(i)));
    return names;
}

std::size_t index_of(const std::vector<std::string>& names, const std::string& name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

[[noreturn]] void fail(const config::Node& row, const std::string& key, const std::string& message) {
    const config::Node* node = row.find(key);
    throw InputError(fmt::format("{}: {}: {}", (node ? node : &row)->location.str(), key, message));
}

void declare_origin(config::Section& s, int& per_bits, std::string& source) {
    s.value("per_bits", per_bits).unit("bits").range(1, 1024).doc("flit width that the figures are for").source("none");
    s.value("source", source).required().doc("where the figures come from");
}

void check_origin(const config::Node& row, bool depends_on_flit, int per_bits, const std::string& source) {
    if (is_blank(source))
        fail(row, "source", "expected where the figures come from, got an empty text");
    if (per_bits != 0 && !depends_on_flit)
        fail(row, "per_bits", "only `router_flit` and `router` depend on the width of a flit; remove the key");
}

/// The rows of one list, each with a name of its own.
struct RowList {
    std::string key;                      ///< of the list: "events"
    std::string name_key;                 ///< of a row's name: "event"
    std::vector<std::string> names;       ///< all that must have a row
    std::vector<config::Location> found;  ///< place of each name's row; no file: none yet

    RowList(std::string list_key, std::string row_key, std::vector<std::string> all)
        : key(std::move(list_key)), name_key(std::move(row_key)), names(std::move(all)), found(names.size()) {}
};

class TableReader {
public:
    CostTable read(const config::Node& root) {
        config::Node events, components;
        config::Section schema("a cost table");
        schema.value("name", table_.name).required().doc("name of the table");
        schema.value("node_nm", table_.node_nm).required().above(0).unit("nm").doc("technology node");
        schema.raw("events", events, "energy of every event");
        schema.raw("components", components, "area and leakage of every component");
        attempt([&] { config::read(root, schema); });
        RowList event_rows("events", "event", names_of<Event, event_count>());
        read_list(root, events, event_rows, [&](const config::Node& row) { read_event(row, event_rows); });
        RowList component_rows("components", "component", names_of<Component, component_count>());
        read_list(root, components, component_rows,
                  [&](const config::Node& row) { read_component(row, component_rows); });
        if (!problems_.empty())
            throw InputError(fmt::format("{}", fmt::join(problems_, "\n")));
        return std::move(table_);
    }

private:
    /// Goes on after a problem, so that one run reports them all.
    template <class Step>
    void attempt(Step step) {
        try {
            step();
        } catch (const InputError& e) {
            problems_.push_back(e.what());
        }
    }

    template <class ReadRow>
    void read_list(const config::Node& root, const config::Node& list, const RowList& rows, ReadRow read_row) {
        const std::size_t problems_before = problems_.size();
        if (list.kind != config::Node::Kind::sequence)
            return attempt([&] { fail(root, rows.key, "expected a list of rows, one for every " + rows.name_key); });
        for (const auto& item : list.items)
            attempt([&] { read_row(item.second); });
        // A name that is misspelt would be called missing as well.
        if (problems_.size() == problems_before)
            attempt([&] { check_complete(list, rows); });
    }

    static void check_complete(const config::Node& list, const RowList& rows) {
        std::vector<std::string> missing;
        for (std::size_t i = 0; i < rows.names.size(); ++i)
            if (rows.found[i].file.empty())
                missing.push_back("`" + rows.names[i] + "`");
        if (!missing.empty())
            throw InputError(fmt::format("{}: {}: expected a row for every {}; missing: {}", list.location.str(),
                                         rows.key, rows.name_key, fmt::join(missing, ", ")));
    }

    static std::size_t claim(const config::Node& row, RowList& rows, const std::string& name) {
        const std::size_t index = index_of(rows.names, name);
        if (!rows.found[index].file.empty())
            fail(row, rows.name_key, fmt::format("`{}` has a row already, at {}", name, rows.found[index].str()));
        rows.found[index] = row.location;
        return index;
    }

    void read_event(const config::Node& row, RowList& rows) {
        std::string name;
        EventCost cost;
        config::Section s("energy of one event");
        s.value("event", name).required().one_of(rows.names).doc("what happens");
        s.value("energy_pj", cost.energy_pj).required().at_least(0).unit("pJ").doc("energy of one event");
        declare_origin(s, cost.per_bits, cost.source);
        config::read(row, s);
        check_origin(row, name == name_of(Event::router_flit), cost.per_bits, cost.source);
        table_.events[claim(row, rows, name)] = cost;
    }

    void read_component(const config::Node& row, RowList& rows) {
        std::string name, unit;
        ComponentCost cost;
        config::Section s("area and leakage of one component");
        s.value("component", name).required().one_of(rows.names).doc("class of hardware");
        s.value("unit", unit).required().doc("what area and leakage are for");
        s.value("area_um2", cost.area_um2).required().at_least(0).unit("um2").doc("area of one unit");
        s.value("leakage_uw", cost.leakage_uw).required().at_least(0).unit("uW").doc("leakage of one unit");
        declare_origin(s, cost.per_bits, cost.source);
        config::read(row, s);
        check_origin(row, name == name_of(Component::router), cost.per_bits, cost.source);
        const std::size_t index = claim(row, rows, name);
        // Figures per array in a row per cell would pass every other check and be wrong by a factor of thousands.
        const std::string expected = unit_of(static_cast<Component>(index));
        if (unit != expected)
            fail(row, "unit", fmt::format("expected `{}` for component `{}`, got `{}`", expected, name, unit));
        table_.components[index] = cost;
    }

    CostTable table_;
    std::vector<std::string> problems_;
};

double width_factor(int per_bits, const HardwareConfig& hardware) {
    return per_bits == 0 ? 1.0 : static_cast<double>(hardware.noc.flit_bits) / per_bits;
}

}  // namespace

double CostTable::energy_pj(Event event, const HardwareConfig& hardware) const {
    const EventCost& cost = (*this)[event];
    return cost.energy_pj * width_factor(cost.per_bits, hardware);
}

double CostTable::area_um2(Component component, const HardwareConfig& hardware) const {
    const ComponentCost& cost = (*this)[component];
    return cost.area_um2 * width_factor(cost.per_bits, hardware);
}

double CostTable::leakage_uw(Component component, const HardwareConfig& hardware) const {
    const ComponentCost& cost = (*this)[component];
    return cost.leakage_uw * width_factor(cost.per_bits, hardware);
}

CostTable load_cost_table(const std::string& path) { return TableReader().read(config::load_file(path)); }

CostTable parse_cost_table(const std::string& text, const std::string& name) {
    return TableReader().read(config::load_text(text, name));
}

}  // namespace xloop
