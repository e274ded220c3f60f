#pragma once

#include "systemc_model/chip/chip.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

namespace xloop {

/// The chip itself, which also counts the conversions that left their ADC's range: the same results bit for bit, a little
/// more slowly. Safe to share among threads; the counts do not depend on them.
class ClippingCounter : public MatrixEngine {
public:
    explicit ClippingCounter(const Chip& chip) : chip_(chip), counts_(chip.network().graph.layers.size()) {}
    void multiply(int layer, const ReadAddress& first, int count, const std::uint8_t* windows,
                  std::int32_t* accumulators) const override;
    /// One count for each layer of the graph.
    std::vector<std::uint64_t> counts() const { return {counts_.begin(), counts_.end()}; }

private:
    const Chip& chip_;
    mutable std::vector<std::atomic<std::uint64_t>> counts_;
};

}  // namespace xloop
