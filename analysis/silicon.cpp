#include "analysis/silicon.hpp"

#include "analysis/bottleneck_changes.hpp"
#include "analysis/study.hpp"
#include "core/error.hpp"
#include "systemc_model/cost/unit_costs.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

using Role = FigureAgainstSilicon::Role;

WorkloadGraph matrix_of(const SiliconPoint& point) {
    const std::string text = fmt::format(
        "name: vector\ninput: {{channels: {}, height: 1, width: 1}}\n"
        "layers:\n  - {{name: matrix, type: linear, out_channels: {}, bias: false}}\n",
        point.inputs, point.outputs);
    return build_graph(parse_network(text, "one matrix").resolve({}));
}

double value_in_unit(const SiliconFigure& figure, const MacroCosts& costs, const SiliconChip& chip) {
    const MacroParts& parts = figure.parts.empty() ? chip.scope : figure.parts;
    return figure.metric->value(costs, parts, chip.scope) / figure.unit->factor;
}

MacroCosts with_factor(MacroCosts costs, const MacroParts& classes, double factor) {
    for (const MacroPart& part : classes) {
        costs.energy_j[part.index] *= factor;
        for (std::size_t e = 0; e < event_count; ++e)
            if (static_cast<std::size_t>(component_of(static_cast<Event>(e))) == part.index)
                costs.event_j[e] *= factor;
    }
    return costs;
}

/// E + (k - 1) S = wanted, with E the energy that the figure holds and S the part of it that the fit multiplies.
double factor_of(const SiliconChip& chip, const MacroCosts& costs) {
    const SiliconFit& fit = *chip.fit;
    const SiliconFigure& figure = chip.points[fit.point_index].figures[fit.figure_index];
    const MacroParts& held = figure.parts.empty() ? chip.scope : figure.parts;
    const double energy = costs.joules(held), part = with_factor(costs, fit.classes, 2).joules(held) - energy;
    const double ratio = figure.value / value_in_unit(figure, costs, chip);
    const double wanted = energy * std::pow(ratio, figure.metric->energy_power);
    const double factor = 1 + (wanted - energy) / part;
    if (!(part > 0) || !(factor > 0))
        throw InputError(
            fmt::format("{}: fit: {} of point `{}` cannot come out by a factor above 0 on the fit's classes: they have "
                        "{:.4g} pJ of "
                        "{:.4g} pJ, and {:.4g} pJ are wanted; name other classes, or leave the fit out",
                        chip.file, figure.name(), fit.point, 1e12 * part, 1e12 * energy, 1e12 * wanted));
    return factor;
}

}  // namespace

SiliconKind kind_of(const SiliconFigure& figure) {
    switch (figure.metric->quantity) {
    case Quantity::share:
        return std::string(figure.metric->name) == "area_share" ? SiliconKind::area : SiliconKind::shares;
    case Quantity::time:
    case Quantity::operations: return SiliconKind::time;
    case Quantity::area:
    case Quantity::density: return SiliconKind::area;
    default: return figure.parts.empty() ? SiliconKind::energy : SiliconKind::parts;
    }
}

MacroCosts macro_costs(const SiliconChip& chip, const SiliconPoint& point, std::vector<std::string>& warnings) {
    CostTable table = load_cost_table(chip.cost_table);
    if (point.supply_v > 0)
        table.supply_v = point.supply_v;
    const HardwareConfig hardware = load_hardware(chip.hardware, point.overrides);
    const MappedNetwork network = map_network(matrix_of(point), hardware);
    DataAverages averages;
    averages.active_rows = point.active_rows;
    const HardwareReport report = estimate_hardware(network, table, 1, EstimateDetail::classes, averages);
    for (const std::string& warning : report.cost_warnings)
        if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end())
            warnings.push_back(warning);

    const LargestBlock block = largest_block(network.mapping.layers.front());  // of the arrays in lockstep
    MacroCosts costs;
    const std::int64_t cycles = network.layer_durations(0).vector_interval(block.rows, block.outs);
    costs.seconds = report.seconds(static_cast<double>(cycles));
    costs.operations = 2.0 * point.inputs * point.outputs;
    costs.cores = chip.cores;
    const UnitCosts units = unit_costs(table, network.layer_hardware(0), CostDetail::figures);
    const Counters counts = report.activity.total();
    for (std::size_t e = 0; e < event_count; ++e)
        costs.event_j[e] = 1e-12 * static_cast<double>(counts[static_cast<Event>(e)]) * units.events[e].energy_pj;
    for (std::size_t c = 0; c < component_count; ++c) {
        const double static_w = (report.ledger.energy_j[c] - report.ledger.dynamic_j[c]) / report.ledger.seconds;
        costs.energy_j[c] = report.ledger.dynamic_j[c] + static_w * costs.seconds;
        costs.area_mm2[c] = report.ledger.area_mm2[c];
    }
    return costs;
}

SiliconComparison compare_silicon(SiliconChip chip, std::vector<MacroCosts> costs) {
    SiliconComparison comparison;
    if (chip.fit)
        comparison.factor = factor_of(chip, costs[chip.fit->point_index]);
    for (std::size_t p = 0; p < chip.points.size(); ++p) {
        const MacroCosts scaled = chip.fit ? with_factor(costs[p], chip.fit->classes, comparison.factor) : costs[p];
        for (std::size_t f = 0; f < chip.points[p].figures.size(); ++f) {
            FigureAgainstSilicon against;
            against.point = p;
            against.figure = chip.points[p].figures[f];
            const bool anchor = chip.fit && chip.fit->point_index == p && chip.fit->figure_index == f;
            against.role = anchor ? Role::anchor : against.figure.given ? Role::given : Role::predicted;
            against.blind = value_in_unit(against.figure, costs[p], chip);
            against.fitted = value_in_unit(against.figure, scaled, chip);
            comparison.figures.push_back(std::move(against));
        }
    }
    comparison.points = std::move(costs);
    comparison.chip = std::move(chip);
    return comparison;
}

SiliconComparison against_silicon(SiliconChip chip) {
    std::vector<MacroCosts> costs;
    std::vector<std::string> warnings;
    for (const SiliconPoint& point : chip.points)
        try {
            costs.push_back(macro_costs(chip, point, warnings));
        } catch (const InputError& e) {
            throw InputError(fmt::format("{}: point `{}`: {}", chip.file, point.name, e.what()));
        }
    SiliconComparison comparison = compare_silicon(std::move(chip), std::move(costs));
    comparison.warnings = std::move(warnings);
    return comparison;
}

SiliconErrors silicon_errors(const std::vector<SiliconComparison>& chips, SiliconKind kind, bool fitted) {
    SiliconErrors errors;
    std::vector<double> factors;
    for (const SiliconComparison& chip : chips)
        for (const FigureAgainstSilicon& f : chip.figures) {
            // Without the fit the figure that it is made on is a prediction as any other.
            const bool counts = f.role == Role::predicted || (f.role == Role::anchor && !fitted);
            if (!counts || kind_of(f.figure) != kind)
                continue;
            const double ratio = fitted ? f.fitted_ratio() : f.blind_ratio();
            const double factor = std::max(ratio, 1 / ratio);
            factors.push_back(factor);
            if (factor > errors.worst_factor || errors.worst.empty()) {
                errors.worst_factor = factor;
                errors.worst_ratio = ratio;
                errors.worst =
                    fmt::format("{}, {}: {}", chip.chip.name, chip.chip.points[f.point].name, f.figure.name());
            }
        }
    errors.figures = static_cast<int>(factors.size());
    if (factors.empty())
        return errors;
    std::sort(factors.begin(), factors.end());
    const std::size_t middle = factors.size() / 2;
    errors.median_factor = factors.size() % 2 == 1 ? factors[middle] : std::sqrt(factors[middle - 1] * factors[middle]);
    return errors;
}

}  // namespace xloop
