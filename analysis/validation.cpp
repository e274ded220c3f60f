#include "analysis/validation.hpp"

#include "systemc_model/mapping/instance_paths.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>

namespace xloop {
namespace {

using Verdict = Validation::Verdict;

constexpr std::size_t listed_differences = 10;
constexpr double shortest_layer_judged = 0.02;  // of the latency

bool names_part(const std::string& path, const std::string& part) {
    std::istringstream parts(path);
    for (std::string p; std::getline(parts, p, '.');)
        if (p == part)
            return true;
    return false;
}

bool works_on(const LayerMapping& layer, int tile) {
    return std::any_of(layer.copies.begin(), layer.copies.end(), [tile](const LayerCopy& copy) {
        return copy.home == tile || std::find(copy.tiles.begin(), copy.tiles.end(), tile) != copy.tiles.end();
    });
}

/// What a place slows down: the layer of that name, else the layers of its tile, else every layer.
std::vector<bool> layers_slowed(const Estimate::Contended& place, const MappedNetwork& network) {
    const WorkloadGraph& graph = network.graph;
    const Mapping& mapping = network.mapping;
    std::vector<bool> slowed(graph.layers.size(), false);
    for (std::size_t l = 0; l < slowed.size(); ++l)
        slowed[l] = graph.layers[l].name == place.where;
    if (std::find(slowed.begin(), slowed.end(), true) != slowed.end())
        return slowed;
    for (int tile = 0; tile < mapping.tiles(); ++tile)
        if (names_part(place.where, mapping.tile_name(tile))) {
            for (std::size_t l = 0; l < slowed.size(); ++l)
                slowed[l] = works_on(mapping.layers[l], tile);
            return slowed;
        }
    slowed.assign(slowed.size(), true);
    return slowed;
}

std::vector<Validation::Layer> compare_layers(const TwoModels& m) {
    std::vector<Validation::Layer> layers(m.network.graph.layers.size());
    const double images = m.simulation.images;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        Validation::Layer& layer = layers[l];
        layer.name = m.network.graph.layers[l].name;
        layer.cycles = {static_cast<double>(m.estimate.layers[l].cycles),
                        static_cast<double>(m.simulation.layers[l].cycles)};
        layer.energy_j = {m.estimate.average_ledger.layers[l].total_j() / images,
                          m.simulation.average_ledger.layers[l].total_j() / images};
        layer.energy_with_data_j = m.simulation.layers[l].energy.total_j / images;
        layer.stall = dominant_stall(m.timed.layers[l], m.network.layer_hardware(static_cast<int>(l)).is_digital());
    }
    for (const Estimate::Contended& place : m.estimate.contention) {
        const std::vector<bool> slowed = layers_slowed(place, m.network);
        for (std::size_t l = 0; l < layers.size(); ++l)
            if (slowed[l])
                layers[l].contended.push_back(place.what + ": " + place.reason);
    }
    return layers;
}

std::vector<Validation::Class> compare_classes(const HardwareReport& estimate, const HardwareReport& simulation) {
    std::vector<Validation::Class> classes;
    const double images = simulation.images;
    for (std::size_t c = 0; c < component_count; ++c) {
        if (is_left_out(static_cast<Component>(c), estimate.ledger.area_mm2[c] + estimate.ledger.energy_j[c]))
            continue;
        classes.push_back(
            {static_cast<Component>(c),
             {estimate.average_ledger.energy_j[c] / images, simulation.average_ledger.energy_j[c] / images},
             {estimate.average_ledger.dynamic_j[c] / images, simulation.average_ledger.dynamic_j[c] / images},
             {estimate.average_ledger.area_mm2[c], simulation.average_ledger.area_mm2[c]},
             simulation.ledger.energy_j[c] / images,
             simulation.ledger.dynamic_j[c] / images});
    }
    return classes;
}

std::map<std::string, double> busy_by_kind(const ActivityRecord& activity) {
    std::map<std::string, double> busy;
    for (const auto& [path, counters] : activity.instances)
        if (counters.busy_cycles > 0)
            busy[InstancePaths::kind_of(path)] += static_cast<double>(counters.busy_cycles);
    return busy;
}

std::vector<Validation::Busy> compare_busy(const ActivityRecord& estimate, const ActivityRecord& simulation) {
    std::map<std::string, Comparison> kinds;
    for (const auto& [kind, cycles] : busy_by_kind(estimate))
        kinds[kind].estimated = cycles;
    for (const auto& [kind, cycles] : busy_by_kind(simulation))
        kinds[kind].simulated = cycles;
    std::vector<Validation::Busy> busy;
    for (const auto& [kind, cycles] : kinds)
        busy.push_back({kind, cycles});
    return busy;
}

/// Figures with averages for data.
FiguresOfMerit average_figures(const HardwareReport& report) {
    return figures_of_merit(report.average_ledger, report.images, report.figures.latency_s, report.figures.interval_s,
                            report.figures.macs);
}

std::vector<Validation::Total> compare_totals(const TwoModels& m) {
    const FiguresOfMerit estimate = average_figures(m.estimate), simulation = average_figures(m.simulation);
    const auto both = [&](auto figure) { return Comparison{figure(m.estimate), figure(m.simulation)}; };
    const double images = m.simulation.images;
    std::vector<Validation::Total> totals;
    totals.push_back({"latency", "cycles", both([](auto& r) { return static_cast<double>(r.latency_cycles); })});
    totals.push_back({"interval", "cycles", both([](auto& r) { return r.interval_cycles; })});
    totals.push_back({"run", "cycles", both([](auto& r) { return static_cast<double>(r.cycles); })});
    totals.push_back({"energy", "J", both([&](auto& r) { return r.average_ledger.energy_total_j / images; })});
    totals.push_back(
        {"dynamic energy", "J", both([&](auto& r) { return r.average_ledger.dynamic_total_j / images; }), false});
    totals.push_back({"static energy", "J", both([&](auto& r) { return r.average_ledger.static_total_j() / images; })});
    totals.push_back({"area", "mm2", both([](auto& r) { return r.average_ledger.area_total_mm2; }), false});
    totals.push_back({"EDAP alone", "J s mm2", {estimate.edap_alone(), simulation.edap_alone()}});
    totals.push_back({"EDAP stream", "J s mm2", {estimate.edap_stream(), simulation.edap_stream()}});
    return totals;
}

class CountComparison {
public:
    CountComparison(Validation& found, const WorkloadGraph& graph) : found_(found), graph_(graph) {}

    void compare(const ActivityRecord& estimate, const ActivityRecord& simulation) {
        static const Counters none;
        const auto of = [](const ActivityRecord& record, const std::string& path) -> const Counters& {
            const auto entry = record.instances.find(path);
            return entry == record.instances.end() ? none : entry->second;
        };
        for (const auto& [path, counters] : simulation.instances)
            compare(path, of(estimate, path), counters);
        for (const auto& [path, counters] : estimate.instances)
            if (simulation.instances.count(path) == 0)
                compare(path, counters, none);
        for (std::size_t l = 0; l < std::max(estimate.layers.size(), simulation.layers.size()); ++l)
            compare(l < graph_.layers.size() ? "layer " + graph_.layers[l].name : "images",
                    l < estimate.layers.size() ? estimate.layers[l] : none,
                    l < simulation.layers.size() ? simulation.layers[l] : none);
    }

private:
    void compare(const std::string& instance, const Counters& estimated, const Counters& simulated) {
        for (std::size_t e = 0; e < event_count; ++e)
            compare(instance, name_of(static_cast<Event>(e)), estimated.events[e], simulated.events[e]);
        compare(instance, "busy_cycles", estimated.busy_cycles, simulated.busy_cycles);
    }

    void compare(const std::string& instance, const char* event, std::uint64_t estimated, std::uint64_t simulated) {
        if (estimated == simulated)
            return;
        if (++found_.count_differences <= listed_differences)
            found_.first_differences.push_back({instance, event, estimated, simulated});
    }

    Validation& found_;
    const WorkloadGraph& graph_;
};

/// Collects what one verdict is about.
class Judge {
public:
    Judge(const std::string& name, double tolerance_percent, bool strict) : strict_(strict) {
        verdict_.name = name;
        verdict_.tolerance_percent = tolerance_percent;
    }

    void add(const std::string& name, double error, bool contended, const std::string& remark = {}) {
        if (verdict_.worst_at.empty() || std::abs(error) > std::abs(verdict_.worst_percent)) {
            verdict_.worst_percent = error;
            verdict_.worst_at = name;
            verdict_.worst_remark = remark;
        }
        if (std::abs(error) <= verdict_.tolerance_percent)
            return;
        verdict_.broken.push_back(name);
        const auto outcome = contended && !strict_ ? Verdict::Outcome::warning : Verdict::Outcome::failed;
        verdict_.outcome = std::max(verdict_.outcome, outcome);
    }

    const Verdict& verdict() const { return verdict_; }

private:
    Verdict verdict_;
    bool strict_;
};

Verdict judge_counts(const Validation& v) {
    Verdict verdict;
    verdict.name = "event counts";
    for (const Validation::CountDifference& difference : v.first_differences)
        verdict.broken.push_back(difference.instance + " " + difference.event);
    verdict.outcome = v.counts_equal() ? Verdict::Outcome::passed : Verdict::Outcome::failed;
    return verdict;
}

/// Of the cycle model against what somebody else reports.
Verdict judge_reported(const FigureAgainst& against) {
    Verdict verdict;
    verdict.name = verdict.worst_at = against.figure.name();
    verdict.tolerance_percent = *against.figure.tolerance_percent;
    verdict.worst_percent = against.simulated_percent();
    if (std::abs(verdict.worst_percent) > verdict.tolerance_percent) {
        verdict.broken = {verdict.name};
        verdict.outcome = Verdict::Outcome::failed;
    }
    return verdict;
}

std::vector<Verdict> judge(const Validation& v) {
    const Tolerances& tolerances = v.tolerances;
    std::vector<Verdict> verdicts;
    Judge cycles("cycles of every layer", tolerances.layer_percent, tolerances.strict);
    Judge energy("energy of every layer", tolerances.layer_percent, tolerances.strict);
    for (const Validation::Layer& layer : v.layers) {
        const double judged = v.judged_cycles_percent(layer), own = layer.cycles.error_percent();
        cycles.add(layer.name, judged, v.excused(layer),
                   judged == own
                       ? ""
                       : fmt::format("{:+.3f} % of its own cycles; a layer shorter than {:g} % of the latency is "
                                     "judged as if it took these",
                                     own, 100 * shortest_layer_judged));
        energy.add(layer.name, layer.energy_j.error_percent(),
                   !v.contended.empty());  // static energy is that of the whole run
    }
    verdicts = {cycles.verdict(), energy.verdict()};
    for (const Validation::Total& total : v.totals) {
        if (std::isnan(total.value.error_percent()))
            continue;
        Judge judge(total.name, v.tolerance_of(total), tolerances.strict);
        judge.add(total.name, total.value.error_percent(), total.depends_on_time && !v.contended.empty());
        verdicts.push_back(judge.verdict());
    }
    verdicts.push_back(judge_counts(v));
    for (const FigureAgainst& against : v.against)
        if (against.figure.tolerance_percent)
            verdicts.push_back(judge_reported(against));
    return verdicts;
}

}  // namespace

double Comparison::error_percent() const {
    if (estimated == simulated)
        return 0;
    return simulated == 0 ? std::numeric_limits<double>::infinity() : 100 * (estimated - simulated) / simulated;
}

Comparison Validation::Class::static_j() const {
    return {energy_j.estimated - dynamic_j.estimated, energy_j.simulated - dynamic_j.simulated};
}

double Validation::tolerance_of(const Total& total) const {
    return tolerances.total_percent * (total.name.rfind("EDAP", 0) == 0 ? 2 : 1);
}

double Validation::judged_cycles_percent(const Layer& layer) const {
    const double latency = totals.front().value.simulated;
    return 100 * (layer.cycles.estimated - layer.cycles.simulated) /
           std::max(layer.cycles.simulated, shortest_layer_judged * latency);
}

bool Validation::passed() const {
    return std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return v.passed(); });
}

std::string dominant_stall(const SimulationResult::Layer& layer, bool digital) {
    const StateCycles states = layer.states();
    const std::uint64_t active = states.total() - states.idle;
    if (active == 0)
        return "idle";
    const auto text = [active](const char* words, std::uint64_t cycles) {
        return fmt::format("{} {:.0f} %", words, 100 * static_cast<double>(cycles) / static_cast<double>(active));
    };
    if (states.waiting > states.busy && states.waiting >= states.blocked)
        return text("waiting for input", states.waiting);
    if (states.blocked > states.busy)
        return text("blocked by output", states.blocked);
    if (layer.arrays == 0)
        return text("busy in the vector unit", states.busy);
    if (digital)
        return text("busy multiplying", states.busy);
    return text(layer.adc_cycles > layer.read_cycles ? "busy converting" : "busy reading", states.busy);
}

Validation compare_models(const TwoModels& models, const Tolerances& tolerances) {
    Validation v;
    v.network = models.network.graph.name;
    v.images = models.simulation.images;
    v.data_from_values = models.simulation.data_from_values;
    v.layers = compare_layers(models);
    v.classes = compare_classes(models.estimate, models.simulation);
    v.busy = compare_busy(models.estimate.activity, models.simulation.activity);
    v.totals = compare_totals(models);
    v.energy_with_data_j = models.simulation.energy_per_image_j();
    v.no_interval = models.no_interval;
    v.powers = models.simulation.powers;
    v.cost_warnings = models.simulation.cost_warnings;
    v.pipelined = models.pipelined;
    v.contended = models.estimate.contention;
    CountComparison(v, models.network.graph)
        .compare(models.estimate.activity.sizes_only(), models.simulation.activity.sizes_only());
    for (const ReportedFigure& figure : models.reported)
        v.against.push_back(figure_against(figure, models.estimate, models.simulation));
    v.tolerances = tolerances;
    v.verdicts = judge(v);
    return v;
}

}  // namespace xloop
