#pragma once

#include "traces/text/text_input.hpp"

#include <cstddef>
#include <iterator>

namespace xloop::trace {

/// The characters of a file, plain or gzip, one by one, as parsers of JSON take them; without a file: the end. A text or number
/// of more than a million characters, which a parser would keep in memory, is an InputError.
class TextCharacters {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = char;

    explicit TextCharacters(TextInput* in = nullptr) : in_(in) {}
    char operator*() const { return static_cast<char>(in_->peek()); }
    TextCharacters& operator++() {
        const int c = in_->get();
        const bool ends_token =
            c == '"' ? !escaped_ : !quoted_ && (c == ',' || c == ':' || c <= ' ' || c == '[' || c == '{');
        escaped_ = c == '\\' && !escaped_;
        quoted_ = quoted_ != (c == '"' && ends_token);
        length_ = ends_token ? 0 : length_ + 1;
        if (length_ > longest)
            in_->fail("a text or number of more than 1000000 characters");
        return *this;
    }
    TextCharacters operator++(int) { return ++*this; }
    bool operator==(const TextCharacters& o) const { return ended() == o.ended(); }
    bool operator!=(const TextCharacters& o) const { return !(*this == o); }

private:
    bool ended() const { return !in_ || in_->peek() < 0; }

    static constexpr std::size_t longest = 1'000'000;
    TextInput* in_;
    std::size_t length_ = 0;  ///< of what has begun
    bool quoted_ = false, escaped_ = false;
};

}  // namespace xloop::trace
