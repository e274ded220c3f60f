#pragma once

#include "apps/command.hpp"
#include "apps/run_timed.hpp"

#include <chrono>
#include <optional>

namespace xloop {

/// What `xloop simulate` has at hand when it starts the cycle model.
struct TraceJob {
    Study study;
    MappedNetwork network;
    std::optional<Values> values;  ///< where the study computes
};

/// Reads the experiment, maps its network and, where it computes values, programs the arrays and runs the untimed chip.
/// Throws InputError.
TraceJob prepare_job(const ExperimentOptions& options);

/// Seconds since the construction, on the clock and on all of this process's cores.
class Stopwatch {
public:
    Stopwatch();
    double wall_s() const;
    double cpu_s() const;

private:
    std::chrono::steady_clock::time_point wall_;
    double cpu_s_;
};

}  // namespace xloop
