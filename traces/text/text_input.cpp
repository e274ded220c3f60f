#include "traces/text/text_input.hpp"

#include <fmt/format.h>
#include <zlib.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace xloop::trace {
namespace {

constexpr std::size_t file_buffer = std::size_t{1} << 20;
constexpr std::size_t longest_word = std::size_t{1} << 22;

}  // namespace

struct TextInput::Source {
    explicit Source(std::string_view memory) : text(memory), size(static_cast<double>(memory.size())) {}
    explicit Source(const std::string& path) {
        std::error_code none;
        const std::filesystem::file_type type = std::filesystem::status(path, none).type();
        if (type == std::filesystem::file_type::directory)
            throw UnreadableInput(path + ": cannot read this file: it is a folder");
        if (type == std::filesystem::file_type::character || type == std::filesystem::file_type::block)
            throw UnreadableInput(path + ": cannot read this file: it is a device, expected a file or a pipe");
        errno = 0;
        file = gzopen(path.c_str(), "rb");
        if (file == nullptr)
            throw UnreadableInput(path + ": cannot read this file: " + std::strerror(errno != 0 ? errno : ENOMEM));
        gzbuffer(file, 1u << 17);
        const auto bytes = std::filesystem::file_size(path, none);
        size = none ? 0.0 : static_cast<double>(bytes);
    }
    ~Source() {
        if (file != nullptr)
            gzclose_r(file);
    }
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    std::size_t read(char* to, std::size_t room, const std::string& name) {
        if (file == nullptr) {
            const std::size_t count = text.copy(to, room);
            text.remove_prefix(count);
            return count;
        }
        const int count = gzread(file, to, static_cast<unsigned>(room));
        int problem = Z_OK;
        const char* what = gzerror(file, &problem);
        if (count < 0 && problem != Z_BUF_ERROR)
            throw UnreadableInput(
                fmt::format("{}: error while reading: {}", name, problem == Z_ERRNO ? std::strerror(errno) : what));
        // zlib hands out what it could decode and reports the missing end with the read behind it.
        if (count <= 0 && problem == Z_BUF_ERROR)
            throw UnreadableInput(name +
                                  ": the compressed file is cut off: its end is missing; write or copy it again");
        return static_cast<std::size_t>(count);
    }
    double done() const {
        return file != nullptr ? static_cast<double>(gzoffset(file)) : size - static_cast<double>(text.size());
    }

    gzFile file = nullptr;
    std::string_view text;
    double size = 0;
};

TextInput::TextInput(std::string path) : TextInput(path, std::make_unique<Source>(path)) {}
TextInput::TextInput(std::string name, std::string_view text)
    : TextInput(std::move(name), std::make_unique<Source>(text)) {}

TextInput::TextInput(std::string name, std::unique_ptr<Source> source)
    : name_(std::move(name)), source_(std::move(source)),
      capacity_(source_->file != nullptr ? file_buffer
                                         : std::clamp<std::size_t>(source_->text.size(), 64, file_buffer)),
      buffer_(new char[capacity_ + 1]), at_(buffer_.get()), end_(at_), last_(at_) {
    buffer_[0] = '\0';
}

TextInput::~TextInput() = default;

bool TextInput::skip_blank() {
    if (at_ == end_)
        return refill();
    last_ = at_++;
    if (*last_ == '\n')
        next_line();
    else if (*last_ == '\0')
        fail("a zero byte, expected text");
    return true;
}

const char* TextInput::complete_word() {
    std::size_t length = static_cast<std::size_t>(end_ - at_);
    while (refill()) {
        const char* end = at_ + length;
        while (static_cast<unsigned char>(*end) > ' ')
            ++end;
        if (end != end_)
            return end;
        length = static_cast<std::size_t>(end - at_);
    }
    return end_;
}

bool TextInput::refill() {
    const auto left = static_cast<std::size_t>(end_ - at_);
    if (left == capacity_) {
        last_ = at_;
        if (capacity_ >= longest_word)
            fail(fmt::format("more than {} characters without a blank, expected a word", longest_word));
        std::unique_ptr<char[]> larger(new char[2 * capacity_ + 1]);
        std::memcpy(larger.get(), at_, left);
        base_ = offset();
        capacity_ *= 2;
        buffer_ = std::move(larger);
    } else {
        base_ = offset();
        std::memmove(buffer_.get(), at_, left);
    }
    at_ = last_ = buffer_.get();
    end_ = at_ + left;
    buffer_[left] = '\0';
    const std::size_t count = source_->read(buffer_.get() + left, capacity_ - left, name_);
    end_ += count;
    buffer_[left + count] = '\0';
    if (watch_)
        watch_({source_->size > 0.0 ? source_->done() / source_->size : 0.0});
    if (!std::exchange(started_, true))
        skip_byte_order_mark();
    return at_ + left != end_ || (count > 0 && refill());
}

void TextInput::skip_byte_order_mark() {
    const std::string_view text(at_, static_cast<std::size_t>(end_ - at_));
    if (text.substr(0, 2) == "\xff\xfe" || text.substr(0, 2) == "\xfe\xff")
        throw UnreadableInput(name_ +
                              ": the text is UTF-16, as its byte order mark says, expected ASCII or UTF-8; "
                              "convert it, as by `iconv -f UTF-16 -t UTF-8`");
    if (text.substr(0, 3) != "\xef\xbb\xbf")
        return;
    at_ += 3;
    last_ = at_;
    line_start_ = offset();
}

bool TextInput::goes_on_with(std::string_view text) {
    while (static_cast<std::size_t>(end_ - at_) < text.size())
        if (!refill())
            return false;
    return std::string_view(at_, text.size()) == text;
}

bool TextInput::line(std::string& text) {
    text.clear();
    if (peek() < 0)
        return false;
    for (int c = get(); c >= 0 && c != '\n'; c = get()) {
        if (text.size() >= longest_word)
            fail(fmt::format("a line of more than {} characters", longest_word));
        text += static_cast<char>(c);
    }
    if (!text.empty() && text.back() == '\r')
        text.pop_back();
    return true;
}

std::uint64_t TextInput::stored_bytes() const { return static_cast<std::uint64_t>(source_->size); }

std::string TextInput::place() const {
    const std::uint64_t position = base_ + static_cast<std::uint64_t>(last_ - buffer_.get());
    // A line break that was read last ends its own line.
    return position < line_start_ ? fmt::format("{}:{}", name_, line_ - 1)
                                  : fmt::format("{}:{}:{}", name_, line_, position - line_start_ + 1);
}

void TextInput::fail(const std::string& what) const { throw InputError(place() + ": " + what); }

void TextInput::problem(const std::string& what) const {
    if (!listener_)
        fail(what);
    listener_(place() + ": " + what);
}

void TextInput::remark(std::uint64_t line, const std::string& what) const {
    if (listener_)
        listener_(fmt::format("{}{}: {}", name_, line > 0 ? ":" + std::to_string(line) : "", what));
}

}  // namespace xloop::trace
