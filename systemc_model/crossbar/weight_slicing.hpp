#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/device/reram.hpp"

#include <cstdint>

namespace xloop {

/// How a weight becomes cells. Conversion c = output * slices + slice reads the current of column plus(c) minus that of
/// column minus(c).
///   differential: w = plus - minus, the magnitude in slices of one of the two columns, 0 in the other;
///   offset:       w + 2^(weight_bits - 1) in slices; column 0 is a reference of g_off cells, minus of every conversion.
class WeightSlicing {
public:
    explicit WeightSlicing(const HardwareConfig& hardware);

    int slices() const { return slices_; }
    bool differential() const { return differential_; }
    /// What one input step adds to the converted value of every output, besides the weight (offset: 128).
    int offset() const { return offset_; }
    int plus_column(int conversion) const { return differential_ ? 2 * conversion : conversion + 1; }
    int minus_column(int conversion) const { return differential_ ? 2 * conversion + 1 : 0; }
    /// Slice s counts 2^(slice_bits * s).
    int slice_bits() const { return bits_per_cell_; }
    int slice_weight(int slice) const { return 1 << (bits_per_cell_ * slice); }

    /// Target levels of a whole array. `weights`: outputs x rows int8 values, the row `o` at weights + o * stride.
    /// Cells that hold nothing are at level 0.
    LevelMatrix levels(const std::int8_t* weights, int outputs, int rows, std::ptrdiff_t stride) const;

private:
    int array_rows_, array_cols_, bits_per_cell_, slices_, offset_;
    bool differential_;
};

}  // namespace xloop
