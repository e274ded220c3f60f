#include "analysis/study.hpp"
#include "apps/search/pipeline.hpp"

#include <fmt/format.h>
#include <cstdio>

namespace xloop {
namespace {

void run_eval(const PipelineOptions& options) {
    // The subnet is no part of what is trained: the results folder is that of the experiment without it.
    const ExperimentConfig config = options.load().config;
    check_files(config);
    const std::string& path = config.path;
    PipelineOptions without_path = options;
    without_path.overrides.push_back("path=");
    Pipeline pipeline(without_path);
    const SubnetPath subnet = path.empty() ? pipeline.space().largest_path() : pipeline.space().parse_path(path);
    pipeline.train();
    const SubnetRecord record = pipeline.evaluate(subnet);
    fmt::print("{}\n", options.json ? record.json().dump(2) : subnet_table({record}));
}

}  // namespace

void add_eval_command(CommandLine& line) {
    CommandLine command = line.command(
        "eval", "accuracy of one subnet, clean and under attack, in software and on the chip; train if needed");
    command.footer(
        "The subnet is the experiment's key `path`; empty is the largest.\n\nExamples:\n"
        "  xloop eval configs/experiments/quickstart.yaml -s 'path=stage1=w8k3 stage2=w16k5 stage3=w24k3'\n"
        "  xloop eval configs/experiments/quickstart.yaml -s adc.bits=6 --trained results/quickstart\n"
        "With --trained and without --out nothing is written.");
    PipelineOptions& o = command.runs(run_eval);
    add_pipeline_options(command, o);
    add_trained_option(command, o);
}

}  // namespace xloop
