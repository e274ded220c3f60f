#include "analysis/hardware_report.hpp"

#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/mapping/owned_units.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

Json by_class(const PerComponent& values) {
    Json json;
    for (std::size_t c = 0; c < component_count; ++c)
        json[name_of(static_cast<Component>(c))] = values[c];
    return json;
}

/// Area of what is with the arrays; of whole tiles, arrays included; of the chip.
struct AreaScopes {
    double arrays = 0, tiles = 0, chip = 0;

    explicit AreaScopes(const PerComponent& area) {
        for (std::size_t c = 0; c < component_count; ++c) {
            const Place place = place_of(static_cast<Component>(c));
            arrays += place == Place::array ? area[c] : 0.0;
            tiles += place != Place::chip ? area[c] : 0.0;
        }
        chip = sum_of(area);
    }
};

Json layer_energy(const Ledger::Layer& layer) {
    PerComponent total{};
    for (std::size_t c = 0; c < component_count; ++c)
        total[c] = layer.dynamic_j[c] + layer.static_j[c];
    return {{"total", layer.total_j()},
            {"dynamic", sum_of(layer.dynamic_j)},
            {"static", sum_of(layer.static_j)},
            {"by_class", by_class(total)}};
}

Json figures_json(const FiguresOfMerit& f) {
    Json json;
    json["operations_per_image"] = f.operations;
    json["alone"] = {{"latency_s", f.latency_s}, {"energy_j", f.energy_alone_j()}, {"edap_j_s_mm2", f.edap_alone()}};
    json["stream"] = {{"interval_s", f.interval_s},
                      {"energy_j", f.energy_stream_j()},
                      {"edap_j_s_mm2", f.edap_stream()},
                      {"images_per_s", f.images_per_s()},
                      {"tops", f.tops()},
                      {"tops_per_watt", f.tops_per_watt()},
                      {"tops_per_mm2", f.tops_per_mm2()},
                      {"average_power_w", f.average_power_w()}};
    return json;
}

std::string figures_lines(const FiguresOfMerit& f) {
    std::string text =
        fmt::format("  one image alone   latency  {:>12.3f} us  energy {:>11.4f} uJ  EDAP {:.4e} J s mm2\n",
                    1e6 * f.latency_s, 1e6 * f.energy_alone_j(), f.edap_alone());
    text += fmt::format("  stream of images  interval {:>12.3f} us  energy {:>11.4f} uJ  EDAP {:.4e} J s mm2\n",
                        1e6 * f.interval_s, 1e6 * f.energy_stream_j(), f.edap_stream());
    return text + fmt::format(
                      "                    {:.1f} images/s, {:.4g} TOPS, {:.4g} TOPS/W, {:.4g} TOPS/mm2, "
                      "{:.4g} W\n",
                      f.images_per_s(), f.tops(), f.tops_per_watt(), f.tops_per_mm2(), f.average_power_w());
}

}  // namespace

UnitCosts complete_report(HardwareReport& report, const MappedNetwork& network, const CostTable& costs,
                          const DataAverages& averages) {
    const HardwareConfig& hardware = network.hardware;
    const Mapping& mapping = network.mapping;
    report.clock_ghz = hardware.clock.frequency_ghz;
    report.tiles = mapping.tiles();
    report.used_tiles = mapping.used_tiles;
    report.used_arrays = mapping.used_arrays;
    UnitCosts units = unit_costs(costs, hardware, CostDetail::figures);
    report.cost_table = costs.name;
    report.cost_warnings = units.warnings;
    const double run_s = report.seconds(static_cast<double>(report.cycles));
    const OwnedUnits owned = owned_units(network);
    const auto ledger_of = [&](const ActivityRecord& activity) {
        return make_ledger(activity, run_s, hardware, mapping.chip(), units, owned);
    };
    if (!report.data_from_values)
        expect_data(report.activity, hardware, averages);
    report.ledger = ledger_of(report.activity);
    ActivityRecord average{{{"chip", report.activity.total()}}, report.activity.layers};
    expect_data(average, hardware, averages);
    report.average_ledger = ledger_of(average);
    report.figures =
        figures_of_merit(report.ledger, report.images, report.seconds(static_cast<double>(report.latency_cycles)),
                         report.seconds(report.interval_cycles), static_cast<double>(network.graph.macs()));
    return units;
}

Json HardwareReport::json() const {
    Json json;
    json["method"] = method;
    json["network"] = network;
    json["images"] = images;
    json["cycles"] = cycles;
    json["latency_cycles"] = latency_cycles;
    json["interval_cycles"] = interval_cycles;
    json["latency_s"] = latency_s();
    json["interval_s"] = seconds(interval_cycles);
    Json& energy = json["energy_j"];
    energy["total"] = ledger.energy_total_j;
    energy["dynamic"] = ledger.dynamic_total_j;
    energy["leakage"] = ledger.leakage_total_j;
    energy["refresh"] = ledger.refresh_total_j;
    energy["clock"] = ledger.clock_total_j;
    energy["by_class"] = by_class(ledger.energy_j);
    energy["dynamic_by_class"] = by_class(ledger.dynamic_j);
    energy["data"] = data_from_values ? "values" : "averages";
    energy["dynamic_with_averages"] = average_ledger.dynamic_total_j;
    energy["dynamic_with_averages_by_class"] = by_class(average_ledger.dynamic_j);
    json["energy_per_image_j"] = energy_per_image_j();
    const AreaScopes areas(ledger.area_mm2);
    json["area_mm2"]["total"] = ledger.area_total_mm2;
    json["area_mm2"]["arrays"] = areas.arrays;
    json["area_mm2"]["tiles"] = areas.tiles;
    json["area_mm2"]["by_class"] = by_class(ledger.area_mm2);
    json["edap_j_s_mm2"] = edap();
    json.update(figures_json(figures));
    if (power)
        json["power"] = {
            {"window_cycles", power->window_cycles}, {"peak_w", power->peak_w()}, {"energy_j", power->energy_j()}};
    for (const PerComponent& image : image_energy_j)
        json["image_energy_j"].push_back(sum_of(image));
    json["cost_table"] = cost_table;
    json["cost_warnings"] = cost_warnings;
    json["tiles"] = tiles;
    json["used_tiles"] = used_tiles;
    json["used_arrays"] = used_arrays;
    for (std::size_t l = 0; l < layers.size(); ++l)
        json["layers"].push_back({{"name", layers[l].name},
                                  {"start_cycle", layers[l].start_cycle},
                                  {"cycles", layers[l].cycles},
                                  {"energy_j", layer_energy(ledger.layers[l])}});
    json["images_energy_j"] = layer_energy(ledger.layers[layers.size()]);
    json["shared_energy_j"] = layer_energy(ledger.layers.back());
    const Counters total = activity.total();
    for (std::size_t e = 0; e < event_count; ++e)
        json[depends_on_data(static_cast<Event>(e)) ? "data_activity" : "activity"][name_of(static_cast<Event>(e))] =
            total.events[e];
    if (method == "estimate") {
        json["contention"] = Json::array();
        for (const Estimate::Contended& place : contention)
            json["contention"].push_back(
                {{"where", place.where}, {"what", place.what}, {"load", place.load}, {"reason", place.reason}});
    }
    return json;
}

std::string HardwareReport::summary() const {
    std::string text =
        fmt::format("{} of {}, {} image{}, costs {}\n", method, network, images, images == 1 ? "" : "s", cost_table);
    const AreaScopes areas(ledger.area_mm2);
    text += fmt::format("  chip              {} tiles ({} used), {} arrays used\n", tiles, used_tiles, used_arrays);
    text += fmt::format(
        "  area              chip {:.4f} mm2; its tiles {:.4f}, of which arrays with their converters "
        "{:.4f}\n",
        areas.chip, areas.tiles, areas.arrays);
    text += fmt::format("  cycles            {} for {} image{}; the first one {}\n", cycles, images,
                        images == 1 ? "" : "s", latency_cycles);
    text += figures_lines(figures);
    if (power)
        text += fmt::format("  peak power        {:.4g} W over {} cycles\n", power->peak_w(), power->window_cycles);
    const auto percent_of = [](double part, double whole) { return whole > 0 ? 100 * part / whole : 0.0; };
    text += fmt::format("\n  {:<16}{:>13}{:>13}{:>9}{:>13}{:>9}", "nJ an image", "dynamic", "static", "share",
                        "area mm2", "share");
    text += data_from_values ? fmt::format("{:>15}\n", "average data") : "\n";
    for (std::size_t c = 0; c < component_count; ++c) {
        const double constant = ledger.energy_j[c] - ledger.dynamic_j[c];
        if (ledger.energy_j[c] == 0.0 && ledger.area_mm2[c] == 0.0)
            continue;
        text += fmt::format("  {:<16}{:>13.3f}{:>13.3f}{:>8.1f}%{:>13.5f}{:>8.1f}%", name_of(static_cast<Component>(c)),
                            1e9 * ledger.dynamic_j[c] / images, 1e9 * constant / images,
                            percent_of(ledger.energy_j[c], ledger.energy_total_j), ledger.area_mm2[c],
                            percent_of(ledger.area_mm2[c], ledger.area_total_mm2));
        text += data_from_values && ledger.dynamic_j[c] != average_ledger.dynamic_j[c]
                    ? fmt::format("{:>13.3f}\n", 1e9 * average_ledger.dynamic_j[c] / images)
                    : "\n";
    }
    text += fmt::format("  {:<16}{:>13.3f}{:>13.3f}{:>9}{:>13.5f}\n", "total", 1e9 * ledger.dynamic_total_j / images,
                        1e9 * ledger.static_total_j() / images, "", ledger.area_total_mm2);
    if (data_from_values)
        text +=
            fmt::format("  Events that depend on data were counted; averages in their place give {:+.2f} % energy.\n",
                        percent_of(average_ledger.energy_total_j - ledger.energy_total_j, ledger.energy_total_j));
    for (const std::string& warning : cost_warnings)
        text += "  costs: " + warning + "\n";
    for (const Estimate::Contended& place : contention)
        text += fmt::format("  contended: {}: {}\n", place.where, place.reason);
    return text + "\n";
}

std::string HardwareReport::table() const {
    std::string text = summary() + fmt::format("  {:<18}{:>12}{:>12}{:>16}{:>14}\n", "layer", "start", "cycles",
                                               "dynamic nJ/img", "static nJ/img");
    const auto row = [&](const std::string& name, const std::string& start, const std::string& length,
                         const Ledger::Layer& layer) {
        text += fmt::format("  {:<18}{:>12}{:>12}{:>16.3f}{:>14.3f}\n", name, start, length,
                            1e9 * sum_of(layer.dynamic_j) / images, 1e9 * sum_of(layer.static_j) / images);
    };
    for (std::size_t l = 0; l < layers.size(); ++l)
        row(layers[l].name, std::to_string(layers[l].start_cycle), std::to_string(layers[l].cycles), ledger.layers[l]);
    row("(images)", "", "", ledger.layers[layers.size()]);
    row("(nobody's)", "", "", ledger.layers.back());
    return text;
}

}  // namespace xloop
