#include "apps/search/run_report.hpp"

#include "analysis/validation.hpp"
#include "apps/search/pareto_plot.hpp"
#include "core/files.hpp"
#include "core/table.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <filesystem>
#include <sstream>

namespace xloop {
namespace {

/// Estimate against simulation, both for one image.
struct Check {
    HardwareReport simulation;
    Comparison cycles, energy_j, edap;
    bool counts_equal = true;

    explicit Check(const SubnetRecord& s)
        : simulation(HardwareReport::from_json(JsonReader(s.simulation, s.path + "/simulation.json"))) {
        const auto both = [&](auto figure) { return Comparison{figure(s.estimate), figure(simulation)}; };
        cycles = both([](auto& report) { return static_cast<double>(report.latency_cycles); });
        energy_j = both([](auto& report) { return report.energy_per_image_j(); });
        edap = both([](auto& report) { return report.edap(); });
        const Counters estimated = s.estimate.activity.sizes_only().total(),
                       simulated = simulation.activity.sizes_only().total();
        const auto images = static_cast<std::uint64_t>(simulation.images);
        for (std::size_t e = 0; e < event_count; ++e)
            counts_equal = counts_equal && estimated.events[e] * images == simulated.events[e];
    }

    Json json() const {
        return {{"cycles_error_percent", cycles.error_percent()},
                {"energy_error_percent", energy_j.error_percent()},
                {"edap_error_percent", edap.error_percent()},
                {"event_counts_equal", counts_equal}};
    }
};

std::string check_table(const std::vector<SubnetRecord>& subnets) {
    Table table{"cycle check",
                {Column("", "cycle check", -40), Column("", "estimated", 11, 0, "{:.0f}"),
                 Column("", "simulated", 11, 0, "{:.0f}"), Column("", "error", 9, 0, "{:.3f}%"),
                 Column("", "energy uJ", 12, 0, "{:.4f}", 1e6), Column("", "area mm2", 10, 0, "{:.3f}"),
                 Column("", "EDAP Jsmm2", 13, 0, "{:.3e}"), Column("", "error", 9, 0, "{:.3f}%")}};
    for (const SubnetRecord& s : subnets)
        if (s.chosen) {
            const Check c(s);
            table.add(s.path, c.cycles.estimated, c.cycles.simulated, c.cycles.error_percent(), c.energy_j.simulated,
                      c.simulation.ledger.area_total_mm2, c.edap.simulated, c.edap.error_percent());
        }
    return table.text() + "logits of the cycle model equal those of the untimed chip bit for bit\n";
}

std::string markdown_accuracy(const std::vector<SubnetRecord>& subnets) {
    std::string text = "| subnet |", rule = "|---|";
    for (const AccuracyCell& cell : subnets.front().accuracy.cells()) {
        text += fmt::format(" {} {} |", cell.engine_title(), cell.attack_title());
        rule += "---|";
    }
    text += " latency us | energy uJ | area mm2 | EDAP J s mm2 | |\n" + rule + "---|---|---|---|---|\n";
    for (const SubnetRecord& s : subnets) {
        text += fmt::format("| {} |", s.path);
        for (const AccuracyCell& cell : s.accuracy.cells())
            text += fmt::format(" {:.1f} % |", 100.0 * cell.share());
        text += fmt::format(" {:.2f} | {:.4f} | {:.3f} | {:.3e} | {} |\n", 1e6 * s.estimate.latency_s(),
                            1e6 * s.estimate.energy_per_image_j(), s.estimate.ledger.area_total_mm2, s.estimate.edap(),
                            s.chosen     ? "**chosen**"
                            : s.on_front ? "front"
                                         : "");
    }
    return text;
}

/// What the powers hold, and rows of the cost table that are for other hardware.
std::string markdown_costs(const HardwareReport& report) {
    std::string text = fmt::format("Costs of {}. Powers: {}.\n", report.cost_table, report.powers);
    for (const std::string& warning : report.cost_warnings)
        text += fmt::format("- **costs**: {}\n", warning);
    return text;
}

std::string markdown_check(const SubnetRecord& s) {
    const Check c(s);
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
    for (std::size_t l = 0; l < s.estimate.layers.size(); ++l)
        layers.add(s.estimate.layers[l].name, s.estimate.layers[l].cycles, c.simulation.layers.at(l).cycles);
    Table classes{"",
                  {Column("", "class", -1), Column("", "energy nJ an image", 1, 0, "{:.3f}", 1e9),
                   Column("", "area mm2", 1, 0, "{:.5f}")}};
    const Ledger& ledger = c.simulation.ledger;
    for (std::size_t i = 0; i < component_count; ++i)
        if (ledger.energy_j[i] > 0.0 || ledger.area_mm2[i] > 0.0)
            classes.add(name_of(static_cast<Component>(i)), ledger.energy_j[i] / c.simulation.images,
                        ledger.area_mm2[i]);
    classes.add("**total**", c.energy_j.simulated, ledger.area_total_mm2);
    return fmt::format("### {}\n\n", s.path) + sides.markdown() + "\n" + layers.markdown() + "\n" + classes.markdown() +
           "\n" + markdown_costs(c.simulation) + "\n";
}

std::string markdown_of(const ExperimentConfig& config, const NetworkSpec& space,
                        const std::vector<SubnetRecord>& subnets) {
    std::string text = fmt::format(
        "# {}\n\nxloop {} ({}), seed {}, chip seed {}. `effective_config.yaml` holds every setting and runs again as "
        "it stands.\n\n## Subnets of {} ({} in the space, {} sampled)\n\n",
        config.name, version, commit, config.seed, config.hardware.chip_seed, space.name, space.path_count(),
        subnets.size());
    text += markdown_accuracy(subnets);
    text += fmt::format(
        "\nAccuracy on {} test images. PGD: {} steps, epsilon {:.4g}, made on the software network, rounded to pixel "
        "levels, "
        "given unchanged\nto the software network and to the chip. Latency, energy, area and EDAP (energy an image x "
        "image "
        "latency x chip area)\nare the closed-form estimate. The front weighs chip PGD accuracy against EDAP.\n\n"
        "![accuracy under attack against EDAP](pareto.svg)\n\n## Cycle check\n\n"
        "The chosen subnets, run through the SystemC model image by image ({} images each). Logits of the timed run "
        "equal\n"
        "those of the untimed chip bit for bit; a difference would have stopped the run.\n\n",
        config.search.test_images, config.attack.steps, config.attack.epsilon, config.simulation.images);
    for (const SubnetRecord& s : subnets)
        if (s.chosen)
            text += markdown_check(s) +
                    fmt::format(
                        "Files: `subnets/{}/` with workload.yaml, weights.bin, simulation.json, activity.csv, "
                        "and traces where the experiment asks for them.\n\n",
                        folder_name(s.path));
    return text;
}

/// The activity of all chosen subnets in one table: a column `subnet`, then those of each subnet's own file.
std::string joined_activity(const std::vector<SubnetRecord>& subnets, const ResultsFolder& folder) {
    std::string text;
    for (const SubnetRecord& s : subnets) {
        if (!s.chosen)
            continue;
        std::istringstream lines(read_file(folder.subnet(s.path) + "/activity.csv"));
        std::string line;
        std::getline(lines, line);
        if (text.empty())
            text = "subnet," + line + "\n";
        while (std::getline(lines, line))
            text += s.path + "," + line + "\n";
    }
    return text;
}

const SubnetRecord* most_robust_chosen(const std::vector<SubnetRecord>& subnets) {
    const auto robust = [](const SubnetRecord& s) { return s.accuracy.robust(AccuracyCell::Engine::chip); };
    const SubnetRecord* best = nullptr;
    for (const SubnetRecord& s : subnets)
        if (s.chosen && (!best || robust(s) > robust(*best)))
            best = &s;
    return best;
}

}  // namespace

RunReport make_run_report(const ExperimentConfig& config, const NetworkSpec& space,
                          const std::vector<SubnetRecord>& subnets, const std::string& convolution_remedy) {
    RunReport report;
    report.json = {{"experiment", config.name},
                   {"version", version},
                   {"commit", commit},
                   {"seed", config.seed},
                   {"chip_seed", config.hardware.chip_seed},
                   {"network", space.name},
                   {"subnets_in_space", space.path_count()}};
    if (!convolution_remedy.empty())
        report.json["libtorch"] = convolution_remedy;
    for (const SubnetRecord& s : subnets) {
        Json entry = s.json();
        if (s.chosen)
            entry["check"] = Check(s).json();
        report.json["subnets"].push_back(entry);
    }
    const HardwareReport& costed = subnets.front().estimate;
    report.summary = subnet_table(subnets) + "\n" + check_table(subnets) + fmt::format("powers: {}\n", costed.powers);
    for (const std::string& warning : costed.cost_warnings)
        report.summary += "costs: " + warning + "\n";
    report.markdown = markdown_of(config, space, subnets);
    if (!convolution_remedy.empty()) {
        report.summary += "LibTorch: " + convolution_remedy + "\n";
        report.markdown += "## LibTorch\n\n" + convolution_remedy + ".\n";
    }
    report.subnets = subnets;
    return report;
}

void write_run_report(const RunReport& report, const ResultsFolder& folder) {
    write_file_atomically(folder.file("report.json"), report.json.dump(2) + "\n");
    write_file_atomically(folder.file("report.md"), report.markdown);
    write_file_atomically(folder.file("activity.csv"), joined_activity(report.subnets, folder));
    const std::string wave = folder.subnet(most_robust_chosen(report.subnets)->path) + "/wave.vcd";
    if (std::filesystem::exists(wave))
        write_file_atomically(folder.file("wave.vcd"), read_file(wave));
    plot_pareto(report.subnets, folder.file("pareto.svg"));
}

}  // namespace xloop
