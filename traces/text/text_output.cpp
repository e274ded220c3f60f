#include "traces/text/text_output.hpp"

#include "core/error.hpp"
#include "core/files.hpp"

#include <fcntl.h>
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
    explicit File(const std::string& path) : file(path) {
        if (!compressed(path))
            return;
        const int descriptor = ::fcntl(file.descriptor(), F_DUPFD_CLOEXEC, 0);
        packed = descriptor < 0 ? nullptr : gzdopen(descriptor, "wb1");
        if (!packed)
            fail();
        gzbuffer(packed, 1u << 17);
    }
    ~File() {
        if (packed)
            gzclose(packed);
    }

    void write(const char* text, std::size_t size) {
        if (!packed)
            file.write({text, size});
        else if (size > 0 && gzwrite(packed, text, static_cast<unsigned>(size)) != static_cast<int>(size))
            fail();
    }

    void finish() {
        const bool closed = !packed || gzclose(packed) == Z_OK;
        packed = nullptr;
        if (!closed)
            fail();
        file.commit();
    }

    [[noreturn]] void fail() const {
        throw Error(fmt::format("{}: cannot write this file: {}", file.path(), std::strerror(errno)));
    }

    NewFile file;
    gzFile packed = nullptr;
};

TextOutput::TextOutput(std::string path)
    : path_(std::move(path)), file_(std::make_unique<File>(path_)), buffer_(std::make_unique<char[]>(capacity)) {}

TextOutput::~TextOutput() = default;

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
    file_->finish();
    file_.reset();
}

}  // namespace xloop::trace
