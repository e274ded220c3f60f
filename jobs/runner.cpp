#include "jobs/runner.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "jobs/crews/crew.hpp"
#include "jobs/mpi_rank.hpp"

#include <fmt/format.h>
#include <unordered_map>
#include <unordered_set>

namespace xloop {
namespace {

/// A worker that looks whether the lock is taken has it for a moment itself.
std::unique_ptr<FolderLock> lock(const std::string& folder) {
    constexpr int most_tries = 20;
    for (int tries = 1;; ++tries)
        try {
            return std::make_unique<FolderLock>(folder);
        } catch (const InputError&) {
            if (tries == most_tries)
                throw;
            sleep_until(JobClock::now() + std::chrono::milliseconds(10));
        }
}

}  // namespace

/// Jobs of one run by digest, and what became of them.
class Runner::Open {
public:
    Open(Runner& runner, const std::vector<Job>& jobs) : runner_(runner) {
        for (const Job& job : jobs) {
            const std::string& digest = digests_.emplace_back(job.digest());
            if (results_.count(digest) != 0 || waiting_.count(digest) != 0 || take(digest))
                continue;
            waiting_.emplace(digest, &job);
            runner_.jobs_.post(job, runner_.config_.attempts);
        }
    }

    std::size_t waiting() const { return waiting_.size(); }
    std::size_t done() const { return results_.size(); }

    /// Takes the results that have come since.
    void collect() {
        std::unordered_set<std::string> open;
        for (OpenJob& job : runner_.jobs_.open_jobs())
            open.insert(std::move(job.digest));
        for (auto at = waiting_.begin(); at != waiting_.end();) {
            const bool has_ended = open.count(at->first) == 0;
            // Damaged, or removed by somebody.
            if (has_ended && !take(at->first))
                runner_.jobs_.post(*at->second, runner_.config_.attempts);
            at = has_ended && results_.count(at->first) != 0 ? waiting_.erase(at) : std::next(at);
        }
    }

    std::vector<JobResult> results() const {
        std::vector<JobResult> all;
        for (const std::string& digest : digests_)
            all.push_back(results_.at(digest));
        return all;
    }

private:
    bool take(const std::string& digest) {
        auto result = runner_.jobs_.result(digest);
        return result && results_.emplace(digest, std::move(*result)).second;
    }

    Runner& runner_;
    std::vector<std::string> digests_;  ///< of all jobs, in their order
    std::unordered_map<std::string, const Job*> waiting_;
    std::unordered_map<std::string, JobResult> results_;
};

Runner::Runner(const std::string& folder, const JobsConfig& config, JobWork work)
    : config_(config), work_(std::move(work)), jobs_(folder) {
    make_folder(jobs_.lock_folder());
    lock_ = lock(jobs_.lock_folder());
    jobs_.begin();
    crew_ = make_crew({jobs_, folder, config_, work_});
}

Runner::~Runner() {
    try {
        jobs_.close();
    } catch (const std::exception&) {
        // A full disk: workers find out by themselves that nobody is here any more.
    }
}

std::vector<JobResult> Runner::run(const std::vector<Job>& jobs, const Watch& watch) {
    Open open(*this, jobs);
    const std::size_t all = open.waiting() + open.done();
    Pause pause;
    for (JobClock::duration look{}; open.waiting() > 0;) {
        crew_->attend({open.waiting(), closed_}, pause.end(look));
        const std::size_t before = open.done();
        const auto start = JobClock::now();
        open.collect();
        look = JobClock::now() - start;
        closed_ += open.done() - before;
        open.done() > before ? pause.something_new() : pause.nothing_new();
        if (watch)
            watch({static_cast<double>(open.done()) / static_cast<double>(all),
                   {},
                   fmt::format("{} of {} jobs", open.done(), all)});
        check_interrupt();
    }
    return open.results();
}

bool is_coordinator(const JobsConfig& config) {
    const auto own = mpi_rank();
    return config.runner != RunnerKind::mpi || !own || own->rank == 0;
}

}  // namespace xloop
