#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xloop {

/// Largest file that is read as a whole where the reader does not know better.
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;

/// The whole file as bytes, at most `limit`. A pipe is read too, unless it is silent for some seconds; a device is not.
/// Throws InputError with the system's reason, before it takes memory for a file that is too large.
std::string read_file(const std::string& path, std::uint64_t limit = most_bytes);

/// The same for readers with words of their own: why the file cannot be read, or an empty text when `bytes` has it.
std::string try_read_file(const std::string& path, std::uint64_t limit, std::string& bytes);

/// A file that takes its name when it is whole: until commit() it is a temporary beside that name, and without commit() it
/// is removed. A reader, or a process killed half-way, sees either the old content or all of the new. Throws Error with
/// the system's reason, InputError where the name is the reason.
class NewFile {
public:
    explicit NewFile(std::string path);
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    void write(std::string_view bytes);
    enum class Lasting { until_power_fails, always };
    /// Gives the file its name; `always`: once its content is on the disk.
    void commit(Lasting lasting = Lasting::until_power_fails);

    const std::string& path() const { return path_; }
    /// For a library that writes by itself.
    int descriptor() const { return descriptor_; }

private:
    [[noreturn]] void fail(const char* what, int error) const;
    void close();

    std::string path_, temporary_;
    int descriptor_ = -1;
    std::size_t slot_ = 0;
};

/// A NewFile with this content.
void write_file_atomically(const std::string& path, std::string_view content);

/// The same, and its checksum goes into the file checksums.txt beside it, for read_checked. It lasts.
void write_checked(const std::string& path, std::string_view content);
/// As read_file, for a file that write_checked wrote: throws InputError, which ends in `advice`, when it was changed since.
/// A file without a checksum is taken as it is.
std::string read_checked(const std::string& path, const std::string& advice, std::uint64_t limit = most_bytes);

/// Throws InputError unless a file can be written at `path`: to be asked before a long run, not after it.
void demand_writable(const std::string& path);

/// Makes a folder and those above it, where they are absent. Throws as NewFile does.
void make_folder(const std::string& path);

/// Whether a file of this name is a temporary of NewFile.
bool is_temporary(const std::string& name);
/// Removes the temporaries in a folder and those below it; for who knows that nobody else writes there.
void remove_temporaries_below(const std::string& folder);
/// Removes this process's temporaries; may be called from a signal handler that ends it.
void remove_own_temporaries();

/// A folder that one process at a time works in, until it ends or this object does.
class FolderLock {
public:
    /// Throws InputError that names the process when another one has the folder.
    explicit FolderLock(const std::string& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

    /// Name of the file that is the lock; empty while nobody has the folder.
    static constexpr const char* file_name = ".lock";

private:
    int descriptor_ = -1;
};

}  // namespace xloop
