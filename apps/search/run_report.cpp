#include "apps/search/run_report.hpp"

#include "analysis/json_fields.hpp"
#include "analysis/validation.hpp"
#include "apps/search/pareto_plot.hpp"
#include "apps/search/search_tables.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/table.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

namespace xloop {
namespace {

/// Estimate against simulation of a chosen candidate, both for one image.
struct Check {
    HardwareReport estimate, simulation;
    Comparison cycles, energy_j, edap;
    bool counts_equal = true;

    Check(const SearchStudy& study, const RunFolder& folder, const Candidate& candidate) {
        const std::string own = folder.file(candidate_folder(candidate.id)), stored = own + "/simulation.json";
        const std::string text = read_checked(stored, RunFolder::advice);
        read_checked(own + "/workload.yaml", RunFolder::advice);
        try {
            json_ = Json::parse(text);
        } catch (const Json::exception& e) {
            throw InputError(fmt::format("{}: is damaged ({}); {}", stored, e.what(), RunFolder::advice));
        }
        simulation = HardwareReport::from_json(JsonReader(json_, stored));
        estimate = estimate_hardware(
            map_network(load_workload(own + "/workload.yaml"), study.space().hardware(candidate.assignments)),
            study.costs(), 1, EstimateDetail::classes);
        const auto both = [&](auto figure) { return Comparison{figure(estimate), figure(simulation)}; };
        cycles = both([](auto& report) { return static_cast<double>(report.latency_cycles); });
        energy_j = both([](auto& report) { return report.energy_per_image_j(); });
        edap = both([](auto& report) { return report.edap(); });
        const Counters estimated = estimate.activity.sizes_only().total(),
                       simulated = simulation.activity.sizes_only().total();
        const auto images = static_cast<std::uint64_t>(simulation.images);
        for (std::size_t e = 0; e < event_count; ++e)
            counts_equal = counts_equal && estimated.events[e] * images == simulated.events[e];
    }

    Json json() const {
        return {{"estimate", estimate.json()},
                {"simulation", json_},
                {"check",
                 {{"cycles_error_percent", cycles.error_percent()},
                  {"energy_error_percent", energy_j.error_percent()},
                  {"edap_error_percent", edap.error_percent()},
                  {"event_counts_equal", counts_equal}}}};
    }

private:
    Json json_;
};

/// What the powers hold, and rows of the cost table that are for other hardware.
std::string markdown_costs(const HardwareReport& report) {
    std::string text = fmt::format("Costs of {}. Powers: {}.\n", report.cost_table, report.powers);
    for (const std::string& warning : report.cost_warnings)
        text += fmt::format("- **costs**: {}\n", warning);
    return text;
}

std::string title(const Candidate& c) {
    return fmt::format("{}: {}{}", c.id == baseline_id ? std::string("Baseline") : fmt::format("Candidate {}", c.id),
                       c.network, c.hardware == "-" ? "" : ", hardware " + c.hardware);
}

std::string markdown_check(const Candidate& candidate, const Check& c) {
    Table sides{"",
                {Column("", "", -1), Column("", "estimate", 1), Column("", "simulation", 1),
                 Column("", "error", 1, 0, "{:+.3f} %")}};
    const auto add = [&](const char* name, const char* format, double scale, const Comparison& figure) {
        sides.add(name, fmt::format(fmt::runtime(format), scale * figure.estimated),
                  fmt::format(fmt::runtime(format), scale * figure.simulated), figure.error_percent());
    };
    add("cycles an image", "{:.0f}", 1, c.cycles);
    add("energy an image, uJ", "{:.5f}", 1e6, c.energy_j);
    add("EDAP, J s mm2", "{:.4e}", 1, c.edap);
    sides.add("event counts", "", "", c.counts_equal ? "equal" : "**different**");
    Table layers{"", {Column("", "layer", -1), Column("", "cycles estimated", 1), Column("", "cycles simulated", 1)}};
    for (std::size_t l = 0; l < c.estimate.layers.size(); ++l)
        layers.add(c.estimate.layers[l].name, c.estimate.layers[l].cycles, c.simulation.layers.at(l).cycles);
    Table classes{"",
                  {Column("", "class", -1), Column("", "energy nJ an image", 1, 0, "{:.3f}", 1e9),
                   Column("", "area mm2", 1, 0, "{:.5f}")}};
    const Ledger& ledger = c.simulation.ledger;
    for (std::size_t i = 0; i < component_count; ++i)
        if (ledger.energy_j[i] > 0.0 || ledger.area_mm2[i] > 0.0)
            classes.add(name_of(static_cast<Component>(i)), ledger.energy_j[i] / c.simulation.images,
                        ledger.area_mm2[i]);
    classes.add("**total**", c.energy_j.simulated, ledger.area_total_mm2);
    return fmt::format("### {}\n\n", title(candidate)) + sides.markdown() + "\n" + layers.markdown() + "\n" +
           classes.markdown() + "\n" + markdown_costs(c.simulation) + "\n" +
           fmt::format(
               "Files: `{}/` with workload.yaml, weights.bin, simulation.json, activity.csv, and traces where the "
               "experiment asks for them.\n\n",
               candidate_folder(candidate.id));
}

std::vector<Candidate> chosen_of(const std::vector<Candidate>& candidates) {
    std::vector<Candidate> chosen;
    std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(chosen),
                 [](const Candidate& c) { return c.chosen; });
    std::stable_sort(chosen.begin(), chosen.end(),
                     [](const Candidate& a, const Candidate& b) { return a.rank < b.rank; });
    return chosen;
}

std::string how_judged(const ExperimentConfig& config) {
    const bool in_the_loop = config.search.threat == SearchThreat::hh;
    return fmt::format(
        "Candidates were judged by {} validation images, the chosen then by {} test images, which nothing was chosen "
        "by.\n"
        "Attack: PGD, {} steps, epsilon {:.4g}, made {}. Brackets: 95 % confidence. EDAP: energy of an image x its "
        "latency x\n"
        "chip area; of the chosen by the cycle model, of the others by the closed-form estimate.\n",
        config.search.judged_images, config.search.test_images, config.attack.steps, config.attack.epsilon,
        in_the_loop ? "with the chip in the loop" : "on the software network and given to the chip");
}

std::string markdown_of(const SearchStudy& study, const SearchResult& result, const std::vector<Check>& checks) {
    const ExperimentConfig& config = study.config();
    std::string text = fmt::format(
        "# {}\n\nxloop {} ({}), seed {}, chip seed {}. `effective_config.yaml` holds every setting and runs again as "
        "it stands.\n\n## The front of {} candidates of {} ({} in the space)\n\n",
        config.name, version, commit, config.seed, config.hardware.chip_seed, result.candidates.size(),
        study.network().name, study.space().size_text());
    text += short_table(config.search, front_of(result.candidates, config.search), std::string::npos).markdown() +
            "\n" + how_judged(config) + "\n![Pareto front](pareto.svg)\n\n";
    if (result.baseline)
        text += "```\n" + baseline_text(result.candidates, *result.baseline) + "```\n\n";
    const std::string predicted = prediction_text(config.search, result.candidates);
    text += "## How the search went\n\n" + hypervolume_table(config.search, result.candidates).markdown() +
            "\nHypervolume: of the unit box between the best and the worst values met, logarithms of hardware's "
            "figures.\n\n";
    if (!predicted.empty())
        text += "```\n" + predicted + "```\n\n";
    if (checks.empty())
        return text;
    text += fmt::format(
        "## Cycle check\n\nThe chosen candidates, run through the SystemC model image by image ({} images "
        "each). Logits of the timed run equal\nthose of the untimed chip bit for bit; a difference would "
        "have stopped the run.\n\n",
        config.simulation.images);
    std::size_t next = 0;
    for (const Candidate& c : chosen_of(result.candidates))
        text += markdown_check(c, checks[next++]);
    return text;
}

/// The activity of all chosen candidates in one table: a column `candidate`, then those of each one's own file.
std::string joined_activity(const std::vector<Candidate>& candidates, const RunFolder& folder) {
    std::string text;
    for (const Candidate& c : candidates) {
        if (!c.chosen)
            continue;
        std::istringstream lines(read_file(folder.file(candidate_folder(c.id)) + "/activity.csv"));
        std::string line;
        std::getline(lines, line);
        if (text.empty())
            text = "candidate," + line + "\n";
        while (std::getline(lines, line))
            text += fmt::format("{},{}\n", c.id, line);
    }
    return text;
}

}  // namespace

RunReport make_run_report(const SearchStudy& study, const RunFolder& folder, const SearchResult& result) {
    const ExperimentConfig& config = study.config();
    const std::string remedy = study.is_trained() ? study.trained().convolution_remedy() : std::string();
    RunReport report;
    report.result = result;
    report.json = {{"experiment", config.name},
                   {"version", version},
                   {"commit", commit},
                   {"seed", config.seed},
                   {"chip_seed", config.hardware.chip_seed},
                   {"network", study.network().name},
                   {"candidates_in_space", study.space().size_text()},
                   {"objectives", config.search.objectives}};
    if (!remedy.empty())
        report.json["libtorch"] = remedy;
    std::vector<Check> checks;
    for (const Candidate& c : chosen_of(result.candidates))
        checks.emplace_back(study, folder, c);
    std::map<int, const Check*> check_of;
    std::size_t next = 0;
    for (const Candidate& c : chosen_of(result.candidates))
        check_of[c.id] = &checks[next++];
    for (const Candidate& c : result.candidates) {
        Json entry = c.json();
        if (c.chosen)
            entry.update(check_of.at(c.id)->json());
        report.json["candidates"].push_back(entry);
    }
    report.json["baseline"] = result.baseline ? result.baseline->json() : Json();
    report.json["front"] = front_json(front_of(result.candidates, config.search));
    report.summary = short_table(config.search, front_of(result.candidates, config.search)).text();
    if (!checks.empty())
        report.summary += "\n" + confirmation_table(result.candidates).text() +
                          "logits of the cycle model equal those of the untimed chip bit for bit\n";
    report.summary += prediction_text(config.search, result.candidates);
    if (result.baseline)
        report.summary += baseline_text(result.candidates, *result.baseline);
    if (!checks.empty()) {
        report.summary += fmt::format("powers: {}\n", checks.front().simulation.powers);
        for (const std::string& warning : checks.front().simulation.cost_warnings)
            report.summary += "costs: " + warning + "\n";
    }
    report.markdown = markdown_of(study, result, checks);
    if (!remedy.empty()) {
        report.summary += "LibTorch: " + remedy + "\n";
        report.markdown += "## LibTorch\n\n" + remedy + ".\n";
    }
    report.candidates_csv = candidate_table(result.candidates).csv();
    return report;
}

void write_run_report(const RunReport& report, const SearchConfig& config, const RunFolder& folder) {
    write_file_atomically(folder.file("report.json"), report.json.dump(2) + "\n");
    write_file_atomically(folder.file("report.md"), report.markdown);
    write_file_atomically(folder.file("candidates.csv"), report.candidates_csv);
    write_file_atomically(folder.file("activity.csv"), joined_activity(report.result.candidates, folder));
    const std::vector<Candidate> chosen = chosen_of(report.result.candidates);
    if (!chosen.empty())
        if (const std::string wave = folder.file(candidate_folder(chosen.front().id)) + "/wave.vcd";
            std::filesystem::exists(wave))
            write_file_atomically(folder.file("wave.vcd"), read_file(wave));
    plot_pareto(report.result, config, folder.file("pareto.svg"));
}

}  // namespace xloop
