#include "jobs/claim.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace xloop {
namespace {

/// Numbers of a fixed width overwrite each other wholly.
constexpr int digits = 6;

}  // namespace

std::optional<Claim> Claim::take(const std::string& file) {
    while (true) {
        const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor < 0)
            throw Error(fmt::format("{}: cannot write this file: {}", file, std::strerror(errno)));
        Claim claim(file, descriptor);
        // A file system that knows no locks has to do without: jobs may then be done twice.
        if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
            return std::nullopt;
        // Whoever had it may have removed the file since it was opened here, and another may lock a new one.
        if (claim.is_current())
            return claim;
    }
}

Claim::Claim(Claim&& other) noexcept
    : file_(std::move(other.file_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

Claim::~Claim() {
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

bool Claim::is_current() const {
    struct stat locked, named;
    return ::fstat(descriptor_, &locked) == 0 && ::stat(file_.c_str(), &named) == 0 && locked.st_ino == named.st_ino &&
           locked.st_dev == named.st_dev;
}

int Claim::begun() const {
    std::array<char, digits + 1> text{};
    return ::pread(descriptor_, text.data(), digits, 0) > 0 ? std::atoi(text.data()) : 0;
}

void Claim::set_begun(int count) {
    const std::string text = fmt::format("{:{}}", count, digits);
    if (::pwrite(descriptor_, text.data(), text.size(), 0) < 0)
        throw Error(fmt::format("{}: cannot write this file: {}", file_, std::strerror(errno)));
}

void Claim::remove() { ::unlink(file_.c_str()); }

}  // namespace xloop
