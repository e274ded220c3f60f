#include "core/files.hpp"

#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/interrupt.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>

namespace xloop {
namespace {

namespace fs = std::filesystem;

constexpr const char* checksums_name = "checksums.txt";

/// Closes at the end of its scope.
struct Descriptor {
    int number;
    ~Descriptor() {
        if (number >= 0)
            ::close(number);
    }
};

/// What the system would not say of a name, or would say of half of it.
const char* name_problem(const std::string& path) {
    if (path.empty())
        return "the name is empty";
    return path.find('\0') != std::string::npos ? "the name holds a NUL character" : nullptr;
}

/// False after seconds of silence. Nobody need ever open the other end of a named pipe, and Ctrl-C must be heard meanwhile.
bool wait_for_input(int descriptor) {
    constexpr int step_ms = 100, most_ms = 3000;
    for (int waited = 0; waited < most_ms; waited += step_ms) {
        pollfd entry{descriptor, POLLIN, 0};
        if (::poll(&entry, 1, step_ms) > 0)
            return true;
        check_interrupt();
    }
    return false;
}

std::string read_open_file(int file, bool is_pipe, std::uint64_t limit, std::string& bytes) {
    std::array<char, 1 << 16> part;
    while (true) {
        if (is_pipe && !wait_for_input(file))
            return "it is a pipe, and nothing comes through it; write to a file first";
        const ssize_t got = ::read(file, part.data(), part.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0)
            return std::strerror(errno);
        if (got == 0)
            return {};
        bytes.append(part.data(), static_cast<std::size_t>(got));
        if (bytes.size() > limit)
            return fmt::format("it has more than {} bytes, which is too large here", limit);
    }
}

/// The user's to mend (exit code 2), unlike a full disk.
bool is_bad_name(int error) {
    constexpr std::array own = {ENOENT, ENOTDIR, EISDIR, EACCES, EPERM, EROFS, ELOOP, ENAMETOOLONG, EINVAL, ETXTBSY};
    return std::find(own.begin(), own.end(), error) != own.end();
}

[[noreturn]] void fail_at(const std::string& path, const char* what, int error) {
    const std::string text = fmt::format("{}: {}: {}", path, what, std::strerror(error));
    if (is_bad_name(error))
        throw InputError(text);
    throw Error(text);
}

/// Names of this process's temporaries: what a signal handler can reach.
std::array<std::atomic<const char*>, 256> temporaries;

/// The place that now holds `name`; none is left: one beyond the last.
std::size_t remember(const char* name) {
    for (std::size_t slot = 0; slot < temporaries.size(); ++slot) {
        const char* empty = nullptr;
        if (temporaries[slot].compare_exchange_strong(empty, name))
            return slot;
    }
    return temporaries.size();
}

/// "checksum  name" lines of one folder.
class Checksums {
public:
    explicit Checksums(const std::string& path)
        : file_((fs::path(path).parent_path() / checksums_name).string()), name_(fs::path(path).filename().string()) {
        std::string text;
        std::error_code ignored;
        if (fs::exists(file_, ignored))
            text = read_file(file_);
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            const std::string line = text.substr(begin, end - begin);
            (is_own(line) ? own_ : others_).push_back(line);
            begin = end + 1;
        }
    }

    bool knows() const { return !own_.empty(); }
    bool matches(std::string_view content) const {
        return std::find(own_.begin(), own_.end(), line_of(content)) != own_.end();
    }
    /// While the file is replaced, its old content and its new one are both right.
    void allow(std::string_view content) {
        own_.push_back(line_of(content));
        save();
    }
    void settle() {
        own_.erase(own_.begin(), own_.end() - 1);
        save();
    }

private:
    bool is_own(const std::string& line) const {
        const std::size_t blanks = line.find("  ");
        return blanks != line.npos && line.compare(blanks + 2, line.npos, name_) == 0;
    }
    std::string line_of(std::string_view content) const { return Digest().add(content).hex() + "  " + name_; }
    void save() const {
        std::vector<std::string> lines = others_;
        lines.insert(lines.end(), own_.begin(), own_.end());
        std::sort(lines.begin(), lines.end());
        std::string text;
        for (const std::string& line : lines)
            text += line + "\n";
        NewFile file(file_);
        file.write(text);
        file.commit(NewFile::Lasting::always);
    }

    std::string file_, name_;
    std::vector<std::string> own_, others_;
};

/// What the system says of a name; `type` is of what is there, following links.
int look_at(const std::string& path, mode_t& type) {
    struct stat found;
    if (::stat(path.c_str(), &found) != 0)
        return errno;
    type = found.st_mode & S_IFMT;
    return 0;
}

}  // namespace

std::string try_read_file(const std::string& path, std::uint64_t limit, std::string& bytes) {
    if (const char* problem = name_problem(path))
        return problem;
    // A named pipe would otherwise be waited for until somebody opens its other end.
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat found;
    if (file.number < 0 || ::fstat(file.number, &found) != 0)
        return std::strerror(errno);
    if (S_ISDIR(found.st_mode))
        return "it is a folder";
    if (!S_ISREG(found.st_mode) && !S_ISFIFO(found.st_mode))
        return "it is a device, not a file";
    const auto size = static_cast<std::uint64_t>(std::max<off_t>(found.st_size, 0));
    if (size > limit)
        return fmt::format("it has {} bytes; at most {} are read here", size, limit);
    bytes.clear();
    bytes.reserve(size);
    return read_open_file(file.number, S_ISFIFO(found.st_mode), limit, bytes);
}

std::string read_file(const std::string& path, std::uint64_t limit) {
    std::string bytes;
    if (const std::string problem = try_read_file(path, limit, bytes); !problem.empty())
        throw InputError(path.c_str() + std::string(": cannot read this file: ") + problem);
    return bytes;
}

NewFile::NewFile(std::string path) : path_(std::move(path)), slot_(temporaries.size()) {
    if (const char* problem = name_problem(path_))
        throw InputError(fmt::format("{}: cannot write this file: {}", path_.c_str(), problem));
    const fs::path target(path_);
    if (target.filename().string().size() > NAME_MAX)
        fail("cannot write this file", ENAMETOOLONG);
    constexpr std::size_t room_for_ending = 32;
    const std::string stem = target.filename().string().substr(0, NAME_MAX - room_for_ending);
    for (int number = 0; descriptor_ < 0; ++number) {
        temporary_ = (target.parent_path() / fmt::format("{}.tmp{}.{}", stem, ::getpid(), number)).string();
        descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor_ < 0 && errno != EEXIST)
            fail("cannot write this file", errno);
    }
    slot_ = remember(temporary_.c_str());
}

NewFile::~NewFile() {
    close();
    if (temporary_.empty())
        return;
    ::unlink(temporary_.c_str());
    if (slot_ < temporaries.size())
        temporaries[slot_] = nullptr;
}

void NewFile::close() {
    if (descriptor_ >= 0)
        ::close(descriptor_);
    descriptor_ = -1;
}

void NewFile::fail(const char* what, int error) const { fail_at(path_, what, error); }

void NewFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            fail("cannot write this file", errno);
        bytes.remove_prefix(static_cast<std::size_t>(done));
    }
}

void NewFile::commit(Lasting lasting) {
    if (lasting == Lasting::always && ::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS)
        fail("cannot write this file", errno);
    const int closing = descriptor_;
    descriptor_ = -1;
    if (::close(closing) != 0 && errno != EINTR)  // where some file systems tell that the disk is full
        fail("cannot write this file", errno);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0)
        fail("cannot replace this file", errno);
    if (slot_ < temporaries.size())
        temporaries[slot_] = nullptr;
    temporary_.clear();
}

void write_file_atomically(const std::string& path, std::string_view content) {
    NewFile file(path);
    file.write(content);
    file.commit();
}

void write_checked(const std::string& path, std::string_view content) {
    Checksums checksums(path);
    checksums.allow(content);
    NewFile file(path);
    file.write(content);
    file.commit(NewFile::Lasting::always);
    checksums.settle();
}

std::string read_checked(const std::string& path, const std::string& advice, std::uint64_t limit) {
    std::string content = read_file(path, limit);
    const Checksums checksums(path);
    if (checksums.knows() && !checksums.matches(content))
        throw InputError(fmt::format("{}: is damaged or was edited: its checksum is not the one in {} beside it; {}",
                                     path, checksums_name, advice));
    return content;
}

void demand_writable(const std::string& path) {
    const auto refuse = [&](const std::string& why) {
        throw InputError(fmt::format("{}: cannot write this file: {}", path.c_str(), why));
    };
    if (const char* problem = name_problem(path))
        refuse(problem);
    const std::string parent = fs::path(path).parent_path().string(), folder = parent.empty() ? "." : parent;
    mode_t type = 0;
    int error = look_at(folder, type);
    if (error == ENOENT)
        refuse("the folder " + folder + " does not exist; make it first");
    if (error != 0 || type != S_IFDIR)
        refuse(folder + ": " + std::strerror(error != 0 ? error : ENOTDIR));
    error = look_at(path, type);
    if (error != 0 && error != ENOENT)
        refuse(std::strerror(error));
    if (error == 0 && type == S_IFDIR)
        refuse("it is a folder");
    // The file is replaced as a whole, which would put an ordinary file in the place of a device or a pipe.
    if (error == 0 && type != S_IFREG)
        refuse("it exists and is no ordinary file");
    if (::access(folder.c_str(), W_OK) != 0)
        refuse(std::strerror(errno));
}

void make_folder(const std::string& path) {
    std::error_code problem;
    fs::create_directories(path, problem);
    if (problem)
        fail_at(path, "cannot make this folder", problem.value());
}

bool is_temporary(const std::string& name) {
    const std::size_t ending = name.rfind(".tmp");
    return ending != name.npos && name.size() > ending + 4 &&
           name.find_first_not_of("0123456789.", ending + 4) == name.npos;
}

void remove_temporaries_below(const std::string& folder) {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (const auto& entry : fs::recursive_directory_iterator(folder, ignored))
        if (is_temporary(entry.path().filename().string()))
            found.push_back(entry.path());
    for (const fs::path& file : found)
        fs::remove(file, ignored);
}

void remove_own_temporaries() {
    for (const auto& name : temporaries)
        if (const char* path = name.load())
            ::unlink(path);
}

FolderLock::FolderLock(const std::string& folder) {
    const std::string file = (fs::path(folder) / file_name).string();
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0)
        fail_at(file, "cannot write this file", errno);
    // A file system that knows no locks has to do without.
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        std::array<char, 64> holder{};
        const ssize_t length = ::pread(descriptor_, holder.data(), holder.size() - 1, 0);
        ::close(descriptor_);
        throw InputError(fmt::format("{}: {} works in this folder; wait until it ends, or name another folder", folder,
                                     length > 0 ? holder.data() : "another process"));
    }
    const std::string own = fmt::format("process {}", ::getpid());
    // Without room for the name the lock holds all the same.
    if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, own.data(), own.size(), 0) < 0)
        errno = 0;
}

FolderLock::~FolderLock() {
    if (::ftruncate(descriptor_, 0) != 0)
        errno = 0;
    ::close(descriptor_);
}

}  // namespace xloop
