#include "analysis/study.hpp"
#include "apps/command.hpp"
#include "apps/plot/map_plot.hpp"
#include "apps/text/map_text.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <cstdio>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Shows which arrays, processing elements and tiles each layer takes, how many copies it has, the cycles that its arrays
are busy for an image (pace), and the positions that each stream of activations keeps in the buffers of its readers.

Examples:
  xloop map FILE --svg floor.svg                                       picture of the floor plan
  xloop map FILE -s mapping.replication=auto -s mapping.array_budget=2000     copies that balance the pipeline
  xloop map FILE -s mapping.replication=list -s 'mapping.replicas=[conv1=4]'  copies by hand
  xloop map FILE -s mapping.placement=improved                         less traffic: see "traffic"
  xloop map FILE -s mapping.schedule=pipelined                         line buffers in place of whole maps)";

struct MapOptions : ExperimentOptions {
    std::string svg_file, csv_file;
};

void run_map(const MapOptions& options) {
    const Study study = options.study(StudyNeeds::shapes);
    const MappedNetwork network = study.map();
    const MapReport report = make_map_report(network);
    if (!options.svg_file.empty())
        plot_floor(network, options.svg_file);
    if (!options.csv_file.empty())
        write_file_atomically(options.csv_file, array_csv(network));
    fmt::print("{}", options.json ? map_json(report).dump(2) + "\n" : map_text(report));
}

}  // namespace

void add_map_command(CommandLine& line) {
    CommandLine command = line.command("map", "layers, copies and streams of a network on the tiles of the chip");
    MapOptions& o = command.runs(run_map);
    command.footer(examples);
    add_experiment_options(command, o, true);
    command.output("--svg", &o.svg_file, "draw the floor plan into this SVG file (needs gnuplot)");
    command.output("--csv", &o.csv_file, "write layer, copy, place and matrix part of every array to this CSV file");
}

}  // namespace xloop
