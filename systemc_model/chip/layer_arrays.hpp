#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/crossbar/programmed_array.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace xloop {

/// The matrix of one layer: `groups` matrices of out_per_group x rows weights of numerics.weight_bits bits, [out][row], all outputs one after the
/// other. `layer` keys the arrays' devices.
struct LayerMatrix {
    const std::int8_t* weights;
    int groups, out_per_group, rows;
    int layer;
    const HeldMatrix* held = nullptr;  ///< what arrays hold of it; null: all

    int outputs() const { return groups * out_per_group; }
};

/// All arrays of one layer: partitioned, programmed one by one (in any order, by any thread), then multiplied with. The
/// layer may be there in several copies of different devices; output position p is computed by copy p % copy_count().
class LayerArrays {
public:
    /// `copies`: the blocks of each copy of a mapped layer. `adc_range_levels` as for ProgrammedArray. Nothing is programmed
    /// yet; `matrix.weights` must live until then, of digital units as long as this, as `matrix.held` must.
    LayerArrays(const LayerMatrix& matrix, const std::vector<LayerCopy>& copies, const HardwareConfig& hardware,
                const DeviceModel& device, double adc_range_levels);
    /// One copy of a layer that is not part of a mapping.
    LayerArrays(const LayerMatrix& matrix, const HardwareConfig& hardware, const DeviceModel& device,
                double adc_range_levels = 0.0);

    int copy_count() const { return static_cast<int>(arrays_.size()) / blocks(); }
    /// Blocks of one copy.
    int blocks() const { return blocks_per_copy_; }
    /// In every copy the same, but for the array_id, which is that of copy 0. Rows and outputs are those that are held.
    const MatrixBlock& block(int index) const { return blocks_[static_cast<std::size_t>(index)]; }
    /// Arrays of all copies: block b of copy r has number r * blocks() + b.
    int arrays() const { return static_cast<int>(arrays_.size()); }
    void program(int array);
    void program_all(int threads);
    /// Digital units have nothing to program and compute exact sums.
    bool is_digital() const { return hardware_.is_digital(); }
    /// Of analog tiles.
    const ProgrammedArray& array(int copy, int block) const {
        return *arrays_[static_cast<std::size_t>(copy * blocks() + block)];
    }
    /// Of copy 0.
    const ProgrammedArray& array(int block) const { return array(0, block); }

    /// `windows`: count x groups x rows unsigned values for the output positions from `first` on; `accumulators`:
    /// count x outputs, overwritten. `clipped`, if not null, receives for each block how many of the conversions behind
    /// each output left the ADC's range: count x outs, none of digital units; it needs a layer of one copy, or a count of 1. The result of a position does not
    /// depend on the batch. Throws Error for `clipped` of several copies together.
    void multiply(const ReadAddress& first, int count, const std::uint8_t* windows, std::int32_t* accumulators,
                  std::vector<std::vector<std::uint16_t>>* clipped = nullptr) const;

    /// Of `count` windows what the arrays read: groups x held rows values each. `windows` itself where all is held, else valid
    /// until the thread's next call.
    const std::uint8_t* held_windows(const std::uint8_t* windows, int count) const;
    /// Values of one of them.
    std::ptrdiff_t held_window() const { return static_cast<std::ptrdiff_t>(matrix_.groups) * matrix_.rows; }

    /// Adds the exact products of the rows of block `index`: vector v to sums[v * sums_stride + o].
    void multiply_exactly(int index, const VectorBatch& batch, std::int32_t* sums, std::ptrdiff_t sums_stride) const;

    /// outputs x rows: the sum of what all blocks of a copy realise (ProgrammedArray::effective_weights), without what leaks from
    /// one group to another.
    std::vector<float> effective_weights(int copy = 0) const;

private:
    const std::int8_t* weights_of(const MatrixBlock& part) const {
        return matrix_.weights + static_cast<std::ptrdiff_t>(part.out_begin) * matrix_.rows + part.row_begin;
    }
    void multiply_copy(int copy, const VectorBatch& batch, std::int32_t* accumulators,
                       std::vector<std::vector<std::uint16_t>>* clipped) const;

    void multiply_held(const ReadAddress& first, int count, const std::uint8_t* windows, std::int32_t* accumulators,
                       std::vector<std::vector<std::uint16_t>>* clipped) const;
    /// Channel of output `out` of those that are held.
    int channel(int out) const {
        return whole_.held ? out / matrix_.out_per_group * whole_.out_per_group +
                                 whole_.held->outs[static_cast<std::size_t>(out % matrix_.out_per_group)]
                           : out;
    }

    LayerMatrix whole_;
    std::shared_ptr<const std::vector<std::int8_t>> held_weights_;
    LayerMatrix matrix_;  ///< what is held
    const HardwareConfig& hardware_;
    const DeviceModel& device_;
    double adc_range_levels_;
    std::vector<MatrixBlock> blocks_;  ///< copy by copy
    int blocks_per_copy_;
    std::vector<std::optional<ProgrammedArray>> arrays_;
};

}  // namespace xloop
