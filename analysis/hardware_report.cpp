#include "analysis/hardware_report.hpp"

#include "core/error.hpp"
#include "core/words.hpp"
#include "systemc_model/cost/energy.hpp"
#include "systemc_model/mapping/expected_reads.hpp"
#include "systemc_model/mapping/owned_units.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

namespace xloop {
namespace {

using Energy = HardwareReport::Energy;

Energy energy_of(const Ledger::Layer& layer) {
    Energy energy{layer.total_j(), sum_of(layer.dynamic_j), sum_of(layer.static_j), {}};
    for (std::size_t c = 0; c < component_count; ++c)
        energy.by_class_j[c] = layer.dynamic_j[c] + layer.static_j[c];
    return energy;
}

// The lists of fields serve the writer and the reader of analysis/json_fields.hpp alike.

const auto layer_energy_fields = [](auto& f, auto& energy) {
    f("total", energy.total_j);
    f("dynamic", energy.dynamic_j);
    f("static", energy.static_j);
    f("by_class", energy.by_class_j);
};

template <class Fields, class Report>
void cycle_fields(Fields& f, Report& r) {
    f("method", r.method);
    f("network", r.network);
    f("images", r.images);
    f("cycles", r.cycles);
    f("latency_cycles", r.latency_cycles);
    f.maybe("interval_cycles", r.interval_cycles);
    f("latency_s", r.figures.latency_s);
    f.maybe("interval_s", r.figures.interval_s);
}

template <class Fields, class Report>
void energy_fields(Fields& f, Report& r) {
    f.object("energy_j", [&](auto& energy) {
        energy("total", r.ledger.energy_total_j);
        energy("dynamic", r.ledger.dynamic_total_j);
        energy("leakage", r.ledger.leakage_total_j);
        energy("refresh", r.ledger.refresh_total_j);
        energy("clock", r.ledger.clock_total_j);
        energy("by_class", r.ledger.energy_j);
        energy("dynamic_by_class", r.ledger.dynamic_j);
        std::string data = r.data_from_values ? "values" : "averages";
        energy("data", data);
        if constexpr (Fields::reads)
            r.data_from_values = data == "values";
        energy("dynamic_with_averages", r.average_ledger.dynamic_total_j);
        energy("dynamic_with_averages_by_class", r.average_ledger.dynamic_j);
    });
    f.derived("energy_per_image_j", r.energy_per_image_j());
    const AreaScopes scopes(r.ledger.area_mm2);
    f.object("area_mm2", [&](auto& area) {
        area("total", r.ledger.area_total_mm2);
        area.derived("arrays", scopes.arrays);
        area.derived("tiles", scopes.tiles);
        area("by_class", r.ledger.area_mm2);
    });
}

/// All but the operations follow from what is read before. Of a clock in whole hertz they are the same bits again.
template <class Fields, class Report>
void figure_fields(Fields& f, Report& r) {
    f.derived("edap_j_s_mm2", r.edap());
    f.derived("operations_per_image", r.figures.operations());
    if constexpr (Fields::reads) {
        const double latency_s = r.figures.latency_s, interval_s = r.figures.interval_s;
        for (const char* key : {"latency_s", "interval_s", "images"}) {
            double value = 0;
            f.maybe(key, value);
            if (value <= 0 || (std::isnan(value) && key != std::string("interval_s")))
                f.at(key).fail("more than 0");
        }
        r.clock_ghz = std::round(static_cast<double>(r.latency_cycles) / latency_s) / 1e9;
        r.ledger.seconds = r.seconds(static_cast<double>(r.cycles));
        const double macs = f.at("operations_per_image").template as<double>() / 2;
        r.figures = figures_of_merit(r.ledger, r.images, latency_s, interval_s, macs);
    }
    const FiguresOfMerit& figures = r.figures;
    f.derived("alone", {{"latency_s", figures.latency_s},
                        {"energy_j", figures.energy_alone_j()},
                        {"edap_j_s_mm2", figures.edap_alone()}});
    f.derived("stream", {{"interval_s", known(figures.interval_s)},
                         {"energy_j", known(figures.energy_stream_j())},
                         {"edap_j_s_mm2", known(figures.edap_stream())},
                         {"images_per_s", known(figures.images_per_s())},
                         {"tops", known(figures.tops())},
                         {"tops_per_watt", known(figures.tops_per_watt())},
                         {"tops_per_mm2", known(figures.tops_per_mm2())},
                         {"average_power_w", known(figures.average_power_w())}});
    if (f.has("power", r.power.has_value())) {
        if constexpr (Fields::reads)
            r.power.emplace();
        f.object("power", [&](auto& power) {
            power("window_cycles", r.power->window_cycles);
            power("peak_w", r.power->peak_w);
            power("energy_j", r.power->energy_j);
        });
    }
    if (f.has("image_energy_j", !r.image_energy_j.empty()))
        f("image_energy_j", r.image_energy_j);
}

template <class Fields, class Report>
void layer_fields(Fields& f, Report& r) {
    f("cost_table", r.cost_table);
    f("cost_warnings", r.cost_warnings);
    f.list("other_hardware", r.other_hardware, [](auto& fields, auto& row) {
        fields("row", row.row);
        fields("class", row.component);
        fields("key", row.key);
        fields("table", row.table);
        fields("here", row.here);
    });
    f("powers", r.powers);
    if (f.has("reads", !r.reads.empty()))
        f("reads", r.reads);
    f("tiles", r.tiles);
    f("used_tiles", r.used_tiles);
    f("used_arrays", r.used_arrays);
    if (f.has("tile_types", !r.types.empty()))
        f.list("tile_types", r.types, [](auto& fields, auto& type) {
            fields("name", type.name);
            fields("tiles", type.tiles);
            fields("area_mm2", type.area_mm2);
            fields("dynamic_j", type.dynamic_j);
            fields("static_j", type.static_j);
        });
    f.list("layers", r.layers, [](auto& fields, auto& layer) {
        fields("name", layer.name);
        fields("start_cycle", layer.start_cycle);
        fields("cycles", layer.cycles);
        fields.object("energy_j", [&](auto& energy) { layer_energy_fields(energy, layer.energy); });
    });
    f.object("images_energy_j", [&](auto& energy) { layer_energy_fields(energy, r.images_energy); });
    f.object("shared_energy_j", [&](auto& energy) { layer_energy_fields(energy, r.shared_energy); });
}

template <class Fields, class Report>
void activity_fields(Fields& f, Report& r) {
    Counters total = r.activity.total();
    for (const bool of_data : {false, true})
        f.object(of_data ? "data_activity" : "activity", [&](auto& counts) {
            for (std::size_t e = 0; e < event_count; ++e) {
                const auto event = static_cast<Event>(e);
                if (depends_on_data(event) == of_data &&
                    (!is_optional(event) || counts.has(name_of(event), total[event] > 0)))
                    counts(name_of(event), total[event]);
            }
        });
    if constexpr (Fields::reads)
        r.activity.instances = {{"chip", total}};
    if (f.has("contention", r.method == "estimate"))
        f.list("contention", r.contention, [](auto& fields, auto& place) {
            fields("where", place.where);
            fields("what", place.what);
            fields("load", place.load);
            fields("reason", place.reason);
        });
}

template <class Fields, class Report>
void report_fields(Fields& f, Report& r) {
    cycle_fields(f, r);
    energy_fields(f, r);
    figure_fields(f, r);
    layer_fields(f, r);
    activity_fields(f, r);
}

/// All instances as one.
ActivityRecord classes_of(const ActivityRecord& activity) {
    ActivityRecord classes{{{"chip", activity.total()}}, activity.layers, {}};
    for (const ActivityRecord& kind : activity.kinds)
        classes.kinds.push_back(classes_of(kind));
    return classes;
}

/// Of all types, each warning once.
void add_warnings(HardwareReport& report, const std::vector<UnitCosts>& types) {
    for (const UnitCosts& costs : types) {
        for (const std::string& warning : costs.warnings) {
            const std::string alone = warning.substr(warning.rfind("type ", 0) == 0 ? warning.find(": ") + 2 : 0);
            if (std::find(report.cost_warnings.begin(), report.cost_warnings.end(), alone) ==
                report.cost_warnings.end())
                report.cost_warnings.push_back(warning);
        }
        report.other_hardware.insert(report.other_hardware.end(), costs.other_hardware.begin(),
                                     costs.other_hardware.end());
    }
}

std::vector<HardwareReport::TileType> tile_types_of(const HardwareReport& report, const MappedNetwork& network,
                                                    const std::vector<UnitCosts>& costs) {
    const ChipShape chip = network.mapping.chip();
    std::vector<HardwareReport::TileType> types;
    for (int type = 0; type < network.kinds.types(); ++type) {
        const UnitCosts& of_type = costs[static_cast<std::size_t>(type)];
        const Inventory inventory = inventory_of_type(network.kinds, type, chip);
        HardwareReport::TileType entry{network.kinds.name_of_type(type), chip.tiles_of_type(type), 0, 0, 0};
        entry.static_j = sum_of(static_w(inventory, of_type, network.kinds[type])) * report.ledger.seconds;
        for (std::size_t c = 0; c < component_count; ++c)
            entry.area_mm2 += area_mm2(static_cast<Component>(c), static_cast<double>(inventory.units[c]), of_type);
        for (int kind = 0; kind < network.kinds.count(); ++kind)
            if (network.kinds.type_of(kind) == type)
                entry.dynamic_j += sum_of(dynamic_j(report.activity.kinds[static_cast<std::size_t>(kind)].total(),
                                                    costs_of_kind(of_type, network.kinds[kind])));
        types.push_back(std::move(entry));
    }
    return types;
}

}  // namespace

AreaScopes::AreaScopes(const PerComponent& area) : chip(sum_of(area)) {
    for (std::size_t c = 0; c < component_count; ++c) {
        const Place place = place_of(static_cast<Component>(c));
        arrays += place == Place::array ? area[c] : 0.0;
        tiles += place != Place::chip ? area[c] : 0.0;
    }
}

std::vector<UnitCosts> complete_report(HardwareReport& report, const MappedNetwork& network, const CostTable& costs,
                                       const DataAverages& averages) {
    const Mapping& mapping = network.mapping;
    report.clock_ghz = network.hardware.clock.frequency_ghz;
    report.tiles = mapping.tiles();
    report.used_tiles = mapping.used_tiles;
    report.used_arrays = mapping.used_arrays;
    std::vector<UnitCosts> types = type_costs(costs, network.kinds);
    report.cost_table = costs.name;
    add_warnings(report, types);
    report.powers = powers_of(costs, types.front());
    if (skips_reads(network) && !report.data_from_values)
        report.reads = network.reads ? network.reads->source : "all are made, those of zeros alone too";
    const double run_s = report.seconds(static_cast<double>(report.cycles));
    const OwnedUnits owned = owned_units(network);
    const auto ledger_of = [&](const ActivityRecord& activity) {
        return make_ledger(activity, run_s, network.kinds, mapping.chip(), types, owned);
    };
    if (!report.data_from_values)
        expect_data(report.activity, network.kinds, averages);
    report.ledger = ledger_of(report.activity);
    for (std::size_t l = 0; l < report.layers.size(); ++l)
        report.layers[l].energy = energy_of(report.ledger.layers[l]);
    report.images_energy = energy_of(report.ledger.layers[report.layers.size()]);
    report.shared_energy = energy_of(report.ledger.layers.back());
    ActivityRecord average = classes_of(report.activity);
    expect_data(average, network.kinds, averages);
    report.average_ledger = ledger_of(average);
    if (network.kinds.types() > 1)
        report.types = tile_types_of(report, network, types);
    report.figures =
        figures_of_merit(report.ledger, report.images, report.seconds(static_cast<double>(report.latency_cycles)),
                         report.seconds(report.interval_cycles), static_cast<double>(network.graph.macs()));
    if (!std::isfinite(report.edap()))
        throw KeyError("cost_table", "its rows lead to energies or areas beyond all numbers; check their units");
    return types;
}

std::string HardwareReport::activity_csv() const {
    std::set<std::string> expected;
    for (std::size_t e = 0; e < event_count; ++e)
        if (!data_from_values && depends_on_data(static_cast<Event>(e)))
            expected.insert(name_of(static_cast<Event>(e)));
    std::istringstream lines(activity.csv());
    std::string text, line;
    while (std::getline(lines, line)) {
        const std::vector<std::string_view> cells = split(line, ',');
        text += line + (text.empty()                                ? ",basis\n"
                        : expected.count(std::string(cells[2])) > 0 ? ",expected\n"
                                                                    : ",counted\n");
    }
    return text;
}

Json HardwareReport::json() const {
    Json json;
    JsonWriter writer(json);
    report_fields(writer, *this);
    return json;
}

HardwareReport HardwareReport::from_json(JsonReader json) {
    HardwareReport report;
    report_fields(json, report);
    return report;
}

}  // namespace xloop
