#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

#include <array>
#include <string>
#include <vector>

namespace xloop {

/// Who does jobs (jobs/crews).
enum class RunnerKind { local, workers, mpi, slurm };
constexpr auto names_of(RunnerKind) { return std::array{"local", "workers", "mpi", "slurm"}; }

/// The section `jobs`.
struct JobsConfig {
    RunnerKind runner = RunnerKind::local;
    int workers = 2;
    int attempts = 3;
    double patience = 60.0;
    std::vector<std::string> slurm_options;
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, JobsConfig& c);

/// Throws InputError where an option for sbatch is none.
void validate(const JobsConfig& c, const config::Origins& origins);

}  // namespace xloop
