#pragma once

#include "analysis/study_config.hpp"
#include "core/workload/network_spec.hpp"
#include "dnn/data/image_set.hpp"

#include <vector>

namespace xloop {

/// Images of a study as its network reads them, before the network's own normalisation.
struct StudyImages {
    std::vector<float> values;  ///< [count][C][H][W]
    std::vector<int> labels;
    double low = 0.0, high = 1.0;  ///< of the values that there may be

    int count() const { return static_cast<int>(labels.size()); }
};

/// The images of a set as a network reads them, with data.mean, deviation and input_bits.
StudyImages study_images(const ImageSet& set, const Preprocessing& how);

/// The first `count` images of the training or the test part, with data.mean, deviation and input_bits. Throws InputError as
/// load_data does.
StudyImages load_study_images(const StudyConfig& config, const Shape& input, bool train, int count);

}  // namespace xloop
