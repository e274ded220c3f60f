#pragma once

#include "traces/bus/trace_sink.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

namespace xloop::trace {

/// Memory that records are written to one after the other.
struct Block {
    /// Large enough for few hand-overs, small enough for the cache of two processors.
    static constexpr std::size_t usual = std::size_t{1} << 12;

    std::unique_ptr<std::uint64_t[]> words;
    std::size_t size = 0, capacity = 0;

    /// Room for `count` more words; only a block that is empty grows.
    bool has_room(std::size_t count) const { return size + count <= capacity; }
    void make_room(std::size_t count) {
        capacity = std::max(count, usual);
        words.reset(new std::uint64_t[capacity]);
    }
};

/// One record of the bus: a head of kind, number of words and id, then the words.
///   change        time, value words
///   pulses        start, end, pattern, high
///   job           begin, end, payload bytes, payload
///   count         begin cycle, end cycle, n, event
///   slice         begin, end, name, size, category, size, layer, image, position
///   level         time, value
///   advance       time
///   open, close   time
struct Record {
    enum Kind : std::uint64_t { change, pulses, job, count, slice, level, advance, open, close };
    static constexpr std::size_t largest = (std::size_t{1} << 24) - 1;

    static std::uint64_t head(std::uint64_t kind, std::size_t words, int id) {
        return kind | static_cast<std::uint64_t>(words) << 8 |
               static_cast<std::uint64_t>(static_cast<std::uint32_t>(id)) << 32;
    }

    const std::uint64_t* head_word;
    Kind kind() const { return static_cast<Kind>(*head_word & 0xff); }
    std::size_t words() const { return *head_word >> 8 & 0xffffff; }
    int id() const { return static_cast<int>(static_cast<std::uint32_t>(*head_word >> 32)); }
    std::uint64_t operator[](std::size_t word) const { return head_word[1 + word]; }
    const std::uint64_t* from(std::size_t word) const { return head_word + 1 + word; }

    Time begin(const Declarations& d) const { return kind() == count ? d.time_of((*this)[0]) : (*this)[0]; }
    Time end(const Declarations& d) const {
        switch (kind()) {
        case pulses:
        case job:
        case slice: return (*this)[1];
        case count: return d.time_of((*this)[1]);
        default: return (*this)[0];
        }
    }
};

}  // namespace xloop::trace
