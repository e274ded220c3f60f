// One run of the cycle model with nothing traced, for trace_bench, which counts the instructions of run_model(). Built twice:
// on the model as it is, and on one without hooks for traces. Usage: trace_probe_run EXPERIMENT [-s key=value]...
#include "bench/trace_job.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"

#include <fmt/format.h>

namespace {

/// A function of its own in the program, so that a profiler finds it.
[[gnu::noipa]] xloop::SimulationResult run_model(const xloop::TraceJob& job) {
    return xloop::run_timed(job.study, job.network, job.values ? &*job.values : nullptr);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace xloop;
    try {
        CommandLine line("Runs the cycle model once and prints cycles, events and seconds.", "");
        ExperimentOptions options;
        add_experiment_options(line, options, false);
        if (const std::optional<int> code = line.parse(argc, argv))
            return *code;
        Progress::silence();  // it prints as time goes by: instructions would depend on the time
        const TraceJob job = prepare_job(options);
        const Stopwatch watch;
        const SimulationResult result = run_model(job);
        fmt::print("cycles={} events={} wall_s={:.6f} cpu_s={:.6f}\n", result.cycles, result.events, watch.wall_s(),
                   watch.cpu_s());
    } catch (const Error& e) {
        fmt::print(stderr, "trace_probe_run: {}\n", e.what());
        return 1;
    }
}
