#pragma once

#include "core/workload/network_spec.hpp"
#include "dnn/data/data_config.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace xloop {

/// One image as its file has it, position by position as in ImageSet: pixels or samples.
struct StoredImage {
    Shape shape;
    std::vector<std::uint8_t> pixels;
    std::vector<float> samples;
};

/// The training or the test files of a set. All labels are known; images are fetched one by one, so that those that nobody
/// uses take no memory.
struct StoredSet {
    std::string file;  ///< whom to blame when there are too few images
    std::vector<int> labels;
    std::function<StoredImage(int)> image;
};

/// What a reader is asked for. Readers throw InputErrors that begin with the file and say what is wrong with it.
struct ReadRequest {
    const DataConfig& data;
    bool train = true;
    int network_channels = 3;  ///< pictures become grey where it is 1, else RGB
};

/// What is known of a data set.
struct SetKind {
    const char* title;
    const char* files;   ///< in data.directory
    const char* source;  ///< where people get them
    StoredSet (*open)(const ReadRequest&);
};

/// The row of a set in the table of all sets; not of DataSet::random.
const SetKind& kind_of(DataSet set);

/// The readers, each in the file of its name.
StoredSet open_idx(const ReadRequest& request);
StoredSet open_cifar10(const ReadRequest& request);
StoredSet open_cifar100(const ReadRequest& request);
StoredSet open_svhn(const ReadRequest& request);
StoredSet open_image_folder(const ReadRequest& request);
StoredSet open_npy(const ReadRequest& request);
StoredSet open_raw(const ReadRequest& request);

/// No image has more values: memory for one is taken from what its file announces.
constexpr std::int64_t most_values_of_image = std::int64_t{1} << 26;
/// No set has more images: memory for all labels is taken from what a file announces.
constexpr std::int64_t most_images_of_set = 100'000'000;
/// Labels lie below.
constexpr int most_classes = 65536;

/// Throws InputError unless all labels lie in [0, classes).
void check_labels(const std::string& file, const std::vector<int>& labels, int classes);

}  // namespace xloop
