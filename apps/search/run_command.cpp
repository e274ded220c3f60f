#include "apps/search/run_search.hpp"

namespace xloop {

void add_run_command(CommandLine& line) {
    CommandLine command =
        line.command("run", "the main job: train, search, check the chosen candidates cycle by cycle, report");
    add_pipeline_options(command, command.runs(run_search));
    command.footer(
        "The same as `xloop search EXPERIMENT`. Writes report.md, report.json, candidates.csv, pareto.svg, "
        "activity.csv,\n"
        "wave.vcd (of a traced run), training.pt, search.sqlite and effective_config.yaml; in subnets/cID, of chosen\n"
        "candidates, the workload, simulation.json, activity.csv and the traces that the section `trace` asks for. "
        "Run\n"
        "again, it goes on where it stopped.\n\nExamples:\n"
        "  xloop run configs/experiments/quickstart.yaml\n"
        "  xloop run configs/experiments/quickstart.yaml -s training.epochs=20 --out results/longer\n"
        "  xloop search front results/quickstart");
}

}  // namespace xloop
