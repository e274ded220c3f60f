#pragma once

#include "jobs/jobs_config.hpp"
#include "jobs/pause.hpp"
#include "jobs/worker.hpp"

#include <memory>
#include <optional>
#include <string>

namespace xloop {

/// What a crew is made from.
struct CrewTask {
    const JobFolder& jobs;
    const std::string folder;  ///< that the folder of jobs is in
    const JobsConfig& config;
    const JobWork& work;
};

/// What a coordinator sees at one of its looks.
struct JobsInSight {
    std::size_t open = 0;    ///< jobs without a result
    std::size_t closed = 0;  ///< all that ended since the coordinator began, well or not
};

/// Whoever does the jobs of a folder, as the coordinator sees them. They end with the object.
class Crew {
public:
    virtual ~Crew() = default;
    /// Sees to it that the jobs are being done until the time given, and a little longer if it has to. Throws Error where
    /// nobody can do them, Interrupted.
    virtual void attend(const JobsInSight& sight, JobClock::time_point until) = 0;
};

/// The crew of task.config.runner, one of a table. Throws InputError where this machine has no such runner.
std::unique_ptr<Crew> make_crew(const CrewTask& task);

std::unique_ptr<Crew> make_local_crew(const CrewTask& task);
std::unique_ptr<Crew> make_workers_crew(const CrewTask& task);
std::unique_ptr<Crew> make_mpi_crew(const CrewTask& task);
std::unique_ptr<Crew> make_slurm_crew(const CrewTask& task);

/// A crew of one that works in this process.
class OwnCrew : public Crew {
public:
    OwnCrew(const CrewTask& task, std::optional<int> rank);
    void attend(const JobsInSight& sight, JobClock::time_point until) override;

private:
    Worker worker_;
};

}  // namespace xloop
