#pragma once

#include "traces/text/name_pattern.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace xloop::trace {

/// A pattern of paths (see NamePattern) that remembers whether it was of use.
class Glob {
public:
    /// Throws InputError, which says what was expected but not where.
    explicit Glob(std::string text) : text_(std::move(text)), pattern_(text_) {}

    bool matches(std::string_view path) const { return matches(path, '.'); }
    /// Whether the path or a scope above it matches: "chip.tile_0_0" takes in all that is in the tile.
    bool matches_within(std::string_view path) const { return matches_within(path, '.'); }
    /// The same for names that may hold dots.
    bool matches_within(const std::vector<std::string_view>& levels) const;
    const std::string& pattern() const { return text_; }
    /// Whether anything has matched so far.
    bool used() const { return used_; }

private:
    bool matches(std::string_view path, char separator) const;
    bool matches_within(std::string_view path, char separator) const;

    std::string text_;
    NamePattern pattern_;
    mutable std::vector<std::string_view> captures_;
    mutable bool used_ = false;
};

}  // namespace xloop::trace
