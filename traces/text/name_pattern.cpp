#include "traces/text/name_pattern.hpp"

#include "core/error.hpp"

#include <algorithm>

namespace xloop::trace {

struct NamePattern::Attempt {
    std::string_view name;
    std::vector<std::string_view>& captures;
    char separator;
    std::vector<bool> failed;  // [piece][position]: keeps several `**` from taking exponential time
};

namespace {

/// Of the texts of a pattern: the end of a level, or that character within a name.
constexpr char dot = '\x02', slash = '\x03';

bool same(std::string_view text, std::string_view name, char separator) {
    return text.size() == name.size() && std::equal(text.begin(), text.end(), name.begin(), [=](char t, char n) {
               return t == dot ? n == separator || n == '.' : t == slash ? n == separator || n == '/' : t == n;
           });
}

}  // namespace

NamePattern::NamePattern(const std::string& text) {
    if (text.empty())
        throw InputError("expected a pattern such as `chip.tile_*_*.bus.data`, got an empty text");
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '*' || c == '?') {
            at = add_wildcard(text, at);
        } else if (c == '{') {
            at = add_choice(text, at);
        } else if (c == '}') {
            throw InputError("expected `{` before `}`, as in `{east,west}`");
        } else if (c == '\\' && at + 1 < text.size()) {
            add_text(text[at + 1]);
            at += 2;
        } else {
            add_text(c == '.' ? dot : c == '/' ? slash : c);
            ++at;
        }
    }
}

void NamePattern::add_text(char c) {
    if (pieces_.empty() || pieces_.back().kind != Kind::text)
        pieces_.push_back({Kind::text, {""}});
    pieces_.back().texts[0] += c;
}

std::size_t NamePattern::add_wildcard(const std::string& text, std::size_t at) {
    if (text[at] == '?') {
        pieces_.push_back({Kind::character, {}});
        return at + 1;
    }
    const std::size_t end = std::min(text.find_first_not_of('*', at), text.size());
    if (end - at > 2)
        throw InputError("expected `*` (within one level) or `**` (across levels), got `" + text.substr(at, end - at) +
                         "`");
    pieces_.push_back({end - at == 1 ? Kind::level : Kind::anything, {}});
    return end;
}

std::size_t NamePattern::add_choice(const std::string& text, std::size_t at) {
    const std::size_t end = text.find_first_of("{}", at + 1);
    if (end == std::string::npos || text[end] == '{')
        throw InputError("expected `}` after `{`, with plain words between, as in `{east,west}`");
    Piece choice{Kind::choice, {}};
    for (std::size_t begin = at + 1; begin <= end;) {
        const std::size_t comma = std::min(text.find(',', begin), end);
        choice.texts.push_back(text.substr(begin, comma - begin));
        std::replace(choice.texts.back().begin(), choice.texts.back().end(), '.', dot);
        begin = comma + 1;
        if (choice.texts.back().empty() || choice.texts.back().find_first_of("*?[]") != std::string::npos)
            throw InputError("expected plain words between `{` and `}`, as in `{east,west}`");
    }
    pieces_.push_back(std::move(choice));
    return end + 1;
}

int NamePattern::captures() const {
    return static_cast<int>(
        std::count_if(pieces_.begin(), pieces_.end(), [](const Piece& p) { return p.kind != Kind::text; }));
}

bool NamePattern::match(std::string_view name, std::vector<std::string_view>& captures, char separator) const {
    captures.clear();
    // Most rules fail here, at no cost.
    const Piece &first = pieces_.front(), &last = pieces_.back();
    if (first.kind == Kind::text && !same(first.texts[0], name.substr(0, first.texts[0].size()), separator))
        return false;
    if (last.kind == Kind::text && (name.size() < last.texts[0].size() ||
                                    !same(last.texts[0], name.substr(name.size() - last.texts[0].size()), separator)))
        return false;
    Attempt attempt{name, captures, separator, std::vector<bool>(pieces_.size() * (name.size() + 1))};
    return match_from(attempt, 0, 0);
}

bool NamePattern::match_from(Attempt& attempt, std::size_t piece, std::size_t at) const {
    const std::string_view name = attempt.name;
    if (piece == pieces_.size())
        return at == name.size();
    const std::size_t place = piece * (name.size() + 1) + at;
    if (attempt.failed[place])
        return false;
    const Piece& here = pieces_[piece];
    bool found = false;
    switch (here.kind) {
    case Kind::text:
    case Kind::choice:
        for (std::size_t i = 0; i < here.texts.size() && !found; ++i)
            found = same(here.texts[i], name.substr(at, here.texts[i].size()), attempt.separator) &&
                    continue_to(attempt, piece, at, at + here.texts[i].size());
        break;
    case Kind::character:
        found = at < name.size() && name[at] != attempt.separator && continue_to(attempt, piece, at, at + 1);
        break;
    case Kind::level:
    case Kind::anything:
        for (std::size_t end = at;; ++end) {
            found = continue_to(attempt, piece, at, end);
            if (found || end == name.size() || (here.kind == Kind::level && name[end] == attempt.separator))
                break;
        }
        break;
    }
    attempt.failed[place] = !found;
    return found;
}

bool NamePattern::continue_to(Attempt& attempt, std::size_t piece, std::size_t at, std::size_t end) const {
    const bool captured = pieces_[piece].kind != Kind::text;
    if (captured)
        attempt.captures.push_back(attempt.name.substr(at, end - at));
    const bool found = match_from(attempt, piece + 1, end);
    if (captured && !found)
        attempt.captures.pop_back();
    return found;
}

}  // namespace xloop::trace
