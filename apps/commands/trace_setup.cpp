#include "apps/commands/trace_setup.hpp"

#include "analysis/trace_power_model.hpp"
#include "core/config/emit.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/words.hpp"
#include "traces/bus/name_map.hpp"
#include "traces/bus/window_text.hpp"
#include "traces/power/activity_sink.hpp"
#include "traces/power/power_sink.hpp"
#include "traces/saif/saif_sink.hpp"
#include "traces/timeline/timeline_sink.hpp"
#include "traces/vcd/vcd_sink.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace xloop {
namespace {

/// An option that stands for a key of the section `trace`.
struct TraceOption {
    enum Kind { text, list, repeatable, flag };  ///< a list's items are separated by commas
    const char* option;
    const char* key;
    Kind kind;
    const char* doc;
};

constexpr TraceOption trace_options[] = {
    {"--trace", "formats", TraceOption::list, "what to write: vcd,saif,activity,power,timeline, or some of them"},
    {"--trace-out", "output", TraceOption::text, "names of the files begin with this; default: the experiment's name"},
    {"--trace-detail", "detail", TraceOption::text,
     "control (enables, handshakes, states), data (and what is sent), all (and registers, strobes, clocks)"},
    {"--trace-classes", "classes", TraceOption::list, "classes of signals instead: code,lines,..."},
    {"--trace-select", "select", TraceOption::repeatable,
     "only what is at or below this path: chip.tile_0_0, 'chip.**.adc_bank' (repeatable)"},
    {"--trace-exclude", "exclude", TraceOption::repeatable, "not what is at or below this path (repeatable)"},
    {"--trace-window", "windows", TraceOption::repeatable,
     "only cycles:0-2000, ns:100-200, or layer:conv3,image:2 (repeatable)"},
    {"--trace-limit-mb", "limit_mb", TraceOption::text,
     "largest size of a file before compression; it ends in good order there"},
    {"--trace-name-map", "name_map", TraceOption::text,
     "YAML file that gives signals the names of your RTL (vcd, saif)"},
    {"--trace-gz", "gzip", TraceOption::flag, "compress the files"},
};

/// The same as the place in the configuration that it is about says it.
[[noreturn]] void fail_at(const Study& study, const char* key, const InputError& error) {
    constexpr std::string_view expected = "expected ";
    const std::string_view what = error.what();
    config::fail_check(study.origins, key,
                       std::string(what.substr(what.rfind(expected, 0) == 0 ? expected.size() : 0)));
}

std::uint64_t cycle_fs(const HardwareConfig& hardware) {
    return static_cast<std::uint64_t>(1e6 / hardware.clock.frequency_ghz + 0.5);
}

/// The windows of time, and the regions into `selection`.
trace::TimeWindows windows_of(const Study& study, trace::Selection& selection) {
    std::vector<std::pair<trace::Time, trace::Time>> spans;
    for (const std::string& text : study.config.trace.windows) {
        try {
            const auto window = trace::parse_window(text, cycle_fs(study.config.hardware));
            if (const auto* region = std::get_if<trace::Region>(&window))
                selection.regions.push_back(*region);
            else
                spans.push_back(std::get<0>(window));
        } catch (const InputError& e) {
            fail_at(study, "trace.windows", e);
        }
    }
    if (!spans.empty() && !selection.regions.empty())
        config::fail_check(study.origins, "trace.windows", "either spans of time or regions (layer, image), not both");
    return selection.regions.empty() && spans.empty() ? trace::TimeWindows::always() : trace::TimeWindows(spans);
}

void demand_regions(const Study& study, const std::vector<trace::Region>& regions) {
    std::vector<std::string> layers;
    for (const GraphLayer& layer : study.graph.layers)
        layers.push_back(layer.name);
    for (const trace::Region& region : regions)
        if (!region.layer.empty() && std::count(layers.begin(), layers.end(), region.layer) == 0)
            config::fail_check(study.origins, "trace.windows",
                               fmt::format("some of {}, not `{}`{}", fmt::join(layers, ", "), region.layer,
                                           did_you_mean(region.layer, layers)));
    const std::int64_t images = study.config.simulation.images;
    for (const trace::Region& region : regions)
        if (region.image >= images)
            config::fail_check(study.origins, "trace.windows",
                               fmt::format("an image of the run, 0 to {} (simulation.images is {}), not image:{}",
                                           images - 1, images, region.image));
}

trace::Selection selection_of(const Study& study) {
    const TraceConfig& config = study.config.trace;
    trace::Selection selection;
    selection.detail = config.detail;
    for (const std::string& name : config.classes)
        selection.classes.push_back(*value_named<trace::SignalClass>(name));
    const auto patterns = [&](const char* key, const std::vector<std::string>& texts, std::vector<trace::Glob>& globs) {
        for (const std::string& text : texts) {
            try {
                globs.emplace_back(text);
            } catch (const InputError& e) {
                fail_at(study, key, e);
            }
        }
    };
    patterns("trace.select", config.select, selection.select);
    patterns("trace.exclude", config.exclude, selection.exclude);
    return selection;
}

}  // namespace

void TraceOptions::add_to(CommandLine& command) {
    for (std::size_t i = 0; i < std::size(trace_options); ++i) {
        const TraceOption& row = trace_options[i];
        Given& given = given_.emplace_back();
        const CommandLine::Target target = row.kind == TraceOption::flag         ? CommandLine::Target(&given.flag)
                                           : row.kind == TraceOption::repeatable ? CommandLine::Target(&given.texts)
                                                                                 : CommandLine::Target(&given.text);
        command.option(row.option, target, row.doc).group("Traces (section `trace` of the experiment)");
    }
}

std::vector<std::string> TraceOptions::overrides() const {
    std::vector<std::string> settings;
    for (std::size_t i = 0; i < given_.size(); ++i) {
        const TraceOption& row = trace_options[i];
        Given given = given_[i];
        if (row.kind == TraceOption::list && !given.text.empty())
            for (std::string_view item : split(given.text, ','))
                given.texts.emplace_back(item);
        const std::string value = given.flag             ? "true"
                                  : !given.texts.empty() ? Json(given.texts).dump()
                                  : !given.text.empty()  ? config::scalar_text(given.text)
                                                         : "";
        if (!value.empty())
            settings.push_back(fmt::format("trace.{}={}", row.key, value));
    }
    return settings;
}

void check_trace(const Study& study) {
    trace::Selection selection = selection_of(study);
    windows_of(study, selection);
}

struct TraceSetup::Files {
    std::vector<std::unique_ptr<trace::Sink>> sinks;
    std::vector<std::string> paths;
    std::optional<trace::NameMap> names;
    trace::PowerSink* power = nullptr;

    std::vector<std::string> remarks() const {
        std::vector<std::string> all;
        for (const auto& sink : sinks)
            if (const std::string remark = sink->remark();
                !remark.empty() && std::count(all.begin(), all.end(), remark) == 0)
                all.push_back(remark);
        if (!names)
            return all;
        const auto some = [&](const char* what, const std::vector<std::string>& items) {
            if (!items.empty())
                all.push_back(fmt::format(
                    "{} {}: {}{}", items.size(), what,
                    fmt::join(items.begin(), items.begin() + std::min<std::ptrdiff_t>(5, std::ptrdiff_t(items.size())),
                              ", "),
                    items.size() > 5 ? ", ..." : ""));
        };
        some("signals that no rule of the name map takes", names->unmapped());
        some("rules of the name map that take no signal", names->unused_rules());
        return all;
    }
};

TraceSetup::TraceSetup(const Study& study, const MappedNetwork& network, const std::string& power_file)
    : files_(std::make_unique<Files>()) {
    const StudyConfig& config = study.config;
    const TraceConfig& wanted = config.trace;
    if (wanted.formats.empty() && power_file.empty())
        return;
    const std::string prefix = wanted.output.empty() ? config.name : wanted.output;
    const std::uint64_t limit = static_cast<std::uint64_t>(wanted.limit_mb) * 1'000'000;
    const auto file = [&](const std::string& ending, bool packs = true) {
        files_->paths.push_back(prefix + ending + (wanted.gzip && packs ? ".gz" : ""));
        demand_writable(files_->paths.back());
        return files_->paths.back();
    };
    const auto add = [&](auto sink) -> auto* {
        auto* pointer = sink.get();
        files_->sinks.push_back(std::move(sink));
        return pointer;
    };
    if (!wanted.name_map.empty())
        files_->names.emplace(trace::NameMap::load(wanted.name_map));
    std::shared_ptr<trace::PowerModel> costs;
    if (wanted.wants(TraceFormat::power) || wanted.wants(TraceFormat::timeline) || !power_file.empty())
        costs = std::make_shared<trace::PowerModel>(trace_power_model(network, config, study.costs));
    const std::uint64_t window = config.simulation.limits.power_window_cycles;
    if (wanted.wants(TraceFormat::vcd)) {
        const std::string waves = file(".vcd"), save = file(".gtkw", false);
        add(std::make_unique<trace::VcdSink>(waves, limit, "", save));
    }
    if (wanted.wants(TraceFormat::saif))
        add(std::make_unique<trace::SaifSink>(file(".saif"),
                                              files_->names ? files_->names->naming() : trace::NetNaming{}));
    if (wanted.wants(TraceFormat::activity))
        add(std::make_unique<trace::ActivitySink>(file(".activity.csv"), window, limit));
    if (wanted.wants(TraceFormat::power)) {
        const std::string classes = file(".power.csv"), instances = file(".power_instances.csv"),
                          waveform = file(".power.vcd");
        files_->power = add(
            std::make_unique<trace::PowerSink>(trace::PowerFiles{classes, instances, waveform}, costs, window, limit));
    }
    if (!power_file.empty())
        add(std::make_unique<trace::PowerSink>(trace::PowerFiles{power_file, "", ""}, costs, window));
    if (wanted.wants(TraceFormat::timeline)) {
        const auto timeline = std::make_shared<trace::TimelineFile>(file(".timeline.json"), limit);
        std::vector<std::string> layers;
        for (const GraphLayer& layer : study.graph.layers)
            layers.push_back(layer.name);
        add(std::make_unique<trace::TimelineSink>(timeline, layers));
        add(std::make_unique<trace::TimelinePower>(timeline, costs, window));
    }
    trace::Declarations declarations;
    declarations.cycle_fs = cycle_fs(config.hardware);
    declarations.design = study.graph.name;
    declarations.program = fmt::format("xloop {}", version);
    trace::Selection selection = selection_of(study);
    trace::TimeWindows windows = windows_of(study, selection);
    demand_regions(study, selection.regions);
    if (wanted.formats.empty()) {
        selection.regions.clear();
        windows = trace::TimeWindows::always();
    }
    std::vector<trace::Sink*> sinks;
    for (const auto& sink : files_->sinks)
        sinks.push_back(sink.get());
    bus_ = std::make_unique<trace::TraceBus>(std::move(declarations), std::move(selection), std::move(windows),
                                             std::move(sinks), files_->names ? &*files_->names : nullptr);
}

TraceSetup::~TraceSetup() = default;

bool TraceSetup::has_files() const { return !files_->paths.empty(); }

std::vector<std::string> TraceSetup::remarks() const {
    std::vector<std::string> all = files_->remarks();
    if (!bus_ || !bus_->wants_signals())
        return all;
    for (const trace::Glob& glob : bus_->selection().exclude)
        if (!glob.used())
            all.push_back(fmt::format("trace.exclude: no signal matches `{}`", glob.pattern()));
    return all;
}

void TraceSetup::demand_time(const Study& study) const {
    if (!bus_ || !has_files() || bus_->traced() > 0)
        return;
    for (const std::string& path : files_->paths)
        std::filesystem::remove(path);
    config::fail_check(
        study.origins, "trace.windows",
        fmt::format("a window within the run, which ends at {:.6g} us: no time was traced, and the files are "
                    "not kept",
                    1e-6 * static_cast<double>(bus_->now())));
}

std::string TraceSetup::end_early() {
    if (!bus_ || !bus_->begun())
        return {};
    bus_->end_early();
    return fmt::format("the trace ends at {:.3f} us, where the run ended\n{}", 1e-6 * static_cast<double>(bus_->now()),
                       summary());
}

std::string TraceSetup::summary() const {
    std::string text;
    for (const std::string& path : files_->paths) {
        std::error_code missing;
        const auto bytes = std::filesystem::file_size(path, missing);
        text += fmt::format("  {:<40} {:>12.3f} MB\n", path, missing ? 0.0 : 1e-6 * static_cast<double>(bytes));
    }
    for (const std::string& remark : remarks())
        text += fmt::format("  {}\n", remark);
    return text;
}

Json TraceSetup::json() const {
    Json json{{"files", files_->paths},
              {"remarks", remarks()},
              {"signals", bus_->declarations().signals.size()},
              {"records", bus_->records()}};
    if (files_->power)
        json["energy_j"] = files_->power->energy_j();
    return json;
}

}  // namespace xloop
