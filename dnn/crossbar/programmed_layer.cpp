#include "dnn/crossbar/programmed_layer.hpp"

#include "core/parallel.hpp"

#include <optional>
#include <utility>

namespace xloop {

ProgrammedLayer::ProgrammedLayer(std::shared_ptr<const CrossbarChip> chip, const ConvShape& shape, IntegerMatrix matrix,
                                 int layer, double adc_range_levels, int threads)
    : chip_(std::move(chip)), shape_(shape), matrix_(std::move(matrix)),
      arrays_({matrix_.weights.data(), shape.groups, shape.outputs_per_group(), shape.rows(), layer}, chip_->hardware,
              chip_->device, adc_range_levels),
      row_parts_((shape.rows() + chip_->hardware.crossbar.rows - 1) / chip_->hardware.crossbar.rows),
      polarities_(chip_->hardware.separate() ? 2 : 1), realised_(static_cast<std::size_t>(arrays_.blocks())) {
    for (int b = 0; b < arrays_.blocks(); ++b)
        spanned_rows_ = std::max(spanned_rows_, arrays_.block(b).row_begin + arrays_.block(b).rows);
    parallel_for(arrays_.blocks(), threads, [this](int b) {
        arrays_.program(b);
        const MatrixBlock& block = arrays_.block(b);
        std::vector<float>& realised = realised_[static_cast<std::size_t>(b)];
        realised = arrays_.array(b).effective_weights();
        for (std::size_t i = 0; i < realised.size(); ++i) {
            const int output = block.out_begin + static_cast<int>(i) / block.rows;
            realised[i] = static_cast<float>(realised[i] * scale(output));
        }
    });
}

bool ProgrammedLayer::noisy() const {
    return chip_->hardware.adc.noise_sigma_lsb > 0.0 || chip_->device.read_noise_sigma() > 0.0;
}

int ProgrammedLayer::plane(const MatrixBlock& block) const {
    return block.row_begin / chip_->hardware.crossbar.rows * polarities_ + (block.polarity < 0 ? 1 : 0);
}

const std::vector<CellGradient>& ProgrammedLayer::cells(CellPath path, int threads) const {
    std::call_once(cells_known_, [&] {
        std::vector<std::optional<CellGradient>> cells(static_cast<std::size_t>(arrays_.blocks()));
        parallel_for(arrays_.blocks(), threads, [&](int b) {
            const MatrixBlock& block = arrays_.block(b);
            const std::int8_t* first =
                matrix_.weights.data() + static_cast<std::ptrdiff_t>(block.out_begin) * shape_.rows() + block.row_begin;
            const ArrayContents contents{
                first, block.outs, block.rows, shape_.rows(), Polarity{block.polarity}, block.array_id, block.groups};
            cells[static_cast<std::size_t>(b)].emplace(contents, arrays_.array(b), chip_->hardware, chip_->device,
                                                       path);
        });
        for (std::optional<CellGradient>& one : cells)
            cells_.push_back(std::move(*one));
    });
    return cells_;
}

}  // namespace xloop
