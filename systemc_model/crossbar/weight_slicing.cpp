#include "systemc_model/crossbar/weight_slicing.hpp"

#include <algorithm>
#include <array>
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
    const bool differential = mapping_ == WeightMapping::differential;
    const int mask = (1 << slice_bits_) - 1;
    std::array<std::uint8_t, 256> level_of;  // by the weight's bits
    for (int c = 0; c < conversions(); ++c) {
        const int output = c % outputs_;
        if (output == 0)
            for (int weight = -128; weight < 128; ++weight)
                level_of[static_cast<std::uint8_t>(weight)] =
                    static_cast<std::uint8_t>((stored(weight) >> (slice_bits_ * (c / outputs_))) & mask);
        const int plus = plus_column(c), minus = differential ? minus_column(c) : plus;
        const int first = first_row(output, rows), own = own_rows(rows);
        const std::int8_t* const of_output = weights + output * stride;
        for (int r = 0; r < own; ++r)
            cells(first + r, of_output[r] < 0 ? minus : plus) = level_of[static_cast<std::uint8_t>(of_output[r])];
    }
    return cells;
}

}  // namespace xloop
