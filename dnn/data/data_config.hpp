#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

#include <array>
#include <string>

namespace xloop {

/// random: uniform pixels by seed, labels by seed.
enum class DataSet { fashion_mnist, random };
constexpr auto names_of(DataSet) { return std::array{"fashion_mnist", "random"}; }

/// Where images come from.
struct DataConfig {
    DataSet set = DataSet::fashion_mnist;
    std::string directory = "/usr/share/datasets/fashion-mnist";
    int train_images = 20000;
    int test_images = 1000;
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, DataConfig& c);

}  // namespace xloop
