#include "apps/search/pipeline.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <cstdio>

namespace xloop {

void add_search_command(CLI::App& app, Action& action) {
    auto options = std::make_shared<PipelineOptions>();
    auto* command = app.add_subcommand(
        "search", "train if needed, then sample subnets and weigh robust accuracy on the chip against EDAP");
    command->footer(
        "Examples:\n"
        "  xloop search configs/experiments/quickstart.yaml                  six subnets, the front, the chosen\n"
        "  xloop search FILE -s search.subnets=20 --out results/twenty");
    add_pipeline_options(*command, *options);
    command->callback([options, &action] {
        action = [options] {
            Pipeline pipeline(*options);
            pipeline.train();
            const auto subnets = pipeline.search();
            Json json;
            for (const SubnetRecord& subnet : subnets)
                json["subnets"].push_back(subnet.json());
            fmt::print("{}\n", options->json ? json.dump(2) : subnet_table(subnets));
        };
    });
}

}  // namespace xloop
