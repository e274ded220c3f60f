#pragma once

#include <cstdint>
#include <vector>

namespace xloop::sim {

/// Little-endian words of `word_bytes` bytes, one after the other, as they are stored and sent.
void append_words(std::vector<std::uint8_t>& bytes, const std::int32_t* values, std::size_t count,
                  std::int64_t word_bytes);

/// `width` bits from bit `first` of `bytes` on, as words of 64 bits; 0 beyond their end. `first`: a multiple of 8.
void take_bits(const std::uint8_t* bytes, std::size_t size, std::size_t first, int width,
               std::vector<std::uint64_t>& words);

}  // namespace xloop::sim
