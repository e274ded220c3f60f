#include "jobs/worker.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "jobs/claim.hpp"
#include "jobs/pause.hpp"
#include "xloop_version.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>

namespace xloop {
namespace {

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

/// Lines of several threads or processes do not mix: each is one write at the end of the file.
void append_line(const std::string& file, const std::string& line) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    const bool written =
        descriptor >= 0 && ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    const int problem = errno;
    if (descriptor >= 0)
        ::close(descriptor);
    if (!written)
        throw Error(fmt::format("{}: cannot write this file: {}", file, std::strerror(problem)));
}

/// Asks now and then, not at every look for jobs.
class Coordinator {
public:
    explicit Coordinator(const JobFolder& folder) : folder_(folder) {}

    bool is_there() {
        if (const auto now = JobClock::now(); now >= next_look_) {
            next_look_ = now + std::chrono::milliseconds(100);
            there_ = folder_.has_coordinator();
            if (there_)
                seen_ = now;
        }
        return there_;
    }
    double gone_s() const { return std::chrono::duration<double>(JobClock::now() - seen_).count(); }

private:
    const JobFolder& folder_;
    JobClock::time_point seen_ = JobClock::now(), next_look_ = seen_;
    bool there_ = false;
};

}  // namespace

/// When a job was done, at which attempt.
struct Worker::Stamp {
    int attempt;
    std::time_t began = std::time(nullptr);
    JobClock::time_point start = JobClock::now();
};

Worker::Worker(const JobFolder& folder, DoJob do_job, std::optional<int> rank)
    : folder_(folder), do_job_(std::move(do_job)), rank_(rank) {}

bool Worker::do_next() {
    for (const bool list_is_new : {false, true}) {
        if (list_is_new) {
            ahead_ = folder_.open_jobs();
            std::reverse(ahead_.begin(), ahead_.end());
        }
        while (!ahead_.empty()) {
            const OpenJob open = std::move(ahead_.back());
            ahead_.pop_back();
            if (do_if_free(open))
                return true;
        }
    }
    return false;
}

bool Worker::do_if_free(const OpenJob& open) {
    // Most of a long list is gone when its turn comes.
    if (!folder_.is_open(open))
        return false;
    auto claim = Claim::take(folder_.claim_file(open.digest));
    if (!claim)
        return false;
    const auto posted = folder_.has_result(open.digest) ? std::nullopt : folder_.read(open);
    if (!posted) {
        folder_.remove(open);
        claim->remove();
        return false;
    }
    const int died = claim->begun();
    if (died >= posted->attempts) {
        const std::string error =
            fmt::format("{} job {}: its worker died {} times", posted->job.kind, open.digest, died);
        folder_.finish(open, posted->job, {{}, JobFailure{error}});
    } else {
        const Stamp stamp{died + 1};
        claim->set_begun(stamp.attempt);
        try {
            folder_.finish(open, posted->job, outcome(posted->job));
        } catch (const Interrupted&) {
            claim->set_begun(died);
            throw;
        }
        note(posted->job, stamp);
    }
    claim->remove();
    return true;
}

JobResult Worker::outcome(const Job& job) const {
    // A message may quote a file's name, which need not be UTF-8.
    const auto failure = [](const std::exception& e, FailureKind kind) {
        const std::string text = Json(e.what()).dump(-1, ' ', false, Json::error_handler_t::replace);
        return JobResult{{}, JobFailure{Json::parse(text), kind}};
    };
    try {
        JobResult result{do_job_(job)};
        compact_text(result.value);
        return result;
    } catch (const Interrupted&) {
        throw;
    } catch (const InputError& e) {
        return failure(e, FailureKind::input);
    } catch (const std::exception& e) {
        return failure(e, FailureKind::error);
    }
}

void Worker::note(const Job& job, const Stamp& stamp) const {
    const std::string host = host_name();
    Json line{{"job", job.digest()}, {"kind", job.kind}, {"host", host}, {"pid", ::getpid()}};
    if (rank_)
        line["rank"] = *rank_;
    line["started"] = fmt::format("{:%FT%TZ}", fmt::gmtime(stamp.began));
    line["seconds"] = std::chrono::duration<double>(JobClock::now() - stamp.start).count();
    line["version"] = fmt::format("{} ({})", version, commit);
    line["attempt"] = stamp.attempt;
    append_line(fmt::format("{}/{}.{}.jsonl", folder_.workers_folder(), host, ::getpid()), compact_text(line) + "\n");
}

void work(const std::string& folder, const DoJob& do_job, const WorkOptions& options) {
    const JobFolder jobs(folder);
    Worker worker(jobs, do_job, options.rank);
    Coordinator coordinator(jobs);
    // One that an earlier coordinator left says nothing of the one that this worker is for.
    const std::string earlier = jobs.closing();
    Pause pause;
    while (true) {
        check_interrupt();
        if (const std::string closing = jobs.closing(); !closing.empty() && closing != earlier)
            return;
        const bool is_there = coordinator.is_there();
        if (!is_there && coordinator.gone_s() > options.patience_s)
            return;
        if (is_there && worker.do_next()) {
            pause.something_new();
        } else {
            sleep_until(pause.end());
            pause.nothing_new();
        }
    }
}

}  // namespace xloop
