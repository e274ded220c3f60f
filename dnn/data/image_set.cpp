#include "dnn/data/image_set.hpp"

#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/random.hpp"
#include "dnn/data/readers/stored_set.hpp"
#include "dnn/data/resize.hpp"
#include "dnn/data/subsets.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace xloop {
namespace {

void check_limit(int limit) {
    if (limit < 1)
        throw InputError("number of images is " + std::to_string(limit) + ", expected 1 or more");
}

/// Height and width that a key with one number, of both sides, or two asks for.
std::pair<int, int> sides(const std::vector<int>& values) { return {values.front(), values.back()}; }

void check_sides(const char* key, const std::vector<int>& values) {
    if (values.size() > 2)
        throw KeyError(key, fmt::format("{} numbers; expected one, or height and width", values.size()));
}

template <class T>
void fit(std::vector<T>& values, Shape& shape, const DataConfig& data) {
    if (values.empty())
        return;
    const Shape resized = resized_shape(shape, data.resize);
    if (resized != shape)
        values = resize(values, shape, resized.height, resized.width);
    shape = resized;
    if (data.crop.empty())
        return;
    const auto [height, width] = sides(data.crop);
    values = centre_crop(values, shape, height, width);
    shape = {shape.channels, height, width};
}

StoredImage fitted(StoredImage image, const DataConfig& data) {
    Shape shape = image.shape;
    fit(image.pixels, shape, data);
    fit(image.samples, shape, data);
    image.shape = shape;
    return image;
}

/// Numbers of the images of a part of a set, in order.
std::vector<int> choose(const StoredSet& stored, const DataConfig& data, DataPart part, int limit, std::uint64_t seed) {
    std::vector<int> images(stored.labels.size());
    std::iota(images.begin(), images.end(), 0);
    if (part != DataPart::test && data.validation_images > 0) {
        if (static_cast<std::size_t>(data.validation_images) > stored.labels.size())
            throw InputError(fmt::format("{}: holds {} items, but data.validation_images asks for {}", stored.file,
                                         images.size(), data.validation_images));
        auto [training, validation] = split_by_class(stored.labels, data.validation_images, seed);
        images = part == DataPart::validation ? std::move(validation) : std::move(training);
    } else if (part == DataPart::validation) {
        throw KeyError("data.validation_images", "is 0: no images are kept for validation");
    }
    if (images.size() < static_cast<std::size_t>(limit))
        throw InputError(fmt::format(
            "{}: holds {} items{}, but {} are asked for (data.train_images, data.test_images)", stored.file,
            images.size(), images.size() < stored.labels.size() ? " without those of other parts" : "", limit));
    if (data.choose == DataChoice::balanced) {
        std::vector<int> labels;
        for (const int image : images)
            labels.push_back(stored.labels[static_cast<std::size_t>(image)]);
        std::vector<int> chosen = balanced_subset(labels, limit, seed);
        for (int& image : chosen)
            image = images[static_cast<std::size_t>(image)];
        return chosen;
    }
    images.resize(static_cast<std::size_t>(limit));
    return images;
}

ImageSet fetch(const StoredSet& stored, const std::vector<int>& images, const DataConfig& data) {
    ImageSet set;
    for (const int number : images) {
        check_interrupt();
        const StoredImage image = fitted(stored.image(number), data);
        if (set.labels.empty()) {
            set.shape = image.shape;
            constexpr std::uint64_t most_bytes_of_set = std::uint64_t{1} << 34;
            const std::uint64_t values = images.size() * static_cast<std::uint64_t>(set.shape.size());
            if (values * (image.samples.empty() ? 1 : sizeof(float)) > most_bytes_of_set)
                throw InputError(
                    fmt::format("{}: {} images of shape {} take more than {} bytes; lower data.train_images, "
                                "data.test_images or data.resize",
                                stored.file, images.size(), set.shape.str(), most_bytes_of_set));
            (image.samples.empty() ? set.pixels.reserve(values) : set.samples.reserve(values));
        }
        if (image.shape != set.shape)
            throw InputError(
                fmt::format("{}: image {} has shape {}, the first one {}; set data.resize and data.crop to "
                            "give all one shape",
                            stored.file, number, image.shape.str(), set.shape.str()));
        const auto bad =
            std::find_if(image.samples.begin(), image.samples.end(), [](float v) { return !std::isfinite(v); });
        if (bad != image.samples.end())
            throw InputError(fmt::format("{}: value {} of image {} is {}, which is no number to compute with",
                                         stored.file, bad - image.samples.begin(), number, *bad));
        set.pixels.insert(set.pixels.end(), image.pixels.begin(), image.pixels.end());
        set.samples.insert(set.samples.end(), image.samples.begin(), image.samples.end());
        set.labels.push_back(stored.labels[static_cast<std::size_t>(number)]);
    }
    return set;
}

}  // namespace

void add_to_digest(Digest& digest, const ImageSet& set) {
    digest.add(set.pixels.data(), set.pixels.size());
    if (!set.samples.empty())
        digest.add(set.samples.data(), set.samples.size() * sizeof(float));
    for (const int label : set.labels)
        digest.add(&label, label < 256 ? 1 : sizeof label);
}

ImageSet random_images(const Shape& shape, int count, std::uint64_t seed) {
    check_limit(count);
    const KeyedRandom random(seed, RandomUse::random_images);
    const auto size = static_cast<std::size_t>(shape.size());
    ImageSet set;
    set.shape = shape;
    set.pixels.resize(static_cast<std::size_t>(count) * size);
    set.labels.resize(static_cast<std::size_t>(count));
    for (std::size_t n = 0; n < set.labels.size(); ++n) {
        // Address j = 0 gives the label, j = 1, 2, ... eight pixels each.
        set.labels[n] = static_cast<int>(random.below(10, n));
        std::uint64_t word = 0;
        for (std::size_t p = 0; p < size; ++p, word >>= 8) {
            if (p % 8 == 0)
                word = random.bits(n, 1 + p / 8);
            set.pixels[n * size + p] = static_cast<std::uint8_t>(word & 0xff);
        }
    }
    return set;
}

ImageSet load_data(const DataConfig& data, const Shape& network_input, DataPart part, int limit, std::uint64_t seed) {
    check_limit(limit);
    if (data.set == DataSet::random) {
        // Images of other parts must differ from training images: seeds of their own.
        const std::uint64_t own = KeyedRandom(seed, RandomUse::random_images).bits(0, part == DataPart::validation);
        return random_images(network_input, limit, part == DataPart::training ? seed : own);
    }
    check_sides("data.resize", data.resize);
    check_sides("data.crop", data.crop);
    const SetKind& kind = kind_of(data.set);
    ImageSet set;
    try {
        const StoredSet stored = kind.open({data, part != DataPart::test, network_input.channels});
        set = fetch(stored, choose(stored, data, part, limit, seed), data);
    } catch (const KeyError&) {
        throw;
    } catch (const InputError& error) {
        throw InputError(fmt::format("{}. For set {}, {}, the folder data.directory (now {}) must hold {}. Source: {}.",
                                     error.what(), name_of(data.set), kind.title, data.directory, kind.files,
                                     kind.source));
    }
    if (set.shape != network_input)
        throw InputError(
            fmt::format("data.set {} has images of shape {}, but the network's input is {}: change the "
                        "network's input, set data.resize or data.crop, or set data.set to random",
                        name_of(data.set), set.shape.str(), network_input.str()));
    check_preprocessing(data.preprocessing, set.shape);
    return set;
}

ImageSet load_images(const DataConfig& data, const Shape& network_input, DataPart part, int limit, std::uint64_t seed) {
    const auto refuse = [](const char* key) {
        throw KeyError(key, "this command computes with pixels / 255 as they are, so the key has no effect; remove it");
    };
    if (!data.preprocessing.mean.empty())
        refuse("data.mean");
    if (!data.preprocessing.deviation.empty())
        refuse("data.deviation");
    if (data.preprocessing.bits > 0)
        refuse("data.input_bits");
    ImageSet set = load_data(data, network_input, part, limit, seed);
    if (!set.samples.empty())
        throw InputError(
            fmt::format("data.set {}: this command computes with pixels of 8 bits, but {} holds samples of "
                        "float32",
                        name_of(data.set), data.directory));
    return set;
}

}  // namespace xloop
