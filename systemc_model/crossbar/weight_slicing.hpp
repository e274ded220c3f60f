#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/device/device_model.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xloop {

/// Which part of the weights an array holds: all of them, or with `separate` mapping one sign only.
enum class Polarity : std::int8_t { both = 0, positive = 1, negative = -1 };

/// What an array is to hold: outputs x rows weights of numerics.weight_bits bits, row `o` at weights + o * stride; `id` keys
/// its devices, its converters and its noise. With `groups` groups on its diagonal an output has rows / groups weights, those of
/// its own group.
struct ArrayContents {
    const std::int8_t* weights;
    int outputs, rows;  ///< of all groups
    std::ptrdiff_t stride;
    Polarity polarity = Polarity::both;
    std::uint64_t id = 0;
    int groups = 1;
};

/// How the weights of an array with `outputs` output channels become cells. Conversion c = slice * outputs + output reads
/// the current of column plus(c), with differential and offset mapping less that of column minus(c).
///   differential: w = plus - minus, the magnitude in slices of one of the two columns, 0 in the other;
///   offset:       w + 2^(weight_bits - 1) in slices, of 1-bit weights (w + 1) / 2; column 0 is a reference of level-0 cells, minus of every conversion;
///   separate:     the magnitude of weights of the array's sign in slices, 0 for the others.
/// Conversion c reads the columns at place(c), unless it is moved to another.
/// The outputs may be those of several groups, each with as many outputs and rows as the others, on the array's diagonal: an
/// output then has weights in the rows of its own group only, and its cells in other rows are at level 0.
class WeightSlicing {
public:
    WeightSlicing(const HardwareConfig& hardware, int outputs, Polarity polarity, int groups = 1);

    int slices() const { return slices_; }
    int conversions() const { return outputs_ * slices_; }
    /// Weight units of one level step in the first slice: 2 where the levels 0 and 1 stand for the weights -1 and 1.
    int level_weight() const { return mapping_ == WeightMapping::offset && weight_bits_ == 1 ? 2 : 1; }
    /// What one input step adds to every output, in weight units, besides the weight (offset, 8 bits: 128).
    int offset() const { return mapping_ == WeightMapping::offset ? 1 << (weight_bits_ - 1) : 0; }
    /// Slice s counts 2^(slice_bits * s), in units of level_weight().
    int slice_bits() const { return slice_bits_; }
    int slice_weight(int conversion) const { return 1 << (slice_bits_ * (conversion / outputs_)); }
    /// Conversions in the order of their columns: all slices of an output side by side. ADCs serve neighbours in it.
    int place(int conversion) const { return conversion % outputs_ * slices_ + conversion / outputs_; }
    /// First column of a place: the only one, or the first of a pair (differential).
    int columns_of(int place) const;
    int plus_column(int conversion) const {
        return columns_of(places_.empty() ? place(conversion) : places_[static_cast<std::size_t>(conversion)]);
    }
    bool has_minus() const { return mapping_ != WeightMapping::separate; }
    int minus_column(int conversion) const {
        return mapping_ == WeightMapping::differential ? plus_column(conversion) + 1 : 0;
    }
    /// From now on the conversion reads the columns at another place.
    void move(int conversion, int to_place);

    /// Of an array of which `rows` rows are used: rows that hold weights of an output, and the first of them.
    int own_rows(int rows) const { return rows / groups_; }
    int first_row(int output, int rows) const { return output / (outputs_ / groups_) * own_rows(rows); }
    /// The offset in what a row adds to an output: 0 in rows of other groups.
    int offset(int output, int row, int rows) const {
        return row / own_rows(rows) == output / (outputs_ / groups_) ? offset() : 0;
    }

    /// Target levels of a whole array of which `rows` rows are used. `weights`: outputs x own_rows(rows) values of weight_bits
    /// bits, the row `o` at weights + o * stride. Cells that hold nothing are at level 0.
    LevelMatrix levels(const std::int8_t* weights, int rows, std::ptrdiff_t stride) const;

private:
    int stored(int weight) const;

    int array_rows_, array_cols_, slice_bits_, slices_, weight_bits_, outputs_, groups_;
    std::vector<int> places_;  ///< of conversions; empty: each at its own
    WeightMapping mapping_;
    Polarity polarity_;
};

}  // namespace xloop
