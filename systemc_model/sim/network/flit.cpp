#include "systemc_model/sim/network/flit.hpp"

#include "systemc_model/sim/probes/bytes.hpp"

#include <algorithm>

namespace xloop::sim {
namespace {

std::uint64_t head_flit(const Message& message) {
    const auto field = [](std::uint64_t value, int bits) { return value & ((std::uint64_t{1} << bits) - 1); };
    return field(static_cast<std::uint64_t>(message.source), 10) |
           field(static_cast<std::uint64_t>(message.kind), 2) << 10 |
           field(static_cast<std::uint64_t>(message.subject), 12) << 12 | field(message.position, 40) << 24;
}

}  // namespace

void take_flit(const Message& message, std::size_t begin, int number, int flit_bits,
               std::vector<std::uint64_t>& words) {
    if (number == 0) {
        words.assign(static_cast<std::size_t>(flit_bits + 63) / 64, 0);
        words[0] = head_flit(message) & (flit_bits < 64 ? (std::uint64_t{1} << flit_bits) - 1 : ~std::uint64_t{0});
        return;
    }
    begin = std::min(begin, message.payload.size());
    take_bits(message.payload.data() + begin, message.payload.size() - begin,
              static_cast<std::size_t>(number - 1) * static_cast<std::size_t>(flit_bits), flit_bits, words);
}

std::uint64_t PortBits::put(std::size_t port, const std::vector<std::uint64_t>& flit) {
    std::uint64_t* carried = carried_.data() + port * words_;
    std::uint64_t toggles = 0;
    for (std::size_t w = 0; w < words_; ++w) {
        toggles += static_cast<std::uint64_t>(__builtin_popcountll(carried[w] ^ flit[w]));
        carried[w] = flit[w];
    }
    return toggles;
}

}  // namespace xloop::sim
