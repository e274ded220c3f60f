#include "dnn/data/readers/binary_file.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace xloop {

BinaryFile::BinaryFile(std::string path) : path_(std::move(path)) {
    // A named pipe would otherwise be waited for until somebody opens its other end.
    descriptor_.number = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat found;
    if (descriptor_.number < 0 || ::fstat(descriptor_.number, &found) != 0)
        fail(std::string("cannot be opened: ") + std::strerror(errno));
    if (!S_ISREG(found.st_mode))
        fail("is a folder, a pipe or a device, not a file");
    size_ = static_cast<std::uint64_t>(found.st_size);
}

BinaryFile::Descriptor::~Descriptor() {
    if (number >= 0)
        ::close(number);
}

void BinaryFile::read(std::uint64_t offset, void* out, std::size_t bytes) const {
    auto* to = static_cast<char*>(out);
    while (bytes > 0) {
        const ssize_t got = ::pread(descriptor_.number, to, bytes, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            fail(std::string("cannot be read: ") + std::strerror(errno));
        if (got == 0)
            fail(fmt::format("ends early: it has {} bytes, {} more are expected", offset, bytes));
        to += got;
        offset += static_cast<std::uint64_t>(got);
        bytes -= static_cast<std::size_t>(got);
    }
}

void BinaryFile::fail(const std::string& what) const { throw InputError(path_ + ": " + what); }

}  // namespace xloop
