#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace xloop {

/// A file that is read in pieces, because not all of it may be needed.
class BinaryFile {
public:
    /// Throws InputError for what is no file, or a pipe.
    explicit BinaryFile(std::string path);
    BinaryFile(const BinaryFile&) = delete;
    BinaryFile& operator=(const BinaryFile&) = delete;

    const std::string& path() const { return path_; }
    std::uint64_t size() const { return size_; }
    /// Throws InputError when the file ends before.
    void read(std::uint64_t offset, void* out, std::size_t bytes) const;
    [[noreturn]] void fail(const std::string& what) const;

private:
    std::string path_;
    struct Descriptor {
        int number = -1;
        ~Descriptor();
    } descriptor_;
    std::uint64_t size_ = 0;
};

}  // namespace xloop
