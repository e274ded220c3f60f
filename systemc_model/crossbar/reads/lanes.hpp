#pragma once

#include <cstdint>

namespace xloop {

/// Sixteen integers in registers: a vector extension of GCC and Clang, for any instruction set. In memory they are
/// plain integers at any address. Never passed or returned by value, which would depend on the instruction set.
constexpr int lane_count = 16;
using Lanes = std::int32_t __attribute__((vector_size(64), aligned(4), may_alias));
using UnsignedLanes = std::uint32_t __attribute__((vector_size(64), aligned(4), may_alias));

inline Lanes& lanes_at(std::int32_t* values) { return *reinterpret_cast<Lanes*>(values); }
inline const Lanes& lanes_at(const std::int32_t* values) { return *reinterpret_cast<const Lanes*>(values); }

}  // namespace xloop
