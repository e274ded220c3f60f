#include "systemc_model/chip/layer_arrays.hpp"

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/workload/digital.hpp"

#include <algorithm>
#include <utility>

namespace xloop {
namespace {

std::vector<MatrixBlock> blocks_of(const std::vector<LayerCopy>& copies) {
    std::vector<MatrixBlock> blocks;
    for (const LayerCopy& copy : copies)
        blocks.insert(blocks.end(), copy.blocks.begin(), copy.blocks.end());
    return blocks;
}

std::shared_ptr<const std::vector<std::int8_t>> held_weights(const LayerMatrix& whole) {
    if (!whole.held)
        return nullptr;
    std::vector<std::int8_t> weights(static_cast<std::size_t>(whole.groups) * whole.held->outs.size() *
                                     whole.held->rows.size());
    std::int8_t* values = weights.data();
    for (int g = 0; g < whole.groups; ++g)
        for (const int out : whole.held->outs) {
            whole.held->take(whole.weights + static_cast<std::ptrdiff_t>(g * whole.out_per_group + out) * whole.rows,
                             values);
            values += whole.held->rows.size();
        }
    return std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
}

LayerMatrix held_matrix(const LayerMatrix& whole, const std::vector<std::int8_t>* weights) {
    return weights ? LayerMatrix{weights->data(), whole.groups, static_cast<int>(whole.held->outs.size()),
                                 static_cast<int>(whole.held->rows.size()), whole.layer}
                   : whole;
}

}  // namespace

LayerArrays::LayerArrays(const LayerMatrix& matrix, const std::vector<LayerCopy>& copies,
                         const HardwareConfig& hardware, const DeviceModel& device, double adc_range_levels)
    : whole_(matrix), held_weights_(held_weights(whole_)), matrix_(held_matrix(whole_, held_weights_.get())),
      hardware_(hardware), device_(device), adc_range_levels_(adc_range_levels), blocks_(blocks_of(copies)),
      blocks_per_copy_(static_cast<int>(copies.front().blocks.size())), arrays_(blocks_.size()) {}

LayerArrays::LayerArrays(const LayerMatrix& matrix, const HardwareConfig& hardware, const DeviceModel& device,
                         double adc_range_levels)
    : whole_(matrix), matrix_(matrix), hardware_(hardware), device_(device), adc_range_levels_(adc_range_levels),
      blocks_(partition_layer(matrix.layer, matrix.groups, matrix.out_per_group, matrix.rows, hardware)),
      blocks_per_copy_(static_cast<int>(blocks_.size())), arrays_(blocks_.size()) {}

void LayerArrays::program(int array) {
    const MatrixBlock& part = blocks_[static_cast<std::size_t>(array)];
    if (is_digital())
        return;
    arrays_[static_cast<std::size_t>(array)].emplace(ArrayContents{weights_of(part), part.outs, part.rows, matrix_.rows,
                                                                   Polarity{part.polarity}, part.array_id, part.groups},
                                                     hardware_, device_, adc_range_levels_);
}

void LayerArrays::program_all(int threads) {
    parallel_for(arrays(), threads, [this](int a) { program(a); });
}

const std::uint8_t* LayerArrays::held_windows(const std::uint8_t* windows, int count) const {
    if (!whole_.held)
        return windows;
    thread_local std::vector<std::uint8_t> held;
    held.resize(static_cast<std::size_t>(count) * held_window());
    for (std::ptrdiff_t g = 0; g < std::ptrdiff_t{count} * matrix_.groups; ++g)
        whole_.held->take(windows + g * whole_.rows, held.data() + g * matrix_.rows);
    return held.data();
}

void LayerArrays::multiply(const ReadAddress& first, int count, const std::uint8_t* windows, std::int32_t* accumulators,
                           std::vector<std::vector<std::uint16_t>>* clipped) const {
    if (!whole_.held)
        return multiply_held(first, count, windows, accumulators, clipped);
    thread_local std::vector<std::int32_t> sums;
    sums.resize(static_cast<std::size_t>(count) * matrix_.outputs());
    multiply_held(first, count, held_windows(windows, count), sums.data(), clipped);
    std::fill_n(accumulators, static_cast<std::ptrdiff_t>(count) * whole_.outputs(), 0);
    for (std::ptrdiff_t v = 0; v < count; ++v)
        for (int out = 0; out < matrix_.outputs(); ++out)
            accumulators[v * whole_.outputs() + channel(out)] =
                sums[static_cast<std::size_t>(v * matrix_.outputs() + out)];
}

/// As multiply, of what is held.
void LayerArrays::multiply_held(const ReadAddress& first, int count, const std::uint8_t* windows,
                                std::int32_t* accumulators, std::vector<std::vector<std::uint16_t>>* clipped) const {
    if (clipped && copy_count() > 1 && count > 1)
        throw Error("clipped conversions of several copies are counted one position at a time");
    std::fill_n(accumulators, static_cast<std::ptrdiff_t>(count) * matrix_.outputs(), 0);
    if (clipped)
        clipped->resize(static_cast<std::size_t>(blocks()));
    const std::ptrdiff_t window = held_window();
    if (is_digital()) {
        for (int b = 0; b < blocks(); ++b)
            multiply_exactly(b,
                             {windows + static_cast<std::ptrdiff_t>(block(b).group) * matrix_.rows + block(b).row_begin,
                              window, count, first},
                             accumulators + block(b).out_begin, matrix_.outputs());
        return;
    }
    const int copies = copy_count();
    for (int c = 0; c < std::min(copies, count); ++c)
        multiply_copy((first.position + c) % copies,
                      {windows + c * window,
                       copies * window,
                       (count - c + copies - 1) / copies,
                       {first.image, first.position + c, first.step},
                       copies},
                      accumulators + static_cast<std::ptrdiff_t>(c) * matrix_.outputs(), clipped);
}

/// Every position_step-th vector and row of `accumulators`; `batch.inputs` are whole windows.
void LayerArrays::multiply_copy(int copy, const VectorBatch& batch, std::int32_t* accumulators,
                                std::vector<std::vector<std::uint16_t>>* clipped) const {
    thread_local std::vector<ProgrammedArray::Target> targets;
    targets.clear();
    for (int b = 0; b < blocks(); ++b) {
        targets.push_back({&array(copy, b), accumulators + block(b).out_begin});
        if (clipped) {
            std::vector<std::uint16_t>& counts = (*clipped)[static_cast<std::size_t>(b)];
            counts.resize(static_cast<std::size_t>(batch.count) * block(b).outs);
            targets.back().clipped = counts.data();
        }
        const bool last_of_its_rows =
            b + 1 == blocks() || block(b + 1).group != block(b).group || block(b + 1).row_begin != block(b).row_begin;
        if (!last_of_its_rows)
            continue;
        VectorBatch slice = batch;
        slice.inputs += static_cast<std::ptrdiff_t>(block(b).group) * matrix_.rows + block(b).row_begin;
        ProgrammedArray::multiply_together(targets, slice,
                                           static_cast<std::ptrdiff_t>(batch.position_step) * matrix_.outputs());
        targets.clear();
    }
}

void LayerArrays::multiply_exactly(int index, const VectorBatch& batch, std::int32_t* sums,
                                   std::ptrdiff_t sums_stride) const {
    const MatrixBlock& part = block(index);
    const int rows = part.rows_of_group(), outs = part.outs / part.groups;
    for (int v = 0; v < batch.count; ++v)
        for (int o = 0; o < part.outs; ++o)
            sums[v * sums_stride + o] +=
                exact_sum(batch.inputs + v * batch.stride + static_cast<std::ptrdiff_t>(o / outs) * rows,
                          weights_of(part) + static_cast<std::ptrdiff_t>(o) * matrix_.rows, rows);
}

std::vector<float> LayerArrays::effective_weights(int copy) const {
    if (is_digital())
        return {whole_.weights, whole_.weights + static_cast<std::ptrdiff_t>(whole_.outputs()) * whole_.rows};
    std::vector<float> effective(static_cast<std::size_t>(whole_.outputs()) * whole_.rows, 0.0f);
    for (int b = 0; b < blocks(); ++b) {
        const MatrixBlock& part = block(b);
        const std::vector<float>& own = array(copy, b).effective_weights();
        for (int o = 0; o < part.outs; ++o) {
            const float* of_output = &own[static_cast<std::size_t>(o) * part.rows + array(b).first_row(o)];
            float* sums = &effective[static_cast<std::size_t>(channel(part.out_begin + o)) * whole_.rows];
            for (int r = 0; r < part.rows_of_group(); ++r) {
                const int row = part.row_begin + r;
                sums[whole_.held ? whole_.held->rows[static_cast<std::size_t>(row)] : row] += of_output[r];
            }
        }
    }
    return effective;
}

}  // namespace xloop
