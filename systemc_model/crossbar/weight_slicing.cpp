#include "systemc_model/crossbar/weight_slicing.hpp"

#include <cstdlib>

namespace xloop {

WeightSlicing::WeightSlicing(const HardwareConfig& hardware)
    : array_rows_(hardware.crossbar.rows), array_cols_(hardware.crossbar.cols),
      bits_per_cell_(hardware.device.bits_per_cell), slices_(hardware.slices()),
      offset_(hardware.differential() ? 0 : 1 << (hardware.numerics.weight_bits - 1)),
      differential_(hardware.differential()) {}

LevelMatrix WeightSlicing::levels(const std::int8_t* weights, int outputs, int rows, std::ptrdiff_t stride) const {
    LevelMatrix cells = LevelMatrix::Zero(array_rows_, array_cols_);
    const int mask = (1 << bits_per_cell_) - 1;
    for (int o = 0; o < outputs; ++o)
        for (int r = 0; r < rows; ++r) {
            const int weight = weights[o * stride + r];
            const int stored = differential_ ? std::abs(weight) : weight + offset_;
            for (int s = 0; s < slices_; ++s) {
                const int conversion = o * slices_ + s;
                const int column = weight < 0 && differential_ ? minus_column(conversion) : plus_column(conversion);
                cells(r, column) = static_cast<std::uint8_t>((stored >> (bits_per_cell_ * s)) & mask);
            }
        }
    return cells;
}

}  // namespace xloop
