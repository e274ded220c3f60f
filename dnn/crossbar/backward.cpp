#include "core/parallel.hpp"
#include "dnn/crossbar/passes.hpp"
#include "dnn/crossbar/products.hpp"
#include "dnn/crossbar/vectors.hpp"

#include <torch/torch.h>

#include <algorithm>

namespace xloop {
namespace {

/// Outputs whose weight gradient one item of work computes.
constexpr int outputs_at_a_time = 64;

/// d loss / d output with what the ADCs did to it: outputs count by the share of their conversions that were in range.
class MaskedGradient {
public:
    /// `gradient`: [N][outputs][height][width].
    MaskedGradient(const ProgrammedLayer& layer, const torch::Tensor& gradient, const ClipCounts& clipped)
        : outputs_(layer.shape().out_channels), planes_(layer.planes()), clipped_(clipped),
          by_vector_(gradient.permute({0, 2, 3, 1}).contiguous()),
          share_(1.0f / static_cast<float>(layer.clip_steps())) {}

    /// Vectors first ... first + count - 1 (rows) and `outs` outputs from `out_begin` (columns), as a pass and plane count
    /// them. Valid until the next call with the same `scratch`.
    MatrixView view(int pass, int plane, std::int64_t first, int count, int out_begin, int outs,
                    std::vector<float>& scratch) const {
        const float* all = by_vector_.data_ptr<float>() + first * outputs_ + out_begin;
        const torch::Tensor& counts = clipped_[static_cast<std::size_t>(pass * planes_ + plane)];
        if (!counts.defined())
            return {all, outputs_, 1};
        const std::uint8_t* clipped = counts.data_ptr<std::uint8_t>() + first * outputs_ + out_begin;
        scratch.resize(static_cast<std::size_t>(count) * outs);
        for (int v = 0; v < count; ++v)
            for (int o = 0; o < outs; ++o)
                scratch[static_cast<std::size_t>(v) * outs + o] =
                    all[v * outputs_ + o] * (1.0f - share_ * static_cast<float>(clipped[v * outputs_ + o]));
        return {scratch.data(), outs, 1};
    }

    bool clipped() const {
        return std::any_of(clipped_.begin(), clipped_.end(),
                           [](const torch::Tensor& counts) { return counts.defined(); });
    }

private:
    std::ptrdiff_t outputs_;
    int planes_;
    const ClipCounts& clipped_;
    torch::Tensor by_vector_;
    float share_;
};

/// Adds what the outputs of some vectors say about the maps.
class InputSums {
public:
    InputSums(const ProgrammedLayer& layer, const MaskedGradient& gradient, const Vectors& vectors)
        : layer_(layer), gradient_(gradient), vectors_(vectors), rows_(layer.shape().rows()),
          window_(static_cast<std::ptrdiff_t>(layer.shape().groups) * rows_) {}

    void add(int pass, std::int64_t first, int count, float* maps) {
        multiply(pass, first, count);
        for (int v = 0; v < count; ++v)
            for (int g = 0; g < layer_.shape().groups; ++g)
                vectors_.windows().scatter(&windows_[static_cast<std::size_t>(v * window_ + g * rows_)],
                                           vectors_.position_of(first + v), {g, 0, static_cast<int>(rows_)},
                                           maps + vectors_.map_of(first + v));
    }

private:
    void multiply(int pass, std::int64_t first, int count) {
        windows_.assign(static_cast<std::size_t>(count * window_), 0.0f);
        for (int b = 0; b < layer_.arrays().blocks(); ++b) {
            const MatrixBlock& block = layer_.arrays().block(b);
            const MatrixView g =
                gradient_.view(pass, layer_.plane(block), first, count, block.out_begin, block.outs, scratch_);
            add_product(count, block.rows, block.outs, g, {layer_.realised(b).data(), block.rows, 1},
                        &windows_[static_cast<std::size_t>(block.group * rows_ + block.row_begin)], window_);
        }
    }

    const ProgrammedLayer& layer_;
    const MaskedGradient& gradient_;
    const Vectors& vectors_;
    std::ptrdiff_t rows_, window_;
    std::vector<float> windows_, scratch_;
};

/// The layer's blocks with more outputs in each than an array holds, so that inputs are gathered less often.
std::vector<MatrixBlock> wide_blocks(const ProgrammedLayer& layer) {
    const int outs = layer.shape().outputs_per_group();
    std::vector<MatrixBlock> wide;
    for (int b = 0; b < layer.arrays().blocks(); ++b) {
        MatrixBlock block = layer.arrays().block(b);
        if (block.out_begin % outs != 0)
            continue;
        const int end = block.out_begin + block.groups * outs;
        for (; block.out_begin < end; block.out_begin += outputs_at_a_time) {
            block.outs = std::min(outputs_at_a_time, end - block.out_begin);
            wide.push_back(block);
        }
    }
    return wide;
}

/// Sums over all vectors of gradient x input: d loss / d effective weight.
class WeightSums {
public:
    WeightSums(const ProgrammedLayer& layer, const MaskedGradient& gradient, const QuantisedMaps& maps)
        : layer_(layer), gradient_(gradient), maps_(maps), vectors_(layer.shape(), maps.passes.front()) {}

    /// Adds the entries of `block` to `sums`: output o, row r of the block at sums[o * layer.spanned_rows() + r].
    void add(const MatrixBlock& block, float* sums) const {
        const int rows = layer_.spanned_rows();
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(vectors_at_a_time) * block.rows);
        std::vector<float> inputs(bytes.size()), scratch;
        for (std::size_t pass = 0; pass < maps_.passes.size(); ++pass) {
            const auto scale = static_cast<float>(pass == 0 ? maps_.scale : -maps_.scale);
            const std::uint8_t* maps = maps_.passes[pass].data_ptr<std::uint8_t>();
            for_each_chunk(0, vectors_.count(), [&](std::int64_t first, int count) {
                vectors_.gather(maps, first, count, {block.group, block.row_begin, block.rows}, bytes.data(),
                                block.rows);
                std::transform(bytes.begin(), bytes.end(), inputs.begin(), [scale](auto x) { return scale * x; });
                const MatrixView g = gradient_.view(static_cast<int>(pass), layer_.plane(block), first, count,
                                                    block.out_begin, block.outs, scratch);
                add_product(block.outs, block.rows, count, {g.data, g.col, g.row}, {inputs.data(), block.rows, 1}, sums,
                            rows);
            });
        }
    }

private:
    const ProgrammedLayer& layer_;
    const MaskedGradient& gradient_;
    const QuantisedMaps& maps_;
    Vectors vectors_;
};

}  // namespace

std::vector<torch::Tensor> input_gradients(const ProgrammedLayer& layer, const torch::Tensor& gradient,
                                           const QuantisedMaps& maps, const ClipCounts& clipped, int threads) {
    const Vectors vectors(layer.shape(), maps.passes.front());
    const MaskedGradient masked(layer, gradient, clipped);
    std::vector<torch::Tensor> gradients;
    for (std::size_t pass = 0; pass < (masked.clipped() ? maps.passes.size() : 1); ++pass)
        gradients.push_back(torch::zeros(maps.passes.front().sizes(), torch::kFloat32));
    vectors.for_each_share(threads, [&](std::int64_t begin, std::int64_t end) {
        InputSums sums(layer, masked, vectors);
        for (std::size_t pass = 0; pass < gradients.size(); ++pass)
            for_each_chunk(begin, end, [&](std::int64_t first, int count) {
                sums.add(static_cast<int>(pass), first, count, gradients[pass].data_ptr<float>());
            });
    });
    return gradients;
}

torch::Tensor weight_gradient(const ProgrammedLayer& layer, const torch::Tensor& gradient, const QuantisedMaps& maps,
                              const ClipCounts& clipped, std::optional<CellPath> path, int threads) {
    const ConvShape& shape = layer.shape();
    const LayerArrays& arrays = layer.arrays();
    const int rows = shape.rows(), polarities = layer.polarities();
    // Seen through the arrays of each polarity: d loss / d effective weight, with what leaks between the groups of an array, then
    // d loss / d weight.
    const torch::Tensor through = torch::zeros({polarities, shape.out_channels, layer.spanned_rows()});
    const torch::Tensor back = torch::zeros({polarities, shape.out_channels, rows});
    const auto in_block = [](const torch::Tensor& sums, const MatrixBlock& block) {
        return sums.data_ptr<float>() + (block.polarity < 0 ? sums.stride(0) : 0) +
               static_cast<std::ptrdiff_t>(block.out_begin) * sums.stride(1) + block.row_begin;
    };

    const MaskedGradient masked(layer, gradient, clipped);
    const WeightSums weight_sums(layer, masked, maps);
    const std::vector<MatrixBlock> parts = wide_blocks(layer);
    parallel_for(static_cast<int>(parts.size()), threads, [&](int p) {
        const MatrixBlock& part = parts[static_cast<std::size_t>(p)];
        weight_sums.add(part, in_block(through, part));
    });

    const std::vector<CellGradient>* cells = path ? &layer.cells(*path, threads) : nullptr;
    parallel_for(arrays.blocks(), threads, [&](int b) {
        const MatrixBlock& block = arrays.block(b);
        const float* from = in_block(through, block);
        float* to = in_block(back, block);
        if (cells)
            (*cells)[static_cast<std::size_t>(b)].add(from, through.stride(1), to, rows);
        else
            for (int o = 0; o < block.outs; ++o)
                for (int r = 0; r < block.rows_of_group(); ++r) {
                    const int weight = layer.weight(block.out_begin + o, block.row_begin + r);
                    to[o * rows + r] = polarity_share(weight, block.polarity) *
                                       from[o * through.stride(1) + arrays.array(b).first_row(o) + r];
                }
    });
    return weights_of_matrix(shape, back.sum(0));
}

torch::Tensor weights_of_matrix(const ConvShape& shape, const torch::Tensor& matrix) {
    return matrix.view({shape.out_channels, shape.window.y.kernel, shape.window.x.kernel, shape.channels_per_group()})
        .permute({0, 3, 1, 2})
        .contiguous();
}

}  // namespace xloop
