#pragma once

#include <string>
#include <string_view>

namespace xloop::trace {

/// A pattern of hierarchical names: `*` stands for any characters within one level, `**` across levels, `?` for one
/// character; levels are joined by '.'.
class Glob {
public:
    explicit Glob(std::string pattern) : pattern_(std::move(pattern)) {}

    bool matches(std::string_view path) const;
    /// Whether the path or a scope above it matches: "chip.tile_0_0" takes in all that is in the tile.
    bool matches_within(std::string_view path) const;
    const std::string& pattern() const { return pattern_; }
    /// Whether anything has matched so far.
    bool used() const { return used_; }

private:
    std::string pattern_;
    mutable bool used_ = false;
};

}  // namespace xloop::trace
