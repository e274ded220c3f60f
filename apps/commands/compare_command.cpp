#include "apps/command.hpp"
#include "apps/plot/compare_plot.hpp"
#include "apps/text/comparison_text.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <cstdio>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Examples:
  xloop compare a.json b.json --plot c.svg                           what two runs differ in, and what that brought
  xloop compare results/quickstart                                   the chosen candidates of a main job
  xloop compare a.json b.json c.json --name base --name fast --name small)";

struct CompareOptions {
    std::vector<std::string> paths, names;
    std::string csv_file, plot_file;
    bool all = false, json = false;
};

void run_compare(const CompareOptions& options) {
    if (!options.names.empty() && options.names.size() != options.paths.size())
        throw InputError(fmt::format("--name: {} names for {} runs; give one for each, or none", options.names.size(),
                                     options.paths.size()));
    std::vector<RunRecord> runs;
    for (std::size_t i = 0; i < options.paths.size(); ++i)
        for (RunRecord& run : read_runs(options.paths[i], options.names.empty() ? "" : options.names[i]))
            runs.push_back(std::move(run));
    if (runs.size() < 2)
        throw InputError("RUN: expected at least two runs, or a results folder with several chosen candidates");
    const RunComparison comparison = compare_runs(std::move(runs), options.all);
    if (!options.csv_file.empty())
        write_file_atomically(options.csv_file, comparison_csv(comparison));
    if (!options.plot_file.empty())
        plot_comparison(comparison, options.plot_file);
    fmt::print("{}", options.json ? comparison_json(comparison).dump(2) + "\n" : comparison_text(comparison));
}

}  // namespace

void add_compare_command(CommandLine& line) {
    CommandLine command = line.command("compare", "configurations and figures of earlier runs side by side");
    CompareOptions& o = command.runs(run_compare);
    command.footer(examples);
    command
        .option(
            "RUN", &o.paths,
            "results folder of xloop run, or JSON file that estimate, simulate or validate wrote with --json; ratios "
            "are to the first")
        .required();
    command.option("--name", &o.names, "name of a run, once for each in their order; default: file or folder")
        .repeatable();
    command.option("--all", &o.all, "list all keys of the configurations, not only those that differ");
    command.option("--json", &o.json, "print one JSON object instead of a table");
    command.output("--csv", &o.csv_file, "write one line for each figure of each run to this CSV file");
    command.output("--plot", &o.plot_file, "draw energy and area by class, and relative figures (SVG, by gnuplot)");
}

}  // namespace xloop
