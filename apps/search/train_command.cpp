#include "apps/search/pipeline.hpp"
#include "apps/search/train_one.hpp"

#include <fmt/format.h>
#include <cstdio>

namespace xloop {
namespace {

void train_space(const PipelineOptions& options) {
    Pipeline pipeline(options);
    pipeline.train();
    const std::string checkpoint = pipeline.folder().file("training.pt");
    const Json result = {
        {"network", pipeline.space().name}, {"subnets", pipeline.space().path_count()}, {"checkpoint", checkpoint}};
    if (options.json)
        fmt::print("{}\n", result.dump(2));
    else
        fmt::print("supernet of {} subnets: {}\n", pipeline.space().path_count(), checkpoint);
}

void run_train(const PipelineOptions& options) {
    LoadedExperiment experiment = options.load();
    check_files(experiment.config);
    NetworkSpec network = load_network(experiment.config.network);
    if (network.searchable())
        return train_space(options);
    train_one(options, std::move(experiment), network);
}

}  // namespace

void add_train_command(CommandLine& line) {
    CommandLine command =
        line.command("train", "train the network of an experiment, or the supernet of a space of networks");
    command.footer(
        "Plain, adversarial, crossbar-aware training and more by the section `training` (docs/training.md). Writes\n"
        "training.pt (checkpoint), metrics.jsonl (a line an epoch) and, of one network, network/ (its weights),\n"
        "training.json and learning.svg. Run again, it goes on where it stopped.\n\nExamples:\n"
        "  xloop train configs/experiments/train_cifar10.yaml -s data.directory=DIR    plain, with validation images\n"
        "  xloop train FILE -s training.adversary=pgd -s training.attack_steps=7 -s training.precision=bf16\n"
        "  xloop train configs/experiments/quickstart.yaml                   the space's supernet; results/quickstart\n"
        "  xloop train FILE -s training.epochs=20 --out results/longer\n"
        "  xloop eval FILE -s weights.from=trained -s weights.trained=results/NAME/network    on the chip then");
    add_pipeline_options(command, command.runs(run_train));
}

}  // namespace xloop
