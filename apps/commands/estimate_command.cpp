#include "analysis/bottleneck.hpp"
#include "analysis/statistics.hpp"
#include "analysis/study.hpp"
#include "analysis/tile_figures.hpp"
#include "analysis/uncertainty.hpp"
#include "apps/command.hpp"
#include "apps/text/bottleneck_text.hpp"
#include "apps/text/hardware_text.hpp"
#include "core/files.hpp"
#include "systemc_model/mapping/instance_ledger.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <cstdio>
#include <optional>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Examples:
  xloop estimate configs/experiments/resnet18.yaml                   cycles, energy, area, EDAP; what holds the pipeline
  xloop estimate FILE -s crossbar.rows=128 -s adc.bits=6             other hardware, without editing files
  xloop estimate FILE -s simulation.images=16 --json > a.json        a stream of images; xloop compare a.json b.json
  xloop estimate FILE --ledger ledger.csv                            energy and area of every instance
  xloop estimate FILE --uncertainty                                  how sure EDAP is, and which rows of the cost table decide
  xloop estimate FILE --uncertainty --against-set adc.bits=6         whether two designs differ beyond that)";

struct EstimateOptions : ExperimentOptions {
    std::string activity_file, ledger_file;
    bool uncertainty = false;
    int samples = 10000;
    std::string against;
    std::vector<std::string> against_overrides;
};

UncertainDesign uncertain_design_of(const LoadedExperiment& experiment, const std::string& name) {
    const Study study = load_study(experiment.config, experiment.origins, StudyNeeds::shapes);
    const StudyConfig& config = study.config;
    MappedNetwork network = study.map();
    const DataAverages averages =
        assume_data(network, config.simulation.recorded_statistics(), config.simulation.images);
    return uncertain_design(name, network, study.costs, config.simulation.images, averages);
}

/// `--uncertainty`: how sure the figures are, and against what they hold.
void run_uncertainty(const EstimateOptions& options) {
    const LoadedExperiment experiment = options.load();
    const std::uint64_t seed = experiment.config.seed;
    const UncertainDesign own = uncertain_design_of(experiment, experiment.config.name);
    const Uncertainty spread = spread_of(own, options.samples, seed);
    std::optional<UncertainComparison> comparison;
    if (!options.against.empty() || !options.against_overrides.empty()) {
        ExperimentOptions other = options;
        if (!options.against.empty()) {
            other.file = options.against;
            other.overrides.clear();
        }
        other.overrides.insert(other.overrides.end(), options.against_overrides.begin(),
                               options.against_overrides.end());
        const LoadedExperiment second = other.load();
        const std::string name =
            fmt::format("{}{}{}", second.config.name, options.against_overrides.empty() ? "" : " with ",
                        fmt::join(options.against_overrides, " "));
        comparison = compare_designs(own, uncertain_design_of(second, name), options.samples, seed);
    }
    if (!options.json) {
        fmt::print("{}{}", spread.text(), comparison ? "\n" + comparison->text() : "");
        return;
    }
    Json json = spread.json();
    if (comparison)
        json["against"] = comparison->json();
    json["configuration"] = experiment.flat();
    fmt::print("{}\n", json.dump(2));
}

void run_estimate(const EstimateOptions& options) {
    if (options.uncertainty)
        return run_uncertainty(options);
    const LoadedExperiment experiment = options.load();
    const Study study = load_study(experiment.config, experiment.origins, StudyNeeds::shapes);
    const StudyConfig& config = study.config;
    const bool by_instance = !options.activity_file.empty() || !options.ledger_file.empty();
    MappedNetwork network = study.map();
    const DataAverages averages =
        assume_data(network, config.simulation.recorded_statistics(), config.simulation.images);
    const HardwareReport report =
        estimate_hardware(network, study.costs, config.simulation.images,
                          by_instance ? EstimateDetail::instances : EstimateDetail::classes, averages);
    if (!options.activity_file.empty())
        write_file_atomically(options.activity_file, report.activity_csv());
    if (!options.ledger_file.empty())
        write_file_atomically(
            options.ledger_file,
            instance_csv(instance_ledger(report.ledger, network, type_costs(study.costs, network.kinds))));
    const Bottleneck bottleneck = find_bottleneck(network, study.costs, config.simulation.images);
    if (!options.json) {
        fmt::print("{}\n{}\n\n", hardware_text(report), bottleneck_text(bottleneck));
        return;
    }
    Json json = report.json();
    json["bottleneck"] = bottleneck_json(bottleneck);
    const HardwareReport by_tile = by_instance ? report
                                               : estimate_hardware(network, study.costs, config.simulation.images,
                                                                   EstimateDetail::instances, averages);
    json["tile_figures"] =
        tile_figures_json(tile_figures(by_tile.ledger, network, type_costs(study.costs, network.kinds)));
    json["configuration"] = experiment.flat();
    fmt::print("{}\n", json.dump(2));
}

}  // namespace

void add_estimate_command(CommandLine& line) {
    CommandLine command = line.command("estimate", "cycles, energy, area and EDAP of a network, in closed form");
    EstimateOptions& o = command.runs(run_estimate);
    command.footer(examples);
    add_experiment_options(command, o, true);
    command.output("--activity", &o.activity_file, "write the event counts of every instance to this CSV file");
    command.output("--ledger", &o.ledger_file, "write energy and area of every instance of the chip to this CSV file");
    command.option(
        "--uncertainty", &o.uncertainty,
        "instead: median and 90 % interval of energy, area, EDAP by what the cost table's rows state (`within`)");
    command.option("--samples", &o.samples, "of --uncertainty").range(100, 1000000).needs("--uncertainty");
    command
        .option("--against", &o.against, "with --uncertainty: another experiment, and whether the two differ beyond it")
        .type("EXPERIMENT")
        .needs("--uncertainty");
    command.option("--against-set", &o.against_overrides, "the same with other values of keys (repeatable)")
        .type("KEY=VALUE")
        .repeatable()
        .needs("--uncertainty");
}

}  // namespace xloop
