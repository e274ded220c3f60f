#pragma once

#include "dnn/crossbar/cells.hpp"
#include "dnn/crossbar/windows.hpp"
#include "dnn/quantise.hpp"
#include "systemc_model/chip/layer_arrays.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace xloop {

/// What the arrays of a layer are made of.
struct CrossbarChip {
    explicit CrossbarChip(HardwareConfig config) : hardware(std::move(config)), device(hardware) {}

    HardwareConfig hardware;
    DeviceModel device;
};

/// The arrays of a layer as they were programmed, and what its gradients need of them. Immutable: a backward pass meets
/// the arrays of its forward pass, whatever has been programmed since.
class ProgrammedLayer {
public:
    ProgrammedLayer(std::shared_ptr<const CrossbarChip> chip, const ConvShape& shape, IntegerMatrix matrix, int layer,
                    double adc_range_levels, int threads);

    const ConvShape& shape() const { return shape_; }
    const LayerArrays& arrays() const { return arrays_; }
    double scale(int output) const { return matrix_.scales[static_cast<std::size_t>(output)]; }
    std::int8_t weight(int output, int row) const {
        return matrix_.weights[static_cast<std::size_t>(output) * shape_.rows() + row];
    }
    /// Whether a result depends on the read's image and position.
    bool noisy() const;

    /// Blocks of the same rows of every group and the same polarity cover each output once: a plane.
    int planes() const { return row_parts_ * polarities_; }
    int plane(const MatrixBlock& block) const;
    /// Rows of a matrix of all that the arrays of an output have rows for: row_begin + rows of its last block.
    int spanned_rows() const { return spanned_rows_; }
    /// 2 with separate mapping, where arrays hold positive or negative weights, else 1.
    int polarities() const { return polarities_; }
    /// Conversions behind one output of a block of `rows` rows, for one vector.
    int conversions_per_output(int rows) const { return chip_->hardware.reads(rows) * chip_->hardware.slices(); }
    /// Steps that ClipCounts tell the share of these in: one for each conversion, where a byte counts them.
    int clip_steps() const { return std::min(255, conversions_per_output(chip_->hardware.crossbar.rows)); }

    /// What block `index` realises, in real weights: outs x rows.
    const std::vector<float>& realised(int index) const { return realised_[static_cast<std::size_t>(index)]; }
    /// By block; computed when first asked for, for one path only.
    const std::vector<CellGradient>& cells(CellPath path, int threads) const;

private:
    std::shared_ptr<const CrossbarChip> chip_;
    ConvShape shape_;
    IntegerMatrix matrix_;
    LayerArrays arrays_;
    int row_parts_, polarities_, spanned_rows_ = 0;
    std::vector<std::vector<float>> realised_;
    mutable std::once_flag cells_known_;
    mutable std::vector<CellGradient> cells_;
};

}  // namespace xloop
