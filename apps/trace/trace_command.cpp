#include "apps/command.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/progress.hpp"
#include "traces/saif/saif_reader.hpp"
#include "traces/saif/saif_rename.hpp"
#include "traces/saif/vcd_to_saif.hpp"
#include "traces/text/text_input.hpp"
#include "traces/tools/inspect_trace.hpp"
#include "traces/tools/trace_check.hpp"
#include "traces/tools/trace_diff.hpp"
#include "traces/tools/trace_kind.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xloop {
namespace {

constexpr const char* info_help = R"(
What a trace holds: signals, time, toggles, and who moves most. VCD, SAIF, CSV of activity or power, and time lines (JSON) are
told apart by content; files may be gzip.

Examples:
  xloop trace info run.vcd
  xloop trace info run.saif.gz --top 20
  xloop trace info run.activity.csv --json)";

constexpr const char* convert_help = R"(
Switching activity for power tools: time at 0, 1, x, z and toggles of every bit, from a VCD file or from another SAIF file.

The value at the window's begin is the initial one; a change at its end lies outside. Only changes between 0 and 1 are toggles
(TC). Of several changes at one time the last one counts; coming back to the same value is a glitch (IG). Time between $dumpoff
and $dumpon is no part of the duration. Nets and registers are taken; parameters, events, integers, reals and texts are not.
What is odd in a file costs a warning, not the file. Levels of --scope and --strip-path are joined by . or /; names may hold
brackets, dots and slashes themselves; a backslash makes * ? { } plain characters. Pipes are read as files are.

Examples:
  xloop trace convert run.vcd run.saif
  xloop trace convert run.vcd.gz layer.saif --window 12us:15.5us --scope 'chip.tile_0_*'
  xloop trace convert tb.vcd dut.saif --strip-path tb --divider .
  xloop trace convert tb.vcd pe.saif --scope 'tb.dut.genblk1[1]'
  fst2vcd -f run.fst | xloop trace convert /dev/stdin run.saif
  xloop trace convert run.saif rtl.saif --name-map names.yaml)";

constexpr const char* diff_help = R"(
Compares two traces net by net under their full names: toggles and time at 1; of two VCD files also the values at every time,
whatever their identifier codes and order. Exit code 0: equal, 1: different.

Examples:
  xloop trace diff before.vcd after.vcd
  xloop trace diff rtl.saif model.saif --tolerance 5 --top 20
  xloop trace diff run.vcd run.saif --json)";

constexpr const char* check_help = R"(
Whether VCD and SAIF files are well formed. VCD: times never go back, identifiers are declared, values fit, every variable has a
first value, names are unique, time passes. SAIF: header complete, a duration, times of each net add up to it but for rounding,
toggles have both states, names are unique and no keywords. Exit code 0: good, 1: problems, 2: a file cannot be read.

Examples:
  xloop trace check run.vcd run.saif
  xloop trace check *.saif --max 5)";

/// Oddities of a file that reading goes on after: the first of them are shown when it has been read.
class Oddities {
public:
    explicit Oddities(std::string file) : file_(std::move(file)) {}
    ~Oddities() {
        for (const std::string& message : messages_)
            spdlog::warn("{}", message);
        if (found_ > messages_.size())
            spdlog::warn("{}: {} more oddities; `xloop trace check` lists them", file_, found_ - messages_.size());
    }
    Oddities(const Oddities&) = delete;
    Oddities& operator=(const Oddities&) = delete;
    void add(const std::string& message) {
        constexpr std::size_t most = 5;
        if (found_++ < most)
            messages_.push_back(message);
    }

private:
    std::string file_;
    std::vector<std::string> messages_;
    std::uint64_t found_ = 0;
};

/// An input that shows how far it is read, stops on Ctrl-C and warns of what is odd.
class WatchedInput {
public:
    explicit WatchedInput(const std::string& path) : oddities_(path), progress_("reading " + path), in_(path) {
        in_.set_watch(std::ref(progress_));
        in_.set_listener([this](const std::string& message) { oddities_.add(message); });
    }
    trace::TextInput& text() { return in_; }

private:
    Oddities oddities_;
    Progress progress_;
    trace::TextInput in_;
};

struct InfoOptions {
    std::string file, csv_file;
    std::size_t top = 10;
    bool json = false;
};

void run_info(const InfoOptions& options) {
    WatchedInput in(options.file);
    const trace::TraceInfo info = trace::inspect_trace(in.text());
    if (!options.csv_file.empty())
        write_file_atomically(options.csv_file, info.csv());
    fmt::print("{}", options.json ? info.json(options.top).dump(2) + "\n" : info.text(options.top));
    if (!info.time_passes)
        throw InputError(options.file + ": no time passes in it, expected a later time behind the first one");
}

struct ConvertOptions {
    std::string input, output, window, scope, strip_path, divider, name_map;
};

void list_names(const std::string& what, const std::vector<std::string>& names) {
    constexpr std::size_t shown = 5;
    if (names.empty())
        return;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, names.size()); ++i)
        text += (i > 0 ? ", " : "") + names[i];
    spdlog::warn("{} {}: {}{}", names.size(), what, text, names.size() > shown ? ", ..." : "");
}

/// What the format allows and power tools do not take.
void warn_of_names(const trace::SaifFile& file) {
    std::vector<std::string> keywords;
    file.for_each_net([&](const std::string& path, const trace::SaifNet& net) {
        if (trace::is_saif_keyword(net.name))
            keywords.push_back(path + "." + net.name);
    });
    list_names("nets whose name is a keyword of SAIF, which power tools do not take", keywords);
    std::vector<std::string> tops;
    for (const trace::SaifInstance& instance : file.instances)
        tops.push_back(instance.name);
    if (tops.size() > 1)
        list_names("top instances, of which power tools take one (see --scope)", tops);
}

void run_convert(const ConvertOptions& options) {
    std::optional<trace::TimeSpan> window;
    if (!options.window.empty())
        window = trace::parse_time_span(options.window);
    std::optional<trace::NameMap> name_map;
    if (!options.name_map.empty())
        name_map.emplace(trace::NameMap::load(options.name_map));

    WatchedInput in(options.input);
    const trace::TraceKind kind = trace::kind_of(in.text());
    if (kind != trace::TraceKind::vcd && kind != trace::TraceKind::saif)
        throw InputError(options.input + ": cannot convert this file, expected VCD or SAIF");
    if (kind == trace::TraceKind::saif && window)
        throw InputError(options.input + ": a SAIF file holds sums over its whole time; --window needs a VCD file");
    const trace::SaifFile activity =
        kind == trace::TraceKind::vcd ? trace::saif_of_vcd(in.text(), window) : trace::read_saif(in.text());

    activity.demand_time(options.input);

    trace::SaifRenaming renaming;
    if (!options.scope.empty())
        renaming.scope.emplace(options.scope);
    renaming.strip_path = options.strip_path;
    renaming.name_map = name_map ? &*name_map : nullptr;
    std::uint64_t left_out = 0;
    const trace::SaifFile result = trace::renamed(activity, renaming, left_out);
    trace::NetNaming naming;
    naming.divider = activity.divider;
    if (name_map)
        naming = name_map->naming();
    if (!options.divider.empty())
        naming.divider = options.divider.front();
    warn_of_names(result);
    trace::write_saif(result, options.output, naming, "xloop", version);
    if (left_out > 0)
        spdlog::info("{} bits are left out", left_out);
    if (name_map) {
        list_names("signals that no rule takes", name_map->unmapped());
        list_names("rules that take no signal", name_map->unused_rules());
    }
}

struct DiffOptions {
    std::string a, b;
    double tolerance_percent = 0;
    std::size_t top = 10;
    bool json = false;
};

void run_diff(const DiffOptions& options) {
    WatchedInput a(options.a), b(options.b);
    const trace::TraceDifference difference = trace::diff_traces(a.text(), b.text(), options.tolerance_percent / 100);
    fmt::print("{}", options.json ? difference.json(options.top).dump(2) + "\n" : difference.table(options.top));
    if (!difference.equal)
        throw Error(options.a + " and " + options.b + " differ");
}

struct CheckOptions {
    std::vector<std::string> files;
    std::size_t most = 20;
    bool json = false;
};

std::string summary_line(const std::string& file, const trace::TraceCheck& check) {
    return fmt::format(
        "{}: {}, {} {}, {}\n", file, check.kind == trace::TraceKind::vcd ? "VCD" : "SAIF", check.nets,
        check.kind == trace::TraceKind::vcd ? "variables" : "bits",
        check.found == 0 ? "good" : fmt::format("{} problem{}", check.found, check.found == 1 ? "" : "s"));
}

void run_check(const CheckOptions& options) {
    Json json = Json::array();
    std::string text, unreadable;
    std::uint64_t found = 0;
    for (const std::string& file : options.files) {
        trace::TraceCheck check;
        try {
            WatchedInput in(file);
            check = trace::check_trace(in.text(), options.most);
        } catch (const InputError& e) {
            unreadable += (unreadable.empty() ? "" : "; ") + std::string(e.what());
            continue;
        }
        found += check.found;
        text += summary_line(file, check);
        for (const std::string& problem : check.problems)
            text += "  " + problem + "\n";
        if (check.found > check.problems.size())
            text += fmt::format("  ... and {} more (see --max)\n", check.found - check.problems.size());
        json.push_back({{"file", file}, {"nets", check.nets}, {"found", check.found}, {"problems", check.problems}});
    }
    fmt::print("{}", options.json ? json.dump(2) + "\n" : text);
    if (!unreadable.empty())
        throw InputError(unreadable);
    if (found > 0)
        throw Error(fmt::format("{} problem{} found", found, found == 1 ? "" : "s"));
}

void add_info(CommandLine& trace) {
    CommandLine command = trace.command("info", "what a trace holds, and who moves most");
    InfoOptions& o = command.runs(run_info);
    command.footer(info_help);
    command.option("FILE", &o.file, "VCD, SAIF, CSV or JSON").required();
    command.option("--top", &o.top, "rows of each list");
    command.option("--json", &o.json, "print one JSON object instead of text");
    command.output("--csv", &o.csv_file, "write the whole lists to this CSV file: table,name,quantity,value");
}

void add_convert(CommandLine& trace) {
    CommandLine command = trace.command("convert", "VCD or SAIF to SAIF: a window, a scope, other names");
    ConvertOptions& o = command.runs(run_convert);
    command.footer(convert_help);
    command.option("INPUT", &o.input, "VCD or SAIF file").required();
    command.output("OUTPUT", &o.output, "SAIF file; compressed if its name ends in .gz").required();
    command.option("--window", &o.window, "part of a VCD file, with units s to fs; default: all of it")
        .type("BEGIN:END");
    command
        .option("--scope", &o.scope,
                "only instances that match, and all within them: * in a level, ** across, ? one character, {a,b} words")
        .type("GLOB");
    command
        .option("--strip-path", &o.strip_path,
                "take these levels off, as tb/dut; nets that are not in an instance below are left out")
        .type("PATH");
    command.option("--divider", &o.divider, "between levels of names; default: /, or that of the input")
        .one_of({"/", "."});
    command.option("--name-map", &o.name_map, "YAML file of rules that give the nets of an RTL design").type("FILE");
}

void add_diff(CommandLine& trace) {
    CommandLine command = trace.command("diff", "whether two traces are equal, and where they are not");
    DiffOptions& o = command.runs(run_diff);
    command.footer(diff_help);
    command.option("A", &o.a, "VCD or SAIF file").required();
    command.option("B", &o.b, "VCD or SAIF file").required();
    command
        .option(
            "--tolerance", &o.tolerance_percent,
            "percent that toggles and time at 1 of a net may differ; above 0, VCD values at each time do not decide")
        .range(0.0, 100.0);
    command.option("--top", &o.top, "rows of each list");
    command.option("--json", &o.json, "print one JSON object instead of text");
}

void add_check(CommandLine& trace) {
    CommandLine command = trace.command("check", "whether VCD and SAIF files are well formed");
    CheckOptions& o = command.runs(run_check);
    command.footer(check_help);
    command.option("FILE", &o.files, "VCD or SAIF files").required();
    command.option("--max", &o.most, "problems to list for each file");
    command.option("--json", &o.json, "print one JSON array instead of text");
}

}  // namespace

void add_trace_command(CommandLine& line) {
    CommandLine trace =
        line.command("trace", "look at, convert, compare, check and draw waveforms, switching activity, power");
    trace.footer("\nEach has examples: xloop trace info --help");
    for (const auto add : {add_info, add_convert, add_diff, add_check, add_trace_plot_command})
        add(trace);
}

}  // namespace xloop
