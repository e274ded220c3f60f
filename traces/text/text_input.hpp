#pragma once

#include "core/error.hpp"
#include "core/progress.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace xloop::trace {

/// A file that cannot be read at all, whatever it says: missing, a folder, broken compression.
class UnreadableInput : public InputError {
public:
    using InputError::InputError;
};

/// Text that is read once from start to end, by words or characters; a file or pipe, plain or gzip, or a buffer. Knows line and
/// column of what was read last. Errors are InputError "name:line:column: what, what was expected". A byte order mark of
/// UTF-8 is skipped, one of UTF-16 refused, so are devices, which may have no end.
class TextInput {
public:
    explicit TextInput(std::string path);
    /// `text` must outlive this.
    TextInput(std::string name, std::string_view text);
    ~TextInput();
    TextInput(const TextInput&) = delete;
    TextInput& operator=(const TextInput&) = delete;

    /// Called now and then with the share of the file (as it is stored) that is read.
    void set_watch(Watch watch) { watch_ = std::move(watch); }
    /// Given "name:line:column: what": oddities that readers can go on after. Without a listener they are errors.
    using ProblemListener = std::function<void(const std::string& message)>;
    void set_listener(ProblemListener listener) { listener_ = std::move(listener); }

    /// The next characters up to a blank; empty at the end of the text. Valid until the next call.
    std::string_view word() {
        while (static_cast<unsigned char>(*at_) <= ' ')
            if (!skip_blank())
                return {};
        const char* end = at_;
        while (static_cast<unsigned char>(*end) > ' ')
            ++end;
        if (end == end_)
            end = complete_word();
        last_ = at_;
        at_ = end;
        return {last_, static_cast<std::size_t>(end - last_)};
    }
    /// The next character, -1 at the end of the text.
    int peek() { return at_ != end_ || refill() ? static_cast<unsigned char>(*at_) : -1; }
    int get() {
        const int c = peek();
        if (c < 0)
            return c;
        last_ = at_++;
        if (c == '\n')
            next_line();
        return c;
    }
    /// Whether the text goes on with these few characters.
    bool goes_on_with(std::string_view text);
    /// The next line without its end; false at the end of the text.
    bool line(std::string& text);

    const std::string& name() const { return name_; }
    /// Bytes of the file as it is stored.
    std::uint64_t stored_bytes() const;
    std::uint64_t line() const { return line_; }
    /// Bytes of text up to here, uncompressed.
    std::uint64_t offset() const { return base_ + static_cast<std::uint64_t>(at_ - buffer_.get()); }
    /// "name:line:column" of the word or character read last.
    std::string place() const;
    [[noreturn]] void fail(const std::string& what) const;
    /// Something odd about what was read last: for the listener, or an error.
    void problem(const std::string& what) const;
    /// Something that only a listener is told; `line` 0: of the whole file.
    void remark(std::uint64_t line, const std::string& what) const;

private:
    struct Source;
    TextInput(std::string name, std::unique_ptr<Source> source);
    /// Past one character that is no part of a word; false at the end of the text.
    bool skip_blank();
    const char* complete_word();
    /// Reads more behind what is left; false: there is no more.
    bool refill();
    void skip_byte_order_mark();
    void next_line() {
        ++line_;
        line_start_ = offset();
    }

    std::string name_;
    std::unique_ptr<Source> source_;
    std::size_t capacity_;
    std::unique_ptr<char[]> buffer_;  ///< with a zero behind its end, at which scans stop
    const char *at_, *end_, *last_;
    std::uint64_t base_ = 0;  ///< offset of the buffer in the text
    std::uint64_t line_ = 1, line_start_ = 0;
    bool started_ = false;
    Watch watch_;
    ProblemListener listener_;
};

}  // namespace xloop::trace
