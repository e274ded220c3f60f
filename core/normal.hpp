#pragma once

#include <cstdint>

namespace xloop {

/// Standard normals by Box and Muller (1958) from 128 random bits each: z[k] = sqrt(-2 ln u) cos(2 pi v), u in (0, 1] from
/// words 4 k and 4 k + 1, v in [0, 1) from words 4 k + 2 and 4 k + 3. Logarithm and cosine are series of our own, within a
/// few units in the last place, so that every processor and instruction set gives the same bits.
void normals_from_words(const std::uint32_t* words, int count, double* z);

}  // namespace xloop
