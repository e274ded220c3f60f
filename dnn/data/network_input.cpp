#include "dnn/data/network_input.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <vector>

namespace xloop {
namespace {

/// Where an image is read: position (y, x) of the input is (y + down, x + right) of the image, mirrored first.
struct Placing {
    int down = 0, right = 0;
    bool mirrored = false;
};

/// What becomes of the values of one channel.
class ValueRule {
public:
    ValueRule(const Preprocessing& how, int channel)
        : steps_(how.bits > 0 ? static_cast<float>((1 << how.bits) - 1) : 0.0f), low_(static_cast<float>(how.range[0])),
          width_(static_cast<float>(how.range[1] - how.range[0])), mean_(of_channel(how.mean, channel, 0)),
          deviation_(of_channel(how.deviation, channel, 1)) {}

    float operator()(float value) const {
        if (steps_ > 0)
            value = low_ + width_ * (std::round(std::clamp((value - low_) / width_, 0.0f, 1.0f) * steps_) / steps_);
        return (value - mean_) / deviation_;
    }

private:
    static float of_channel(const std::vector<double>& values, int channel, double none) {
        if (values.empty())
            return static_cast<float>(none);
        return static_cast<float>(values[values.size() == 1 ? 0 : static_cast<std::size_t>(channel)]);
    }

    float steps_, low_, width_, mean_, deviation_;
};

/// One channel of one image. `from` points to the channel's first value; `outside` is what zeros around the image become.
template <class T, class Rule>
void fill_channel(const T* from, const Shape& shape, const Placing& placing, const Rule& rule, float outside,
                  float* out) {
    for (int y = 0; y < shape.height; ++y)
        for (int x = 0; x < shape.width; ++x) {
            const int row = y + placing.down, seen = x + placing.right;
            const bool inside = row >= 0 && row < shape.height && seen >= 0 && seen < shape.width;
            const int column = placing.mirrored ? shape.width - 1 - seen : seen;
            *out++ = inside ? rule(from[(static_cast<std::ptrdiff_t>(row) * shape.width + column) * shape.channels])
                            : outside;
        }
}

class Filler {
public:
    Filler(const ImageSet& set, const Preprocessing& how) : set_(set) {
        check_preprocessing(how, set.shape);
        for (int c = 0; c < set.shape.channels; ++c) {
            rules_.emplace_back(how, c);
            if (!set.samples.empty())
                continue;
            for (int pixel = 0; pixel < 256; ++pixel)
                of_pixel_.push_back(rules_.back()(static_cast<float>(pixel) / 255.0f));
        }
    }

    void fill(int image, const Placing& placing, float* out) const {
        const Shape& shape = set_.shape;
        const std::size_t at = static_cast<std::size_t>(image) * static_cast<std::size_t>(shape.size());
        for (std::size_t c = 0; c < rules_.size(); ++c, out += shape.positions()) {
            const float outside = rules_[c](0.0f);
            if (!set_.samples.empty()) {
                fill_channel(set_.samples.data() + at + c, shape, placing, rules_[c], outside, out);
            } else {
                const float* table = of_pixel_.data() + 256 * c;
                const auto look_up = [table](std::uint8_t pixel) { return table[pixel]; };
                fill_channel(set_.pixels.data() + at + c, shape, placing, look_up, outside, out);
            }
        }
    }

private:
    const ImageSet& set_;
    std::vector<ValueRule> rules_;
    std::vector<float> of_pixel_;  ///< of channel c at 256 c
};

void demand_image(const ImageSet& set, int image) {
    if (image < 0 || image >= set.count())
        throw Error(fmt::format("image {} of a set of {}", image, set.count()));
}

}  // namespace

void network_input(const ImageSet& set, int first, int count, const Preprocessing& how, float* out) {
    const Filler filler(set, how);
    for (int image = first; image < first + count; ++image, out += set.shape.size()) {
        demand_image(set, image);
        filler.fill(image, {}, out);
    }
}

void training_input(const ImageSet& set, const int* images, int count, const Preprocessing& how,
                    const Augmentation& augmentation, std::uint64_t seed, std::uint64_t epoch, float* out) {
    const Filler filler(set, how);
    const KeyedRandom random(seed, RandomUse::image_augmentation);
    const auto moved = [&](std::uint32_t word) {  // uniform to one part in 2^32 / (2 shift + 1)
        const auto places = static_cast<std::uint64_t>(2 * augmentation.shift + 1);
        return static_cast<int>(word * places >> 32) - augmentation.shift;
    };
    for (int i = 0; i < count; ++i, out += set.shape.size()) {
        demand_image(set, images[i]);
        const auto words = random.block(static_cast<std::uint64_t>(images[i]), epoch);
        filler.fill(images[i], {moved(words[0]), moved(words[1]), augmentation.mirror && (words[2] & 1) != 0}, out);
    }
}

std::pair<double, double> input_range(const ImageSet& set, const Preprocessing& how) {
    double low = 0.0, high = 0.0;
    if (!set.samples.empty() && how.bits == 0) {
        std::vector<float> values(static_cast<std::size_t>(set.shape.size()));
        for (int i = 0; i < set.count(); ++i) {
            network_input(set, i, 1, how, values.data());
            const auto [least, most] = std::minmax_element(values.begin(), values.end());
            low = std::min<double>(low, *least);
            high = i == 0 ? *most : std::max<double>(high, *most);
        }
        return {low, high};
    }
    const double first = how.bits > 0 ? how.range.front() : 0.0, last = how.bits > 0 ? how.range.back() : 1.0;
    for (int c = 0; c < set.shape.channels; ++c) {
        const auto of = [c](const std::vector<double>& values, double otherwise) {
            return values.empty() ? otherwise : values[values.size() == 1 ? 0 : static_cast<std::size_t>(c)];
        };
        const double mean = of(how.mean, 0.0), deviation = of(how.deviation, 1.0);
        const double from = (first - mean) / deviation, to = (last - mean) / deviation;
        low = c == 0 ? from : std::min(low, from);
        high = c == 0 ? to : std::max(high, to);
    }
    return {low, high};
}

}  // namespace xloop
