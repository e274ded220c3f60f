#pragma once

#include "systemc_model/crossbar/reads/noise_draws.hpp"
#include "systemc_model/crossbar/reads/read_plan.hpp"

#include <cstddef>
#include <cstdint>

namespace xloop {

/// The ADC on some vectors in one panel (ReadMatrix::panel_width lanes), and the sum over their reads.
struct PanelConversion {
    explicit PanelConversion(const ReadPlan& plan)
        : reads(plan.reads()), dac_bits(plan.dac_bits), fraction_bits(plan.fraction_bits), half(plan.half()),
          low(plan.low), high(plan.high) {}

    int reads, dac_bits, fraction_bits;
    std::int32_t half, low, high;
    int vectors = 0;
    const std::int32_t* sums = nullptr;         ///< [vector * reads + t][lane]
    const std::int32_t* disturbance = nullptr;  ///< null, or added before the conversion: lines as those of `sums`
    std::ptrdiff_t disturbance_stride = 0;
    const std::int32_t* offsets = nullptr;  ///< null, or added to all lines: one for each lane
    const NoiseDraws* noise = nullptr;      ///< null, or drawn and added; never beside `disturbance`
    NoiseAddress first;                     ///< of vector 0
    std::uint64_t vector_step = 0;          ///< from the address of a vector to the next
    int panel = 0;
    std::int32_t* codes = nullptr;  ///< [vector * codes_stride + lane]: sum over t of 2^(t * dac_bits) * code
    std::ptrdiff_t codes_stride = 0;
};

void convert(const PanelConversion& job);

/// The sum over the slices: sums[v * outputs + o] from the codes of all panels, vector v at codes + v * stride.
void add_slices(const ReadPlan& plan, int vectors, const std::int32_t* codes, std::ptrdiff_t stride,
                std::int32_t* sums);

/// The ADC on all reads of one vector, lines of `stride` partial sums, which become codes in place. For each conversion:
/// codes[c] = sum over t of 2^(t * dac_bits) * code, and in clipped[c] how many were out of range.
void convert_reads(const ReadPlan& plan, std::ptrdiff_t stride, std::int32_t* partial, std::int32_t* codes,
                   std::int32_t* clipped);

}  // namespace xloop
