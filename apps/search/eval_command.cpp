#include "analysis/study.hpp"
#include "apps/search/trained_eval.hpp"

#include <fmt/format.h>
#include <cstdio>

namespace xloop {
namespace {

void run_eval(const PipelineOptions& options) {
    LoadedExperiment experiment = options.load();
    const ExperimentConfig config = experiment.config;
    if (config.weights.from == WeightsSource::trained)
        return evaluate_trained(options, std::move(experiment));
    check_files(config);
    // The subnet is no part of what is trained: the results folder is that of the experiment without it.
    const std::string& path = config.path;
    PipelineOptions without_path = options;
    without_path.overrides.push_back("path=");
    Pipeline pipeline(without_path);
    const SubnetPath subnet = path.empty() ? pipeline.space().largest_path() : pipeline.space().parse_path(path);
    pipeline.train();
    const EvaluatedSubnet found = pipeline.evaluate(subnet);
    const HardwareReport estimate = estimate_hardware(map_network(found.workload, config.hardware),
                                                      pipeline.study().costs(), 1, EstimateDetail::classes);
    const std::string text = pipeline.space().path_text(subnet);
    if (options.json)
        fmt::print("{}\n",
                   Json{{"path", text}, {"accuracy", found.accuracy.json()}, {"estimate", estimate.json()}}.dump(2));
    else
        fmt::print("{} on {} test images\n{}latency {:.2f} us, energy {:.4f} uJ, EDAP {:.3e} J s mm2 (estimate)\n",
                   text, config.search.test_images, found.accuracy.table().text(), 1e6 * estimate.latency_s(),
                   1e6 * estimate.energy_per_image_j(), estimate.edap());
}

}  // namespace

void add_eval_command(CommandLine& line) {
    CommandLine command = line.command(
        "eval",
        "accuracy of a trained network, or of one subnet, in software and on the chip; subnets are trained if needed");
    command.footer(
        "With weights.from: trained, a network with weights of its own is judged (docs/evaluation.md): float, integer, "
        "on an "
        "ideal and\non real chips. Else a subnet, clean and under attack: the experiment's key `path`; empty is the "
        "largest.\n\nExamples:\n"
        "  xloop eval configs/experiments/imported.yaml -s weights.trained=DIR -s evaluation.chips=5 --out "
        "results/net\n"
        "  xloop eval configs/experiments/quickstart.yaml -s 'path=stage1=w8k3 stage2=w16k5 stage3=w24k3'\n"
        "  xloop eval configs/experiments/quickstart.yaml -s adc.bits=6 --trained results/quickstart\n"
        "With --trained and without --out nothing is written.");
    PipelineOptions& o = command.runs(run_eval);
    add_pipeline_options(command, o);
    add_trained_option(command, o);
}

}  // namespace xloop
