#pragma once

#include "core/ars.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xloop {

/// Instruction sets for which there is a generator of noise; all give the same bits.
enum class NoiseIsa { portable, aes, vaes };
bool available(NoiseIsa isa);
/// What this processor can run, the fastest last.
std::vector<NoiseIsa> available_noise_isas();

/// round(draw * factor / 2^15) * 2^shift, halves up; the draw itself where factor is 0.
struct NoiseScale {
    std::int16_t factor = 0;
    int shift = 0;
};

/// Which reads of an array it is that noise is for: those of one vector. The lower 20 bits of `vector` are 0.
struct NoiseAddress {
    std::uint64_t image = 0, vector = 0;
};

/// Normal noise as integers, addressed by (key; image, vector, digit, conversion): a pure function. A draw is 128 a + 127 b, a
/// and b of 128 equally likely quantiles of the normal distribution, which 7 of the lower and of the upper 8 bits of a 16-bit
/// random word choose. Both signs are equally likely; excess kurtosis 0.002; largest draw 4.0 sigma; beyond 3 sigma there is as
/// much as of the normal distribution, beyond 3.5 sigma four fifths; the distribution function is within 1.4e-3 of the normal one.
///
/// Draws come in panels of 32 conversions, which take 4 blocks of the generator: block b of panel p for digit t is that of the
/// counter (image, vector | t << 16 | 4 p + b). Of the panel's 32 words, conversion k takes word 2 k, k + 16 word 2 k + 1.
class NoiseDraws {
public:
    static constexpr int panel = 32;
    static constexpr double unit = 8102.459082741486;  ///< standard deviation of a draw that is not scaled
    static constexpr int largest = 127 * 255;          ///< such a draw at most

    /// `sigma`: standard deviation of the scaled noise, up to 2^28. It is rounded to quarters of 2^k, k as small as possible
    /// but sigma below 8102 * 2^k.
    NoiseDraws(ars::Block key, double sigma);

    /// For `vectors` vectors, each with vector_step added to the address of the one before it:
    /// values[(v * digits + t) * panel + conversion], t = 0 ... digits - 1.
    void scaled(const NoiseAddress& first, std::uint64_t vector_step, int vectors, int of_panel, int digits,
                std::int32_t* values) const;
    void unscaled(const NoiseAddress& address, int of_panel, int digits, std::int32_t* values) const;

    /// Adds scaled noise to the reads of one vector: values[t * stride + conversion].
    void add(const NoiseAddress& address, int digits, int conversions, std::ptrdiff_t stride,
             std::int32_t* values) const;
    /// Noise that differs in variance from value to value: adds round(z * sqrt(variance)), z an unscaled draw over `unit`, in
    /// single precision, halves to even. `variance`: squared units of the values, placed as they are.
    void add_of_variance(const NoiseAddress& address, int digits, int conversions, std::ptrdiff_t stride,
                         const float* variance, std::int32_t* values) const;

private:
    ars::Keys keys_;
    NoiseScale scale_;
};

/// What a generator is told: as NoiseDraws::scaled, with the number of the first block in the address.
struct NoiseJob {
    const ars::Keys* keys;
    NoiseAddress first;
    std::uint64_t vector_step;
    int vectors, digits;
    NoiseScale scale;
    std::int32_t* values;
};
void draw_noise(const NoiseJob& job, NoiseIsa isa);

}  // namespace xloop
