#include "analysis/study_images.hpp"

#include "core/error.hpp"
#include "dnn/data/image_set.hpp"
#include "dnn/data/network_input.hpp"

#include <algorithm>

namespace xloop {
namespace {

/// Sets the ends of what values may be: of pixels and of rounded samples they are known, of others those that are there.
void set_range(StudyImages& images, const ImageSet& set, const Preprocessing& how) {
    if (!set.samples.empty() && how.bits == 0) {
        const auto [low, high] = std::minmax_element(images.values.begin(), images.values.end());
        images.low = std::min(0.0f, *low);
        images.high = *high;
        return;
    }
    const double first = how.bits > 0 ? how.range.front() : 0.0, last = how.bits > 0 ? how.range.back() : 1.0;
    for (int c = 0; c < set.shape.channels; ++c) {
        const auto of = [c](const std::vector<double>& values, double otherwise) {
            return values.empty() ? otherwise : values[values.size() == 1 ? 0 : static_cast<std::size_t>(c)];
        };
        const double mean = of(how.mean, 0.0), deviation = of(how.deviation, 1.0);
        const double low = (first - mean) / deviation, high = (last - mean) / deviation;
        images.low = c == 0 ? low : std::min(images.low, low);
        images.high = c == 0 ? high : std::max(images.high, high);
    }
}

}  // namespace

StudyImages study_images(const ImageSet& set, const Preprocessing& how) {
    StudyImages images;
    images.labels = set.labels;
    images.values.resize(set.labels.size() * static_cast<std::size_t>(set.shape.size()));
    network_input(set, 0, set.count(), how, images.values.data());
    set_range(images, set, how);
    return images;
}

StudyImages load_study_images(const StudyConfig& config, const Shape& input, bool train, int count) {
    const DataPart part = train ? DataPart::training : DataPart::test;
    return study_images(load_data(config.data, input, part, count, config.seed), config.data.preprocessing);
}

}  // namespace xloop
