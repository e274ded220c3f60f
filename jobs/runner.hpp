#pragma once

#include "core/progress.hpp"
#include "jobs/jobs_config.hpp"
#include "jobs/worker.hpp"

#include <memory>
#include <string>
#include <vector>

namespace xloop {

class Crew;
class FolderLock;

/// The coordinator of FOLDER/jobs, of which there is one at a time. Results stay in the folder: a run of the same jobs
/// takes them from there, after a kill too. Failures of an earlier coordinator are tried again.
class Runner {
public:
    /// Throws InputError where another process coordinates this folder, or this machine lacks config.runner.
    Runner(const std::string& folder, const JobsConfig& config, JobWork work);
    /// Ends the workers.
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    /// Results in the order of `jobs`, of which some may be the same, whoever did them. Throws Error where nobody can do
    /// them, Interrupted; a job's failure is a result (JobResult::get throws it).
    std::vector<JobResult> run(const std::vector<Job>& jobs, const Watch& watch = {});

private:
    class Open;

    const JobsConfig config_;
    const JobWork work_;
    JobFolder jobs_;
    std::unique_ptr<FolderLock> lock_;
    std::unique_ptr<Crew> crew_;
    std::size_t closed_ = 0;
};

/// Whether this process is to make a Runner; false on ranks of MPI other than 0, which call `work`.
bool is_coordinator(const JobsConfig& config);

}  // namespace xloop
