#pragma once

#include <cstdint>

namespace xloop::noc {

/// Sets of ports or virtual channels.
using Bits = std::uint64_t;

inline Bits bit(int i) { return Bits{1} << i; }
inline int lowest(Bits bits) { return __builtin_ctzll(bits); }

/// The first member at `start` or after it, cyclic; `bits` is not empty, start < 64.
inline int first_from(Bits bits, int start) {
    const Bits above = bits >> start << start;
    return lowest(above ? above : bits);
}

}  // namespace xloop::noc
