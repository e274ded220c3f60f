#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/crossbar/programmed_array.hpp"
#include "systemc_model/mapping/partition.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace xloop {

/// The matrix of one layer: `groups` matrices of out_per_group x rows int8 weights, [out][row], all outputs one after the
/// other. `layer` keys the arrays' devices.
struct LayerMatrix {
    const std::int8_t* weights;
    int groups, out_per_group, rows;
    int layer;

    int outputs() const { return groups * out_per_group; }
};

/// All arrays of one layer: partitioned, programmed one by one (in any order, by any thread), then multiplied with.
class LayerArrays {
public:
    /// `adc_range_levels` as for ProgrammedArray. Nothing is programmed yet; `matrix.weights` must live until then.
    LayerArrays(const LayerMatrix& matrix, const HardwareConfig& hardware, const DeviceModel& device,
                double adc_range_levels = 0.0);

    int blocks() const { return static_cast<int>(blocks_.size()); }
    const MatrixBlock& block(int index) const { return blocks_[static_cast<std::size_t>(index)]; }
    void program(int block);
    void program_all(int threads);
    const ProgrammedArray& array(int block) const { return *arrays_[static_cast<std::size_t>(block)]; }

    /// `windows`: count x groups x rows unsigned values for output positions first_position ...; `accumulators`:
    /// count x outputs, overwritten. `clipped`, if not null, receives for each block how many of the conversions behind
    /// each output left the ADC's range: count x outs.
    void multiply(std::int64_t image, int first_position, int count, const std::uint8_t* windows,
                  std::int32_t* accumulators, std::vector<std::vector<std::uint16_t>>* clipped = nullptr) const;

    /// outputs x rows: the sum of what all blocks realise (ProgrammedArray::effective_weights).
    std::vector<float> effective_weights() const;

private:
    LayerMatrix matrix_;
    const HardwareConfig& hardware_;
    const DeviceModel& device_;
    double adc_range_levels_;
    std::vector<MatrixBlock> blocks_;
    std::vector<std::optional<ProgrammedArray>> arrays_;
};

}  // namespace xloop
