#pragma once

#include "systemc_model/crossbar/reads/conversion.hpp"
#include "systemc_model/crossbar/reads/lanes.hpp"

namespace xloop {

/// Vectors [first, last) of a conversion whose DAC has one bit or not, with a disturbance or not. Inlined, so that each
/// caller has it for its own instruction set.
template <bool one_bit, bool disturbed>
[[gnu::always_inline]] inline void convert_vectors(const PanelConversion& job, int first, int last) {
    constexpr int halves = 2, width = halves * lane_count;
    const int reads = job.reads, fraction_bits = job.fraction_bits, dac_bits = job.dac_bits;
    const Lanes low = Lanes{} + job.low, high = Lanes{} + job.high;
    Lanes half[halves];
    for (int i = 0; i < halves; ++i) {
        half[i] = Lanes{} + job.half;
        if (job.offsets)
            half[i] += lanes_at(job.offsets + i * lane_count);
    }
    for (int v = first; v < last; ++v) {
        const std::ptrdiff_t line = static_cast<std::ptrdiff_t>(v) * reads;
        const std::int32_t* sums = job.sums + line * width;
        const std::int32_t* disturbance = disturbed ? job.disturbance + line * job.disturbance_stride : nullptr;
        // Horner's scheme, from the most significant read; unsigned, because negative codes are shifted too.
        UnsignedLanes total[halves] = {};
        for (int t = reads - 1; t >= 0; --t)
            for (int i = 0; i < halves; ++i) {
                Lanes p = lanes_at(sums + t * width + i * lane_count) + half[i];
                if (disturbed)
                    p += lanes_at(disturbance + t * job.disturbance_stride + i * lane_count);
                p >>= fraction_bits;
                p = p < low ? low : p;
                p = p > high ? high : p;
                total[i] = (one_bit ? total[i] + total[i] : total[i] << dac_bits) + reinterpret_cast<UnsignedLanes&>(p);
            }
        for (int i = 0; i < halves; ++i)
            lanes_at(job.codes + v * job.codes_stride + i * lane_count) = reinterpret_cast<Lanes&>(total[i]);
    }
}

}  // namespace xloop
