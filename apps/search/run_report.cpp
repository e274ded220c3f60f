#include "apps/search/run_report.hpp"

#include "apps/search/pareto_plot.hpp"
#include "core/files.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <cmath>
#include <filesystem>
#include <sstream>

namespace xloop {
namespace {

double percent_error(double estimated, double simulated) { return 100.0 * (estimated - simulated) / simulated; }

/// Estimate against simulation, both for one image.
struct Check {
    double cycles_estimated, cycles_simulated, energy_estimated, energy_simulated, area, edap_estimated, edap_simulated;
    bool counts_equal;

    explicit Check(const SubnetRecord& s)
        : cycles_estimated(static_cast<double>(s.estimate.latency_cycles)),
          cycles_simulated(s.simulation.at("latency_cycles")), energy_estimated(s.estimate.energy_per_image_j()),
          energy_simulated(s.simulation.at("energy_per_image_j")), area(s.simulation.at("area_mm2").at("total")),
          edap_estimated(s.estimate.edap()), edap_simulated(s.simulation.at("edap_j_s_mm2")), counts_equal(true) {
        const std::uint64_t images = s.simulation.at("images");
        const Counters estimated = s.estimate.activity.total();
        for (std::size_t e = 0; e < event_count; ++e) {
            if (depends_on_data(static_cast<Event>(e)))
                continue;
            const std::uint64_t simulated = s.simulation.at("activity").at(name_of(static_cast<Event>(e)));
            counts_equal = counts_equal && estimated.events[e] * images == simulated;
        }
    }

    Json json() const {
        return {{"cycles_error_percent", percent_error(cycles_estimated, cycles_simulated)},
                {"energy_error_percent", percent_error(energy_estimated, energy_simulated)},
                {"edap_error_percent", percent_error(edap_estimated, edap_simulated)},
                {"event_counts_equal", counts_equal}};
    }
};

std::string check_table(const std::vector<SubnetRecord>& subnets) {
    std::string text = fmt::format("{:<40}{:>11}{:>11}{:>9}{:>12}{:>10}{:>13}{:>9}\n", "cycle check", "estimated",
                                   "simulated", "error", "energy uJ", "area mm2", "EDAP Jsmm2", "error");
    for (const SubnetRecord& s : subnets) {
        if (!s.chosen)
            continue;
        const Check c(s);
        text += fmt::format("{:<40}{:>11.0f}{:>11.0f}{:>8.3f}%{:>12.4f}{:>10.3f}{:>13.3e}{:>8.3f}%\n", s.path,
                            c.cycles_estimated, c.cycles_simulated,
                            percent_error(c.cycles_estimated, c.cycles_simulated), 1e6 * c.energy_simulated, c.area,
                            c.edap_simulated, percent_error(c.edap_estimated, c.edap_simulated));
    }
    return text + "logits of the cycle model equal those of the untimed chip bit for bit\n";
}

std::string markdown_accuracy(const std::vector<SubnetRecord>& subnets) {
    std::string text =
        "| subnet | software clean | software PGD | int8 clean | chip clean | chip PGD | latency us | energy "
        "uJ | area mm2 | EDAP J s mm2 | |\n|---|---|---|---|---|---|---|---|---|---|---|\n";
    for (const SubnetRecord& s : subnets)
        text += fmt::format(
            "| {} | {:.1f} % | {:.1f} % | {:.1f} % | {:.1f} % | {:.1f} % | {:.2f} | {:.4f} | {:.3f} | {:.3e} "
            "| {} |\n",
            s.path, 100 * s.accuracy.software_clean, 100 * s.accuracy.software_pgd, 100 * s.accuracy.integer_clean,
            100 * s.accuracy.chip_clean, 100 * s.accuracy.chip_pgd, 1e6 * s.estimate.latency_s(),
            1e6 * s.estimate.energy_per_image_j(), s.estimate.ledger.area_total_mm2, s.estimate.edap(),
            s.chosen     ? "**chosen**"
            : s.on_front ? "front"
                         : "");
    return text;
}

std::string markdown_check(const SubnetRecord& s) {
    const Check c(s);
    std::string text = fmt::format("### {}\n\n| | estimate | simulation | error |\n|---|---|---|---|\n", s.path);
    text += fmt::format("| cycles an image | {:.0f} | {:.0f} | {:+.3f} % |\n", c.cycles_estimated, c.cycles_simulated,
                        percent_error(c.cycles_estimated, c.cycles_simulated));
    text += fmt::format("| energy an image, uJ | {:.5f} | {:.5f} | {:+.3f} % |\n", 1e6 * c.energy_estimated,
                        1e6 * c.energy_simulated, percent_error(c.energy_estimated, c.energy_simulated));
    text += fmt::format("| EDAP, J s mm2 | {:.4e} | {:.4e} | {:+.3f} % |\n", c.edap_estimated, c.edap_simulated,
                        percent_error(c.edap_estimated, c.edap_simulated));
    text += fmt::format("| event counts | | | {} |\n\n", c.counts_equal ? "equal" : "**different**");
    text += "| layer | cycles estimated | cycles simulated |\n|---|---|---|\n";
    const Json& layers = s.simulation.at("layers");
    for (std::size_t l = 0; l < s.estimate.layers.size(); ++l)
        text += fmt::format("| {} | {} | {} |\n", s.estimate.layers[l].name, s.estimate.layers[l].cycles,
                            layers.at(l).at("cycles").get<std::uint64_t>());
    text += "\n| class | energy nJ an image | area mm2 |\n|---|---|---|\n";
    const double images = s.simulation.at("images");
    const Json &energy = s.simulation.at("energy_j"), &area = s.simulation.at("area_mm2");
    const auto row = [&](const std::string& name, double joules, double mm2) {
        text += fmt::format("| {} | {:.3f} | {:.5f} |\n", name, 1e9 * joules / images, mm2);
    };
    for (const auto& [name, joules] : energy.at("by_class").items())
        if (joules > 0.0 || area.at("by_class").at(name) > 0.0)
            row(name, joules, area.at("by_class").at(name));
    row("**total**", energy.at("total"), area.at("total"));
    return text + "\n";
}

std::string markdown_of(const ExperimentConfig& config, const NetworkSpec& space,
                        const std::vector<SubnetRecord>& subnets) {
    std::string text = fmt::format(
        "# {}\n\nxloop {} ({}), seed {}, chip seed {}. `effective_config.yaml` holds every setting and runs again as "
        "it "
        "stands.\n\n## Subnets of {} ({} in the space, {} sampled)\n\n",
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
                        std::filesystem::path(s.folder).filename().string());
    return text;
}

/// The activity of all chosen subnets in one table: a column `subnet`, then those of each subnet's own file.
std::string joined_activity(const std::vector<SubnetRecord>& subnets) {
    std::string text;
    for (const SubnetRecord& s : subnets) {
        if (!s.chosen)
            continue;
        std::istringstream lines(read_file(s.folder + "/activity.csv"));
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
    const SubnetRecord* best = nullptr;
    for (const SubnetRecord& s : subnets)
        if (s.chosen && (!best || s.accuracy.chip_pgd > best->accuracy.chip_pgd))
            best = &s;
    return best;
}

}  // namespace

RunReport make_run_report(const ExperimentConfig& config, const NetworkSpec& space,
                          const std::vector<SubnetRecord>& subnets) {
    RunReport report;
    report.json = {{"experiment", config.name},
                   {"version", version},
                   {"commit", commit},
                   {"seed", config.seed},
                   {"chip_seed", config.hardware.chip_seed},
                   {"network", space.name},
                   {"subnets_in_space", space.path_count()}};
    for (const SubnetRecord& s : subnets) {
        Json entry = subnet_json(s);
        if (s.chosen)
            entry["check"] = Check(s).json();
        report.json["subnets"].push_back(entry);
    }
    report.summary = subnet_table(subnets) + "\n" + check_table(subnets);
    report.markdown = markdown_of(config, space, subnets);
    report.subnets = subnets;
    return report;
}

void write_run_report(const RunReport& report, const ResultsFolder& folder) {
    write_file_atomically(folder.file("report.json"), report.json.dump(2) + "\n");
    write_file_atomically(folder.file("report.md"), report.markdown);
    write_file_atomically(folder.file("activity.csv"), joined_activity(report.subnets));
    const std::string wave = most_robust_chosen(report.subnets)->folder + "/wave.vcd";
    if (std::filesystem::exists(wave))
        write_file_atomically(folder.file("wave.vcd"), read_file(wave));
    plot_pareto(report.subnets, folder.file("pareto.svg"));
}

}  // namespace xloop
