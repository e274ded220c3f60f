#include "analysis/statistics.hpp"
#include "analysis/tile_figures.hpp"
#include "analysis/validation.hpp"
#include "apps/command.hpp"
#include "apps/plot/validate_plot.hpp"
#include "apps/run_timed.hpp"
#include "apps/text/validation_text.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/expected_reads.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Examples:
  xloop validate configs/experiments/vgg8.yaml --plot v.svg          estimate beside cycle model: layers, classes, verdicts
  xloop validate FILE --tolerance-total 2 --strict                   exit code 1 when a figure is more than 2 % off
  xloop validate FILE --against figures.csv                           beside figures of other tools or measurements)";

struct ValidateOptions : ExperimentOptions {
    std::string against_file, csv_file, plot_file;
    Tolerances tolerances;
};

/// Why a run does not show the time between images in a stream; empty: it does.
std::string no_interval(const StudyConfig& config) {
    if (config.simulation.images < 2)
        return "one image shows none, see simulation.images";
    return "";
}

void run_validate(const ValidateOptions& options) {
    const LoadedExperiment experiment = options.load();
    const Study study = load_study(experiment.config, experiment.origins);
    const StudyConfig& config = study.config;
    MappedNetwork network = study.map();
    const std::string without_interval = no_interval(config);
    std::vector<ReportedFigure> reported;
    if (!options.against_file.empty())
        reported = read_reported_figures(options.against_file, study.graph, without_interval);
    HardwareReport closed_form = estimate_hardware(network, study.costs, config.simulation.images);

    std::optional<Values> values;
    if (config.simulation.computes())
        values.emplace(compute_untimed(study, network, options.threads));
    SimulationResult timed = run_timed(study, network, values ? &*values : nullptr);
    if (values)
        demand_equal(timed, values->untimed);
    if (values && skips_reads(network)) {  // which reads are made depends on the values
        network.reads = std::make_shared<const MadeReads>(timed.made_reads());
        closed_form = estimate_hardware(network, study.costs, config.simulation.images);
    }
    if (const std::string file = config.simulation.recorded_statistics(); !file.empty()) {
        add_statistics(timed, file, study.graph);
        complete_report(closed_form, network, study.costs, recorded_averages(timed));
    }
    const HardwareReport simulation = simulation_report(timed, study, network);

    const Validation validation = compare_models(
        {network, closed_form, simulation, timed, config.hardware.pipelined(), without_interval, reported},
        options.tolerances);
    if (!options.csv_file.empty())
        write_file_atomically(options.csv_file, validation_csv(validation));
    if (!options.plot_file.empty())
        plot_validation(validation, options.plot_file);
    if (options.json) {
        Json json = validation_json(validation);
        json["configuration"] = experiment.flat();
        json["estimate"] = closed_form.json();
        json["simulation"] = simulation.json();
        json["simulation"]["tile_figures"] =
            tile_figures_json(tile_figures(simulation.ledger, network, type_costs(study.costs, network.kinds)));
        fmt::print("{}\n", json.dump(2));
    } else {
        fmt::print("{}", validation_text(validation));
    }
    if (!validation.passed())
        throw Error(fmt::format("validation failed: {} of {} verdicts are broken",
                                std::count_if(validation.verdicts.begin(), validation.verdicts.end(),
                                              [](const auto& verdict) { return !verdict.passed(); }),
                                validation.verdicts.size()));
}

}  // namespace

void add_validate_command(CommandLine& line) {
    CommandLine command = line.command("validate", "estimate and cycle model side by side, with verdicts");
    ValidateOptions& o = command.runs(run_validate);
    command.footer(examples);
    add_experiment_options(command, o, true);
    command
        .option("--tolerance-layer", &o.tolerances.layer_percent,
                "percent that cycles and energy of a layer may be off")
        .not_negative();
    command
        .option("--tolerance-total", &o.tolerances.total_percent,
                "percent that latency, interval, run, energies and area may be off; EDAP twice of it")
        .not_negative();
    command.option("--strict", &o.tolerances.strict,
                   "a broken tolerance fails also where the estimate says that something is contended");
    command.option(
        "--against", &o.against_file,
        "compare with the figures of other tools in this CSV file: tool,scope,metric,value,unit[,tolerance]");
    command.output("--csv", &o.csv_file, "write one line for each comparison to this CSV file");
    command.output("--plot", &o.plot_file, "draw parity and breakdown (SVG, by gnuplot)");
}

}  // namespace xloop
