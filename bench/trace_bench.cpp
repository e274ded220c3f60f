// What traces cost, on ResNet-20 with values computed unless another experiment is named.
//
// Hooks that are off: instructions of the model's run alone, counted by callgrind (which has no AVX-512), and its CPU time, over
// those of a build without hooks. Each run is a process of trace_probe_run or trace_probe_run_without_hooks.
//
// Tracing: time with files over time without. Arrays are programmed once for each number of images, then every run forks off
// this process, so that all start from the same memory; each traced run follows an untraced one, and its ratios are to that one.
#include "apps/commands/trace_setup.hpp"
#include "bench/trace_job.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>

namespace {

using namespace xloop;

struct BenchOptions {
    ExperimentOptions experiment;
    std::vector<int> images = {1, 2};
    int repetitions = 5;
    std::string folder = std::filesystem::temp_directory_path();
    bool skip_hooks = false, skip_times = false;
};

struct TraceCase {
    const char* name;
    std::vector<std::string> formats;
    trace::Detail detail;
    double allowed;  ///< ratio of the whole job's time; 0: any
};

const std::vector<TraceCase> trace_cases = {
    {"saif_all", {"saif"}, trace::Detail::all, 1.5},
    {"vcd_data", {"vcd"}, trace::Detail::data, 3.0},
    {"vcd_control", {"vcd"}, trace::Detail::control, 0.0},
    {"activity", {"activity"}, trace::Detail::data, 0.0},
    {"power", {"power"}, trace::Detail::data, 0.0},
    {"timeline", {"timeline"}, trace::Detail::data, 0.0},
    {"every_format_data", {"vcd", "saif", "activity", "power", "timeline"}, trace::Detail::data, 0.0},
};
constexpr double allowed_instructions = 1.01;
/// Programming arrays with wires takes minutes under valgrind; the model's run reads arrays without them just the same.
constexpr const char* without_wires =
    "-s crossbar.r_driver_ohm=0 -s crossbar.r_wire_row_ohm=0 -s crossbar.r_wire_col_ohm=0 "
    "-s crossbar.r_sense_ohm=0";

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return values.size() % 2 == 1 ? *middle : (*middle + *std::max_element(values.begin(), middle)) / 2;
}

const char* verdict(double ratio, double allowed) { return allowed == 0 ? "" : ratio <= allowed ? "met" : "MISSED"; }

/// All that a command prints, messages included. Throws Error when it fails.
std::string output_of(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen((command + " 2>&1").c_str(), "r"), pclose);
    if (!pipe)
        throw Error("cannot run " + command);
    std::string text;
    char part[4096];
    for (std::size_t n; (n = std::fread(part, 1, sizeof part, pipe.get())) > 0;)
        text.append(part, n);
    return text;
}

/// The number after `label` in the text. Throws Error with the text when it is not there.
double number_after(const std::string& text, const std::string& label) {
    const std::size_t at = text.find(label);
    if (at == std::string::npos)
        throw Error(fmt::format("no \"{}\" in what a measured program printed:\n{}", label, text));
    return std::strtod(text.c_str() + at + label.size(), nullptr);
}

void measure_hooks(const BenchOptions& bench, const std::string& values, int images) {
    const auto command = [&](const char* program) {
        std::string text = fmt::format("'{}' '{}' -s simulation.images={} -s simulation.values={}", program,
                                       bench.experiment.file, images, values);
        for (const std::string& setting : bench.experiment.overrides)
            text += fmt::format(" -s '{}'", setting);
        return text;
    };
    const std::string with = command(XLOOP_PROBE_RUN), without = command(XLOOP_PROBE_RUN_WITHOUT_HOOKS);
    std::vector<double> seconds, ratios;
    std::string native;
    for (int i = 0; i < bench.repetitions; ++i) {
        const double base = number_after(output_of(without), "cpu_s=");
        native = output_of(with);
        seconds.push_back(number_after(native, "cpu_s="));
        ratios.push_back(seconds.back() / base);
    }
    const auto instructions = [](const std::string& program) {
        return number_after(output_of(fmt::format("valgrind --tool=callgrind --callgrind-out-file=/dev/null "
                                                  "'--toggle-collect=*run_model*' {} {}",
                                                  program, without_wires)),
                            "Collected :");
    };
    const double counted = instructions(with), base = instructions(without), ratio = counted / base;
    const double events = number_after(native, "events=");
    fmt::print(
        "hooks_off values={} images={} cycles={:.0f} events={:.0f} instructions={:.0f} without_hooks={:.0f} "
        "ratio={:.5f} allowed={} {} instructions_per_event={:.1f} cpu_s={:.4f} cpu_ratio={:.4f}\n",
        values, images, number_after(native, "cycles="), events, counted, base, ratio, allowed_instructions,
        verdict(ratio, allowed_instructions), counted / events, median(seconds), median(ratios));
    std::fflush(stdout);
}

struct Sample {
    double wall_s = 0, cpu_s = 0;
    std::uint64_t bytes = 0, records = 0, changes = 0;
    long peak_kb = 0;
};

/// Lines of a value change dump that give a value.
std::uint64_t changes_in(const std::string& vcd) {
    const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(vcd.c_str(), "r"), std::fclose);
    if (!file)
        return 0;
    std::uint64_t changes = 0;
    std::vector<char> part(1 << 20);
    bool line_begins = true;
    for (std::size_t n; (n = std::fread(part.data(), 1, part.size(), file.get())) > 0;)
        for (std::size_t i = 0; i < n; ++i) {
            if (line_begins && (part[i] == '0' || part[i] == '1' || part[i] == 'b'))
                ++changes;
            line_begins = part[i] == '\n';
        }
    return changes;
}

/// A run into `folder`; a null `trace`: nothing is traced.
Sample run_once(TraceJob& job, const TraceCase* trace, const std::string& folder) {
    TraceConfig& config = job.study.config.trace;
    config = {};
    if (trace) {
        config.formats = trace->formats;
        config.detail = trace->detail;
        config.output = folder + "/trace";
        config.limit_mb = 100'000;
    }
    Sample sample;
    const Stopwatch watch;
    {
        TraceSetup setup(job.study, job.network);
        SimulationOptions how;
        how.trace = setup.bus();
        run_timed(job.study, job.network, job.values ? &*job.values : nullptr, how);
        if (setup.bus())
            sample.records = setup.bus()->records();
    }
    sample.wall_s = watch.wall_s();
    sample.cpu_s = watch.cpu_s();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    sample.peak_kb = usage.ru_maxrss;
    for (const auto& file : std::filesystem::directory_iterator(folder))
        sample.bytes += file.file_size();
    sample.changes = changes_in(folder + "/trace.vcd");
    return sample;
}

/// SystemC elaborates once per process. Throws Error when the child fails.
Sample in_child(const std::function<Sample()>& work) {
    int ends[2];
    if (pipe(ends) != 0)
        throw Error("cannot make a pipe");
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        try {
            const Sample sample = work();
            _exit(write(ends[1], &sample, sizeof sample) == static_cast<ssize_t>(sizeof sample) ? 0 : 1);
        } catch (const std::exception& e) {
            fmt::print(stderr, "{}\n", e.what());
            _exit(1);
        }
    }
    close(ends[1]);
    Sample sample;
    const bool whole = child > 0 && read(ends[0], &sample, sizeof sample) == static_cast<ssize_t>(sizeof sample);
    close(ends[0]);
    waitpid(child, nullptr, 0);
    if (!whole)
        throw Error("a measured run failed");
    return sample;
}

/// A folder of our own in another, empty again after each run.
class Scratch {
public:
    explicit Scratch(const std::string& parent) : path_(parent + "/xloop_trace_bench_XXXXXX") {
        if (!mkdtemp(path_.data()))
            throw InputError("cannot write to " + parent);
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    void clear() const {
        for (const auto& file : std::filesystem::directory_iterator(path_))
            std::filesystem::remove(file.path());
    }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

void measure_traces(const BenchOptions& bench, int images) {
    const Scratch scratch(bench.folder);
    ExperimentOptions options = bench.experiment;
    options.overrides.push_back(fmt::format("simulation.images={}", images));
    const Stopwatch watch;
    TraceJob job = prepare_job(options);
    const double setup_s = watch.wall_s(), setup_cpu_s = watch.cpu_s();

    std::string lines;
    fmt::print("\n{}, {} image{}, medians of {}; before the run: {:.3f} s\n", job.study.graph.name, images,
               images == 1 ? "" : "s", bench.repetitions, setup_s);
    fmt::print("{:<18} {:>8} {:>8} {:>7} {:>7} {:>7} {:>7} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8}  {}\n", "trace", "run s",
               "CPU s", "run x", "CPU x", "job x", "CPU x", "MB", "M records", "M changes", "MB/s", "M chg/s",
               "peak MB", "job allowed");
    for (const TraceCase& trace : trace_cases) {
        std::vector<double> wall, cpu, base_wall, base_cpu, run_x, run_cpu_x, job_x, job_cpu_x;
        Sample traced;
        for (int i = 0; i < bench.repetitions; ++i) {
            const Sample base = in_child([&] { return run_once(job, nullptr, scratch.path()); });
            traced = in_child([&] { return run_once(job, &trace, scratch.path()); });
            scratch.clear();
            wall.push_back(traced.wall_s);
            cpu.push_back(traced.cpu_s);
            base_wall.push_back(base.wall_s);
            base_cpu.push_back(base.cpu_s);
            run_x.push_back(traced.wall_s / base.wall_s);
            run_cpu_x.push_back(traced.cpu_s / base.cpu_s);
            job_x.push_back((setup_s + traced.wall_s) / (setup_s + base.wall_s));
            job_cpu_x.push_back((setup_cpu_s + traced.cpu_s) / (setup_cpu_s + base.cpu_s));
        }
        const double run_s = median(wall), ratio = median(job_x);
        const auto millions = [](std::uint64_t n) { return 1e-6 * static_cast<double>(n); };
        fmt::print(
            "{:<18} {:>8.3f} {:>8.3f} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>9.2f} {:>9.3f} {:>9.3f} "
            "{:>8.1f} {:>8.2f} {:>8.1f}  {} {}\n",
            trace.name, run_s, median(cpu), median(run_x), median(run_cpu_x), ratio, median(job_cpu_x),
            millions(traced.bytes), millions(traced.records), millions(traced.changes), millions(traced.bytes) / run_s,
            millions(traced.changes) / run_s, static_cast<double>(traced.peak_kb) / 1024,
            trace.allowed > 0 ? fmt::format("{:.1f}", trace.allowed) : "", verdict(ratio, trace.allowed));
        std::fflush(stdout);
        lines += fmt::format(
            "traced trace={} images={} setup_s={:.4f} setup_cpu_s={:.4f} base_run_s={:.4f} "
            "base_run_cpu_s={:.4f} "
            "run_s={:.4f} run_cpu_s={:.4f} run_ratio={:.3f} run_cpu_ratio={:.3f} job_ratio={:.3f} "
            "job_cpu_ratio={:.3f} bytes={} records={} changes={} "
            "bytes_per_s={:.0f} changes_per_s={:.0f} peak_kb={}\n",
            trace.name, images, setup_s, setup_cpu_s, median(base_wall), median(base_cpu), run_s, median(cpu),
            median(run_x), median(run_cpu_x), ratio, median(job_cpu_x), traced.bytes, traced.records, traced.changes,
            static_cast<double>(traced.bytes) / run_s, static_cast<double>(traced.changes) / run_s, traced.peak_kb);
    }
    fmt::print("{}", lines);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "What traces of the cycle model cost: instructions of hooks that are off, time and bytes of files.\n"
        "Lines of key=value follow each table. Job: experiment read, arrays programmed, untimed run, timed run."};
    BenchOptions bench;
    bench.experiment.file = XLOOP_SOURCE_DIR "/configs/experiments/resnet20.yaml";
    app.add_option("EXPERIMENT", bench.experiment.file, "experiment file")->capture_default_str();
    app.add_option("-s,--set", bench.experiment.overrides, "override one key (repeatable)")
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->take_all();
    app.add_option("--images", bench.images, "numbers of images: 1,2")
        ->delimiter(',')
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--repetitions", bench.repetitions, "of each timed run")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--folder", bench.folder, "where files are written for a while")->capture_default_str();
    app.add_flag("--skip-hooks", bench.skip_hooks, "not what hooks cost when they are off (needs valgrind)");
    app.add_flag("--skip-times", bench.skip_times, "not what tracing costs");
    CLI11_PARSE(app, argc, argv);
    try {
        Progress::silence();
        for (const int images : bench.images) {
            if (!bench.skip_hooks)
                for (const char* values : {"counts", "compute"})
                    measure_hooks(bench, values, images);
            if (!bench.skip_times)
                measure_traces(bench, images);
        }
    } catch (const Error& e) {
        fmt::print(stderr, "trace_bench: {}\n", e.what());
        return 1;
    }
}
