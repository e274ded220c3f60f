#include "analysis/hardware_report.hpp"
#include "analysis/timing.hpp"
#include "apps/page/charts.hpp"
#include "apps/page/sections.hpp"
#include "apps/text/hardware_text.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <cmath>
#include <sstream>

namespace xloop::page {
namespace {

HardwareReport report_of(const Json& json, const std::string& file) {
    return HardwareReport::from_json(JsonReader(json, file));
}

Table figure_table(const HardwareReport& r) {
    const FiguresOfMerit& f = r.figures;
    const AreaScopes areas(r.ledger.area_mm2);
    Table table{"figures", {Column("", "figure", -1), Column("", "value", 1), Column("", "unit", -1)}};
    const auto add = [&](const char* name, const char* format, double value, const char* unit) {
        if (std::isfinite(value))
            table.add(name, fmt::format(fmt::runtime(format), value), unit);
    };
    add("latency of one image alone", "{:.3f}", 1e6 * f.latency_s, "us");
    add("energy of it", "{:.4f}", 1e6 * f.energy_alone_j(), "uJ");
    add("EDAP of it", "{:.4e}", f.edap_alone(), "J s mm2");
    if (r.shows_interval()) {
        add("interval in a stream of images", "{:.3f}", 1e6 * f.interval_s, "us");
        add("energy of an image there", "{:.4f}", 1e6 * f.energy_stream_j(), "uJ");
        add("EDAP there", "{:.4e}", f.edap_stream(), "J s mm2");
        add("throughput", "{:.1f}", f.images_per_s(), "images/s");
        add("operations", "{:.4g}", f.tops(), "TOPS");
        add("efficiency", "{:.4g}", f.tops_per_watt(), "TOPS/W");
        add("operations by area", "{:.4g}", f.tops_per_mm2(), "TOPS/mm2");
        add("average power", "{:.4g}", f.average_power_w(), "W");
    }
    if (r.power)
        add("peak power", "{:.4g}", r.power->peak_w, "W");
    add("area of the chip", "{:.4f}", areas.chip, "mm2");
    add("of its tiles", "{:.4f}", areas.tiles, "mm2");
    add("of arrays with converters", "{:.4f}", areas.arrays, "mm2");
    add("cycles of the run", "{:.0f}", static_cast<double>(r.cycles), "cycles");
    add("tiles", "{:.0f}", r.tiles, "");
    add("tiles in use", "{:.0f}", r.used_tiles, "");
    add("arrays in use", "{:.0f}", r.used_arrays, "");
    return table;
}

Section energy_part(const HardwareReport& r) {
    std::vector<std::string> classes;
    std::vector<double> moving, standing, area;
    for (std::size_t c = 0; c < component_count; ++c)
        if (r.ledger.energy_j[c] > 0 || r.ledger.area_mm2[c] > 0) {
            classes.emplace_back(name_of(static_cast<Component>(c)));
            moving.push_back(1e9 * r.ledger.dynamic_j[c] / r.images);
            standing.push_back(1e9 * (r.ledger.energy_j[c] - r.ledger.dynamic_j[c]) / r.images);
            area.push_back(r.ledger.area_mm2[c]);
        }
    Section part{"Energy and area by class", {"Powers: " + r.powers + "."}};
    if (r.data_from_values)
        part.words.push_back(
            "Events that depend on data were counted in this run; the column of average data is what averages in "
            "their place would give.");
    Figure energy =
        bar_chart("Energy of an image by class", "nJ", classes, Bars::stacked,
                  "Dynamic: of what happens. Static: leakage, refresh and clock over the time of an image.");
    add_bars(energy, "dynamic", moving);
    add_bars(energy, "static", standing);
    Figure areas = bar_chart("Area by class", "mm2", classes, Bars::lying);
    add_bars(areas, "area", area);
    part.figures = {energy, areas};
    part.tables = {class_table(r)};
    if (!r.types.empty())
        part.tables.push_back(type_table(r));
    for (const std::string& warning : r.cost_warnings)
        part.notes.push_back("Costs: " + warning);
    return part;
}

Section layer_part(const HardwareReport& r) {
    std::vector<std::string> names;
    std::vector<PerComponent> energies;
    for (const HardwareReport::Layer& layer : r.layers) {
        names.push_back(layer.name);
        energies.push_back(layer.energy.by_class_j);
    }
    names.insert(names.end(), {"(images)", "(no layer's)"});
    energies.insert(energies.end(), {r.images_energy.by_class_j, r.shared_energy.by_class_j});
    Section part{"Energy by layer"};
    part.figures.push_back(bar_chart(
        "Energy of an image by layer and class", "nJ", names, Bars::stacked,
        "A layer is charged for what it does and for the hardware that it occupies; the last bar is what belongs "
        "to no layer."));
    add_classes(part.figures.back(), energies, 1e9 / r.images);
    part.tables = {layer_table(r)};
    return part;
}

/// Where the cycles of each layer went.
std::vector<Section> stall_parts(const Json& json) {
    const Json& layers = field(json, "layers");
    if (layers.empty() || field(layers.front(), "state_percent").is_null())
        return {};
    std::vector<std::string> names;
    for (const Json& layer : layers)
        names.push_back(text(layer, "name"));
    Section part{"Busy and stalled",
                 {"Waits: for input. Blocked: nobody takes what is ready. Idle: before the first and after the last "
                  "work. Read and "
                  "ADC: share of the run's time in which the layer's arrays read and their converters work."}};
    Figure chart = bar_chart("Where each layer's cycles went", "% of the run", names, Bars::stacked);
    chart.data["most"] = 100;
    for (const auto& [key, name] : {std::pair("busy", "busy"), std::pair("waiting", "waits for input"),
                                    std::pair("blocked", "blocked by output"), std::pair("idle", "idle")}) {
        std::vector<double> values;
        for (const Json& layer : layers)
            values.push_back(number(layer, std::string("state_percent.") + key));
        add_bars(chart, name, values);
    }
    part.figures = {chart};
    const std::string percent = "{:.1f}";
    // Rounded as the command does it, so that they add up to 100.
    Json rounded = layers;
    for (Json& layer : rounded) {
        const Json& cycles = layer.at("state_cycles");
        const auto of = [&](const char* state) { return cycles.at(state).get<std::uint64_t>(); };
        const auto tenths = tenths_of_percent({of("busy"), of("waiting"), of("blocked"), of("idle")});
        layer["state_percent"] = {{"busy", tenths[0] / 10.0},
                                  {"waiting", tenths[1] / 10.0},
                                  {"blocked", tenths[2] / 10.0},
                                  {"idle", tenths[3] / 10.0}};
    }
    part.tables = {table_of(
        "layers, % of the run", rounded,
        {Column("name", "layer", -1), Column("arrays", "arrays"), Column("replicas", "copies"),
         Column("state_percent.busy", "busy", 0, 0, percent), Column("state_percent.waiting", "waits", 0, 0, percent),
         Column("state_percent.blocked", "blocked", 0, 0, percent), Column("state_percent.idle", "idle", 0, 0, percent),
         Column("read_percent", "read", 0, 0, percent), Column("adc_percent", "ADC", 0, 0, percent),
         Column("cycles", "cycles of the first image")})};
    Section servers{"Buffers, buses, queues and links"};
    servers.folded = true;
    servers.tables = {table_of("components", field(json, "components"),
                               {Column("path", "component", -1), Column("kind", "kind", -1),
                                Column("busy_percent", "busy %", 0, 0, "{:.3f}"), Column("high_water", "most in use"),
                                Column("capacity", "capacity")}),
                      table_of("links", field(json, "links"),
                               {Column("path", "link", -1), Column("flits", "flits"),
                                Column("busy_percent", "busy %", 0, 0, "{:.3f}")})};
    part.parts = {servers};
    return {part};
}

std::vector<Section> bottleneck_parts(const Json& json) {
    const Json& found = field(json, "bottleneck");
    if (found.is_null())
        return {};
    Section part{"What holds it back"};
    std::istringstream lines(text(found, "text"));
    for (std::string line; std::getline(lines, line);)
        part.words.push_back(line);
    const std::vector<Column> columns = {Column("change", "change", -1),
                                         Column("interval_after", "interval, cycles", 0, 0, "{:.0f}"),
                                         Column("energy_j", "energy of an image, nJ", 0, 0, "{:.3f}", 1e9),
                                         Column("area_mm2", "area mm2", 0, 0, "{:.4f}"),
                                         Column("other_values", "values change", -1),
                                         Column("next_layer", "then holds", -1)};
    part.tables = {table_of("changes that shorten the interval, in closed form", field(found, "changes"), columns),
                   table_of("what may shrink at the same interval", field(found, "may_shrink"), columns)};
    for (Table& table : part.tables) {
        const Table& const_table = table;
        const double interval = number(found, "interval_before"), energy = number(found, "energy_j"),
                     area = number(found, "area_mm2");
        if (!const_table.rows.empty())
            table.rows.insert(table.rows.begin(), {"as it is", interval, energy, area, Json(), text(found, "layer")});
    }
    return {part};
}

std::vector<std::string> contention_notes(const HardwareReport& r) {
    std::vector<std::string> notes;
    for (const Estimate::Contended& place : r.contention)
        notes.push_back("Contended: " + place.where + ": " + place.reason);
    return notes;
}

}  // namespace

std::string hardware_words(const Json& json, const std::string& file) {
    const HardwareReport r = report_of(json, file);
    return fmt::format(
        "{} of {}, {}, costs {}: an image takes {:.3f} us and {:.4f} uJ on {:.4f} mm2, EDAP {:.4e} J s mm2.",
        r.method == "simulation" ? "Cycle-by-cycle simulation" : "Estimate in closed form", r.network,
        counted(r.images, "image"), r.cost_table, 1e6 * r.figures.latency_s, 1e6 * r.figures.energy_alone_j(),
        r.ledger.area_total_mm2, r.edap());
}

std::vector<Section> hardware_parts(const Json& json, const std::string& file) {
    const HardwareReport report = report_of(json, file);
    Section figures{"Figures of merit"};
    figures.notes = contention_notes(report);
    if (const Json& clipped = field(json, "clipped_conversions"); !clipped.is_null())
        figures.words.push_back(
            fmt::format("Logits equal those of the untimed chip bit for bit; {} of {} conversions left their "
                        "converter's range.",
                        text(clipped, "clipped"), text(clipped, "conversions")));
    if (const Json& right = field(json, "accuracy.right"); !right.is_null())
        figures.words.push_back(fmt::format("{} of {} right.", right.dump(),
                                            counted(json.at("accuracy").at("images").get<int>(), "image")));
    figures.tables = {figure_table(report)};
    std::vector<Section> parts = {figures};
    const auto append = [&](std::vector<Section> more) { parts.insert(parts.end(), more.begin(), more.end()); };
    append(bottleneck_parts(json));
    append({energy_part(report), layer_part(report)});
    if (Section plan{"Floor plan"}; !(plan.figures = floor_plans(json)).empty()) {
        plan.tables = {table_of(
            "tiles, energies of the run", field(json, "tile_figures"),
            {Column("tile", "tile", -1), Column("layers", "layers", -1), Column("used_arrays", "arrays in use"),
             Column("arrays", "of"), Column("dynamic_j", "dynamic nJ", 0, 0, "{:.3f}", 1e9),
             Column("static_j", "static nJ", 0, 0, "{:.3f}", 1e9),
             Column("network_j", "router nJ", 0, 0, "{:.3f}", 1e9), Column("area_mm2", "area mm2", 0, 0, "{:.5f}")})};
        append({plan});
    }
    append(stall_parts(json));
    if (Section time{"Layers over time"}; !(time.figures = gantts(json)).empty())
        append({time});
    return parts;
}

Section hardware_section(const Result& result) {
    Section section{result.name, {hardware_words(result.json, result.file)}};
    section.parts = hardware_parts(result.json, result.file);
    section.parts.push_back(provenance(field(result.json, "configuration"),
                                       {{"file", result.file}, {"cost table", text(result.json, "cost_table")}}));
    return section;
}

}  // namespace xloop::page
