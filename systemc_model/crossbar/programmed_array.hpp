#pragma once

#include "core/random.hpp"
#include "systemc_model/crossbar/adc.hpp"
#include "systemc_model/crossbar/reads/noise_table.hpp"
#include "systemc_model/crossbar/weight_slicing.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace xloop {

/// Which rows carry a 1 during one read.
struct RowMask {
    std::array<std::uint64_t, 16> words{};  ///< bit r % 64 of word r / 64 is row r
    int ones = 0;
};

/// Bit `bit` of each of `rows` unsigned inputs.
RowMask bit_plane(const std::uint8_t* inputs, int rows, int bit);

/// The read that a noise sample belongs to. Both the untimed and the timed path know it without counting.
struct ReadKey {
    std::int64_t image = 0;
    int position = 0;  ///< output position of the layer
    int bit = 0;       ///< input bit, 0 = least significant
};

/// One array after programming: conductances fixed, wires solved, ready to be read. Immutable.
class ProgrammedArray {
public:
    /// `weights`: outputs x rows int8 values, row `o` at weights + o * stride; `id` keys the array's devices and noise.
    ProgrammedArray(const std::int8_t* weights, int outputs, int rows, std::ptrdiff_t stride,
                    const HardwareConfig& hardware, std::uint64_t id);

    int rows() const { return rows_; }
    int outputs() const { return outputs_; }
    int conversions() const { return outputs_ * slicing_.slices(); }

    /// One read: conversions() ADC codes.
    void convert(const RowMask& mask, const ReadKey& key, std::int32_t* codes) const;

    /// Adds the codes of one read, weighted by slice and input bit, to `partial_sums` (outputs() values).
    void shift_add(const std::int32_t* codes, const RowMask& mask, int bit, std::int32_t* partial_sums) const;

    /// All reads of one input vector (rows() unsigned 8-bit values): adds to `partial_sums`.
    void multiply(const std::uint8_t* inputs, std::int64_t image, int position, std::int32_t* partial_sums) const;

    /// The weights that the array realises, outputs x rows, in integer weight units, without the ADC.
    const std::vector<float>& effective_weights() const { return effective_; }

private:
    int rows_, outputs_, input_bits_, lsb_levels_, padded_ = 0;
    std::uint64_t id_;
    WeightSlicing slicing_;
    Adc adc_;
    std::shared_ptr<const NoiseTable> noise_table_;  ///< null: no noise
    KeyedRandom noise_;
    std::vector<std::int16_t> steps_;  ///< [row][conversion, padded]: fixed-point ADC steps per driven row
    std::vector<float> effective_;     ///< [output][row]
};

}  // namespace xloop
