#include "apps/hardware_report.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

Json by_class(const PerComponent& values) {
    Json json;
    for (std::size_t c = 0; c < component_count; ++c)
        json[name_of(static_cast<Component>(c))] = values[c];
    return json;
}

}  // namespace

void complete_report(HardwareReport& report, const Mapping& mapping, const HardwareConfig& hardware,
                     const CostTable& costs) {
    report.clock_ghz = hardware.clock.frequency_ghz;
    report.tiles = mapping.tiles();
    report.used_tiles = mapping.used_tiles;
    report.used_arrays = mapping.used_arrays;
    const double run_s = report.seconds(static_cast<double>(report.cycles));
    report.ledger = make_ledger(report.activity, run_s, hardware, mapping.chip(), unit_costs(costs, hardware));
}

Json HardwareReport::json() const {
    Json json;
    json["method"] = method;
    json["network"] = network;
    json["images"] = images;
    json["cycles"] = cycles;
    json["latency_cycles"] = latency_cycles;
    json["latency_s"] = latency_s();
    json["interval_s"] = seconds(interval_cycles);
    json["energy_j"]["total"] = ledger.energy_total_j;
    json["energy_j"]["dynamic"] = ledger.dynamic_total_j;
    json["energy_j"]["leakage"] = ledger.leakage_total_j;
    json["energy_j"]["by_class"] = by_class(ledger.energy_j);
    json["energy_per_image_j"] = energy_per_image_j();
    json["area_mm2"]["total"] = ledger.area_total_mm2;
    json["area_mm2"]["by_class"] = by_class(ledger.area_mm2);
    json["edap_j_s_mm2"] = edap();
    json["tiles"] = tiles;
    json["used_tiles"] = used_tiles;
    json["used_arrays"] = used_arrays;
    for (const Layer& layer : layers)
        json["layers"].push_back({{"name", layer.name}, {"start_cycle", layer.start_cycle}, {"cycles", layer.cycles}});
    const Counters total = activity.total();
    for (std::size_t e = 0; e < event_count; ++e)
        json[depends_on_data(static_cast<Event>(e)) ? "data_activity" : "activity"][name_of(static_cast<Event>(e))] =
            total.events[e];
    return json;
}

std::string HardwareReport::summary() const {
    std::string text = fmt::format("{} of {}, {} image{}\n", method, network, images, images == 1 ? "" : "s");
    text += fmt::format("  chip      {} tiles ({} used), {} arrays used\n", tiles, used_tiles, used_arrays);
    text += fmt::format("  latency   {} cycles = {:.3f} us an image (interval {:.3f} us)\n", latency_cycles,
                        1e6 * latency_s(), 1e6 * seconds(interval_cycles));
    text += fmt::format("  energy    {:.4f} uJ an image\n  area      {:.4f} mm2\n  EDAP      {:.4e} J s mm2\n\n",
                        1e6 * energy_per_image_j(), ledger.area_total_mm2, edap());
    text += fmt::format("  {:<18}{:>16}{:>10}{:>14}{:>10}\n", "class", "energy nJ/image", "share", "area mm2", "share");
    for (std::size_t c = 0; c < component_count; ++c)
        text += fmt::format("  {:<18}{:>16.3f}{:>9.1f}%{:>14.5f}{:>9.1f}%\n", name_of(static_cast<Component>(c)),
                            1e9 * ledger.energy_j[c] / images, 100 * ledger.energy_j[c] / ledger.energy_total_j,
                            ledger.area_mm2[c], 100 * ledger.area_mm2[c] / ledger.area_total_mm2);
    return text + fmt::format("  {:<18}{:>16.3f}{:>10}{:>14.5f}\n\n", "total", 1e9 * energy_per_image_j(), "",
                              ledger.area_total_mm2);
}

std::string HardwareReport::table() const {
    std::string text = summary() + fmt::format("  {:<18}{:>12}{:>12}\n", "layer", "start", "cycles");
    for (const Layer& layer : layers)
        text += fmt::format("  {:<18}{:>12}{:>12}\n", layer.name, layer.start_cycle, layer.cycles);
    return text;
}

}  // namespace xloop
