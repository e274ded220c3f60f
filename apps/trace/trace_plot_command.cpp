#include "analysis/study.hpp"
#include "analysis/trace_power_model.hpp"
#include "apps/command.hpp"
#include "apps/trace/trace_plot.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "traces/text/time_scale.hpp"
#include "traces/tools/trace_kind.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Draws what simulate --trace wrote, plain or gzip, told by its content:
  PREFIX.power.csv             power over time, stacked by class
  PREFIX.power_instances.csv   power of instances or tiles over time, as a heat map
  PREFIX.activity.csv          events of one kind, or with -e the energy of all, as a heat map
  PREFIX.timeline.json         what every track did, as bars

Examples:
  xloop trace plot run.power.csv -o power.svg --from 10us --to 20us
  xloop trace plot run.activity.csv -o adc.svg --event conversion --group tile
  xloop trace plot run.activity.csv -o energy.svg -e configs/experiments/vgg8.yaml
  xloop trace plot run.timeline.json -o tiles.svg --tracks 'chip.tile_0_*' --rows 40)";

struct TracePlotOptions {
    std::string file, svg_file, from, to, title, event, group = "auto";
    ExperimentOptions experiment;
    std::vector<std::string> tracks;
    std::size_t rows = 60;
};

double seconds_of(const std::string& text, const char* option) {
    const bool bare = !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
    const auto time = trace::parse_time(bare ? text + "us" : text);
    if (!time)
        throw InputError(fmt::format("trace plot {}: `{}`, expected a time as 12.5us, 300ns or 1ms", option, text));
    return 1e-15 * static_cast<double>(*time);
}

trace::PowerModel model_of(const ExperimentOptions& options) {
    const Study study = options.study(StudyNeeds::shapes);
    const StudyConfig& config = study.config;
    return trace_power_model(study.map(), config, study.costs);
}

void check_event(const std::string& event) {
    const std::vector<std::string> known = all_names<Event>(event_count);
    if (std::find(known.begin(), known.end(), event) != known.end())
        return;
    throw InputError(fmt::format("trace plot --event: unknown event `{}`{}", event, did_you_mean(event, known)));
}

/// What of the CSV files of a trace it is; nothing: a time line.
std::optional<trace::CsvKind> content_of(const std::string& file) {
    std::error_code none;
    if (const auto type = std::filesystem::status(file, none).type(); type == std::filesystem::file_type::fifo)
        throw InputError(file + ": a pipe, expected a file: pictures read it more than once");
    trace::TextInput in(file);
    if (trace::kind_of(in) == trace::TraceKind::json)
        return std::nullopt;
    const auto kind = trace::csv_kind(trace::csv_rows(in).header());
    if (!kind)
        throw InputError(fmt::format(
            "{}: nothing to draw; expected power over time, activity (CSV that begins {}) or a time line (JSON)", file,
            trace::csv_beginnings));
    return kind;
}

void run_trace_plot(const TracePlotOptions& options) {
    const std::optional<trace::CsvKind> content = content_of(options.file);
    TracePlot plot;
    plot.title = options.title;
    if (!options.from.empty())
        plot.from_s = seconds_of(options.from, "--from");
    if (!options.to.empty())
        plot.to_s = seconds_of(options.to, "--to");
    if (plot.from_s >= plot.to_s)
        throw InputError(fmt::format("trace plot: --from {} --to {}, expected a time that ends after it begins",
                                     options.from, options.to));
    for (const std::string& glob : options.tracks)
        plot.only.emplace_back(glob);
    plot.rows = options.rows;
    plot.event = options.event;
    if (!plot.event.empty())
        check_event(plot.event);
    plot.group = options.group == "auto"   ? TracePlot::Group::automatic
                 : options.group == "tile" ? TracePlot::Group::tile
                                           : TracePlot::Group::instance;
    if (!options.experiment.file.empty())
        plot.model = model_of(options.experiment);
    if (content == trace::CsvKind::activity && !plot.model && (!options.from.empty() || !options.to.empty()))
        throw InputError(
            "trace plot: the times of an activity file are cycles; --from and --to need -e EXPERIMENT, which has the "
            "clock");
    const auto draw = !content                            ? plot_trace_timeline
                      : *content == trace::CsvKind::power ? plot_trace_power
                                                          : plot_trace_heat;
    draw(options.file, plot, options.svg_file);
}

}  // namespace

void add_trace_plot_command(CommandLine& trace) {
    CommandLine command = trace.command("plot", "draw power, activity or a time line (SVG, by gnuplot)");
    TracePlotOptions& o = command.runs(run_trace_plot);
    command.footer(examples);
    command.option("file", &o.file, "power or activity CSV, or time line JSON").required().type("FILE");
    command.output("-o,--output", &o.svg_file, "picture to write").required().type("OUT.svg");
    command.option("--from", &o.from, "first moment shown: 12.5us, 300ns; without a unit us").type("TIME");
    command.option("--to", &o.to, "last moment shown").type("TIME");
    command.option("--tracks", &o.tracks, "only these tracks or instances, * within a level, ** across (repeatable)")
        .type("GLOB");
    command.option("--rows", &o.rows, "most rows: those with most to show").range(1, 1000);
    command.option("--group", &o.group, "rows of a heat map; auto: tiles where instances are more than --rows")
        .one_of({"auto", "instance", "tile"});
    command.option("--event", &o.event, "event of an activity file to show").type("EVENT");
    command
        .option("-e,--experiment", &o.experiment.file,
                "experiment of an activity file: gives its time and the energy of its events")
        .type("FILE");
    command.option("-s,--set", &o.experiment.overrides, "change a key of the experiment").type("KEY=VALUE");
    command.option("--title", &o.title, "title of the picture");
}

}  // namespace xloop
