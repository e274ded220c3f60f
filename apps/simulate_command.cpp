#include "apps/interrupt.hpp"
#include "apps/study.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/progress.hpp"
#include "traces/vcd_writer.hpp"
#include "xloop_version.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <sstream>

namespace xloop {
namespace {

struct SimulateOptions : ExperimentOptions {
    std::string activity_file, vcd_file;
    bool logits = false;
};

/// The timed run must give the untimed run's logits, bit for bit; anything else is a fault of the model.
void demand_equal(const SimulationResult& timed, const std::vector<std::vector<std::int32_t>>& untimed) {
    for (std::size_t i = 0; i < untimed.size(); ++i)
        if (timed.logits[i] != untimed[i]) {
            const auto different = std::mismatch(untimed[i].begin(), untimed[i].end(), timed.logits[i].begin());
            throw Error(fmt::format("the timed run differs from the untimed run at image {}, logit {}: {} against {}; this "
                                    "is a fault of the model, not of the input",
                                    i, different.first - untimed[i].begin(), *different.second, *different.first));
        }
}

HardwareReport report_of(const SimulationResult& result, const Chip& chip, const CostTable& costs) {
    HardwareReport report;
    report.method = "simulation";
    report.network = chip.graph().name;
    report.images = static_cast<int>(result.logits.size());
    report.cycles = result.cycles;
    report.latency_cycles = result.latency_cycles.back();
    report.interval_cycles = result.cycles / result.logits.size();
    for (const SimulationResult::Layer& layer : result.layers)
        report.layers.push_back({layer.name, layer.start_cycle, layer.end_cycle - layer.start_cycle});
    report.activity = result.activity;
    complete_report(report, chip.mapping(), chip.hardware(), costs);
    return report;
}

SimulationResult run_timed(const Chip& chip, const ImageSet& images, const SimulationConfig& config, std::string* vcd) {
    std::ostringstream text;
    VcdWriter writer(text, config.vcd_from_cycle, config.vcd_cycles, 1000.0 * chip.hardware().clock.period_ns(),
                     fmt::format("xloop {}", version));
    TraceBus bus({&writer});
    Progress progress("cycle model");
    SimulationResult result =
        simulate(chip, images.pixels.data(), 0, images.count(), vcd ? &bus : nullptr, [&](int done) {
            progress.update(done, images.count());
            check_interrupt();
        });
    if (vcd)
        *vcd = text.str();
    return result;
}

void run_simulate(const SimulateOptions& options) {
    for (const std::string& file : {options.activity_file, options.vcd_file})
        if (!file.empty())
            demand_writable(file);
    Study study = load_study(options);
    const ExperimentConfig& config = study.experiment.config;
    const bool traced = !options.vcd_file.empty();
    if (traced && config.simulation.vcd_cycles == 0)
        config::fail_check(study.experiment.origins, "simulation.vcd_cycles", "at least 1 cycle, as --vcd asks for a waveform");
    const ImageSet images = load_images(config.data, study.graph.input, false, config.simulation.images, config.seed);
    if (images.count() < config.simulation.images)
        throw InputError(fmt::format("simulation.images asks for {} images, the data set has {}", config.simulation.images,
                                     images.count()));
    calibrate_converters(study, options.threads);
    const Chip chip(study.graph, config.hardware, options.threads);
    const auto untimed = run_images(chip.graph(), chip, images.pixels.data(), 0, images.count(), options.threads);

    std::string vcd;
    const SimulationResult result = run_timed(chip, images, config.simulation, traced ? &vcd : nullptr);
    demand_equal(result, untimed);

    const HardwareReport report = report_of(result, chip, study.costs);
    if (!options.activity_file.empty())
        write_file_atomically(options.activity_file, report.activity.csv());
    if (traced)
        write_file_atomically(options.vcd_file, vcd);
    Json json = report.json();
    json["logits_equal_untimed"] = true;
    if (options.logits)
        json["logits"] = result.logits;
    fmt::print("{}\n", options.json ? json.dump(2)
                                    : report.table() + "\n  logits equal those of the untimed chip bit for bit");
}

}  // namespace

void add_simulate_command(CLI::App& app, Action& action) {
    auto options = std::make_shared<SimulateOptions>();
    auto* command = app.add_subcommand("simulate", "run images through the SystemC model, cycle by cycle");
    add_experiment_options(*command, *options, true);
    command->add_option("--activity", options->activity_file, "write the event counts of every instance to this CSV file");
    command->add_option("--vcd", options->vcd_file,
                        "write a waveform of the window simulation.vcd_from_cycle, vcd_cycles to this file");
    command->add_flag("--logits", options->logits, "with --json: the logits of every image")
        ->needs(command->get_option("--json"));
    command->callback([options, &action] { action = [options] { run_simulate(*options); }; });
}

}  // namespace xloop
