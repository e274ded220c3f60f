#include "analysis/study_images.hpp"

#include "dnn/data/image_set.hpp"
#include "dnn/data/network_input.hpp"

#include <tuple>

namespace xloop {

StudyImages study_images(const ImageSet& set, const Preprocessing& how) {
    StudyImages images;
    images.labels = set.labels;
    images.values.resize(set.labels.size() * static_cast<std::size_t>(set.shape.size()));
    network_input(set, 0, set.count(), how, images.values.data());
    std::tie(images.low, images.high) = input_range(set, how);
    return images;
}

StudyImages load_study_images(const StudyConfig& config, const Shape& input, bool train, int count) {
    const DataPart part = train ? DataPart::training : DataPart::test;
    return study_images(load_data(config.data, input, part, count, config.seed), config.data.preprocessing);
}

}  // namespace xloop
