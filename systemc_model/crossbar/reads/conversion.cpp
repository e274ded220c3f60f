#include "systemc_model/crossbar/reads/conversion.hpp"

#include "core/target_clones.hpp"
#include "systemc_model/crossbar/reads/convert_vectors.hpp"

#include <algorithm>

namespace xloop {

namespace {

XLOOP_CLONES void convert_without_draws(const PanelConversion& job) {
    if (job.dac_bits == 1 && !job.disturbance)
        convert_vectors<true, false>(job, 0, job.vectors);
    else if (job.dac_bits == 1)
        convert_vectors<true, true>(job, 0, job.vectors);
    else if (!job.disturbance)
        convert_vectors<false, false>(job, 0, job.vectors);
    else
        convert_vectors<false, true>(job, 0, job.vectors);
}

}  // namespace

void convert(const PanelConversion& job) {
    if (!job.noise)
        return convert_without_draws(job);
    // Draws for some vectors at a time stay in the first-level cache.
    constexpr int most_vectors = 4, most_reads = 8;
    alignas(64) std::int32_t draws[most_vectors * most_reads * NoiseDraws::panel];
    PanelConversion some = job;
    some.noise = nullptr;
    some.disturbance = draws;
    some.disturbance_stride = NoiseDraws::panel;
    for (int left = job.vectors; left > 0; left -= some.vectors) {
        some.vectors = std::min(left, most_vectors);
        job.noise->scaled(some.first, job.vector_step, some.vectors, job.panel, job.reads, draws);
        convert_without_draws(some);
        some.first.vector += static_cast<unsigned>(some.vectors) * job.vector_step;
        some.sums += some.vectors * job.reads * NoiseDraws::panel;
        some.codes += some.vectors * job.codes_stride;
    }
}

XLOOP_CLONES void add_slices(const ReadPlan& plan, int vectors, const std::int32_t* codes, std::ptrdiff_t stride,
                             std::int32_t* sums) {
    const int outputs = plan.outputs, slice_bits = plan.slice_bits;
    for (int v = 0; v < vectors; ++v, codes += stride, sums += outputs) {
        const std::int32_t* slice = codes + (plan.slices - 1) * outputs;
        for (int o = 0; o < outputs; ++o)
            sums[o] = slice[o];
        while (slice != codes) {
            slice -= outputs;
            for (int o = 0; o < outputs; ++o)
                sums[o] = static_cast<std::int32_t>(static_cast<std::uint32_t>(sums[o]) << slice_bits) + slice[o];
        }
    }
}

XLOOP_CLONES void convert_reads(const ReadPlan& plan, std::ptrdiff_t stride, std::int32_t* partial, std::int32_t* codes,
                                std::int32_t* clipped) {
    const std::int32_t half = plan.half(), low = plan.low, high = plan.high;
    const int conversions = plan.conversions(), fraction_bits = plan.fraction_bits;
    std::fill_n(codes, conversions, 0);
    std::fill_n(clipped, conversions, 0);
    for (int t = 0; t < plan.reads(); ++t, partial += stride) {
        const std::int32_t weight = 1 << (t * plan.dac_bits);
        for (int c = 0; c < conversions; ++c) {
            const std::int32_t rounded = (partial[c] + half) >> fraction_bits;
            const std::int32_t code = std::clamp(rounded, low, high);
            partial[c] = code;
            codes[c] += weight * code;
            clipped[c] += rounded != code;
        }
    }
}

}  // namespace xloop
