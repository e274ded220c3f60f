#include "jobs/jobs_config.hpp"

#include "core/config/schema.hpp"

namespace xloop {

void describe(config::Section& s, JobsConfig& c) {
    s.affects(config::Affects::nothing);
    s.value("runner", c.runner,
            "who does the jobs. local: this process; workers: processes on this machine; mpi: the ranks of mpirun or "
            "srun, which start this program; slurm: a job array. Results are the same",
            "what every machine has");
    s.value("workers", c.workers, "processes, or tasks of the job array", "our choice")
        .only_with("jobs.runner", RunnerKind::workers, RunnerKind::slurm)
        .range(1, 100000);
    s.value("attempts", c.attempts, "workers that may die of a job before it has failed", "our choice").range(1, 1000);
    s.value("patience", c.patience, "time after which a worker ends that finds nobody who wants results", "our choice")
        .only_with("jobs.runner", RunnerKind::workers, RunnerKind::mpi, RunnerKind::slurm)
        .range(1, 1e6)
        .unit("s");
    s.value("slurm_options", c.slurm_options, "options of sbatch, as \"--time=4:00:00\"",
            "empty: what the cluster's administrators chose")
        .only_with("jobs.runner", RunnerKind::slurm);
}

void validate(const JobsConfig& c, const config::Origins& origins) {
    for (const std::string& option : c.slurm_options)
        if (option.empty() || option[0] != '-' || option.find('\n') != option.npos)
            config::fail_check(origins, "jobs.slurm_options", "options that begin with -, each in one line");
}

}  // namespace xloop
