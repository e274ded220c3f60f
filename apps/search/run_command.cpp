#include "apps/search/pipeline.hpp"
#include "apps/search/run_report.hpp"
#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <cstdio>

namespace xloop {
namespace {

void run_all(const PipelineOptions& options) {
    Pipeline pipeline(options);
    try {
        spdlog::info("1/3 training the supernet of {} ({} subnets)", pipeline.space().name,
                     pipeline.space().path_count());
        pipeline.train();
        spdlog::info("2/3 evaluating {} subnets, in software and on the chip", pipeline.config().search.subnets);
        auto subnets = pipeline.search();
        spdlog::info("3/3 checking the chosen subnets in the cycle model");
        Progress progress("cycle model");
        int done = 0;
        for (SubnetRecord& subnet : subnets)
            if (subnet.chosen) {
                pipeline.check_in_cycle_model(subnet);
                progress({static_cast<double>(++done) / pipeline.config().search.chosen});
            }
        const RunReport report =
            make_run_report(pipeline.config(), pipeline.space(), subnets, pipeline.convolution_remedy());
        write_run_report(report, pipeline.folder());
        if (options.json)
            fmt::print("{}\n", report.json.dump(2));
        else
            fmt::print("{}\nresults: {}\n", report.summary, pipeline.folder().path());
    } catch (const Interrupted&) {
        throw Interrupted(pipeline.folder().last_words());
    }
}

}  // namespace

void add_run_command(CommandLine& line) {
    CommandLine command =
        line.command("run", "the main job: train, search, check the chosen subnets cycle by cycle, report");
    add_pipeline_options(command, command.runs(run_all));
    command.footer(
        "Writes report.md, report.json, pareto.svg, activity.csv, wave.vcd (of a traced run), training.pt and\n"
        "effective_config.yaml; in subnets/NAME the workload with its evaluation.json and, for chosen subnets,\n"
        "simulation.json, activity.csv and the traces that the section `trace` asks for. Run again, it goes on where "
        "it\n"
        "stopped.\n\nExamples:\n"
        "  xloop run configs/experiments/quickstart.yaml                     about a minute; results/quickstart\n"
        "  xloop run FILE -s adc.bits=6 --out results/adc6                   other hardware, in a folder of its own\n"
        "  xloop run FILE --fresh                                            replaces earlier results");
}

}  // namespace xloop
