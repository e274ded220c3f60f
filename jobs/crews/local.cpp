#include "jobs/crews/crew.hpp"

namespace xloop {

OwnCrew::OwnCrew(const CrewTask& task, std::optional<int> rank) : worker_(task.jobs, task.work.do_job, rank) {}

void OwnCrew::attend(const JobsInSight&, JobClock::time_point until) {
    while (worker_.do_next())
        if (JobClock::now() >= until)
            return;
    // Others have what is left.
    sleep_until(until);
}

std::unique_ptr<Crew> make_local_crew(const CrewTask& task) { return std::make_unique<OwnCrew>(task, std::nullopt); }

}  // namespace xloop
