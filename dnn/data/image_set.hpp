#pragma once

#include "core/digest.hpp"
#include "core/workload/network_spec.hpp"
#include "dnn/data/data_config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// Images with labels, stored position by position: (y * width + x) * channels + c. A set holds pixels, unsigned 8 bit, or
/// samples, finite floats; the other list is empty.
struct ImageSet {
    Shape shape;
    std::vector<std::uint8_t> pixels;
    std::vector<float> samples;
    std::vector<int> labels;  ///< 0 ... 65535

    int count() const { return static_cast<int>(labels.size()); }
    /// Of a set of pixels.
    const std::uint8_t* image(int index) const {
        return pixels.data() + static_cast<std::size_t>(index) * static_cast<std::size_t>(shape.size());
    }
};

/// Adds images and labels; a label below 256 counts as one byte.
void add_to_digest(Digest& digest, const ImageSet& set);

/// Uniform random pixels and labels in [0, 10), keyed by seed.
ImageSet random_images(const Shape& shape, int count, std::uint64_t seed);

/// What is read of a set: its training files without or of those that validation keeps, or its test files.
enum class DataPart { training, validation, test };

/// The first `limit` images of what the configuration names, or `limit` of balanced classes (data.choose), in the order of
/// the files, resized and cropped; data.preprocessing and data.augmentation are left to network_input and
/// training_input. Colour pictures of a folder become grey where the network's input has one channel. Throws InputError:
/// with file, expectation and where people get the set, when a file is absent, damaged or too small; when the images'
/// shape is not the network's.
ImageSet load_data(const DataConfig& data, const Shape& network_input, DataPart part, int limit, std::uint64_t seed);

/// load_data for who computes with pixels / 255 as they are: throws InputError also for samples, and where data.mean,
/// deviation or input_bits would have no effect.
ImageSet load_images(const DataConfig& data, const Shape& network_input, DataPart part, int limit, std::uint64_t seed);

}  // namespace xloop
