#include "analysis/bottleneck.hpp"
#include "analysis/statistics.hpp"
#include "analysis/study.hpp"
#include "apps/command.hpp"
#include "apps/text/bottleneck_text.hpp"
#include "apps/text/hardware_text.hpp"
#include "core/files.hpp"
#include "systemc_model/mapping/instance_ledger.hpp"

#include <fmt/format.h>
#include <cstdio>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Examples:
  xloop estimate configs/experiments/resnet18.yaml                   cycles, energy, area, EDAP; what holds the pipeline
  xloop estimate FILE -s crossbar.rows=128 -s adc.bits=6             other hardware, without editing files
  xloop estimate FILE -s simulation.images=16 --json > a.json        a stream of images; xloop compare a.json b.json
  xloop estimate FILE --ledger ledger.csv                            energy and area of every instance)";

struct EstimateOptions : ExperimentOptions {
    std::string activity_file, ledger_file;
};

void run_estimate(const EstimateOptions& options) {
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
}

}  // namespace xloop
