#pragma once

#include "jobs/job_folder.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// Does one job; the same job must give the same result, to the byte. What it throws is the job's failure, which the
/// coordinator hears of; but Interrupted ends the worker.
using DoJob = std::function<Json(const Job&)>;

/// What an application lends to whoever does the jobs.
struct JobWork {
    DoJob do_job;                             ///< of the runners local and mpi
    std::vector<std::string> worker_command;  ///< of the runners workers and slurm: a program that calls `work`
};

/// Does jobs of a folder, one at a time, and leaves a line on each in workers/HOST.PID.jsonl.
class Worker {
public:
    /// `rank` is for that line alone.
    Worker(const JobFolder& folder, DoJob do_job, std::optional<int> rank = {});

    /// Does the first open job that nobody else has; false where there is none. A job that `attempts` workers died of
    /// fails. Throws Interrupted, InputError where the job is of another version of the program, Error where the folder
    /// cannot be written.
    bool do_next();

private:
    struct Stamp;
    bool do_if_free(const OpenJob& open);
    JobResult outcome(const Job& job) const;
    void note(const Job& job, const Stamp& stamp) const;

    const JobFolder& folder_;
    DoJob do_job_;
    std::optional<int> rank_;
    std::vector<OpenJob> ahead_;  ///< as listed last, in the opposite order
};

struct WorkOptions {
    double patience_s = 60.0;  ///< without a coordinator, after which a worker ends
    std::optional<int> rank = {};
};

/// The life of a worker process: does jobs of FOLDER/jobs until the coordinator has ended, which it says in a file, or has
/// been gone for some time. May be called before the coordinator has begun. Throws what Worker::do_next throws.
void work(const std::string& folder, const DoJob& do_job, const WorkOptions& options = {});

}  // namespace xloop
