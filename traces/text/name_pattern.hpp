#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace xloop::trace {

/// A pattern for the whole of a name such as "chip.tile_0_1.bus.data", which says what its wildcards stood for: `*` is any
/// characters within one level, `**` any characters, `?` one character within a level, `{east,west}` one of several words. A
/// dot or slash in it ends a level, or is that character of a name; with a backslash before it any character is itself.
class NamePattern {
public:
    /// Throws InputError, which says what was expected but not where.
    explicit NamePattern(const std::string& text);

    /// Whether the pattern is all of `name`. What the wildcards stand for, in the order of the pattern, goes to `captures`;
    /// where there is a choice, each takes as little as the ones after it allow.
    /// `separator`: what the levels of `name` are joined by; another one than '.' where names may hold dots.
    bool match(std::string_view name, std::vector<std::string_view>& captures, char separator = '.') const;
    /// A character that no name holds.
    static constexpr char own_separator = '\x01';
    /// Wildcards in the pattern.
    int captures() const;

private:
    enum class Kind { text, character, level, anything, choice };
    struct Piece {
        Kind kind;
        std::vector<std::string> texts;  ///< text: one
    };
    struct Attempt;

    void add_text(char c);
    std::size_t add_wildcard(const std::string& text, std::size_t at);
    std::size_t add_choice(const std::string& text, std::size_t at);
    bool match_from(Attempt& attempt, std::size_t piece, std::size_t at) const;
    bool continue_to(Attempt& attempt, std::size_t piece, std::size_t at, std::size_t end) const;

    std::vector<Piece> pieces_;
};

}  // namespace xloop::trace
