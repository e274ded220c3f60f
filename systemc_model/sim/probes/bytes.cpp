#include "systemc_model/sim/probes/bytes.hpp"

#include <algorithm>
#include <cstring>

namespace xloop::sim {

void append_words(std::vector<std::uint8_t>& bytes, const std::int32_t* values, std::size_t count,
                  std::int64_t word_bytes) {
    const std::size_t before = bytes.size();
    bytes.resize(before + count * static_cast<std::size_t>(word_bytes));
    std::uint8_t* out = bytes.data() + before;
    for (std::size_t i = 0; i < count; ++i)
        for (std::int64_t b = 0; b < word_bytes; ++b)
            *out++ = static_cast<std::uint8_t>(values[i] >> (8 * std::min<std::int64_t>(b, 3)));
}

void take_bits(const std::uint8_t* bytes, std::size_t size, std::size_t first, int width,
               std::vector<std::uint64_t>& words) {
    const auto count = static_cast<std::size_t>(width + 63) / 64;
    words.assign(count, 0);
    const std::size_t begin = std::min(first / 8, size),
                      end = std::min(begin + static_cast<std::size_t>(width + 7) / 8, size);
    if (end > begin)
        std::memcpy(words.data(), bytes + begin, end - begin);
    if (width % 64 != 0)
        words.back() &= (std::uint64_t{1} << (width % 64)) - 1;
}

}  // namespace xloop::sim
