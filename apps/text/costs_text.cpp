#include "apps/text/costs_text.hpp"

#include "analysis/json_fields.hpp"
#include "core/table.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <array>

namespace xloop {
namespace {

Event event_at(std::size_t e) { return static_cast<Event>(e); }
Component component_at(std::size_t c) { return static_cast<Component>(c); }

struct NamedPart {
    const char* name;
    const NameplatePart& part;
};

std::array<NamedPart, 4> parts_of(const Nameplate& plate) {
    return {{{"array", plate.array}, {"pe", plate.pe}, {"tile", plate.tile}, {"chip", plate.chip}}};
}

PerComponent power_of(const NameplatePart& part) {
    PerComponent power{};
    for (std::size_t c = 0; c < component_count; ++c)
        power[c] = part.power_w(component_at(c));
    return power;
}

PerComponent area_of(const NameplatePart& part) { return part.area_mm2; }

/// Events that the chip can count.
std::vector<std::size_t> priced_events(const CostReport& report) {
    std::vector<std::size_t> events;
    for (std::size_t e = 0; e < event_count; ++e)
        if (!is_optional(event_at(e)) || !report.costs.events[e].origin.empty())
            events.push_back(e);
    return events;
}

Table event_table(const CostReport& report) {
    Table table{"events",
                {Column("event", "event", -22, 2), Column("component", "of", -17),
                 Column("energy_pj", "pJ each", 13, 0, "{:.6g}"), Column("origin", "origin", -1, 2)}};
    for (std::size_t e : priced_events(report))
        table.add(name_of(event_at(e)), name_of(component_of(event_at(e))), report.costs.events[e].energy_pj,
                  report.costs.events[e].origin);
    return table;
}

Table component_table(const CostReport& report) {
    Table table{"components",
                {Column("component", "component", -17, 2), Column("unit", "unit", -11),
                 Column("units_of_tile", "a tile", 10), Column("units_of_chip", "the chip", 11),
                 Column("area_um2", "um2 each", 13, 0, "{:.6g}"), Column("leakage_uw", "leakage uW", 13, 0, "{:.6g}"),
                 Column("refresh_uw", "refresh uW", 12, 0, "{:.4g}"), Column("clock_pj", "clock pJ", 11, 0, "{:.4g}"),
                 Column("latency_ns", "ns", 11, 0, "{:.4g}"), Column("origin", "origin", -1, 2)}};
    for (std::size_t c = 0; c < component_count; ++c) {
        if (is_left_out(component_at(c), static_cast<double>(report.chip_units.units[c])))
            continue;
        const UnitCosts::Unit& unit = report.costs.components[c];
        table.add(name_of(component_at(c)), unit_of(component_at(c)), report.tile_units.units[c],
                  report.chip_units.units[c], unit.area_um2, unit.leakage_uw, unit.refresh_uw, unit.clock_pj,
                  unit.latency_ns, unit.origin);
    }
    return table;
}

/// Classes of all parts with their shares; lines for classes that have nothing are left out.
std::string share_table(const Nameplate& plate, const char* title, double scale,
                        PerComponent (*figures)(const NameplatePart&)) {
    Table table{title, {Column("", title, -17, 2)}};
    for (const NamedPart& named : parts_of(plate)) {
        table.columns.emplace_back("", named.name, 14, 0, "{:.6g}", scale);
        table.columns.emplace_back("", "share", 8, 0, "{:.1f}%", 100);
    }
    const auto add = [&](const std::string& name, const auto& figure_of) {
        table.add(name);
        for (const NamedPart& named : parts_of(plate)) {
            const double total = sum_of(figures(named.part)), figure = figure_of(figures(named.part));
            table.rows.back().insert(table.rows.back().end(), {figure, total > 0 ? figure / total : 0.0});
        }
    };
    for (std::size_t c = 0; c < component_count; ++c)
        if (figures(plate.chip)[c] > 0)
            add(name_of(component_at(c)), [c](const PerComponent& classes) { return classes[c]; });
    add("total", sum_of);
    return table.text() + "\n";
}

Json part_json(const NameplatePart& part) {
    return {{"power_w",
             {{"total", part.power_total_w()},
              {"dynamic", sum_of(part.dynamic_w)},
              {"static", sum_of(part.static_w)},
              {"by_class", by_class(power_of(part))},
              {"static_by_class", by_class(part.static_w)}}},
            {"area_mm2", {{"total", part.area_total_mm2()}, {"by_class", by_class(part.area_mm2)}}}};
}

}  // namespace

std::string costs_text(const CostReport& report) {
    std::string text =
        fmt::format("costs {} ({:g} nm), {}", report.table_name, report.node_nm, counted(report.tiles, "tile"));
    if (!report.other_types.empty())
        text += fmt::format(" of type {}; others by --type: {}", report.type, fmt::join(report.other_types, ", "));
    text += "\n\n";
    text += event_table(report).text() + "\n" + component_table(report).text();
    text += "\nNameplate: every unit at its highest rate, all the time.\n";
    text += share_table(report.nameplate, "power, mW", 1e3, power_of);
    text += share_table(report.nameplate, "area, mm2", 1.0, area_of);
    const NameplatePart& chip = report.nameplate.chip;
    text += fmt::format("  chip    {:.4g} W ({:.4g} W dynamic, {:.4g} W static), {:.4g} mm2\n", chip.power_total_w(),
                        sum_of(chip.dynamic_w), sum_of(chip.static_w), chip.area_total_mm2());
    text += fmt::format("  peak    {:.4g} TOPS, {:.4g} TOPS/W, {:.4g} TOPS/mm2\n", report.peak_tops(),
                        report.tops_per_watt(), report.tops_per_mm2());
    text += fmt::format("  powers  {}\n", report.powers);
    for (const std::string& warning : report.costs.warnings)
        text += "  costs: " + warning + "\n";
    return text;
}

Json costs_json(const CostReport& report) {
    Json json = {{"cost_table", report.table_name}, {"node_nm", report.node_nm}, {"tiles", report.tiles}};
    if (!report.type.empty())
        json["type"] = report.type;
    json["events"] = event_table(report).json();
    json["components"] = component_table(report).json();
    json["warnings"] = report.costs.warnings;
    json["other_hardware"] = Json::array();
    for (const OtherHardware& row : report.costs.other_hardware)
        json["other_hardware"].push_back(
            {{"row", row.row}, {"class", row.component}, {"key", row.key}, {"table", row.table}, {"here", row.here}});
    json["powers"] = report.powers;
    for (const NamedPart& named : parts_of(report.nameplate))
        json["nameplate"][named.name] = part_json(named.part);
    json["peak"] = {{"operations_per_s", report.peak_operations_per_s},
                    {"tops", report.peak_tops()},
                    {"tops_per_watt", report.tops_per_watt()},
                    {"tops_per_mm2", report.tops_per_mm2()}};
    return json;
}

std::string costs_csv(const CostReport& report) {
    Table table{"costs",
                for_programs("row,name,unit,units_of_tile,units_of_chip,energy_pj,area_um2,leakage_uw,refresh_uw,"
                             "clock_pj,latency_ns,array_w,pe_w,tile_w,chip_w,array_mm2,pe_mm2,tile_mm2,chip_mm2,"
                             "origin")};
    table.columns.back().quoted = true;
    const Json none;
    for (std::size_t e : priced_events(report))
        table.add("event", name_of(event_at(e)), none, none, none, report.costs.events[e].energy_pj, none, none, none,
                  none, none, none, none, none, none, none, none, none, none, report.costs.events[e].origin);
    const auto [array, pe, tile, chip] = report.nameplate;
    for (std::size_t c = 0; c < component_count; ++c) {
        const Component component = component_at(c);
        if (is_left_out(component, static_cast<double>(report.chip_units.units[c])))
            continue;
        const UnitCosts::Unit& unit = report.costs.components[c];
        table.add("component", name_of(component), unit_of(component), report.tile_units.units[c],
                  report.chip_units.units[c], none, unit.area_um2, unit.leakage_uw, unit.refresh_uw, unit.clock_pj,
                  unit.latency_ns, array.power_w(component), pe.power_w(component), tile.power_w(component),
                  chip.power_w(component), array.area_mm2[c], pe.area_mm2[c], tile.area_mm2[c], chip.area_mm2[c],
                  unit.origin);
    }
    return table.csv();
}

}  // namespace xloop
