#include "analysis/statistics.hpp"
#include "analysis/tile_figures.hpp"
#include "analysis/timing.hpp"
#include "apps/command.hpp"
#include "apps/commands/trace_setup.hpp"
#include "apps/plot/gantt_plot.hpp"
#include "apps/run_timed.hpp"
#include "apps/text/bottleneck_text.hpp"
#include "apps/text/hardware_text.hpp"
#include "apps/text/timing_text.hpp"
#include "core/files.hpp"
#include "core/standard_streams.hpp"
#include "core/words.hpp"
#include "systemc_model/mapping/instance_ledger.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Examples:
  xloop simulate configs/experiments/hardware_study.yaml             with values: logits, clipped conversions, real activity
  xloop simulate FILE -s simulation.values=counts                    cycles and counts only, faster
  xloop simulate FILE -s simulation.images=4 --gantt gantt.svg       when each layer works on each image
  xloop simulate FILE --trace saif,power --trace-out t               switching activity, power over time (xloop trace)
  xloop simulate FILE -s weights.from=workload -s data.set=fashion_mnist \
      -s weights.workload=results/NAME/subnets/cID/workload.yaml  a trained subnet: accuracy as well)";

struct SimulateOptions : ExperimentOptions {
    std::string activity_file, ledger_file, power_file, layers_file, components_file, links_file, gantt_file,
        statistics_file;
    std::string scheduler = "wheel";
    TraceOptions trace;
    bool logits = false;
};

void check_options(const SimulateOptions& options, const Study& study) {
    const SimulationConfig& simulation = study.config.simulation;
    check_trace(study);
    if (!simulation.computes() && options.logits)
        config::fail_check(study.origins, "simulation.values", "compute, as --logits asks for values");
    if (!simulation.computes() && !options.statistics_file.empty())
        config::fail_check(study.origins, "simulation.values", "compute, as --record-statistics asks for activities");
}

SimulationResult run_traced(const Study& study, const MappedNetwork& network, const Values* values, TraceSetup& trace,
                            const SimulateOptions& options) {
    SimulationOptions how;
    how.scheduler =
        options.scheduler == "wheel" ? SimulationOptions::Scheduler::wheel : SimulationOptions::Scheduler::processes;
    how.trace = trace.bus();
    try {
        return run_timed(study, network, values, how);
    } catch (...) {
        if (const std::string told = trace.end_early(); !told.empty())
            say(told);
        throw;
    }
}

void write_files(const SimulateOptions& options, const SimulationResult& result, const HardwareReport& report,
                 const Study& study, const MappedNetwork& network) {
    const auto write = [](const std::string& file, const std::string& content) {
        if (!file.empty())
            write_file_atomically(file, content);
    };
    write(options.activity_file, report.activity_csv());
    if (!options.ledger_file.empty())
        write(options.ledger_file,
              instance_csv(instance_ledger(report.ledger, network, type_costs(study.costs, network.kinds))));
    write(options.layers_file, layers_csv(result));
    write(options.components_file, components_csv(result));
    write(options.links_file, links_csv(result));
    write(options.statistics_file, statistics_yaml(result, study.graph.name));
    if (!options.gantt_file.empty())
        plot_gantt(result, study.config.hardware.clock.frequency_ghz, study.graph.name, options.gantt_file);
}

/// What the computed values say of the network: images that are right, where weights and labels mean something, and
/// conversions that left their ADC's range.
Json value_figures(const Study& study, const Values& values, const SimulationResult& result) {
    Json json = {{"logits_equal_untimed", true}};
    const int images = values.images.count();
    if (study.config.weights.from == WeightsSource::workload && study.config.data.set != DataSet::random)
        json["accuracy"] = {{"right", std::lround(images * top1(result.logits, values.images.labels.data()))},
                            {"images", images}};
    std::uint64_t clipped = 0, conversions = 0;
    for (std::size_t l = 0; l < values.clipped.size(); ++l) {
        const std::uint64_t of_layer = result.activity.layers.at(l)[Event::conversion];
        if (of_layer == 0)
            continue;
        clipped += values.clipped[l];
        conversions += of_layer;
        json["clipped_conversions"]["layers"].push_back(
            {{"layer", study.graph.layers[l].name}, {"clipped", values.clipped[l]}, {"conversions", of_layer}});
    }
    json["clipped_conversions"]["clipped"] = clipped;
    json["clipped_conversions"]["conversions"] = conversions;
    return json;
}

std::string value_text(const Json& figures) {
    const auto share = [](const Json& entry) {
        return entry["clipped"].get<double>() / entry["conversions"].get<double>();
    };
    std::string text = "\nvalues\n";
    if (figures.contains("accuracy"))
        text += fmt::format("  accuracy        {} of {} right (top 1)\n", figures["accuracy"]["right"].get<int>(),
                            counted(figures["accuracy"]["images"].get<int>(), "image"));
    const Json& clipping = figures["clipped_conversions"];
    const auto worst = std::max_element(clipping["layers"].begin(), clipping["layers"].end(),
                                        [&](const Json& a, const Json& b) { return share(a) < share(b); });
    text += fmt::format("  ADC range       {} of conversions clipped", percent(share(clipping), 3));
    if (worst != clipping["layers"].end() && share(*worst) > 0.0)
        text += fmt::format(", most in {}: {}", (*worst)["layer"].get<std::string>(), percent(share(*worst), 3));
    return text + "\n  logits          equal those of the untimed chip bit for bit\n";
}

void run_simulate(const SimulateOptions& options) {
    ExperimentOptions with_trace = options;
    for (const std::string& setting : options.trace.overrides())
        with_trace.overrides.push_back(setting);
    const LoadedExperiment experiment = with_trace.load();
    const Study study = load_study(experiment.config, experiment.origins);
    const StudyConfig& config = study.config;
    check_options(options, study);
    const MappedNetwork network = study.map();
    TraceSetup trace(study, network, options.power_file);
    if (trace.has_files() && !config.simulation.computes())
        spdlog::warn("simulation.values is counts: only signals that do not depend on values are traced");
    std::optional<Values> values;
    if (config.simulation.computes())
        values.emplace(compute_untimed(study, network, options.threads));
    SimulationResult result = run_traced(study, network, values ? &*values : nullptr, trace, options);
    if (values)
        demand_equal(result, values->untimed);
    if (const std::string file = config.simulation.recorded_statistics(); !file.empty())
        add_statistics(result, file, study.graph);
    const HardwareReport report = simulation_report(result, study, network);
    write_files(options, result, report, study, network);

    const Bottleneck bottleneck = find_bottleneck(network, study.costs, result);
    if (!options.json) {
        fmt::print("{}{}\n{}\n{}{}", hardware_summary(report), timing_text(result, report.clock_ghz),
                   bottleneck_text(bottleneck), values ? value_text(value_figures(study, *values, result)) : "",
                   trace.has_files() ? "\ntrace\n" + trace.summary() : "");
        return trace.demand_time(study);
    }
    Json json = report.json();
    add_timing(json, result, report.clock_ghz);
    json["bottleneck"] = bottleneck_json(bottleneck);
    json["tile_figures"] =
        tile_figures_json(tile_figures(report.ledger, network, type_costs(study.costs, network.kinds)));
    json["values"] = name_of(config.simulation.values);
    json["configuration"] = experiment.flat();
    if (values)
        json.update(value_figures(study, *values, result));
    if (trace.has_files())
        json["trace"] = trace.json();
    if (options.logits)
        json["logits"] = result.logits;
    fmt::print("{}\n", json.dump(2));
    trace.demand_time(study);
}

}  // namespace

void add_simulate_command(CommandLine& line) {
    CommandLine command = line.command("simulate", "run images through the SystemC model, cycle by cycle");
    SimulateOptions& o = command.runs(run_simulate);
    command.footer(examples);
    add_experiment_options(command, o, true);
    command.output(
        "--activity", &o.activity_file,
        "write the event counts of every instance to this CSV file; what depends on data is `expected` without values");
    command.output("--ledger", &o.ledger_file, "write energy and area of every instance of the chip to this CSV file");
    command.output("--power", &o.power_file,
                   "write power over time by class to this CSV file, in windows of simulation.power_window_cycles");
    command.output("--layers", &o.layers_file, "write states and times of every layer and image to this CSV file");
    command.output("--components", &o.components_file,
                   "write busy cycles and high-water marks of every component to this CSV file");
    command.output("--links", &o.links_file, "write the flits of every link to this CSV file");
    command.output("--gantt", &o.gantt_file, "draw when each layer works on each image (SVG, by gnuplot)");
    command.output("--record-statistics", &o.statistics_file,
                   "write each layer's activity to this YAML file, for simulation.statistics of runs that only count");
    command
        .option("--scheduler", &o.scheduler,
                "how the model runs: wheel, or one process for each component (slow, for checks: same results)")
        .one_of({"wheel", "processes"});
    o.trace.add_to(command);
    command.option("--logits", &o.logits, "with --json: the logits of every image").needs("--json");
}

}  // namespace xloop
