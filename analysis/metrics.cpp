#include "analysis/metrics.hpp"

#include <algorithm>
#include <array>

namespace xloop {
namespace {

constexpr std::array<Unit, 30> unit_table = {{
    {"cycles", Quantity::time, 1},         {"ps", Quantity::time, 1e-12},
    {"ns", Quantity::time, 1e-9},          {"us", Quantity::time, 1e-6},
    {"ms", Quantity::time, 1e-3},          {"s", Quantity::time, 1},
    {"fJ", Quantity::energy, 1e-15},       {"pJ", Quantity::energy, 1e-12},
    {"nJ", Quantity::energy, 1e-9},        {"uJ", Quantity::energy, 1e-6},
    {"mJ", Quantity::energy, 1e-3},        {"J", Quantity::energy, 1},
    {"nW", Quantity::power, 1e-9},         {"uW", Quantity::power, 1e-6},
    {"mW", Quantity::power, 1e-3},         {"W", Quantity::power, 1},
    {"um2", Quantity::area, 1e-6},         {"mm2", Quantity::area, 1},
    {"cm2", Quantity::area, 100},          {"J s mm2", Quantity::edap, 1},
    {"pJ s mm2", Quantity::edap, 1e-12},   {"nJ ms mm2", Quantity::edap, 1e-12},
    {"uJ ms mm2", Quantity::edap, 1e-9},   {"pJ ns um2", Quantity::edap, 1e-27},
    {"%", Quantity::share, 1e-2},          {"1", Quantity::share, 1},
    {"images/s", Quantity::throughput, 1}, {"TOPS", Quantity::operations, 1},
    {"TOPS/W", Quantity::efficiency, 1},   {"TOPS/mm2", Quantity::density, 1},
}};

double of_classes(const PerComponent& values, const FigureScope& scope) {
    double sum = 0;
    for (Component c : scope.classes)
        sum += values[static_cast<std::size_t>(c)];
    return sum;
}

/// Of the run.
double dynamic_j(const HardwareReport& r, const FigureScope& s) {
    return s.total()      ? r.ledger.dynamic_total_j
           : s.layer >= 0 ? r.layers[static_cast<std::size_t>(s.layer)].energy.dynamic_j
                          : of_classes(r.ledger.dynamic_j, s);
}

double energy_j(const HardwareReport& r, const FigureScope& s) {
    return s.total()      ? r.ledger.energy_total_j
           : s.layer >= 0 ? r.layers[static_cast<std::size_t>(s.layer)].energy.total_j
                          : of_classes(r.ledger.energy_j, s);
}

double static_j(const HardwareReport& r, const FigureScope& s) { return energy_j(r, s) - dynamic_j(r, s); }

double area_mm2(const HardwareReport& r, const FigureScope& s) {
    return s.total() ? r.ledger.area_total_mm2 : of_classes(r.ledger.area_mm2, s);
}

double latency_cycles(const HardwareReport& r, const FigureScope& s) {
    return static_cast<double>(s.total() ? r.latency_cycles : r.layers[static_cast<std::size_t>(s.layer)].cycles);
}

double run_cycles(const HardwareReport& r, const FigureScope& s) {
    return s.total() ? static_cast<double>(r.cycles) : latency_cycles(r, s);
}

using Report = const HardwareReport&;
using Of = const FigureScope&;
constexpr unsigned total = Metric::total, layer = Metric::layer, classes = Metric::classes;
constexpr std::array<Metric, 18> metric_table = {{
    {"cycles", Quantity::time, total | layer, false, run_cycles},
    {"latency", Quantity::time, total | layer, false, latency_cycles},
    {"interval", Quantity::time, total, true, [](Report r, Of) { return r.interval_cycles; }},
    {"energy", Quantity::energy, total | layer | classes, false,
     [](Report r, Of s) { return energy_j(r, s) / r.images; }},
    {"dynamic_energy", Quantity::energy, total | layer | classes, false,
     [](Report r, Of s) { return dynamic_j(r, s) / r.images; }},
    {"static_energy", Quantity::energy, total | layer | classes, false,
     [](Report r, Of s) { return static_j(r, s) / r.images; }},
    {"power", Quantity::power, total | layer | classes, false,
     [](Report r, Of s) { return energy_j(r, s) / r.ledger.seconds; }},
    {"dynamic_power", Quantity::power, total | layer | classes, false,
     [](Report r, Of s) { return dynamic_j(r, s) / r.ledger.seconds; }},
    {"static_power", Quantity::power, total | layer | classes, false,
     [](Report r, Of s) { return static_j(r, s) / r.ledger.seconds; }},
    {"area", Quantity::area, total | classes, false, area_mm2},
    {"energy_share", Quantity::share, layer | classes, false,
     [](Report r, Of s) { return energy_j(r, s) / r.ledger.energy_total_j; }},
    {"area_share", Quantity::share, classes, false,
     [](Report r, Of s) { return area_mm2(r, s) / r.ledger.area_total_mm2; }},
    {"edap", Quantity::edap, total, false, [](Report r, Of) { return r.figures.edap_alone(); }},
    {"edap_stream", Quantity::edap, total, true, [](Report r, Of) { return r.figures.edap_stream(); }},
    {"throughput", Quantity::throughput, total, true, [](Report r, Of) { return r.figures.images_per_s(); }},
    {"tops", Quantity::operations, total, true, [](Report r, Of) { return r.figures.tops(); }},
    {"tops_per_watt", Quantity::efficiency, total, true, [](Report r, Of) { return r.figures.tops_per_watt(); }},
    {"tops_per_mm2", Quantity::density, total, true, [](Report r, Of) { return r.figures.tops_per_mm2(); }},
}};

template <class Table>
auto find(const Table& table, const std::string& name) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& entry) { return name == entry.name; });
    return found == table.end() ? nullptr : &*found;
}

}  // namespace

double Metric::value(const HardwareReport& report, const FigureScope& scope, const Unit& unit) const {
    const double base = figure(report, scope);
    const bool in_seconds = quantity == Quantity::time && std::string(unit.name) != "cycles";
    return (in_seconds ? report.seconds(base) : base) / unit.factor;
}

std::vector<std::string> unit_names(Quantity quantity) {
    std::vector<std::string> names;
    for (const Unit& unit : unit_table)
        if (unit.quantity == quantity)
            names.emplace_back(unit.name);
    return names;
}

const Unit* find_unit(const std::string& name) { return find(unit_table, name); }

std::vector<std::string> metric_names() {
    std::vector<std::string> names;
    for (const Metric& metric : metric_table)
        names.emplace_back(metric.name);
    return names;
}

const Metric* find_metric(const std::string& name) { return find(metric_table, name); }

}  // namespace xloop
