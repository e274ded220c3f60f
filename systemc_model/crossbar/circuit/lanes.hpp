#pragma once

#include "systemc_model/device/sinh_cosh.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__)
#define XLOOP_X86_LANES
#endif

namespace xloop {

/// `width` numbers in memory that are treated alike and apart: inputs, or columns.
template <int width>
struct alignas(width * sizeof(double)) LaneSlot {
    std::array<double, width> lane{};
};
/// Memory for vectors of any width.
using WideSlot = LaneSlot<8>;

/// The same in registers (vector extension of GCC and Clang). Operations are those of one number, lane by lane, in the
/// order written: the width, and with it the instruction set, changes no bit.
template <int width>
struct LaneTypes {
    typedef double Reals __attribute__((vector_size(width * sizeof(double))));
    typedef std::uint64_t Bits __attribute__((vector_size(width * sizeof(double))));
};
template <int width>
using Lanes = typename LaneTypes<width>::Reals;

template <>
struct BitsOf<Lanes<2>> {
    using type = LaneTypes<2>::Bits;
};
template <>
struct BitsOf<Lanes<4>> {
    using type = LaneTypes<4>::Bits;
};
template <>
struct BitsOf<Lanes<8>> {
    using type = LaneTypes<8>::Bits;
};

template <int width, int slot_width>
Lanes<width>* lanes(std::vector<LaneSlot<slot_width>>& slots) {
    static_assert(slot_width % width == 0);
    return reinterpret_cast<Lanes<width>*>(slots.data());
}
template <int width, int slot_width>
const Lanes<width>* lanes(const std::vector<LaneSlot<slot_width>>& slots) {
    static_assert(slot_width % width == 0);
    return reinterpret_cast<const Lanes<width>*>(slots.data());
}

/// `largest` = max(largest, |x|).
template <int width>
[[gnu::always_inline]] inline void raise(Lanes<width>& largest, const Lanes<width>& x) {
    typename LaneTypes<width>::Bits bits;
    std::memcpy(&bits, &x, sizeof bits);
    bits &= std::uint64_t{0x7fffffffffffffff};
    Lanes<width> magnitude;
    std::memcpy(&magnitude, &bits, sizeof bits);
    largest = magnitude > largest ? magnitude : largest;
}

/// Calls work(std::integral_constant<int, width>) with the width of this processor's vectors. What it calls for a width
/// must be compiled for that width: 8 for AVX-512F, 4 for AVX2, 2 for any processor.
template <class Work>
auto with_native_lanes(const Work& work) {
#ifdef XLOOP_X86_LANES
    if (__builtin_cpu_supports("avx512f"))
        return work(std::integral_constant<int, 8>{});
    if (__builtin_cpu_supports("avx2"))
        return work(std::integral_constant<int, 4>{});
#endif
    return work(std::integral_constant<int, 2>{});
}

}  // namespace xloop
