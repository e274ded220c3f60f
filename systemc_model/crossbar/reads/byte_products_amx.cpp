#include "systemc_model/crossbar/reads/byte_products.hpp"

#if XLOOP_BYTE_PRODUCTS && defined(__linux__)
#include "systemc_model/crossbar/reads/convert_vectors.hpp"

#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#define XLOOP_AMX __attribute__((target("avx512f,amx-tile,amx-int8")))

namespace xloop {
namespace {

constexpr int quad_bytes = 128, panel_width = 32;
constexpr int tile_quads = 16, tile_bytes = 64;
constexpr std::ptrdiff_t sums_stride = panel_width * sizeof(std::int32_t);

/// Memory operand of LDTILECFG: eight tiles of 16 lines of 64 bytes.
struct alignas(64) TileConfiguration {
    std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
    std::uint16_t line_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t lines[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

bool processor_has_amx() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    constexpr unsigned amx_tile = 1u << 24, amx_int8 = 1u << 25;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & amx_tile) && (d & amx_int8);
}

/// Linux lends the tile registers, 8 KB for each thread, to processes that ask for them.
bool ask_for_tiles() {
    constexpr long request_permission = 0x1023, tile_data = 18;
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

}  // namespace

bool amx_available() {
    static const bool granted = __builtin_cpu_supports("avx512f") && processor_has_amx() && ask_for_tiles();
    return granted;
}

XLOOP_AMX void amx_begin() {
    // Static: the compiler does not see how much of it the instruction reads.
    static constexpr TileConfiguration configuration;
    _tile_loadconfig(&configuration);
}

XLOOP_AMX void amx_end() { _tile_release(); }

namespace {

// Tiles 0 ... 3: sums of 16 lines x 16 conversions; 4 and 5: lines; 6 and 7: the left and the right half of 16 quads.

XLOOP_AMX inline void multiply_one_tile_of_lines(const ByteProducts& job, int first, int step) {
    const std::uint8_t* lines = job.lines + first * job.line_bytes + step * tile_bytes;
    const char* quads = static_cast<const char*>(job.quads) + step * tile_quads * quad_bytes;
    _tile_loadd(6, quads, quad_bytes);
    _tile_loadd(4, lines, job.line_bytes);
    _tile_dpbusd(0, 4, 6);
    _tile_loadd(7, quads + quad_bytes / 2, quad_bytes);
    _tile_dpbusd(1, 4, 7);
}

XLOOP_AMX inline void multiply_second_tile_of_lines(const ByteProducts& job, int first, int step) {
    const std::uint8_t* lines = job.lines + (first + byte_lines) * job.line_bytes + step * tile_bytes;
    _tile_loadd(5, lines, job.line_bytes);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
}

/// All products, and vectors of another conversion by convert_some(first, last). The processor converts while the tiles
/// multiply if it meets both in turn.
template <class ConvertSome>
XLOOP_AMX inline void multiply_and_convert(const ByteProducts& job, int vectors, const ConvertSome& convert_some) {
    asm volatile("" ::: "memory");  // the compiler does not see what tiles read
    const int steps = (job.quad_count + tile_quads - 1) / tile_quads;
    const int vectors_per_step = (vectors + steps - 1) / steps;
    int converted = 0;
    for (int first = 0; first < job.count; first += 2 * byte_lines) {
        const bool both = first + byte_lines < job.count;
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
        for (int step = 0; step < steps; ++step) {
            multiply_one_tile_of_lines(job, first, step);
            if (both)
                multiply_second_tile_of_lines(job, first, step);
            const int next = converted + vectors_per_step < vectors ? converted + vectors_per_step : vectors;
            convert_some(converted, next);
            converted = next;
        }
        // Last, since instructions that wait for a product would hold up those behind them.
        std::int32_t* sums = job.sums + first * panel_width;
        _tile_stored(0, sums, sums_stride);
        _tile_stored(1, sums + panel_width / 2, sums_stride);
        if (both) {
            sums += byte_lines * panel_width;
            _tile_stored(2, sums, sums_stride);
            _tile_stored(3, sums + panel_width / 2, sums_stride);
        }
    }
}

template <bool one_bit, bool disturbed>
struct ConvertSome {
    const PanelConversion& job;
    XLOOP_AMX void operator()(int first, int last) const { convert_vectors<one_bit, disturbed>(job, first, last); }
};

struct ConvertNone {
    void operator()(int, int) const {}
};

}  // namespace

XLOOP_AMX void amx_products(const ByteProducts& job) {
    if (job.meanwhile && job.meanwhile->noise)
        convert(*job.meanwhile);  // not on the way, as draws have a kernel of their own
    if (!job.meanwhile || job.meanwhile->noise)
        return multiply_and_convert(job, 0, ConvertNone{});
    const PanelConversion& other = *job.meanwhile;
    if (other.dac_bits == 1 && !other.disturbance)
        multiply_and_convert(job, other.vectors, ConvertSome<true, false>{other});
    else if (other.dac_bits == 1)
        multiply_and_convert(job, other.vectors, ConvertSome<true, true>{other});
    else if (!other.disturbance)
        multiply_and_convert(job, other.vectors, ConvertSome<false, false>{other});
    else
        multiply_and_convert(job, other.vectors, ConvertSome<false, true>{other});
}

}  // namespace xloop

#elif XLOOP_BYTE_PRODUCTS

namespace xloop {

bool amx_available() { return false; }
void amx_begin() {}
void amx_products(const ByteProducts&) {}
void amx_end() {}

}  // namespace xloop
#endif
