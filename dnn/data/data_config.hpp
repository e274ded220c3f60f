#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"
#include "dnn/data/preprocessing.hpp"

#include <array>
#include <string>
#include <vector>

namespace xloop {

/// What is known of each is in set_table.cpp. random: uniform pixels by seed, labels by seed.
enum class DataSet { fashion_mnist, random, mnist, cifar10, cifar100, svhn, image_folder, npy, raw };
constexpr auto names_of(DataSet) {
    return std::array{"fashion_mnist", "random", "mnist", "cifar10", "cifar100", "svhn", "image_folder", "npy", "raw"};
}

/// channels_last: value (y, x, c) at (y * width + x) * channels + c; channels_first: at (c * height + y) * width + x.
enum class DataLayout { channels_last, channels_first };
constexpr auto names_of(DataLayout) { return std::array{"channels_last", "channels_first"}; }

/// Which images are used where a set has more: the first, or as many of each class, drawn by seed.
enum class DataChoice { first, balanced };
constexpr auto names_of(DataChoice) { return std::array{"first", "balanced"}; }

/// Where images come from, and what becomes of them.
struct DataConfig {
    DataSet set = DataSet::fashion_mnist;
    std::string directory = "/usr/share/datasets/fashion-mnist";
    int train_images = 20000;
    int test_images = 1000;
    int validation_images = 0;  ///< of the training files, as many of each class; not used for training then
    DataChoice choose = DataChoice::first;
    DataLayout layout = DataLayout::channels_last;
    std::vector<int> shape;   ///< raw: channels, height, width of a sample
    std::vector<int> resize;  ///< of the shorter side, or height and width; empty: as it is
    std::vector<int> crop;    ///< of both sides, or height and width, from the centre; empty: all
    Preprocessing preprocessing;
    Augmentation augmentation;
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, DataConfig& c);

}  // namespace xloop
