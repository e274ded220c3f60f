#include "apps/search/pipeline.hpp"

#include <fmt/format.h>
#include <cstdio>

namespace xloop {
namespace {

void run_search(const PipelineOptions& options) {
    Pipeline pipeline(options);
    pipeline.train();
    const auto subnets = pipeline.search();
    Json json;
    for (const SubnetRecord& subnet : subnets)
        json["subnets"].push_back(subnet.json());
    fmt::print("{}\n", options.json ? json.dump(2) : subnet_table(subnets));
}

}  // namespace

void add_search_command(CommandLine& line) {
    CommandLine command = line.command(
        "search", "train if needed, then sample subnets and weigh robust accuracy on the chip against EDAP");
    command.footer(
        "Examples:\n"
        "  xloop search configs/experiments/quickstart.yaml                  six subnets, the front, the chosen\n"
        "  xloop search FILE -s search.subnets=20 --out results/twenty");
    add_pipeline_options(command, command.runs(run_search));
}

}  // namespace xloop
