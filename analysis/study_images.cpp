#include "analysis/study_images.hpp"

#include "dnn/data/image_set.hpp"

namespace xloop {

StudyImages load_study_images(const StudyConfig& config, const Shape& input, bool train, int count) {
    const ImageSet set = load_images(config.data, input, train, count, config.seed);
    StudyImages images;
    images.labels.assign(set.labels.begin(), set.labels.end());
    images.values.reserve(set.pixels.size());
    for (int i = 0; i < set.count(); ++i)
        for (int c = 0; c < input.channels; ++c)
            for (int p = 0; p < input.positions(); ++p)
                images.values.push_back(static_cast<float>(set.image(i)[p * input.channels + c]) / 255.0f);
    return images;
}

}  // namespace xloop
