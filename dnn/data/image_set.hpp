#pragma once

#include "core/workload/network_spec.hpp"
#include "dnn/data/data_config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// Images with labels. Pixels are unsigned 8 bit, stored position by position: (y * width + x) * channels + c.
struct ImageSet {
    Shape shape;
    std::vector<std::uint8_t> pixels;
    std::vector<std::uint8_t> labels;

    int count() const { return static_cast<int>(labels.size()); }
    const std::uint8_t* image(int index) const {
        return pixels.data() + static_cast<std::size_t>(index) * static_cast<std::size_t>(shape.size());
    }
};

/// The first `limit` images of Fashion-MNIST (Xiao et al., arXiv 1708.07747) from four gzip idx files in `directory`.
/// Throws InputError, with how to get the files, when one is absent, truncated or not what it should be.
ImageSet load_fashion_mnist(const std::string& directory, bool train, int limit);

/// Uniform random pixels and labels in [0, 10), keyed by seed.
ImageSet random_images(const Shape& shape, int count, std::uint64_t seed);

/// The images that the configuration names. Throws InputError when their shape is not the network's.
ImageSet load_images(const DataConfig& data, const Shape& network_input, bool train, int limit, std::uint64_t seed);

}  // namespace xloop
