#include "apps/page/charts.hpp"
#include "apps/page/sections.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <cmath>

namespace xloop::page {
namespace {

std::vector<Column> both(const char* name, const char* unit, const std::string& path, double scale,
                         const char* format) {
    const std::string of = std::string(unit) + " ";
    return {Column("name", name, -1), Column(path + ".estimated", of + "estimated", 0, 0, format, scale),
            Column(path + ".simulated", "simulated", 0, 0, format, scale)};
}

std::vector<std::string> names_of(const Json& list) {
    std::vector<std::string> names;
    for (const Json& item : list)
        names.push_back(text(item, "name"));
    return names;
}

void add_pair(Figure& figure, const Json& list, const std::string& path, double scale) {
    for (const char* side : {"estimated", "simulated"}) {
        std::vector<double> values;
        for (const Json& item : list)
            values.push_back(scale * number(item, path + "." + side));
        add_bars(figure, side, values);
    }
}

Section verdict_part(const Json& json) {
    Section part{"Verdicts"};
    Table table{"verdicts",
                {Column("", "verdict", -1), Column("", "figure", -1), Column("", "tolerance", 1, 0, "{:g} %"),
                 Column("", "worst error", 1, 0, "{:+.3f} %"), Column("", "at", -1), Column("", "beyond", -1)}};
    for (const Json& verdict : json.at("verdicts")) {
        const bool passed = verdict.at("passed").get<bool>();
        table.add(field(verdict, "warning") == Json(true) ? "warning"
                  : passed                                ? "passed"
                                                          : "FAILED",
                  text(verdict, "name"), cell(field(verdict, "tolerance_percent")),
                  cell(field(verdict, "worst_percent")), text(verdict, "worst_at"), cell(verdict.at("broken")));
    }
    part.tables = {table};
    for (const Json& place : field(json, "contended"))
        part.notes.push_back("Contended, as the estimate says itself: " + text(place, "where") + ": " +
                             text(place, "reason"));
    return part;
}

Section layer_part(const Json& layers) {
    Section part{"Layers, estimate beside cycle model"};
    Figure cycles = bar_chart("Cycles of the first image", "cycles", names_of(layers), Bars::lying);
    add_pair(cycles, layers, "cycles", 1);
    Figure energy = bar_chart("Energy of an image", "nJ", names_of(layers), Bars::lying);
    add_pair(energy, layers, "energy_j", 1e9);
    std::vector<Column> columns = both("layer", "cycles", "cycles", 1, "{:.0f}");
    columns.emplace_back("error_percent.cycles", "error", 0, 0, "{:+.3f} %");
    columns.emplace_back("energy_j.estimated", "nJ estimated", 0, 0, "{:.3f}", 1e9);
    columns.emplace_back("energy_j.simulated", "simulated", 0, 0, "{:.3f}", 1e9);
    columns.emplace_back("error_percent.energy", "error", 0, 0, "{:+.3f} %");
    columns.emplace_back("stall", "most of its time", -1);
    part.figures = {cycles, energy};
    part.tables = {table_of("layers", layers, columns)};
    return part;
}

Section class_part(const Json& classes) {
    Json taking = Json::array();
    for (const Json& one : classes)
        if (number(one, "energy_j.simulated") > 0 || number(one, "energy_j.estimated") > 0 ||
            number(one, "area_mm2.simulated") > 0)
            taking.push_back(one);
    Section part{"Classes, estimate beside cycle model"};
    Figure energy = bar_chart("Energy of an image by class", "nJ", names_of(taking), Bars::lying);
    add_pair(energy, taking, "energy_j", 1e9);
    std::vector<Column> columns = both("class", "nJ", "energy_j", 1e9, "{:.3f}");
    columns.emplace_back("energy_j.error_percent", "error", 0, 0, "{:+.3f} %");
    columns.emplace_back("energy_with_data_j", "nJ with its data", 0, 0, "{:.3f}", 1e9);
    columns.emplace_back("area_mm2.simulated", "area mm2", 0, 0, "{:.5f}");
    part.figures = {energy};
    part.tables = {table_of("classes", taking, columns)};
    return part;
}

Section total_part(const Json& json) {
    Section part{"Totals"};
    const auto rows = [](const Json& object) {
        Json list = Json::array();
        for (const auto& [key, value] : object.items()) {
            list.push_back(value);
            list.back()["name"] = key;
        }
        return list;
    };
    const auto columns = [](const char* name) {
        std::vector<Column> all = both(name, "", "x", 1, "{:.9g}");
        all[1].key = "estimated";
        all[2].key = "simulated";
        all.emplace_back("error_percent", "error", 0, 0, "{:+.3f} %");
        return all;
    };
    part.tables = {
        table_of("totals", rows(json.at("totals")), columns("total")),
        table_of("busy cycles of all", rows(field(json, "busy_cycles")), columns("part")),
        table_of(
            "against reported figures", field(json, "against"),
            {Column("tool", "source", -1), Column("scope", "scope", -1), Column("metric", "metric", -1),
             Column("unit", "unit", -1), Column("value", "reported", 0, 0, "{:.6g}"),
             Column("estimated", "estimated", 0, 0, "{:.6g}"), Column("ratio.estimated", "ratio", 0, 0, "{:.3f}"),
             Column("simulated", "simulated", 0, 0, "{:.6g}"), Column("ratio.simulated", "ratio", 0, 0, "{:.3f}")})};
    return part;
}

}  // namespace

Section validation_section(const Result& result) {
    const Json& json = result.json;
    std::size_t broken = 0;
    for (const Json& verdict : json.at("verdicts"))
        broken += verdict.at("passed").get<bool>() ? 0 : 1;
    const Json& edap = field(json, "totals.edap_alone_j_s_mm2");
    Section section{
        result.name,
        {fmt::format("Estimate held against the cycle model, {}, {}: {}; EDAP of one image {:.4e} estimated, {:.4e} "
                     "simulated J s mm2.",
                     text(json, "network"), counted(json.at("images").get<int>(), "image"),
                     broken == 0 ? fmt::format("all {} verdicts passed", json["verdicts"].size())
                                 : fmt::format("{} of {} verdicts are broken", broken, json["verdicts"].size()),
                     number(edap, "estimated"), number(edap, "simulated"))}};
    section.parts = {verdict_part(json), total_part(json), layer_part(json.at("layers")),
                     class_part(json.at("classes"))};
    Section simulated{"The simulated run"};
    simulated.words = {hardware_words(json.at("simulation"), result.file)};
    simulated.parts = hardware_parts(json.at("simulation"), result.file);
    section.parts.push_back(simulated);
    section.parts.push_back(provenance(field(json, "configuration"), {{"file", result.file}}));
    return section;
}

}  // namespace xloop::page
