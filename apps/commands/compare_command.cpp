#include "apps/command.hpp"
#include "apps/plot/compare_plot.hpp"
#include "apps/text/comparison_text.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Examples:
  xloop compare a.json b.json --plot c.svg                           what two runs differ in, and what that brought
  xloop compare results/quickstart                                   the chosen subnets of a main job
  xloop compare a.json b.json c.json --name base --name fast --name small)";

struct CompareOptions {
    std::vector<std::string> paths, names;
    std::string csv_file, plot_file;
    bool all = false, json = false;
};

void run_compare(const CompareOptions& options) {
    for (const std::string& file : {options.csv_file, options.plot_file})
        if (!file.empty())
            demand_writable(file);
    if (!options.names.empty() && options.names.size() != options.paths.size())
        throw InputError(fmt::format("--name: {} names for {} runs; give one for each, or none", options.names.size(),
                                     options.paths.size()));
    std::vector<RunRecord> runs;
    for (std::size_t i = 0; i < options.paths.size(); ++i)
        for (RunRecord& run : read_runs(options.paths[i], options.names.empty() ? "" : options.names[i]))
            runs.push_back(std::move(run));
    if (runs.size() < 2)
        throw InputError("RUN: expected at least two runs, or a results folder with several chosen subnets");
    const RunComparison comparison = compare_runs(std::move(runs), options.all);
    if (!options.csv_file.empty())
        write_file_atomically(options.csv_file, comparison_csv(comparison));
    if (!options.plot_file.empty())
        plot_comparison(comparison, options.plot_file);
    fmt::print("{}", options.json ? comparison_json(comparison).dump(2) + "\n" : comparison_text(comparison));
}

}  // namespace

void add_compare_command(CLI::App& app, Action& action) {
    auto options = std::make_shared<CompareOptions>();
    auto* command = app.add_subcommand("compare", "configurations and figures of earlier runs side by side");
    command->footer(examples);
    command
        ->add_option(
            "RUN", options->paths,
            "results folder of xloop run, or JSON file that estimate, simulate or validate wrote with --json; ratios "
            "are to the first")
        ->required();
    command
        ->add_option("--name", options->names, "name of a run, once for each in their order; default: file or folder")
        ->expected(1)
        ->take_all();
    command->add_flag("--all", options->all, "list all keys of the configurations, not only those that differ");
    command->add_flag("--json", options->json, "print one JSON object instead of a table");
    command->add_option("--csv", options->csv_file, "write one line for each figure of each run to this CSV file");
    command->add_option("--plot", options->plot_file,
                        "draw energy and area by class, and relative figures (SVG, by gnuplot)");
    command->callback([options, &action] { action = [options] { run_compare(*options); }; });
}

}  // namespace xloop
