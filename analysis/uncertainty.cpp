#include "analysis/uncertainty.hpp"

#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/random.hpp"
#include "systemc_model/estimate/quick_estimate.hpp"
#include "systemc_model/estimate/run_estimate.hpp"
#include "systemc_model/mapping/flow_geometry.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>

namespace xloop {
namespace {

/// Of a standard normal variable, 90 % is within this many deviations of 0.
constexpr double deviations_of_90_percent = 1.6448536269514722;

struct FigureKind {
    const char* name;
    const char* unit;
    double (*of)(const FiguresOfMerit&);
};

constexpr std::array<FigureKind, 6> kinds = {{
    {"energy alone", "J", [](const FiguresOfMerit& m) { return m.energy_alone_j(); }},
    {"area", "mm2", [](const FiguresOfMerit& m) { return m.area_mm2; }},
    {"EDAP alone", "J s mm2", [](const FiguresOfMerit& m) { return m.edap_alone(); }},
    {"EDAP stream", "J s mm2", [](const FiguresOfMerit& m) { return m.edap_stream(); }},
    {"power of a stream", "W", [](const FiguresOfMerit& m) { return m.average_power_w(); }},
    {"efficiency", "TOPS/W", [](const FiguresOfMerit& m) { return m.tops_per_watt(); }},
}};
constexpr std::size_t edap_alone = 2;

/// A row's random factor, the same in every design that has it.
class Factors {
public:
    Factors(const UncertainShare& row, std::uint64_t seed)
        : random_(seed, RandomUse::cost_rows), address_(Digest().add(row.table).add(row.row).value()),
          deviation_(std::log(row.factor) / deviations_of_90_percent) {}
    double logarithm(int sample) const {
        return deviation_ * random_.normal(address_, static_cast<std::uint64_t>(sample));
    }

private:
    KeyedRandom random_;
    std::uint64_t address_;
    double deviation_;
};

/// Figures by sample, and the logarithms of rows' factors: by row, by sample.
struct Samples {
    std::vector<FiguresOfMerit> figures;
    std::vector<std::vector<double>> logarithms;
};

Samples draw(const UncertainDesign& design, int samples, std::uint64_t seed) {
    Samples drawn{std::vector<FiguresOfMerit>(static_cast<std::size_t>(samples), design.figures), {}};
    for (const UncertainShare& row : design.rows) {
        const Factors factors(row, seed);
        std::vector<double>& logarithms = drawn.logarithms.emplace_back();
        for (int s = 0; s < samples; ++s) {
            logarithms.push_back(factors.logarithm(s));
            const double more = std::expm1(logarithms.back());
            FiguresOfMerit& figures = drawn.figures[static_cast<std::size_t>(s)];
            figures.dynamic_j += more * row.dynamic_j;
            figures.static_w += more * row.static_w;
            figures.area_mm2 += more * row.area_mm2;
        }
    }
    return drawn;
}

/// Of sorted values, between neighbours in proportion.
double quantile(const std::vector<double>& sorted, double share) {
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double part = place - static_cast<double>(below);
    return below + 1 < sorted.size() ? (1 - part) * sorted[below] + part * sorted[below + 1] : sorted.back();
}

double squared_correlation(const std::vector<double>& a, const std::vector<double>& b) {
    const auto n = static_cast<double>(a.size());
    double mean_a = 0, mean_b = 0, ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        mean_a += a[i] / n;
        mean_b += b[i] / n;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += (a[i] - mean_a) * (b[i] - mean_b);
        aa += (a[i] - mean_a) * (a[i] - mean_a);
        bb += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return aa > 0 && bb > 0 ? ab * ab / (aa * bb) : 0;
}

void demand_rows(const UncertainDesign& design) {
    if (design.rows.empty())
        throw InputError(
            fmt::format("no row of the cost table of {} that costs anything states how uncertain it is; give rows "
                        "`within` (events) or "
                        "`area_within` and `power_within` (components) with `within_source`, or take "
                        "configs/tech/generic_32nm.yaml",
                        design.name));
}

double share_without(double all, const std::vector<UncertainShare>& rows, double UncertainShare::*part) {
    double charged = 0;
    for (const UncertainShare& row : rows)
        charged += row.*part;
    return all > 0 ? std::max(0.0, 1 - charged / all) : 0;
}

}  // namespace

double UncertainDesign::certain_dynamic_share() const {
    return share_without(figures.dynamic_j, rows, &UncertainShare::dynamic_j);
}
double UncertainDesign::certain_static_share() const {
    return share_without(figures.static_w, rows, &UncertainShare::static_w);
}
double UncertainDesign::certain_area_share() const {
    return share_without(figures.area_mm2, rows, &UncertainShare::area_mm2);
}

UncertainDesign uncertain_design(std::string name, const MappedNetwork& network, const CostTable& costs, int images,
                                 const DataAverages& averages) {
    const FlowGeometry geometry(network.graph);
    const RunEstimate run = estimate_run(geometry, network, images);
    const std::vector<UnitCosts> types = type_costs(costs, network.kinds, CostDetail::figures);
    const auto macs = static_cast<double>(network.graph.macs());
    const auto figures_by = [&](const std::vector<UnitCosts>& of) {
        return quick_figures(run, network, of, images, averages, macs).figures;
    };
    UncertainDesign design{std::move(name), figures_by(types), {}};
    // Twice the row, less what there was: what it is charged for.
    const auto add = [&](const std::string& row, double factor, const CostOrigin& origin,
                         const std::function<void(UnitCosts&)>& twice) {
        if (factor <= 1)
            return;
        std::vector<UnitCosts> more = types;
        for (UnitCosts& type : more)
            twice(type);
        const FiguresOfMerit with = figures_by(more);
        const UncertainShare share{row,
                                   costs.name,
                                   factor,
                                   origin.within_source,
                                   with.dynamic_j - design.figures.dynamic_j,
                                   with.static_w - design.figures.static_w,
                                   with.area_mm2 - design.figures.area_mm2};
        if (share.dynamic_j > 0 || share.static_w > 0 || share.area_mm2 > 0)
            design.rows.push_back(share);
    };
    for (std::size_t e = 0; e < event_count; ++e) {
        const CostOrigin& origin = costs.events[e].origin;
        add(fmt::format("energy of {}", name_of(static_cast<Event>(e))), origin.within, origin,
            [e](UnitCosts& type) { type.events[e].energy_pj *= 2; });
    }
    for (std::size_t c = 0; c < component_count; ++c) {
        const CostOrigin& origin = costs.components[c].origin;
        const std::string component = name_of(static_cast<Component>(c));
        add("area of " + component, origin.area_within, origin,
            [c](UnitCosts& type) { type.components[c].area_um2 *= 2; });
        add("power of " + component, origin.power_within, origin, [c](UnitCosts& type) {
            type.components[c].leakage_uw *= 2;
            type.components[c].refresh_uw *= 2;
            type.components[c].clock_pj *= 2;
        });
    }
    return design;
}

Uncertainty spread_of(const UncertainDesign& design, int samples, std::uint64_t seed) {
    demand_rows(design);
    const Samples drawn = draw(design, samples, seed);
    Uncertainty found{design.name,
                      samples,
                      seed,
                      {},
                      {},
                      design.certain_dynamic_share(),
                      design.certain_static_share(),
                      design.certain_area_share()};
    std::vector<double> edap;
    for (std::size_t k = 0; k < kinds.size(); ++k) {
        std::vector<double> values;
        for (const FiguresOfMerit& figures : drawn.figures)
            values.push_back(kinds[k].of(figures));
        if (k == edap_alone)
            for (const double value : values)
                edap.push_back(std::log(value));
        std::sort(values.begin(), values.end());
        if (std::isfinite(values.front()) && std::isfinite(values.back()))
            found.figures.push_back({kinds[k].name, kinds[k].unit, kinds[k].of(design.figures), quantile(values, 0.5),
                                     quantile(values, 0.05), quantile(values, 0.95)});
    }
    for (std::size_t r = 0; r < design.rows.size(); ++r)
        found.rows.push_back({design.rows[r], squared_correlation(drawn.logarithms[r], edap)});
    std::stable_sort(found.rows.begin(), found.rows.end(),
                     [](const DecidingRow& a, const DecidingRow& b) { return a.decides > b.decides; });
    return found;
}

UncertainComparison compare_designs(const UncertainDesign& first, const UncertainDesign& second, int samples,
                                    std::uint64_t seed) {
    demand_rows(first);
    demand_rows(second);
    const Samples of_first = draw(first, samples, seed), of_second = draw(second, samples, seed);
    UncertainComparison found{first.name, second.name, samples, seed, {}};
    for (const FigureKind& kind : kinds) {
        std::vector<double> ratios;
        for (std::size_t s = 0; s < of_first.figures.size(); ++s)
            ratios.push_back(kind.of(of_second.figures[s]) / kind.of(of_first.figures[s]));
        const auto smaller = std::count_if(ratios.begin(), ratios.end(), [](double ratio) { return ratio < 1; });
        std::sort(ratios.begin(), ratios.end());
        if (std::isfinite(ratios.front()) && std::isfinite(ratios.back()))
            found.ratios.push_back({kind.name, kind.of(second.figures) / kind.of(first.figures), quantile(ratios, 0.5),
                                    quantile(ratios, 0.05), quantile(ratios, 0.95),
                                    static_cast<double>(smaller) / static_cast<double>(ratios.size())});
    }
    return found;
}

Table Uncertainty::table() const {
    Table table{"uncertainty",
                {Column("figure", "figure", -18), Column("unit", "unit", -8, 2),
                 Column("value", "by the table", 12, 2, "{:.4g}"), Column("median", "median", 10, 2, "{:.4g}"),
                 Column("low", "90 % from", 10, 2, "{:.4g}"), Column("high", "to", 10, 2, "{:.4g}")}};
    for (const UncertainFigure& figure : figures)
        table.add(figure.name, figure.unit, figure.value, figure.median, figure.low, figure.high);
    return table;
}

Table Uncertainty::row_table(std::size_t most) const {
    Table table{"rows that matter",
                {Column("row", "row", -26), Column("decides", "decides", 8, 2, "{:.1f} %", 100),
                 Column("within", "within x", 8, 2, "{:g}"), Column("source", "because", -30, 2),
                 Column("dynamic_j", ""), Column("static_w", ""), Column("area_mm2", "")}};
    for (std::size_t r = 0; r < std::min(most, rows.size()); ++r) {
        const UncertainShare& share = rows[r].share;
        table.add(share.row, rows[r].decides, share.factor, share.source, share.dynamic_j, share.static_w,
                  share.area_mm2);
    }
    return table;
}

Json Uncertainty::json() const {
    return {{"name", name},
            {"samples", samples},
            {"seed", seed},
            {"figures", table().json()},
            {"rows", row_table(rows.size()).json()},
            {"without_statement",
             {{"dynamic_energy", certain_dynamic_share},
              {"static_power", certain_static_share},
              {"area", certain_area_share}}}};
}

std::string Uncertainty::text() const {
    constexpr std::size_t shown_rows = 3;
    return fmt::format(
        "uncertainty of {}: {} samples of the cost table's rows, seed {}\n{}\nrows that decide the EDAP alone\n{}"
        "rows that do not state how uncertain they are count as exact: {:.0f} % of the dynamic energy, {:.0f} % of the "
        "static "
        "power, {:.0f} % of the area\n",
        name, samples, seed, table().text(), row_table(shown_rows).text(), 100 * certain_dynamic_share,
        100 * certain_static_share, 100 * certain_area_share);
}

Table UncertainComparison::table() const {
    Table table{"comparison",
                {Column("figure", "figure", -18), Column("value", "ratio", 10, 2, "{:.3f}"),
                 Column("median", "median", 10, 2, "{:.3f}"), Column("low", "90 % from", 10, 2, "{:.3f}"),
                 Column("high", "to", 10, 2, "{:.3f}"), Column("smaller", "smaller in", 10, 2, "{:.1f} %", 100),
                 Column("differ", "", 0, 0), Column("", "verdict", -20, 2)}};
    for (const Ratio& ratio : ratios)
        table.add(ratio.name, ratio.value, ratio.median, ratio.low, ratio.high, ratio.smaller, ratio.differ(),
                  ratio.differ() ? (ratio.high < 1 ? "smaller" : "larger") : "not told apart");
    return table;
}

Json UncertainComparison::json() const {
    return {{"first", first}, {"second", second}, {"samples", samples}, {"seed", seed}, {"ratios", table().json()}};
}

std::string UncertainComparison::text() const {
    return fmt::format(
        "{} over {}, the same rows with the same errors\n{}told apart: 1 is outside of the 90 % interval\n", second,
        first, table().text());
}

}  // namespace xloop
