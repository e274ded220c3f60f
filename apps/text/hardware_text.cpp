#include "apps/text/hardware_text.hpp"

#include "core/table.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

namespace xloop {
namespace {

std::string figures_lines(const HardwareReport& report) {
    const FiguresOfMerit& f = report.figures;
    const auto line = [](const char* how, const char* time, double seconds, double joules, double edap) {
        return fmt::format("  {:<18}{:<9}{:>12.3f} us  energy {:>11.4f} uJ  EDAP {:.4e} J s mm2\n", how, time,
                           1e6 * seconds, 1e6 * joules, edap);
    };
    const std::string alone = line("one image alone", "latency", f.latency_s, f.energy_alone_j(), f.edap_alone());
    if (!report.shows_interval())
        return alone + fmt::format("  {:<18}-, one image does not show the interval (simulation.images: 2 or more)\n",
                                   "stream of images");
    return alone + line("stream of images", "interval", f.interval_s, f.energy_stream_j(), f.edap_stream()) +
           fmt::format("{:20}{:.1f} images/s, {:.4g} TOPS, {:.4g} TOPS/W, {:.4g} TOPS/mm2, {:.4g} W\n", "",
                       f.images_per_s(), f.tops(), f.tops_per_watt(), f.tops_per_mm2(), f.average_power_w());
}

double share(double part, double whole) { return whole > 0 ? part / whole : 0.0; }

/// "adc.bits 8, adc.type sar": what the costs of a class are for instead of this hardware.
std::string other_hardware_of(const HardwareReport& report, const std::string& component) {
    std::vector<std::string> keys;
    for (const OtherHardware& row : report.other_hardware)
        if (const std::string key = row.key + " " + row.table;
            row.component == component && std::find(keys.begin(), keys.end(), key) == keys.end())
            keys.push_back(key);
    return fmt::format("{}", fmt::join(keys, ", "));
}

}  // namespace

Table class_table(const HardwareReport& report) {
    const Ledger& ledger = report.ledger;
    const int images = report.images;
    Table table{
        "classes",
        {Column("class", "nJ an image", -16, 2), Column("dynamic_j", "dynamic", 13, 0, "{:.3f}", 1e9),
         Column("static_j", "static", 13, 0, "{:.3f}", 1e9), Column("energy_share", "share", 9, 0, "{:.1f}%", 100),
         Column("area_mm2", "area mm2", 13, 0, "{:.5f}"), Column("area_share", "share", 9, 0, "{:.1f}%", 100)}};
    if (report.data_from_values)
        table.columns.emplace_back("average_data_j", "   average data", 13, 0, "{:.3f}", 1e9);
    else
        table.columns.emplace_back("average_data_j", "");
    if (!report.other_hardware.empty())
        table.columns.emplace_back("other_hardware", "costs for other hardware", -1, 2);
    const auto add = [&](const std::string& name, std::vector<Json> cells) {
        cells.insert(cells.begin(), name);
        cells.push_back(other_hardware_of(report, name));
        cells.resize(table.columns.size());
        table.rows.push_back(std::move(cells));
    };
    for (std::size_t c = 0; c < component_count; ++c) {
        const double constant = ledger.energy_j[c] - ledger.dynamic_j[c], average = report.average_ledger.dynamic_j[c];
        if (ledger.energy_j[c] == 0.0 && ledger.area_mm2[c] == 0.0)
            continue;
        add(name_of(static_cast<Component>(c)),
            {ledger.dynamic_j[c] / images, constant / images, share(ledger.energy_j[c], ledger.energy_total_j),
             ledger.area_mm2[c], share(ledger.area_mm2[c], ledger.area_total_mm2),
             ledger.dynamic_j[c] == average ? Json("") : Json(average / images)});
    }
    add("total",
        {ledger.dynamic_total_j / images, ledger.static_total_j() / images, "", ledger.area_total_mm2, "", ""});
    return table;
}

Table type_table(const HardwareReport& report) {
    Table table{
        "tile types",
        {Column("type", "type of tile", -16, 2), Column("tiles", "tiles", 8),
         Column("area_mm2", "area mm2", 13, 0, "{:.5f}"), Column("dynamic_j", "dynamic nJ/img", 16, 0, "{:.3f}", 1e9),
         Column("static_j", "static nJ/img", 14, 0, "{:.3f}", 1e9)}};
    for (const HardwareReport::TileType& type : report.types)
        table.add(type.name + (&type == &report.types.front() ? " + network" : ""), type.tiles, type.area_mm2,
                  type.dynamic_j / report.images, type.static_j / report.images);
    return table;
}

Table layer_table(const HardwareReport& report) {
    Table table{"layers",
                {Column("layer", "layer", -18, 2), Column("start_cycle", "start", 12), Column("cycles", "cycles", 12),
                 Column("dynamic_j", "dynamic nJ/img", 16, 0, "{:.3f}", 1e9),
                 Column("static_j", "static nJ/img", 14, 0, "{:.3f}", 1e9)}};
    const auto add = [&](const std::string& name, const Json& start, const Json& cycles,
                         const HardwareReport::Energy& energy) {
        table.add(name, start, cycles, energy.dynamic_j / report.images, energy.static_j / report.images);
    };
    for (const HardwareReport::Layer& layer : report.layers)
        add(layer.name, layer.start_cycle, layer.cycles, layer.energy);
    add("(images)", "", "", report.images_energy);
    add("(no layer's)", "", "", report.shared_energy);
    return table;
}

std::string hardware_summary(const HardwareReport& report) {
    const Ledger& ledger = report.ledger;
    const std::string images = counted(report.images, "image");
    const AreaScopes areas(ledger.area_mm2);
    std::string text =
        fmt::format("{} of {}, {}, costs {}\n", report.method, report.network, images, report.cost_table);
    text += fmt::format("  chip              {} ({} used), {} used\n", counted(report.tiles, "tile"), report.used_tiles,
                        counted(report.used_arrays, "array"));
    text += fmt::format(
        "  area              chip {:.4f} mm2; its tiles {:.4f}, of which arrays with their converters {:.4f}\n",
        areas.chip, areas.tiles, areas.arrays);
    text +=
        fmt::format("  cycles            {} for {}; the first one {}\n", report.cycles, images, report.latency_cycles);
    text += figures_lines(report);
    if (report.power)
        text += fmt::format("  peak power        {:.4g} W over {} cycles\n", report.power->peak_w,
                            report.power->window_cycles);
    text += fmt::format("  powers            {}\n", report.powers);
    if (!report.reads.empty())
        text += fmt::format("  reads             {}\n", report.reads);
    text += "\n" + class_table(report).text();
    if (!report.types.empty())
        text += "\n" + type_table(report).text();
    if (report.data_from_values)
        text += fmt::format(
            "  Events that depend on data were counted; averages in their place give {:+.2f} % energy.\n",
            100 * share(report.average_ledger.energy_total_j - ledger.energy_total_j, ledger.energy_total_j));
    for (const std::string& warning : report.cost_warnings)
        text += "  costs: " + warning + "\n";
    for (const Estimate::Contended& place : report.contention)
        text += fmt::format("  contended: {}: {}\n", place.where, place.reason);
    return text + "\n";
}

std::string hardware_text(const HardwareReport& report) {
    return hardware_summary(report) + layer_table(report).text();
}

}  // namespace xloop
