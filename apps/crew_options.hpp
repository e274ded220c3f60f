#pragma once

#include "apps/command_line.hpp"
#include "jobs/jobs_config.hpp"
#include "jobs/worker.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Options --workers, --mpi and --slurm, which stand for keys of the section `jobs`.
struct CrewOptions {
    int workers = 0, slurm = 0;
    bool mpi = false;

    /// The same as overrides.
    std::vector<std::string> overrides() const;
};

/// `what` is done by the crew: "judge candidates"; `command` is what it is an option of: "search FILE".
void add_crew_options(CommandLine& command, CrewOptions& options, const std::string& what,
                      const std::string& command_text);

/// What a process that a crew starts is told: the folder whose jobs it does.
struct WorkerOptions {
    std::string folder;
    int threads = 1;  ///< for the untimed chip
};
/// Registers the subcommand `worker` of `command`; `what` has the jobs: "search".
void add_worker_command(CommandLine& command, const std::string& what, void (*run)(const WorkerOptions&));

/// On a rank of MPI that does not coordinate: does jobs of the folder until the coordinator, which makes it, has ended, and returns
/// true. Elsewhere returns false at once.
bool work_as_rank(const JobsConfig& config, const std::string& folder, const DoJob& do_job);

}  // namespace xloop
