#include "apps/search/search_tables.hpp"

#include "core/confidence.hpp"
#include "nas/rank_correlation.hpp"
#include "nas/search.hpp"
#include "nas/search_metrics.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <utility>

namespace xloop {
namespace {

Json share_or_null(const std::optional<AccuracyCell>& cell) { return cell ? Json(cell->share()) : Json(); }

Json interval_or_null(const std::optional<AccuracyCell>& cell) {
    if (!cell)
        return {};
    const auto [low, high] = confidence(cell->correct, cell->total);
    return {low, high};
}

std::string percent_text(const std::optional<AccuracyCell>& cell) {
    if (!cell)
        return "";
    const auto [low, high] = confidence(cell->correct, cell->total);
    return fmt::format("{:.1f} [{:.1f}, {:.1f}]", 100 * cell->share(), 100 * low, 100 * high);
}

std::string metric_text(const SearchMetric& metric, const Candidate& candidate) {
    const double value = candidate.refused.empty() ? metric.value(candidate) : std::nan("");
    return std::isnan(value) ? "" : fmt::format(fmt::runtime(metric.format), metric.scale * value);
}

std::string state_text(const Candidate& c) {
    return !c.refused.empty()  ? "does not fit"
           : c.violation > 0.0 ? "breaks a constraint"
           : c.rank > 0        ? fmt::format("rank {}", c.rank)
           : c.chosen          ? "chosen"
           : c.on_front        ? "front"
                               : "";
}

double percent_error(double estimated, double found) { return 100.0 * (estimated - found) / found; }

}  // namespace

Table candidate_table(const std::vector<Candidate>& candidates) {
    const SearchMetric &clean = metric_named("clean"), &robust = metric_named("robust");
    Table table{
        "candidates",
        for_programs("id,generation,parent,origin,network,hardware,clean:.6g,clean_low:.6g,clean_high:.6g,"
                     "robust:.6g,robust_low:.6g,robust_high:.6g,energy_j:.6g,latency_s:.6g,area_mm2:.6g,edap:.6g,"
                     "confirmed,test_clean:.6g,test_robust:.6g,violation:.6g,on_front,chosen,rank,refused")};
    for (const Candidate& c : candidates) {
        const FiguresOfMerit& f = c.figures().figures;
        const auto a = clean.cell(c.accuracy), b = robust.cell(c.accuracy);
        const Json ia = interval_or_null(a), ib = interval_or_null(b);
        const auto end = [](const Json& interval, std::size_t i) { return interval.is_null() ? Json() : interval[i]; };
        const auto known = [&](double value) { return c.refused.empty() ? Json(value) : Json(); };
        table.add(c.id, c.generation, c.parent > 0 ? Json(c.parent) : Json(), c.origin, c.network, c.hardware,
                  share_or_null(a), end(ia, 0), end(ia, 1), share_or_null(b), end(ib, 0), end(ib, 1),
                  known(f.energy_alone_j()), known(f.latency_s), known(f.area_mm2), known(f.edap_alone()),
                  c.confirmed.has_value(), share_or_null(clean.cell(c.test)), share_or_null(robust.cell(c.test)),
                  c.violation, c.on_front, c.chosen, c.rank > 0 ? Json(c.rank) : Json(), c.refused);
    }
    return table;
}

Table short_table(const SearchConfig& config, const std::vector<Candidate>& candidates, std::size_t most) {
    const auto cut = [most](const std::string& text) {
        return text.size() > most ? text.substr(0, most) + "..." : text;
    };
    const bool tested =
        std::any_of(candidates.begin(), candidates.end(), [](const Candidate& c) { return !c.test.cells().empty(); });
    const bool knobs =
        std::any_of(candidates.begin(), candidates.end(), [](const Candidate& c) { return c.hardware != "-"; });
    Table table{"candidates", {Column("", "id", 5)}};
    for (const std::string& name : config.objectives)
        table.columns.emplace_back("", metric_named(name).heading, 10, 1);
    if (tested)
        for (const char* heading : {"test clean %", "test robust %"})
            table.columns.emplace_back("", heading, -18, 2);
    table.columns.emplace_back("", "", -8, 2);
    table.columns.emplace_back("", "network", -20, 1);
    if (knobs)
        table.columns.emplace_back("", "hardware", -10, 1);
    for (const Candidate& c : candidates) {
        std::vector<Json> row = {c.id};
        for (const std::string& name : config.objectives)
            row.emplace_back(metric_text(metric_named(name), c));
        if (tested)
            for (const char* name : {"clean", "robust"})
                row.emplace_back(percent_text(metric_named(name).cell(c.test)));
        row.emplace_back(state_text(c));
        row.emplace_back(cut(c.network));
        if (knobs)
            row.emplace_back(cut(c.hardware));
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::vector<Candidate> front_of(const std::vector<Candidate>& candidates, const SearchConfig& config) {
    std::vector<Candidate> front;
    std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(front),
                 [](const Candidate& c) { return c.on_front; });
    const SearchMetric& first = metric_named(config.objectives.front());
    std::stable_sort(front.begin(), front.end(), [&](const Candidate& a, const Candidate& b) {
        if ((a.rank > 0) != (b.rank > 0))
            return a.rank > 0;
        return a.rank != b.rank ? a.rank < b.rank : minimised(first, first.value(a)) < minimised(first, first.value(b));
    });
    return front;
}

Json front_json(const std::vector<Candidate>& front) {
    Json all = Json::array();
    for (const Candidate& c : front) {
        const auto accuracy = [&](const char* name, const AccuracyTable& table) {
            const auto cell = metric_named(name).cell(table);
            return Json{{"share", share_or_null(cell)}, {"interval", interval_or_null(cell)}};
        };
        Json entry = {{"id", c.id},
                      {"genome", c.network},
                      {"hardware", c.hardware},
                      {"assignments", c.assignments},
                      {"clean", accuracy("clean", c.accuracy)},
                      {"robust", accuracy("robust", c.accuracy)},
                      {"edap", c.estimate.figures.edap_alone()},
                      {"confirmed", nullptr},
                      {"rank", c.rank > 0 ? Json(c.rank) : Json()}};
        if (!c.test.cells().empty())
            entry["test"] = {{"clean", accuracy("clean", c.test)}, {"robust", accuracy("robust", c.test)}};
        if (c.confirmed) {
            const HardwareFigures& h = c.confirmed->hardware;
            entry["confirmed"] = {{"cycles", h.cycles},
                                  {"energy_j", h.figures.energy_alone_j()},
                                  {"edap", h.figures.edap_alone()},
                                  {"logits_equal", c.confirmed->logits_equal}};
        }
        all.push_back(std::move(entry));
    }
    return all;
}

Table confirmation_table(const std::vector<Candidate>& candidates) {
    Table table{"cycle model",
                {Column("", "id", 5), Column("", "cycles estimated", 12, 1), Column("", "simulated", 10, 1),
                 Column("", "error", 8, 1, "{:+.2f} %"), Column("", "energy uJ", 10, 1, "{:.4f}", 1e6),
                 Column("", "area mm2", 9, 1, "{:.3f}"), Column("", "EDAP Jsmm2", 11, 1, "{:.3e}"),
                 Column("", "error", 8, 1, "{:+.2f} %")}};
    for (const Candidate& c : candidates)
        if (c.confirmed) {
            const HardwareFigures& h = c.confirmed->hardware;
            table.add(c.id == 0 ? Json("base") : Json(c.id), c.estimate.cycles, h.cycles,
                      percent_error(static_cast<double>(c.estimate.cycles), static_cast<double>(h.cycles)),
                      h.figures.energy_alone_j(), h.figures.area_mm2, h.figures.edap_alone(),
                      percent_error(c.estimate.figures.edap_alone(), h.figures.edap_alone()));
        }
    return table;
}

std::string prediction_text(const SearchConfig& config, const std::vector<Candidate>& candidates) {
    std::string text;
    std::size_t place = 0;
    for (const std::string& name : config.objectives) {
        const SearchMetric& metric = metric_named(name);
        if (metric.source != MetricSource::accuracy)
            continue;
        std::vector<double> predicted, found;
        for (const Candidate& c : candidates)
            if (!c.predicted.empty() && c.judged()) {
                predicted.push_back(c.predicted.at(place));
                found.push_back(metric.value(c));
            }
        ++place;
        if (found.size() > 2)
            text += fmt::format("predictor: Kendall's tau of {} before and after judging {:.2f}, over {} candidates\n",
                                name, kendall_tau(predicted, found), found.size());
    }
    std::vector<double> estimated, simulated;
    double worst = 0.0;
    for (const Candidate& c : candidates)
        if (c.confirmed) {
            estimated.push_back(c.estimate.figures.edap_alone());
            simulated.push_back(c.confirmed->hardware.figures.edap_alone());
            worst = std::max(worst, std::abs(percent_error(estimated.back(), simulated.back())));
        }
    if (!simulated.empty()) {
        text += fmt::format("estimate: EDAP within {:.2f} % of the cycle model", worst);
        if (simulated.size() > 2)
            text += fmt::format(", Kendall's tau {:.2f}", kendall_tau(estimated, simulated));
        text += fmt::format(", over {} candidates\n", simulated.size());
    }
    return text;
}

std::string baseline_text(const std::vector<Candidate>& candidates, const Candidate& baseline) {
    std::string text =
        fmt::format("baseline: clean {} %, robust {} % on the test images, EDAP {:.3e} J s mm2\n",
                    percent_text(metric_named("clean").cell(baseline.test)),
                    percent_text(metric_named("robust").cell(baseline.test)), baseline.figures().figures.edap_alone());
    for (const Candidate& c : candidates) {
        if (!c.chosen || c.test.cells().empty())
            continue;
        const auto points = [&](const char* name) {
            const SearchMetric& metric = metric_named(name);
            const auto own = metric.cell(c.test), other = metric.cell(baseline.test);
            return own && other ? 100 * (own->share() - other->share()) : 0.0;
        };
        text += fmt::format("  candidate {}: clean {:+.1f}, robust {:+.1f} points, EDAP {:.2f} times lower\n", c.id,
                            points("clean"), points("robust"),
                            baseline.figures().figures.edap_alone() / c.figures().figures.edap_alone());
    }
    return text;
}

Table hypervolume_table(const SearchConfig& config, const std::vector<Candidate>& candidates) {
    Table table{"hypervolume",
                {Column("candidates", "candidates", 10), Column("hypervolume", "hypervolume", 12, 2, "{:.4f}")}};
    const std::vector<double> volumes = hypervolume_of_first(config, candidates, candidates);
    for (std::size_t n = 1; n < volumes.size(); n *= 2)
        table.add(n, volumes[n - 1]);
    if (!volumes.empty())
        table.add(volumes.size(), volumes.back());
    return table;
}

}  // namespace xloop
