#include "systemc_model/crossbar/reads/byte_products.hpp"

#if XLOOP_BYTE_PRODUCTS
#include <immintrin.h>
#include <cstring>

namespace xloop {
namespace {

constexpr int quad_bytes = 128, panel_width = 32;
constexpr int block_lines = 8;

}  // namespace

bool vnni_available() { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vnni"); }

__attribute__((target("avx512f,avx512vnni"))) void vnni_products(const ByteProducts& job) {
    for (int first = 0; first < job.count; first += block_lines) {
        __m512i left[block_lines], right[block_lines];
        for (int i = 0; i < block_lines; ++i)
            left[i] = right[i] = _mm512_setzero_si512();
        const std::uint8_t* lines = job.lines + first * job.line_bytes;
        const char* quad = static_cast<const char*>(job.quads);
        for (int q = 0; q < job.quad_count; ++q, quad += quad_bytes) {
            const __m512i left_steps = _mm512_load_si512(quad), right_steps = _mm512_load_si512(quad + quad_bytes / 2);
#pragma GCC unroll 8
            for (int i = 0; i < block_lines; ++i) {
                int four;
                std::memcpy(&four, lines + i * job.line_bytes + 4 * q, sizeof four);
                const __m512i inputs = _mm512_set1_epi32(four);
                left[i] = _mm512_dpbusd_epi32(left[i], inputs, left_steps);
                right[i] = _mm512_dpbusd_epi32(right[i], inputs, right_steps);
            }
        }
        for (int i = 0; i < block_lines; ++i) {
            std::int32_t* sums = job.sums + (first + i) * panel_width;
            _mm512_storeu_si512(sums, left[i]);
            _mm512_storeu_si512(sums + panel_width / 2, right[i]);
        }
    }
    if (job.meanwhile)
        convert(*job.meanwhile);
}

}  // namespace xloop
#endif
