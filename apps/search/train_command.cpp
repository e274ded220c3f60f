#include "apps/search/pipeline.hpp"

#include <fmt/format.h>
#include <cstdio>

namespace xloop {
namespace {

void run_train(const PipelineOptions& options) {
    Pipeline pipeline(options);
    pipeline.train();
    const Json result = {{"network", pipeline.space().name},
                         {"subnets", pipeline.space().path_count()},
                         {"checkpoint", pipeline.folder().file("supernet.pt")}};
    if (options.json)
        fmt::print("{}\n", result.dump(2));
    else
        fmt::print("supernet of {} subnets: {}\n", pipeline.space().path_count(),
                   pipeline.folder().file("supernet.pt"));
}

}  // namespace

void add_train_command(CommandLine& line) {
    CommandLine command =
        line.command("train", "train the supernet of an experiment, crossbar-aware and adversarially");
    command.footer(
        "Examples:\n"
        "  xloop train configs/experiments/quickstart.yaml                   goes on where it stopped; "
        "results/quickstart\n"
        "  xloop train FILE -s training.epochs=20 --out results/longer");
    add_pipeline_options(command, command.runs(run_train));
}

}  // namespace xloop
