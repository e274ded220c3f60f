#include "traces/text/text_output.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <zlib.h>
#include <cerrno>
#include <cstring>

namespace xloop::trace {
namespace {

bool compressed(const std::string& path) { return path.size() > 3 && path.compare(path.size() - 3, 3, ".gz") == 0; }

}  // namespace

/// Plain or compressed; fast compression, since traces are large and shrink well anyway.
struct TextOutput::File {
    explicit File(const std::string& path) : part(path + ".part") {
        if (compressed(path))
            packed = gzopen(part.c_str(), "wb1");
        else
            plain = std::fopen(part.c_str(), "wb");
        if (!packed && !plain)
            fail("cannot write");
        if (packed)
            gzbuffer(packed, 1u << 17);
        else
            std::setvbuf(plain, nullptr, _IONBF, 0);
    }
    ~File() {
        if (packed)
            gzclose(packed);
        if (plain)
            std::fclose(plain);
    }

    void write(const char* text, std::size_t size) {
        if (size == 0)
            return;
        const bool whole = packed ? gzwrite(packed, text, static_cast<unsigned>(size)) == static_cast<int>(size)
                                  : std::fwrite(text, 1, size, plain) == size;
        if (!whole)
            fail("cannot write");
    }

    void finish(const std::string& path) {
        const bool closed = packed ? gzclose(packed) == Z_OK : std::fclose(plain) == 0;
        packed = nullptr;
        plain = nullptr;
        if (!closed)
            fail("cannot finish");
        if (std::rename(part.c_str(), path.c_str()) != 0)
            fail("cannot rename");
    }

    [[noreturn]] void fail(const char* what) const {
        throw Error(fmt::format("{} {}: {}", what, part, std::strerror(errno)));
    }

    std::string part;
    gzFile packed = nullptr;
    std::FILE* plain = nullptr;
};

TextOutput::TextOutput(std::string path)
    : path_(std::move(path)), file_(std::make_unique<File>(path_)), buffer_(std::make_unique<char[]>(capacity)) {}

TextOutput::~TextOutput() {
    try {
        if (file_)
            flush();
    } catch (const Error&) {
        // What could not be written is missing from an unfinished file.
    }
}

std::ptrdiff_t TextOutput::copy_to(std::size_t at, std::string_view text) {
    if (!text.empty())
        std::memcpy(buffer_.get() + at, text.data(), text.size());
    return static_cast<std::ptrdiff_t>(at + text.size());
}

void TextOutput::flush_and_fit(std::string_view text) {
    flush();
    if (text.size() <= capacity) {
        used_ = static_cast<std::size_t>(copy_to(0, text));
        return;
    }
    file_->write(text.data(), text.size());
    flushed_ += text.size();
}

void TextOutput::flush() {
    file_->write(buffer_.get(), used_);
    flushed_ += used_;
    used_ = 0;
}

void TextOutput::close() {
    flush();
    file_->finish(path_);
    file_.reset();
}

}  // namespace xloop::trace
