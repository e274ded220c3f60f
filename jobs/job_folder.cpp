#include "jobs/job_folder.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "jobs/claim.hpp"
#include "xloop_version.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

namespace xloop {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t number_digits = 10, digest_digits = 32;
constexpr std::string_view ending = ".json";

bool is_there(const std::string& file) { return ::access(file.c_str(), F_OK) == 0; }

std::string this_version() { return fmt::format("{} ({})", version, commit); }

/// Names of the files in a folder, unfinished ones left out.
std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code ignored;
    for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end; at.increment(ignored))
        if (std::string name = at->path().filename().string(); !is_temporary(name))
            names.push_back(std::move(name));
    return names;
}

}  // namespace

JobFolder::JobFolder(const std::string& folder) : root_((fs::absolute(folder) / "jobs").lexically_normal().string()) {}

std::string JobFolder::path(const std::string& name) const { return (fs::path(root_) / name).string(); }

std::string JobFolder::result_file(const char* part, const std::string& digest) const {
    return fmt::format("{}/{}/{}{}", root_, part, digest, ending);
}

void JobFolder::begin() {
    for (const char* part : {"open", "claims", "done", "failed", "damaged", "workers"})
        make_folder(path(part));
    for (const char* part : {"open", "failed"})
        for (const std::string& name : names_in(path(part)))
            ::unlink((fs::path(path(part)) / name).c_str());
    // A worker of an earlier coordinator may still be busy, and its claim good.
    for (const std::string& name : names_in(path("claims")))
        if (auto claim = Claim::take(claim_file(name)))
            claim->remove();
    ::unlink(path("closed").c_str());
}

void JobFolder::post(const Job& job, int attempts) {
    const std::string digest = job.digest();
    const auto known = posted_.find(digest);
    if (has_result(digest) || (known != posted_.end() && is_open(known->second)))
        return;
    const OpenJob open{fmt::format("{:0{}}.{}{}", next_number_++, number_digits, digest, ending), digest};
    const Json text{{"kind", job.kind}, {"attempts", attempts}, {"version", this_version()}, {"task", job.task}};
    write_file_atomically(path("open/" + open.name), compact_text(text) + "\n");
    posted_[digest] = open;
}

void JobFolder::close() const {
    // A process killed half-way through a file leaves it unfinished; with nothing open nobody is half-way.
    if (open_jobs().empty())
        remove_temporaries_below(root_);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    write_file_atomically(path("closed"), fmt::format("{} {}\n", ::getpid(), now.count()));
}

std::optional<JobResult> JobFolder::result(const std::string& digest) {
    for (const char* part : {"done", "failed"}) {
        const std::string file = result_file(part, digest);
        if (!is_there(file))
            continue;
        if (auto result = read_checked_text(read_file(file), digest)) {
            posted_.erase(digest);
            return result;
        }
        spdlog::warn("{}: is damaged; the job is done again", file);
        if (::rename(file.c_str(), result_file("damaged", digest).c_str()) != 0)
            throw Error(fmt::format("{}: is damaged and cannot be moved: {}", file, std::strerror(errno)));
    }
    return std::nullopt;
}

std::vector<OpenJob> JobFolder::open_jobs() const {
    std::vector<OpenJob> jobs;
    for (std::string& name : names_in(path("open")))
        if (name.size() == number_digits + 1 + digest_digits + ending.size()) {
            std::string digest = name.substr(number_digits + 1, digest_digits);
            jobs.push_back({std::move(name), std::move(digest)});
        }
    std::sort(jobs.begin(), jobs.end(), [](const OpenJob& a, const OpenJob& b) { return a.name < b.name; });
    return jobs;
}

bool JobFolder::is_open(const OpenJob& job) const { return is_there(path("open/" + job.name)); }

bool JobFolder::has_result(const std::string& digest) const {
    return is_there(result_file("done", digest)) || is_there(result_file("failed", digest));
}

std::optional<PostedJob> JobFolder::read(const OpenJob& job) const {
    std::string text;
    if (!try_read_file(path("open/" + job.name), most_bytes, text).empty())
        return std::nullopt;
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("task"))
        return std::nullopt;
    PostedJob posted{{json.value("kind", ""), json["task"]}, json.value("attempts", 1), json.value("version", "")};
    if (posted.job.digest() != job.digest)
        return std::nullopt;
    // The task does not say what else decides a result: the program.
    if (posted.version != this_version())
        throw InputError(
            fmt::format("{}: was posted by xloop {}, and this worker is xloop {}; start it from the same program",
                        path("open/" + job.name), posted.version, this_version()));
    return posted;
}

void JobFolder::finish(const OpenJob& open, const Job& job, const JobResult& result) const {
    write_file_atomically(result_file(result.failure ? "failed" : "done", open.digest), checked_text(job, result));
    remove(open);
}

void JobFolder::remove(const OpenJob& job) const { ::unlink(path("open/" + job.name).c_str()); }

bool JobFolder::has_coordinator() const {
    const int descriptor = ::open(path(FolderLock::file_name).c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    // Shared, so that two who ask at the same time do not take each other for it.
    const bool is_free = ::flock(descriptor, LOCK_SH | LOCK_NB) == 0;
    ::close(descriptor);
    return !is_free;
}

std::string JobFolder::closing() const {
    std::string text;
    const std::string file = path("closed");
    return is_there(file) && try_read_file(file, most_bytes, text).empty() ? text : "";
}

}  // namespace xloop
