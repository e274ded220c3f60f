#include "analysis/cost_summary.hpp"

#include "core/json.hpp"
#include "systemc_model/mapping/peak_throughput.hpp"

#include <fmt/format.h>
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

Json by_class(const PerComponent& values) {
    Json json;
    for (std::size_t c = 0; c < component_count; ++c)
        json[name_of(component_at(c))] = values[c];
    return json;
}

Json part_json(const NameplatePart& part) {
    Json json;
    json["power_w"] = {{"total", part.power_total_w()},
                       {"dynamic", sum_of(part.dynamic_w)},
                       {"static", sum_of(part.static_w)},
                       {"by_class", by_class(power_of(part))},
                       {"static_by_class", by_class(part.static_w)}};
    json["area_mm2"] = {{"total", part.area_total_mm2()}, {"by_class", by_class(part.area_mm2)}};
    return json;
}

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (char c : text)
        result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + "\"";
}

/// Classes of all parts with their shares; lines for classes that have nothing are left out.
std::string share_table(const Nameplate& plate, const char* title, double scale,
                        PerComponent (*figures)(const NameplatePart&)) {
    std::string text = fmt::format("  {:<17}", title);
    for (const NamedPart& named : parts_of(plate))
        text += fmt::format("{:>14}{:>8}", named.name, "share");
    text += "\n";
    const auto line = [&](const std::string& name, const auto& figure_of) {
        std::string row = fmt::format("  {:<17}", name);
        for (const NamedPart& named : parts_of(plate)) {
            const double total = sum_of(figures(named.part)), figure = figure_of(figures(named.part));
            row += fmt::format("{:>14.6g}{:>7.1f}%", scale * figure, total > 0 ? 100 * figure / total : 0.0);
        }
        return row + "\n";
    };
    for (std::size_t c = 0; c < component_count; ++c)
        if (figures(plate.chip)[c] > 0)
            text += line(name_of(component_at(c)), [c](const PerComponent& classes) { return classes[c]; });
    return text + line("total", sum_of) + "\n";
}

}  // namespace

CostReport make_cost_report(const CostTable& table, const HardwareConfig& hardware, const ChipShape& chip,
                            const NameplateAssumptions& assumed) {
    CostReport report;
    report.table_name = table.name;
    report.node_nm = table.node_nm;
    report.tiles = chip.tiles;
    report.costs = unit_costs(table, hardware);
    report.tile_units = tile_inventory(hardware);
    report.chip_units = make_inventory(hardware, chip);
    report.nameplate = make_nameplate(hardware, chip, report.costs, assumed);
    report.peak_operations_per_s = peak_operations_per_s(hardware, chip.tiles);
    return report;
}

std::string CostReport::table() const {
    std::string text =
        fmt::format("costs {} ({:g} nm), {} tile{}\n\n", table_name, node_nm, tiles, tiles == 1 ? "" : "s");
    text += fmt::format("  {:<22}{:<17}{:>13}  {}\n", "event", "of", "pJ each", "origin");
    for (std::size_t e = 0; e < event_count; ++e)
        text += fmt::format("  {:<22}{:<17}{:>13.6g}  {}\n", name_of(event_at(e)), name_of(component_of(event_at(e))),
                            costs.events[e].energy_pj, costs.events[e].origin);
    text += fmt::format("\n  {:<17}{:<11}{:>10}{:>11}{:>13}{:>13}{:>12}{:>11}{:>11}  {}\n", "component", "unit",
                        "a tile", "the chip", "um2 each", "leakage uW", "refresh uW", "clock pJ", "ns", "origin");
    for (std::size_t c = 0; c < component_count; ++c) {
        const UnitCosts::Unit& unit = costs.components[c];
        text +=
            fmt::format("  {:<17}{:<11}{:>10}{:>11}{:>13.6g}{:>13.6g}{:>12.4g}{:>11.4g}{:>11.4g}  {}\n",
                        name_of(component_at(c)), unit_of(component_at(c)), tile_units.units[c], chip_units.units[c],
                        unit.area_um2, unit.leakage_uw, unit.refresh_uw, unit.clock_pj, unit.latency_ns, unit.origin);
    }
    text += "\nNameplate: every unit at its highest rate, all the time.\n";
    text += share_table(nameplate, "power, mW", 1e3, power_of);
    text += share_table(nameplate, "area, mm2", 1.0, area_of);
    const NameplatePart& chip = nameplate.chip;
    text += fmt::format("  chip    {:.4g} W ({:.4g} W dynamic, {:.4g} W static), {:.4g} mm2\n", chip.power_total_w(),
                        sum_of(chip.dynamic_w), sum_of(chip.static_w), chip.area_total_mm2());
    text += fmt::format("  peak    {:.4g} TOPS, {:.4g} TOPS/W, {:.4g} TOPS/mm2\n", peak_tops(), tops_per_watt(),
                        tops_per_mm2());
    for (const std::string& warning : costs.warnings)
        text += "  costs: " + warning + "\n";
    return text;
}

Json CostReport::json() const {
    Json json;
    json["cost_table"] = table_name;
    json["node_nm"] = node_nm;
    json["tiles"] = tiles;
    for (std::size_t e = 0; e < event_count; ++e)
        json["events"].push_back({{"event", name_of(event_at(e))},
                                  {"component", name_of(component_of(event_at(e)))},
                                  {"energy_pj", costs.events[e].energy_pj},
                                  {"origin", costs.events[e].origin}});
    for (std::size_t c = 0; c < component_count; ++c) {
        const UnitCosts::Unit& unit = costs.components[c];
        json["components"].push_back({{"component", name_of(component_at(c))},
                                      {"unit", unit_of(component_at(c))},
                                      {"units_of_tile", tile_units.units[c]},
                                      {"units_of_chip", chip_units.units[c]},
                                      {"area_um2", unit.area_um2},
                                      {"leakage_uw", unit.leakage_uw},
                                      {"refresh_uw", unit.refresh_uw},
                                      {"clock_pj", unit.clock_pj},
                                      {"latency_ns", unit.latency_ns},
                                      {"origin", unit.origin}});
    }
    json["warnings"] = costs.warnings;
    for (const NamedPart& named : parts_of(nameplate))
        json["nameplate"][named.name] = part_json(named.part);
    json["peak"] = {{"operations_per_s", peak_operations_per_s},
                    {"tops", peak_tops()},
                    {"tops_per_watt", tops_per_watt()},
                    {"tops_per_mm2", tops_per_mm2()}};
    return json;
}

std::string CostReport::csv() const {
    std::string text =
        "row,name,unit,units_of_tile,units_of_chip,energy_pj,area_um2,leakage_uw,refresh_uw,clock_pj,latency_ns,"
        "array_w,pe_w,tile_w,chip_w,array_mm2,pe_mm2,tile_mm2,chip_mm2,origin\n";
    for (std::size_t e = 0; e < event_count; ++e)
        text += fmt::format("event,{},,,,{},,,,,,,,,,,,,,{}\n", name_of(event_at(e)), costs.events[e].energy_pj,
                            quoted(costs.events[e].origin));
    for (std::size_t c = 0; c < component_count; ++c) {
        const UnitCosts::Unit& unit = costs.components[c];
        text += fmt::format("component,{},{},{},{},,{},{},{},{},{}", name_of(component_at(c)), unit_of(component_at(c)),
                            tile_units.units[c], chip_units.units[c], unit.area_um2, unit.leakage_uw, unit.refresh_uw,
                            unit.clock_pj, unit.latency_ns);
        for (const NamedPart& named : parts_of(nameplate))
            text += fmt::format(",{}", named.part.power_w(component_at(c)));
        for (const NamedPart& named : parts_of(nameplate))
            text += fmt::format(",{}", named.part.area_mm2[c]);
        text += fmt::format(",{}\n", quoted(unit.origin));
    }
    return text;
}

}  // namespace xloop
