#include "dnn/crossbar/passes.hpp"
#include "dnn/crossbar/vectors.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <functional>

namespace xloop {
namespace {

/// Vectors of a batch that an ADC's range is measured on.
constexpr std::int64_t sampled_vectors = 256;

/// Reads the vectors of a batch on all arrays of a layer.
class Reader {
public:
    Reader(const ProgrammedLayer& layer, const Vectors& vectors, std::int64_t first_image)
        : layer_(layer), vectors_(vectors), first_image_(first_image),
          window_(static_cast<std::ptrdiff_t>(layer.shape().groups) * layer.shape().rows()) {}

    /// The integer sums of vectors first ... first + count - 1 of pass `pass`; `clipped` is that of the pass, or null.
    std::vector<std::int32_t> sums(const std::uint8_t* maps, int pass, std::int64_t first, int count,
                                   torch::Tensor* clipped) {
        const ConvShape& shape = layer_.shape();
        inputs_.resize(static_cast<std::size_t>(count * window_));
        for (int g = 0; g < shape.groups; ++g)
            vectors_.gather(maps, first, count, {g, 0, shape.rows()},
                            inputs_.data() + static_cast<std::ptrdiff_t>(g) * shape.rows(), window_);
        std::vector<std::int32_t> sums(static_cast<std::size_t>(count) * shape.out_channels, 0);
        // Arrays read one image at a time where noise is keyed by the image.
        for (int v = 0, run = count; v < count; v += run) {
            const int position = vectors_.position_of(first + v);
            if (layer_.noisy())
                run = std::min(count - v, vectors_.positions() - position);
            layer_.arrays().multiply(
                {first_image_ + vectors_.image_of(first + v), pass * vectors_.positions() + position}, run,
                inputs_.data() + v * window_, sums.data() + static_cast<std::ptrdiff_t>(v) * shape.out_channels,
                clipped ? &counts_ : nullptr);
            for (int b = 0; clipped && b < layer_.arrays().blocks(); ++b)
                keep_counts(b, first + v, run,
                            clipped[layer_.plane(layer_.arrays().block(b))].data_ptr<std::uint8_t>());
        }
        return sums;
    }

private:
    void keep_counts(int block_index, std::int64_t first, int count, std::uint8_t* plane) const {
        const MatrixBlock& block = layer_.arrays().block(block_index);
        const std::uint16_t* counts = counts_[static_cast<std::size_t>(block_index)].data();
        const int conversions = layer_.conversions_per_output(block.rows), steps = layer_.clip_steps();
        for (std::int64_t v = first; v < first + count; ++v)
            for (int o = 0; o < block.outs; ++o)
                plane[v * layer_.shape().out_channels + block.out_begin + o] =
                    static_cast<std::uint8_t>((*counts++ * steps + conversions - 1) / conversions);
    }

    const ProgrammedLayer& layer_;
    const Vectors& vectors_;
    std::int64_t first_image_;
    std::ptrdiff_t window_;  ///< values of one vector, all groups
    std::vector<std::uint8_t> inputs_;
    std::vector<std::vector<std::uint16_t>> counts_;  ///< by block
};

}  // namespace

torch::Tensor multiply_maps(const ProgrammedLayer& layer, const QuantisedMaps& maps, std::int64_t first_image,
                            int threads, ClipCounts* clipped) {
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
                torch::Tensor* counts = clipped ? clipped->data() + pass * static_cast<std::size_t>(planes) : nullptr;
                const auto sums = reader.sums(maps.passes[pass].data_ptr<std::uint8_t>(), static_cast<int>(pass), first,
                                              count, counts);
                if (pass == 0)
                    total = sums;
                else
                    std::transform(total.begin(), total.end(), sums.begin(), total.begin(), std::minus<>());
            }
            const std::int32_t* sum = total.data();
            for (std::int64_t v = first; v < first + count; ++v) {
                float* y = out + static_cast<std::ptrdiff_t>(vectors.image_of(v)) * outputs * positions +
                           vectors.position_of(v);
                for (int o = 0; o < outputs; ++o, y += positions)
                    *y = static_cast<float>(*sum++ * maps.scale * layer.scale(o));
            }
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
        const std::int64_t step = vectors.count() / sampled_vectors + 1;
        for (std::int64_t v = 0; v < vectors.count(); v += step)
            for (int b = 0; b < layer.arrays().blocks(); ++b) {
                const MatrixBlock& block = layer.arrays().block(b);
                std::vector<std::uint8_t> inputs(static_cast<std::size_t>(block.rows));
                vectors.gather(pass.data_ptr<std::uint8_t>(), v, 1, {block.group, block.row_begin, block.rows},
                               inputs.data(), block.rows);
                const std::vector<float> levels = layer.arrays().array(b).analog_levels(inputs.data(), block.rows, 1);
                sums.insert(sums.end(), levels.begin(), levels.end());
            }
    }
    return torch::tensor(sums);
}

}  // namespace xloop
