#pragma once

#include <cstddef>
#include <cstdint>

namespace xloop {

/// `vectors` input vectors of matrix.rows() unsigned 8-bit values, vector b at values + b * stride.
struct ReadInputs {
    const std::uint8_t* values;
    std::ptrdiff_t stride;
    int vectors;
};

}  // namespace xloop
