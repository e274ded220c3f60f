#include "apps/search/pipeline.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <cstdio>

namespace xloop {

void add_train_command(CLI::App& app, Action& action) {
    auto options = std::make_shared<PipelineOptions>();
    auto* command =
        app.add_subcommand("train", "train the supernet of an experiment, crossbar-aware and adversarially");
    command->footer(
        "Examples:\n"
        "  xloop train configs/experiments/quickstart.yaml                   goes on where it stopped; "
        "results/quickstart\n"
        "  xloop train FILE -s training.epochs=20 --out results/longer");
    add_pipeline_options(*command, *options);
    command->callback([options, &action] {
        action = [options] {
            Pipeline pipeline(*options);
            pipeline.train();
            const Json result = {{"network", pipeline.space().name},
                                 {"subnets", pipeline.space().path_count()},
                                 {"checkpoint", pipeline.folder().file("supernet.pt")}};
            if (options->json)
                fmt::print("{}\n", result.dump(2));
            else
                fmt::print("supernet of {} subnets: {}\n", pipeline.space().path_count(),
                           pipeline.folder().file("supernet.pt"));
        };
    });
}

}  // namespace xloop
