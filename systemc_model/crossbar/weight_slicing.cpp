#include "systemc_model/crossbar/weight_slicing.hpp"

#include <algorithm>
#include <cstdlib>

namespace xloop {

WeightSlicing::WeightSlicing(const HardwareConfig& hardware, int outputs, Polarity polarity, int groups)
    : array_rows_(hardware.crossbar.rows), array_cols_(hardware.crossbar.cols), slice_bits_(hardware.cell_bits()),
      slices_(hardware.slices()), weight_bits_(hardware.numerics.weight_bits), outputs_(outputs), groups_(groups),
      mapping_(hardware.crossbar.weights), polarity_(polarity) {}

int WeightSlicing::columns_of(int place) const {
    switch (mapping_) {
    case WeightMapping::differential: return 2 * place;
    case WeightMapping::offset: return place + 1;
    case WeightMapping::separate: break;
    }
    return place;
}

void WeightSlicing::move(int conversion, int to_place) {
    if (places_.empty())
        for (int c = 0; c < conversions(); ++c)
            places_.push_back(place(c));
    places_[static_cast<std::size_t>(conversion)] = to_place;
}

int WeightSlicing::stored(int weight) const {
    switch (mapping_) {
    case WeightMapping::differential: return std::abs(weight);
    case WeightMapping::offset: return (weight + offset()) / level_weight();
    case WeightMapping::separate: break;
    }
    return std::max(0, weight * static_cast<int>(polarity_));
}

LevelMatrix WeightSlicing::levels(const std::int8_t* weights, int rows, std::ptrdiff_t stride) const {
    LevelMatrix cells = LevelMatrix::Zero(array_rows_, array_cols_);
    const int mask = (1 << slice_bits_) - 1;
    for (int c = 0; c < conversions(); ++c) {
        const int shift = slice_bits_ * (c / outputs_);
        const int first = first_row(c % outputs_, rows);
        for (int r = first; r < first + own_rows(rows); ++r) {
            const int weight = weights[c % outputs_ * stride + r - first];
            const int column = mapping_ == WeightMapping::differential && weight < 0 ? minus_column(c) : plus_column(c);
            cells(r, column) = static_cast<std::uint8_t>((stored(weight) >> shift) & mask);
        }
    }
    return cells;
}

}  // namespace xloop
