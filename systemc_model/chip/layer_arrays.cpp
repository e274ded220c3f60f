#include "systemc_model/chip/layer_arrays.hpp"

#include "core/parallel.hpp"

#include <algorithm>

namespace xloop {

LayerArrays::LayerArrays(const LayerMatrix& matrix, const HardwareConfig& hardware, const DeviceModel& device,
                         double adc_range_levels)
    : matrix_(matrix), hardware_(hardware), device_(device), adc_range_levels_(adc_range_levels),
      blocks_(partition_layer(matrix.layer, matrix.groups, matrix.out_per_group, matrix.rows, hardware)),
      arrays_(blocks_.size()) {}

void LayerArrays::program(int index) {
    const MatrixBlock& part = block(index);
    const std::int8_t* first = matrix_.weights + static_cast<std::ptrdiff_t>(part.out_begin) * matrix_.rows + part.row_begin;
    arrays_[static_cast<std::size_t>(index)].emplace(
        ArrayContents{first, part.outs, part.rows, matrix_.rows, Polarity{part.polarity}, part.array_id}, hardware_, device_,
        adc_range_levels_);
}

void LayerArrays::program_all(int threads) {
    parallel_for(blocks(), threads, [this](int b) { program(b); });
}

void LayerArrays::multiply(std::int64_t image, int first_position, int count, const std::uint8_t* windows,
                           std::int32_t* accumulators, std::vector<std::vector<std::uint16_t>>* clipped) const {
    std::fill_n(accumulators, static_cast<std::ptrdiff_t>(count) * matrix_.outputs(), 0);
    const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(matrix_.groups) * matrix_.rows;
    if (clipped)
        clipped->resize(blocks_.size());
    std::vector<ProgrammedArray::Target> targets;
    for (int b = 0; b < blocks(); ++b) {
        targets.push_back({&array(b), accumulators + block(b).out_begin});
        if (clipped) {
            std::vector<std::uint16_t>& counts = (*clipped)[static_cast<std::size_t>(b)];
            counts.resize(static_cast<std::size_t>(count) * block(b).outs);
            targets.back().clipped = counts.data();
        }
        const bool last_of_its_rows = b + 1 == blocks() || block(b + 1).group != block(b).group ||
                                      block(b + 1).row_begin != block(b).row_begin;
        if (!last_of_its_rows)
            continue;
        const std::uint8_t* inputs = windows + static_cast<std::ptrdiff_t>(block(b).group) * matrix_.rows + block(b).row_begin;
        ProgrammedArray::multiply_together(targets, {inputs, stride, count, image, first_position}, matrix_.outputs());
        targets.clear();
    }
}

std::vector<float> LayerArrays::effective_weights() const {
    std::vector<float> effective(static_cast<std::size_t>(matrix_.outputs()) * matrix_.rows, 0.0f);
    for (int b = 0; b < blocks(); ++b) {
        const MatrixBlock& part = block(b);
        const std::vector<float>& own = array(b).effective_weights();
        for (int o = 0; o < part.outs; ++o)
            for (int r = 0; r < part.rows; ++r)
                effective[static_cast<std::size_t>(part.out_begin + o) * matrix_.rows + part.row_begin + r] +=
                    own[static_cast<std::size_t>(o) * part.rows + r];
    }
    return effective;
}

}  // namespace xloop
