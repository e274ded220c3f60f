#pragma once

#include "traces/bus/signal.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xloop::trace {

/// What the bits of a signal did: time at 1 (modulo 2^64, as long as it is open) and changes, bit by bit.
struct BitActivity {
    std::uint64_t* t1;
    std::uint64_t* tc;
    BitActivity from(std::size_t bit) const { return {t1 + bit, tc + bit}; }
};

/// Bits `rise` begin to be 1 at `time`, bits `fall` end; each counts `count` changes.
void toggle(std::uint64_t rise, std::uint64_t fall, std::uint64_t time, std::uint64_t count, const BitActivity& bits);

/// A pattern whose intervals are all `step` or `step` + 1 picoseconds long.
struct RegularPattern {
    explicit RegularPattern(const Pattern& pattern);

    bool regular = false;
    std::uint64_t step = 0;
    std::vector<std::uint32_t> longer;  ///< bit i % 32 of word i / 32: the interval after item i is one longer
};

/// Adds what the lower `width` (at most 32) bits of a burst do from its first item to its last: changes from `previous` to the
/// first item, and so on to the last but one; the time of all items but the last. `count`: items, 2 or more.
void add_burst(const std::int32_t* values, std::size_t count, std::uint32_t previous, const RegularPattern& pattern,
               int width, const BitActivity& bits);

}  // namespace xloop::trace
