#include "bench/trace_job.hpp"

#include <sys/resource.h>

namespace xloop {
namespace {

double cpu_so_far() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

TraceJob prepare_job(const ExperimentOptions& options) {
    Study study = options.study(StudyNeeds::weights);
    MappedNetwork network = study.map();
    std::optional<Values> values;
    if (study.config.simulation.computes())
        values.emplace(compute_untimed(study, network, options.threads));
    return {std::move(study), std::move(network), std::move(values)};
}

Stopwatch::Stopwatch() : wall_(std::chrono::steady_clock::now()), cpu_s_(cpu_so_far()) {}

double Stopwatch::wall_s() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count();
}

double Stopwatch::cpu_s() const { return cpu_so_far() - cpu_s_; }

}  // namespace xloop
