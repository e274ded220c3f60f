#include "apps/experiment.hpp"
#include "apps/page/accuracy_charts.hpp"
#include "apps/page/charts.hpp"
#include "apps/page/sections.hpp"
#include "apps/search/search_tables.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/words.hpp"
#include "nas/search.hpp"
#include "nas/search_metrics.hpp"
#include "nas/search_store.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>

namespace xloop::page {
namespace {

namespace fs = std::filesystem;

/// What a folder of a search holds.
struct Found {
    SearchConfig config;
    std::vector<Candidate> candidates;
    std::optional<Candidate> baseline;
    std::string experiment, state, size;
    std::vector<SearchStore::Share> workers;
    bool finished() const { return state == "finished"; }
};

Found read_search(const std::string& folder) {
    const SearchStore store(folder + "/search.sqlite", sqlite::Access::read_only);
    Found found;
    found.config = load_experiment(folder + "/effective_config.yaml", {}).config.search;
    found.candidates = store.candidates();
    found.experiment = store.get("experiment");
    found.state = store.get("state");
    found.size = store.get("size");
    found.workers = store.workers();
    if (!found.finished())
        mark_front(found.config, found.candidates, 0);
    if (const std::string text = store.get("baseline"); !text.empty())
        found.baseline = Candidate::from_json(Json::parse(text), folder + "/search.sqlite: baseline");
    return found;
}

void add_lines(std::vector<std::string>& words, const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        words.push_back(line);
}

std::string group_of(const Candidate& c) {
    return c.violation > 0.0 ? "breaks a constraint" : c.chosen ? "chosen" : c.on_front ? "front" : "candidates";
}

/// What a candidate is; hovering over it says this and its figures.
Json described(const Candidate& c) {
    const std::string rank = c.rank > 0 ? fmt::format(", rank {}", c.rank) : "";
    Json lines = {c.id == 0 ? "baseline" : fmt::format("candidate {}{}", c.id, rank), c.network};
    if (c.hardware != "-")
        lines.push_back("hardware: " + c.hardware);
    return lines;
}

Section front_part(const Found& found) {
    Section part{"Pareto front"};
    std::vector<const SearchMetric*> metrics;
    for (const std::string& name : found.config.objectives)
        metrics.push_back(&metric_named(name));
    const std::size_t objectives = metrics.size();
    for (const SearchMetric& metric : all_metrics())
        if (std::find(metrics.begin(), metrics.end(), &metric) == metrics.end() &&
            std::any_of(found.candidates.begin(), found.candidates.end(),
                        [&](const Candidate& c) { return c.refused.empty() && std::isfinite(metric.value(c)); }))
            metrics.push_back(&metric);
    Json data = {{"metrics", Json::array()},
                 {"x", objectives > 1 ? 1 : 0},
                 {"y", objectives > 1 ? 0 : std::min<std::size_t>(1, metrics.size() - 1)},
                 {"groups", {"candidates", "front", "chosen", "breaks a constraint", "baseline"}},
                 {"line", "front"},
                 {"points", Json::array()}};
    for (const SearchMetric* metric : metrics)
        data["metrics"].push_back({{"name", metric->heading},
                                   {"log", metric->source == MetricSource::hardware},
                                   {"larger", metric->direction == Direction::maximise}});
    const auto add = [&](const Candidate& c, const std::string& group) {
        if (!c.refused.empty())
            return;
        Json values = Json::array();
        for (const SearchMetric* metric : metrics)
            values.push_back(drawn(metric->scale * metric->value(c)));
        data["points"].push_back({{"group", group}, {"values", values}, {"front", c.on_front}, {"text", described(c)}});
    };
    for (const Candidate& c : found.candidates)
        add(c, group_of(c));
    if (found.baseline)
        add(*found.baseline, "baseline");
    part.figures = {{"points", "Candidates",
                     "Point at one for its network, hardware and figures. Other axes can be chosen; the line joins the "
                     "front of the "
                     "search's own objectives.",
                     data}};
    std::vector<Candidate> front = front_of(found.candidates, found.config);
    part.tables = {short_table(found.config, front, std::string::npos)};
    part.tables.back().name = "the front, the chosen first";
    part.words.push_back(
        "Accuracies that the search weighs are of validation images; test images are seen by the chosen alone. A rank "
        "is by "
        "the cycle model, other figures of the hardware are in closed form.");
    add_lines(part.words, prediction_text(found.config, found.candidates));
    if (found.baseline)
        add_lines(part.words, baseline_text(found.candidates, *found.baseline));
    Section all{"All candidates"};
    all.folded = true;
    all.tables = {short_table(found.config, found.candidates, std::string::npos)};
    part.parts = {all};
    return part;
}

Section course_part(const Found& found) {
    Section part{
        "Course of the search",
        {"Hypervolume that the first candidates dominate: between the best and the worst values that were met, "
         "logarithms of the hardware's figures."}};
    const std::vector<double> volumes = hypervolume_of_first(found.config, found.candidates, found.candidates);
    std::vector<std::pair<double, double>> points;
    for (std::size_t n = 0; n < volumes.size(); ++n)
        points.emplace_back(static_cast<double>(n + 1), volumes[n]);
    Figure chart = line_chart("Hypervolume", "candidates", "hypervolume");
    add_line(chart, "hypervolume", points);
    part.figures = {chart};
    part.tables = {hypervolume_table(found.config, found.candidates)};
    Table workers{"who judged", {Column("", "worker", -1), Column("", "jobs"), Column("", "seconds", 1, 0, "{:.1f}")}};
    for (const SearchStore::Share& share : found.workers)
        workers.add(share.worker, share.jobs, share.seconds);
    part.tables.push_back(workers);
    return part;
}

std::string cell_label(const AccuracyCell& cell) {
    return engine_label(cell) + (cell.attacked() ? ", " + cell.attack_title() : ", clean");
}

Section chosen_part(const Found& found) {
    Section part{"The chosen on test images and in the cycle model"};
    std::vector<AccuracyBar> bars;
    Table table{"accuracy on test images",
                {Column("", "candidate", -1), Column("", "engine and attack", -1), Column("", "right", 1),
                 Column("", "of", 1), Column("", "share", 1, 0, "{:.2f} %", 100),
                 Column("", "95 % from", 1, 0, "{:.2f} %", 100), Column("", "to", 1, 0, "{:.2f} %", 100)}};
    const auto add = [&](const Candidate& c, const std::string& name) {
        for (const AccuracyCell& cell : c.test.cells()) {
            bars.push_back(bar_of(cell, cell_label(cell), name));
            table.add(name, cell_label(cell), cell.correct, cell.total, cell.share(), bars.back().low,
                      bars.back().high);
        }
    };
    for (const Candidate& c : found.candidates)
        if (c.chosen)
            add(c, fmt::format("candidate {}", c.id));
    if (found.baseline)
        add(*found.baseline, "baseline");
    if (!bars.empty())
        part.figures = {accuracy_chart("Test images that are classified rightly", bars, interval_words)};
    part.tables = {table, confirmation_table(found.candidates)};
    return part;
}

/// The cycle model's run of each chosen candidate, in the order of their ranks; all but the first to be opened.
std::vector<Section> hardware_of_chosen(const Found& found, const std::string& folder) {
    std::vector<Section> sections;
    for (const Candidate& c : front_of(found.candidates, found.config)) {
        const std::string file = fmt::format("{}/subnets/c{}/simulation.json", folder, c.id);
        if (!c.chosen || !fs::exists(file))
            continue;
        const Json json = Json::parse(read_file(file), nullptr, false);
        if (!json.is_object())
            throw InputError(file + ": is no JSON object; remove the folder subnets and run the search again");
        Section section{fmt::format("Hardware of candidate {}", c.id), {c.network, hardware_words(json, file)}};
        section.parts = hardware_parts(json, file);
        section.folded = !sections.empty();
        sections.push_back(std::move(section));
    }
    return sections;
}

std::string search_words(const Found& found) {
    const auto count = [&](auto which) {
        return std::count_if(found.candidates.begin(), found.candidates.end(), which);
    };
    std::string words = fmt::format(
        "Search {}: {} of {}, {} on the front, objectives {}", found.finished() ? "finished" : "not finished yet",
        counted(static_cast<int>(found.candidates.size()), "candidate"), found.size,
        count([](const Candidate& c) { return c.on_front; }), fmt::join(found.config.objectives, " and "));
    const std::vector<Candidate> front = front_of(found.candidates, found.config);
    if (front.empty())
        return words + ".";
    words += fmt::format(". {} is candidate {}",
                         front.front().rank > 0 ? "Ranked first" : "Best in the first objective", front.front().id);
    for (const std::string& name : found.config.objectives) {
        const SearchMetric& metric = metric_named(name);
        words += fmt::format(", {} {}", metric.heading,
                             fmt::format(fmt::runtime(metric.format), metric.scale * metric.value(front.front())));
    }
    return words + ": " + front.front().network + ".";
}

}  // namespace

Section search_section(const Result& result) {
    const Found found = read_search(result.folder);
    Section section{result.name, {search_words(found)}};
    if (!found.candidates.empty())
        section.parts = {front_part(found)};
    if (std::any_of(found.candidates.begin(), found.candidates.end(), [](const Candidate& c) { return c.chosen; }))
        section.parts.push_back(chosen_part(found));
    for (Section& part : hardware_of_chosen(found, result.folder))
        section.parts.push_back(std::move(part));
    if (!found.candidates.empty())
        section.parts.push_back(course_part(found));
    if (const std::string metrics = result.folder + "/metrics.jsonl"; fs::exists(metrics))
        section.parts.push_back(learning_part(read_lines(metrics)));
    section.parts.push_back(
        folder_provenance(result, {{"experiment", found.experiment}, {"state", found.state}}, "xloop run"));
    return section;
}

}  // namespace xloop::page
