#include "core/error.hpp"
#include "core/standard_streams.hpp"
#include "jobs/child.hpp"
#include "jobs/crews/crew.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <list>

namespace xloop {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A worker process whose lines are passed on to standard error.
class WorkerProcess {
public:
    explicit WorkerProcess(const std::vector<std::string>& command) : child_(command) {}

    std::optional<int> status() { return child_.status(); }
    void send(int signal) { child_.send(signal); }
    /// Whole lines, so that those of several workers do not mix; after its end the rest.
    void pass_on(bool has_ended) {
        pending_ += child_.new_output();
        const std::size_t whole = has_ended ? pending_.size() : pending_.rfind('\n') + 1;
        if (whole == 0)
            return;
        say(pending_.substr(0, whole));
        last_words_ = pending_.substr(0, whole);
        pending_.erase(0, whole);
    }
    const std::string& last_words() const { return last_words_; }

private:
    Child child_;
    std::string pending_, last_words_;
};

class WorkersCrew : public Crew {
public:
    explicit WorkersCrew(const CrewTask& task)
        : command_(task.work.worker_command), size_(static_cast<std::size_t>(task.config.workers)),
          most_deaths_(most_ends_ + size_ * static_cast<std::size_t>(task.config.attempts)) {}

    ~WorkersCrew() override {
        // Idle ones end by themselves: the folder is closed.
        if (!wait_for_end(milliseconds(300))) {
            for (WorkerProcess& worker : workers_)
                worker.send(SIGTERM);
            wait_for_end(seconds(2));
        }
    }

    void attend(const JobsInSight& sight, JobClock::time_point until) override {
        constexpr milliseconds between_looks(10);
        while (true) {
            bury(sight);
            while (workers_.size() < std::min(size_, sight.open))
                workers_.emplace_back(command_);
            const auto now = JobClock::now();
            if (now >= until)
                return;
            sleep_until(std::min<JobClock::time_point>(until, now + between_looks));
        }
    }

private:
    /// Takes those away that have ended.
    void bury(const JobsInSight& sight) {
        if (sight.closed != closed_) {
            closed_ = sight.closed;
            ends_ = deaths_ = 0;
        }
        for (auto worker = workers_.begin(); worker != workers_.end();) {
            const auto status = worker->status();
            worker->pass_on(status.has_value());
            if (status)
                count_end(*status, worker->last_words());
            worker = status ? workers_.erase(worker) : std::next(worker);
        }
    }

    /// Jobs that kill their workers end as failures; a command that does not work brings no end to any.
    void count_end(int status, const std::string& last_words) {
        const bool was_killed = WIFSIGNALED(status) || WEXITSTATUS(status) == interrupted_code_;
        ends_ += was_killed ? 0 : 1;
        if (++deaths_ >= most_deaths_ || ends_ >= most_ends_)
            throw Error(fmt::format(
                "{} workers one after the other ended before any job was done; the last, `{}`, {}: {}", deaths_,
                shell_text(command_), end_text(status), last_words.empty() ? "it said nothing" : last_words));
    }

    bool wait_for_end(milliseconds most) {
        const auto until = JobClock::now() + most;
        bool all = false;
        while (!all && JobClock::now() < until) {
            all = true;
            for (WorkerProcess& worker : workers_) {
                const bool has_ended = worker.status().has_value();
                worker.pass_on(has_ended);
                all = all && has_ended;
            }
            if (!all)
                ::usleep(2000);
        }
        return all;
    }

    static constexpr std::size_t most_ends_ = 5;
    static constexpr int interrupted_code_ = 130;

    const std::vector<std::string> command_;
    const std::size_t size_;
    /// With each worker at a job that kills it, this many die before one job has failed.
    const std::size_t most_deaths_;
    std::list<WorkerProcess> workers_;
    std::size_t closed_ = 0, ends_ = 0, deaths_ = 0;
};

}  // namespace

std::unique_ptr<Crew> make_workers_crew(const CrewTask& task) { return std::make_unique<WorkersCrew>(task); }

}  // namespace xloop
