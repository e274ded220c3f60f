#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace xloop::trace {

/// A NewFile of text that is written from start to end; close() gives it its name. Compressed (gzip) if the name ends in
/// ".gz". Throws Error with the system's reason.
class TextOutput {
public:
    explicit TextOutput(std::string path);
    /// Without close() nothing stays.
    ~TextOutput();
    TextOutput(const TextOutput&) = delete;
    TextOutput& operator=(const TextOutput&) = delete;

    void write(std::string_view text) {
        if (text.size() > space())
            flush_and_fit(text);
        else
            used_ = static_cast<std::size_t>(copy_to(used_, text));
    }
    void put(char c) { write(std::string_view(&c, 1)); }
    /// Room for `size` bytes to be written in place, at most 4096; commit() says how many were.
    char* reserve(std::size_t size) {
        if (size > space())
            flush();
        return buffer_.get() + used_;
    }
    void commit(std::size_t size) { used_ += size; }

    /// Bytes of text so far, before compression.
    std::uint64_t bytes() const { return flushed_ + used_; }
    const std::string& path() const { return path_; }
    void close();

private:
    struct File;
    static constexpr std::size_t capacity = std::size_t{1} << 18;
    std::size_t space() const { return capacity - used_; }
    std::ptrdiff_t copy_to(std::size_t at, std::string_view text);
    void flush_and_fit(std::string_view text);
    void flush();

    std::string path_;
    std::unique_ptr<File> file_;
    std::unique_ptr<char[]> buffer_;
    std::size_t used_ = 0;
    std::uint64_t flushed_ = 0;
};

}  // namespace xloop::trace
