#pragma once

#include "traces/text/text_input.hpp"

#include <cstddef>
#include <iterator>

namespace xloop::trace {

/// The characters of a file, plain or gzip, one by one, as parsers of JSON take them; without a file: the end.
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
        in_->get();
        return *this;
    }
    TextCharacters operator++(int) { return ++*this; }
    bool operator==(const TextCharacters& o) const { return ended() == o.ended(); }
    bool operator!=(const TextCharacters& o) const { return !(*this == o); }

private:
    bool ended() const { return !in_ || in_->peek() < 0; }

    TextInput* in_;
};

}  // namespace xloop::trace
