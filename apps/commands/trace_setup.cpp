#include "apps/commands/trace_setup.hpp"

#include "analysis/trace_power_model.hpp"
#include "apps/command.hpp"
#include "core/config/emit.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "traces/bus/name_map.hpp"
#include "traces/bus/window_text.hpp"
#include "traces/power/activity_sink.hpp"
#include "traces/power/power_sink.hpp"
#include "traces/saif/saif_sink.hpp"
#include "traces/timeline/timeline_sink.hpp"
#include "traces/vcd/vcd_sink.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

namespace xloop {
namespace {

using trace::SignalClass;

/// "a,b" -> ["a","b"], as YAML and JSON write it.
std::string list_text(const std::vector<std::string>& items) { return Json(items).dump(); }

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> items;
    std::istringstream in(text);
    for (std::string item; std::getline(in, item, ',');)
        items.push_back(item);
    return items;
}

const std::vector<std::string> formats = {"vcd", "saif", "activity", "power", "timeline"};

void demand_known(const Study& study, const char* key, const std::vector<std::string>& given,
                  const std::vector<std::string>& known) {
    for (const std::string& name : given)
        if (std::count(known.begin(), known.end(), name) == 0)
            config::fail_check(
                study.origins, key,
                fmt::format("some of {}, not `{}`{}", fmt::join(known, ", "), name, did_you_mean(name, known)));
}

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
        if (!region.layer.empty())
            demand_known(study, "trace.windows", {region.layer}, layers);
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
    const auto classes = all_names<SignalClass>(trace::signal_class_count);
    for (const std::string& name : config.classes)
        selection.classes.push_back(
            static_cast<SignalClass>(std::find(classes.begin(), classes.end(), name) - classes.begin()));
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

void TraceOptions::add_to(CLI::App& command) {
    const char* group = "Traces (section `trace` of the experiment)";
    command.add_option("--trace", formats, "what to write: vcd,saif,activity,power,timeline, or some of them")
        ->group(group);
    command.add_option("--trace-out", output, "names of the files begin with this; default: the experiment's name")
        ->group(group);
    command
        .add_option("--trace-detail", detail,
                    "control (enables, handshakes, states), data (and what is sent), all (and "
                    "registers, strobes, clocks)")
        ->group(group);
    command.add_option("--trace-classes", classes, "classes of signals instead: code,lines,...")->group(group);
    command
        .add_option("--trace-select", select,
                    "only what is at or below this path: chip.tile_0_0, 'chip.**.adc_bank' (repeatable)")
        ->group(group);
    command.add_option("--trace-exclude", exclude, "not what is at or below this path (repeatable)")->group(group);
    command
        .add_option("--trace-window", windows, "only cycles:0-2000, ns:100-200, or layer:conv3,image:2 (repeatable)")
        ->group(group);
    command
        .add_option("--trace-limit-mb", limit_mb,
                    "largest size of a file before compression; it ends in good order there")
        ->group(group);
    command.add_option("--trace-name-map", name_map, "YAML file that gives signals the names of your RTL (vcd, saif)")
        ->group(group);
    command.add_flag("--trace-gz", gzip, "compress the files")->group(group);
}

std::vector<std::string> TraceOptions::overrides() const {
    std::vector<std::string> settings;
    const auto text = [&](const char* key, const std::string& value) {
        if (!value.empty())
            settings.push_back(fmt::format("trace.{}={}", key, config::scalar_text(value)));
    };
    const auto list = [&](const char* key, const std::vector<std::string>& items) {
        if (!items.empty())
            settings.push_back(fmt::format("trace.{}={}", key, list_text(items)));
    };
    list("formats", split(formats));
    text("output", output);
    text("detail", detail);
    list("classes", split(classes));
    list("select", select);
    list("exclude", exclude);
    list("windows", windows);
    text("limit_mb", limit_mb);
    text("name_map", name_map);
    if (gzip)
        settings.emplace_back("trace.gzip=true");
    return settings;
}

void check_trace(const Study& study) {
    const TraceConfig& config = study.config.trace;
    demand_known(study, "trace.formats", config.formats, formats);
    demand_known(study, "trace.classes", config.classes, all_names<SignalClass>(trace::signal_class_count));
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
    const auto wants = [&](const char* format) {
        return std::count(wanted.formats.begin(), wanted.formats.end(), format) > 0;
    };
    const auto add = [&](auto sink) -> auto* {
        auto* pointer = sink.get();
        files_->sinks.push_back(std::move(sink));
        return pointer;
    };
    if (!wanted.name_map.empty())
        files_->names.emplace(trace::NameMap::load(wanted.name_map));
    std::shared_ptr<trace::PowerModel> costs;
    if (wants("power") || wants("timeline") || !power_file.empty())
        costs = std::make_shared<trace::PowerModel>(trace_power_model(network, config, study.costs));
    const std::uint64_t window = config.simulation.power_window_cycles;
    if (wants("vcd")) {
        const std::string waves = file(".vcd"), save = file(".gtkw", false);
        add(std::make_unique<trace::VcdSink>(waves, limit, "", save));
    }
    if (wants("saif"))
        add(std::make_unique<trace::SaifSink>(file(".saif"),
                                              files_->names ? files_->names->naming() : trace::NetNaming{}));
    if (wants("activity"))
        add(std::make_unique<trace::ActivitySink>(file(".activity.csv"), window, limit));
    if (wants("power")) {
        const std::string classes = file(".power.csv"), instances = file(".power_instances.csv"),
                          waveform = file(".power.vcd");
        files_->power = add(
            std::make_unique<trace::PowerSink>(trace::PowerFiles{classes, instances, waveform}, costs, window, limit));
    }
    if (!power_file.empty())
        add(std::make_unique<trace::PowerSink>(trace::PowerFiles{power_file, "", ""}, costs, window));
    if (wants("timeline")) {
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
