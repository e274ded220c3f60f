#pragma once

#include "systemc_model/crossbar/reads/conversion.hpp"

#include <cstddef>
#include <cstdint>

// Products of unsigned and signed bytes on processors with instructions for them.
#if defined(__x86_64__) && defined(__GNUC__)
#define XLOOP_BYTE_PRODUCTS 1
#else
#define XLOOP_BYTE_PRODUCTS 0
#endif

namespace xloop {

/// Both kernels take whole groups of 16 lines, and quads in the order of ReadMatrix.
constexpr int byte_lines = 16;

/// sums[line * 32 + lane] = sum over quads q and k = 0 ... 3 of lines[line * line_bytes + 4 q + k] * quads[q][lane][k]
/// for `count` lines, a multiple of byte_lines.
struct ByteProducts {
    const std::uint8_t* lines;
    std::ptrdiff_t line_bytes;
    int count;
    const void* quads;
    int quad_count;
    std::int32_t* sums;
    const PanelConversion* meanwhile;  ///< null, or a conversion of other sums, to be done on the way
};

/// AVX-512 with VNNI.
bool vnni_available();
void vnni_products(const ByteProducts& job);

/// AMX with 8-bit integers. The tile registers hold nothing between calls, but their configuration stays: a thread
/// calls amx_begin before and amx_end after its products. Quads are read in sixteens.
bool amx_available();
void amx_begin();
void amx_products(const ByteProducts& job);
void amx_end();

}  // namespace xloop
