#include "apps/crew_options.hpp"

#include "core/interrupt.hpp"
#include "jobs/job_folder.hpp"
#include "jobs/mpi_rank.hpp"
#include "jobs/runner.hpp"

#include <fmt/format.h>
#include <chrono>
#include <thread>

namespace xloop {

void add_crew_options(CommandLine& command, CrewOptions& options, const std::string& what,
                      const std::string& command_text) {
    command.option("--workers", &options.workers, what + " in so many processes of this machine")
        .range(1, 1024)
        .without_default();
    command.option("--slurm", &options.slurm, what + " in a job array of so many tasks, which sbatch gets")
        .range(1, 100000)
        .without_default();
    command.option("--mpi", &options.mpi,
                   fmt::format("{} in all ranks: `mpirun -n 4 xloop {} --mpi`", what, command_text));
}

std::vector<std::string> CrewOptions::overrides() const {
    const auto crew = [](const char* runner, int members) {
        return std::vector<std::string>{fmt::format("jobs.runner={}", runner), fmt::format("jobs.workers={}", members)};
    };
    if (workers > 0)
        return crew("workers", workers);
    if (slurm > 0)
        return crew("slurm", slurm);
    return mpi ? std::vector<std::string>{"jobs.runner=mpi"} : std::vector<std::string>{};
}

void add_worker_command(CommandLine& command, const std::string& what, void (*run)(const WorkerOptions&)) {
    CommandLine worker =
        command.command("worker", fmt::format("does jobs of a {0} in another process; the {0} starts it itself", what));
    WorkerOptions& options = worker.runs(run);
    worker.option("FOLDER", &options.folder, "results folder of the " + what).required();
    worker.option("--threads", &options.threads, "threads for the untimed chip").range(1, 256);
}

bool work_as_rank(const JobsConfig& config, const std::string& folder, const DoJob& do_job) {
    if (is_coordinator(config))
        return false;
    // Before, the folder may be empty for a fresh run.
    while (!JobFolder(folder).has_coordinator()) {
        check_interrupt();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    WorkOptions how;
    how.patience_s = config.patience;
    how.rank = mpi_rank()->rank;
    work(folder, do_job, how);
    return true;
}

}  // namespace xloop
