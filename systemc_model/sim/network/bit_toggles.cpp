#include "systemc_model/sim/network/bit_toggles.hpp"

namespace xloop::sim {

std::int64_t bit_toggles(const std::vector<std::int32_t>& values, std::int64_t word_bytes, int flit_bits) {
    static thread_local std::vector<std::uint8_t> bytes;
    bytes.clear();
    for (std::int32_t value : values)
        for (std::int64_t b = 0; b < word_bytes; ++b)
            bytes.push_back(static_cast<std::uint8_t>(value >> (8 * b)));
    const auto flit = static_cast<std::size_t>(flit_bits) / 8;
    std::int64_t toggles = 0;
    for (std::size_t i = flit; i < bytes.size(); ++i)
        toggles += __builtin_popcount(bytes[i] ^ bytes[i - flit]);
    return toggles;
}

}  // namespace xloop::sim
