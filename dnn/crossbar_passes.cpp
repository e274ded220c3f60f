#include "dnn/crossbar_passes.hpp"

#include "core/parallel.hpp"
#include "dnn/crossbar_products.hpp"

#include <torch/torch.h>

#include <algorithm>

namespace xloop {
namespace {

/// Vectors worked on at a time, of one or more images.
constexpr int vectors_at_a_time = 64;
/// Outputs whose weight gradient one item of work computes.
constexpr int outputs_at_a_time = 64;
/// Vectors of a batch that an ADC's range is measured on.
constexpr std::int64_t sampled_vectors = 256;

/// All input vectors of a batch: vector v is the window of position v % positions of image v / positions.
class Vectors {
public:
    Vectors(const ConvShape& shape, const torch::Tensor& maps)
        : shape_(shape), windows_(shape, static_cast<int>(maps.size(1)), static_cast<int>(maps.size(2))),
          images_(static_cast<int>(maps.size(0))) {}

    const Windows& windows() const { return windows_; }
    int images() const { return images_; }
    int positions() const { return windows_.positions(); }
    std::int64_t count() const { return static_cast<std::int64_t>(images_) * positions(); }
    int image_of(std::int64_t vector) const { return static_cast<int>(vector / positions()); }
    int position_of(std::int64_t vector) const { return static_cast<int>(vector % positions()); }

    /// Vectors first ... first + count - 1, `part` of each; one after the other with distance `stride`.
    void gather(const std::uint8_t* maps, std::int64_t first, int count, const WindowRows& part, std::uint8_t* out,
                std::ptrdiff_t stride) const {
        for (int v = 0; v < count; ++v)
            windows_.gather(maps + image_of(first + v) * windows_.map_size(), position_of(first + v), part, out + v * stride);
    }

    /// Work for threads: whole images, enough for a few vectors. Calls work(first vector, end).
    template <class Work>
    void for_each_share(int threads, const Work& work) const {
        const int at_a_time = std::max(1, vectors_at_a_time / positions());
        parallel_for((images_ + at_a_time - 1) / at_a_time, threads, [&](int share) {
            const int first = share * at_a_time;
            work(static_cast<std::int64_t>(first) * positions(),
                 static_cast<std::int64_t>(std::min(images_, first + at_a_time)) * positions());
        });
    }

private:
    ConvShape shape_;
    Windows windows_;
    int images_;
};

/// Calls visit(first, count) for pieces of [first, end) of at most vectors_at_a_time.
template <class Visit>
void for_each_chunk(std::int64_t first, std::int64_t end, const Visit& visit) {
    for (; first < end; first += vectors_at_a_time)
        visit(first, static_cast<int>(std::min<std::int64_t>(vectors_at_a_time, end - first)));
}

/// Reads the vectors of a batch on all arrays of a layer.
class Reader {
public:
    Reader(const ProgrammedLayer& layer, const Vectors& vectors, std::int64_t first_image)
        : layer_(layer), vectors_(vectors), first_image_(first_image),
          window_(static_cast<std::size_t>(layer.shape().groups) * layer.shape().rows()) {}

    /// The integer sums of vectors first ... first + count - 1 of pass `pass`; `clipped` is that of the pass, or null.
    std::vector<std::int32_t> sums(const std::uint8_t* maps, int pass, std::int64_t first, int count, torch::Tensor* clipped) {
        const ConvShape& shape = layer_.shape();
        inputs_.resize(window_ * static_cast<std::size_t>(count));
        for (int g = 0; g < shape.groups; ++g)
            vectors_.gather(maps, first, count, {g, 0, shape.rows()},
                            inputs_.data() + static_cast<std::ptrdiff_t>(g) * shape.rows(), static_cast<std::ptrdiff_t>(window_));
        std::vector<std::int32_t> sums(static_cast<std::size_t>(count) * shape.out_channels, 0);
        for (int b = 0; b < layer_.arrays().blocks(); ++b) {
            const MatrixBlock& block = layer_.arrays().block(b);
            counts_.resize(clipped ? static_cast<std::size_t>(count) * block.outs : 0);
            // An array reads one image at a time, because its noise is keyed by the image.
            for (int v = 0, run = count; v < count; v += run) {
                if (layer_.noisy())
                    run = std::min(count - v, vectors_.positions() - vectors_.position_of(first + v));
                const std::uint8_t* inputs = inputs_.data() + window_ * static_cast<std::size_t>(v) +
                                             static_cast<std::ptrdiff_t>(block.group) * shape.rows() + block.row_begin;
                layer_.arrays().array(b).multiply(
                    {inputs, static_cast<std::ptrdiff_t>(window_), run, first_image_ + vectors_.image_of(first + v),
                     pass * vectors_.positions() + vectors_.position_of(first + v)},
                    sums.data() + static_cast<std::ptrdiff_t>(v) * shape.out_channels + block.out_begin, shape.out_channels,
                    clipped ? counts_.data() + static_cast<std::ptrdiff_t>(v) * block.outs : nullptr);
            }
            if (clipped)
                keep_counts(block, first, count, clipped[layer_.plane(block)].data_ptr<std::uint8_t>());
        }
        return sums;
    }

private:
    void keep_counts(const MatrixBlock& block, std::int64_t first, int count, std::uint8_t* plane) const {
        for (int v = 0; v < count; ++v)
            for (int o = 0; o < block.outs; ++o)
                plane[(first + v) * layer_.shape().out_channels + block.out_begin + o] =
                    static_cast<std::uint8_t>(counts_[static_cast<std::size_t>(v) * block.outs + o]);
    }

    const ProgrammedLayer& layer_;
    const Vectors& vectors_;
    std::int64_t first_image_;
    std::size_t window_;  ///< values of one vector, all groups
    std::vector<std::uint8_t> inputs_;
    std::vector<std::uint16_t> counts_;
};

/// d loss / d output with what the ADCs did to it: outputs count by the share of their conversions that were in range.
class MaskedGradient {
public:
    /// `gradient`: [N][outputs][height][width].
    MaskedGradient(const ProgrammedLayer& layer, const torch::Tensor& gradient, const ClipCounts& clipped)
        : outputs_(layer.shape().out_channels), planes_(layer.planes()), clipped_(clipped),
          by_vector_(gradient.permute({0, 2, 3, 1}).contiguous()),
          share_(1.0f / static_cast<float>(layer.conversions_per_output())) {}

    /// Vectors first ... first + count - 1 (rows) and `outs` outputs from `out_begin` (columns), as pass `pass` and plane
    /// `plane` count them. Valid until the next call with the same `scratch`.
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

private:
    std::ptrdiff_t outputs_;
    int planes_;
    const ClipCounts& clipped_;
    torch::Tensor by_vector_;
    float share_;
};

/// The layer's blocks with more outputs in each, so that inputs are gathered less often: their `outs` do not fit an array.
std::vector<MatrixBlock> wide_blocks(const ProgrammedLayer& layer) {
    const int outs = layer.shape().outputs_per_group();
    std::vector<MatrixBlock> wide;
    for (int b = 0; b < layer.arrays().blocks(); ++b) {
        MatrixBlock block = layer.arrays().block(b);
        if (block.out_begin % outs != 0)
            continue;
        const int end = block.out_begin + outs;
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

    /// Adds the entries of `block` to `sums`: output o, row r of the block at sums[o * shape.rows() + r].
    void add(const MatrixBlock& block, float* sums) const {
        const int rows = layer_.shape().rows();
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(vectors_at_a_time) * block.rows);
        std::vector<float> inputs(bytes.size()), scratch;
        for (std::size_t pass = 0; pass < maps_.passes.size(); ++pass) {
            const auto scale = static_cast<float>(pass == 0 ? maps_.scale : -maps_.scale);
            const std::uint8_t* maps = maps_.passes[pass].data_ptr<std::uint8_t>();
            for_each_chunk(0, vectors_.count(), [&](std::int64_t first, int count) {
                vectors_.gather(maps, first, count, {block.group, block.row_begin, block.rows}, bytes.data(), block.rows);
                std::transform(bytes.begin(), bytes.end(), inputs.begin(), [scale](std::uint8_t x) { return scale * x; });
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

torch::Tensor multiply_maps(const ProgrammedLayer& layer, const QuantisedMaps& maps, std::int64_t first_image, int threads,
                            ClipCounts* clipped) {
    const ConvShape& shape = layer.shape();
    const Vectors vectors(shape, maps.passes.front());
    const int outputs = shape.out_channels, positions = vectors.positions(), planes = layer.planes();
    const torch::Tensor product =
        torch::empty({vectors.images(), outputs, vectors.windows().out_height(), vectors.windows().out_width()});
    if (clipped) {
        clipped->clear();
        for (std::size_t i = 0; i < maps.passes.size() * static_cast<std::size_t>(planes); ++i)
            clipped->push_back(torch::empty({vectors.count(), outputs}, torch::kUInt8));
    }
    auto* out = product.data_ptr<float>();
    vectors.for_each_share(threads, [&](std::int64_t begin, std::int64_t end) {
        Reader reader(layer, vectors, first_image);
        for_each_chunk(begin, end, [&](std::int64_t first, int count) {
            std::vector<std::int32_t> total;
            for (std::size_t pass = 0; pass < maps.passes.size(); ++pass) {
                const auto sums = reader.sums(maps.passes[pass].data_ptr<std::uint8_t>(), static_cast<int>(pass), first,
                                              count, clipped ? clipped->data() + pass * static_cast<std::size_t>(planes) : nullptr);
                if (pass == 0)
                    total = sums;
                else
                    std::transform(total.begin(), total.end(), sums.begin(), total.begin(), std::minus<>());
            }
            for (int v = 0; v < count; ++v)
                for (int o = 0; o < outputs; ++o)
                    out[(static_cast<std::ptrdiff_t>(vectors.image_of(first + v)) * outputs + o) * positions +
                        vectors.position_of(first + v)] =
                        static_cast<float>(total[static_cast<std::size_t>(v) * outputs + o] * maps.scale * layer.scale(o));
        });
    });
    if (clipped)
        for (torch::Tensor& counts : *clipped)
            if (!counts.any().item<bool>())
                counts = torch::Tensor();
    return product;
}

torch::Tensor sums_before_adc(const ProgrammedLayer& layer, const QuantisedMaps& maps) {
    std::vector<float> sums;
    for (const torch::Tensor& pass : maps.passes) {
        const Vectors vectors(layer.shape(), pass);
        const std::int64_t step = std::max<std::int64_t>(1, vectors.count() / sampled_vectors);
        for (std::int64_t v = 0; v < vectors.count(); v += step)
            for (int b = 0; b < layer.arrays().blocks(); ++b) {
                const MatrixBlock& block = layer.arrays().block(b);
                std::vector<std::uint8_t> inputs(static_cast<std::size_t>(block.rows));
                vectors.gather(pass.data_ptr<std::uint8_t>(), v, 1, {block.group, block.row_begin, block.rows}, inputs.data(), block.rows);
                const std::vector<float> levels = layer.arrays().array(b).analog_levels(inputs.data(), block.rows, 1);
                sums.insert(sums.end(), levels.begin(), levels.end());
            }
    }
    return torch::tensor(sums);
}

std::vector<torch::Tensor> input_gradients(const ProgrammedLayer& layer, const torch::Tensor& gradient,
                                           const QuantisedMaps& maps, const ClipCounts& clipped, int threads) {
    const ConvShape& shape = layer.shape();
    const Vectors vectors(shape, maps.passes.front());
    const MaskedGradient masked(layer, gradient, clipped);
    const bool same = std::none_of(clipped.begin(), clipped.end(), [](const torch::Tensor& counts) { return counts.defined(); });
    std::vector<torch::Tensor> gradients;
    for (std::size_t pass = 0; pass < (same ? 1 : maps.passes.size()); ++pass)
        gradients.push_back(torch::zeros(maps.passes.front().sizes(), torch::kFloat32));
    const std::ptrdiff_t window = static_cast<std::ptrdiff_t>(shape.groups) * shape.rows();
    vectors.for_each_share(threads, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> windows, scratch;
        for (std::size_t pass = 0; pass < gradients.size(); ++pass) {
            auto* out = gradients[pass].data_ptr<float>();
            for_each_chunk(begin, end, [&](std::int64_t first, int count) {
                windows.assign(static_cast<std::size_t>(count) * window, 0.0f);
                for (int b = 0; b < layer.arrays().blocks(); ++b) {
                    const MatrixBlock& block = layer.arrays().block(b);
                    const MatrixView g = masked.view(static_cast<int>(pass), layer.plane(block), first, count,
                                                     block.out_begin, block.outs, scratch);
                    add_product(count, block.rows, block.outs, g, {layer.realised(b).data(), block.rows, 1},
                                windows.data() + static_cast<std::ptrdiff_t>(block.group) * shape.rows() + block.row_begin,
                                window);
                }
                for (int v = 0; v < count; ++v)
                    for (int group = 0; group < shape.groups; ++group)
                        vectors.windows().scatter(windows.data() + v * window + static_cast<std::ptrdiff_t>(group) * shape.rows(),
                                                  vectors.position_of(first + v), {group, 0, shape.rows()},
                                                  out + vectors.image_of(first + v) * vectors.windows().map_size());
            });
        }
    });
    return gradients;
}

torch::Tensor weight_gradient(const ProgrammedLayer& layer, const torch::Tensor& gradient, const QuantisedMaps& maps,
                              const ClipCounts& clipped, std::optional<CellPath> path, int threads) {
    const ConvShape& shape = layer.shape();
    const LayerArrays& arrays = layer.arrays();
    const int rows = shape.rows(), polarities = layer.polarities();
    // Seen through the arrays of each polarity: d loss / d effective weight, then d loss / d weight.
    const torch::Tensor through = torch::zeros({polarities, shape.out_channels, rows});
    const torch::Tensor back = torch::zeros_like(through);
    const auto in_block = [&](const torch::Tensor& sums, const MatrixBlock& block) {
        return sums.data_ptr<float>() + (block.polarity < 0 ? through.stride(0) : 0) +
               static_cast<std::ptrdiff_t>(block.out_begin) * rows + block.row_begin;
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
            (*cells)[static_cast<std::size_t>(b)].add(from, rows, to);
        else
            for (int o = 0; o < block.outs; ++o)
                for (int r = 0; r < block.rows; ++r)
                    to[o * rows + r] = from[o * rows + r] *
                                       polarity_share(layer.weight(block.out_begin + o, block.row_begin + r), block.polarity);
    });
    return weights_of_matrix(shape, back.sum(0));
}

torch::Tensor weights_of_matrix(const ConvShape& shape, const torch::Tensor& matrix) {
    return matrix.view({shape.out_channels, shape.kernel[0], shape.kernel[1], shape.channels_per_group()})
        .permute({0, 3, 1, 2})
        .contiguous();
}

}  // namespace xloop
