#pragma once

#include "jobs/job.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace xloop {

/// A job that waits for its result, as a file.
struct OpenJob {
    std::string name;    ///< of the file, which begins with the number of its posting
    std::string digest;  ///< of the job
};

/// What the file of an open job says.
struct PostedJob {
    Job job;
    int attempts;         ///< how many workers may die of it
    std::string version;  ///< of the program that posted it
};

/// The folder FOLDER/jobs that a coordinator and its workers share, all of it in files that are whole or absent:
///     open/NUMBER.DIGEST.json    what is to be done, in the order of posting
///     claims/DIGEST              locked by whoever does it, until that process ends in whatever way; how often it was begun
///     done/DIGEST.json           results; the same bytes whoever made them
///     failed/DIGEST.json         failures; forgotten when a coordinator begins anew
///     damaged/DIGEST.json        results that were not as they were written
///     workers/HOST.PID.jsonl     who did what, when and for how long
///     closed                     a coordinator has ended and needs no more workers
/// On a network file system a process may see what others wrote some seconds later; work may then be done twice, with the
/// same result.
class JobFolder {
public:
    explicit JobFolder(const std::string& folder);

    /// By the coordinator, which has locked lock_folder(), before anything else: forgets failures, counts of attempts and
    /// open jobs of an earlier one.
    void begin();
    /// Does nothing where the job has a result or is open. `attempts`: how many workers may die of it.
    void post(const Job& job, int attempts);
    /// By the coordinator, at its end.
    void close() const;

    /// None where there is none. A damaged one is moved aside, which a warning tells, and there is none then.
    std::optional<JobResult> result(const std::string& digest);
    /// In the order of posting.
    std::vector<OpenJob> open_jobs() const;

    // What workers ask.
    bool is_open(const OpenJob& job) const;
    bool has_result(const std::string& digest) const;
    /// None where it is gone or damaged.
    std::optional<PostedJob> read(const OpenJob& job) const;
    void finish(const OpenJob& open, const Job& job, const JobResult& result) const;
    /// Open no longer: it has a result, or cannot be read and is to be posted again.
    void remove(const OpenJob& job) const;
    /// Whether a coordinator lives, on this machine or another.
    bool has_coordinator() const;
    /// What the last coordinator left at its end, another text each time; empty where none has ended.
    std::string closing() const;

    std::string lock_folder() const { return path(""); }
    std::string claim_file(const std::string& digest) const { return path("claims/" + digest); }
    std::string workers_folder() const { return path("workers"); }

private:
    std::string path(const std::string& name) const;
    std::string result_file(const char* part, const std::string& digest) const;

    std::string root_;
    std::size_t next_number_ = 0;
    std::unordered_map<std::string, OpenJob> posted_;  ///< by digest, until the result is read
};

}  // namespace xloop
