#pragma once

#include <cstdint>
#include <vector>

namespace xloop::sim {

/// Bits of a packet's payload that differ from the same bits of the flit before, summed over its flits. Values are sent as
/// little-endian words of `word_bytes`, one after the other. Head flits are left out: their bits are not modelled.
std::int64_t bit_toggles(const std::vector<std::int32_t>& values, std::int64_t word_bytes, int flit_bits);

}  // namespace xloop::sim
