#include "nas/search_config.hpp"

namespace xloop {

void describe(config::Section& s, SearchConfig& c) {
    s.value("subnets", c.subnets)
        .range(1, 10000)
        .doc("subnets sampled and evaluated; the smallest and largest among them")
        .source("our choice: time");
    s.value("chosen", c.chosen)
        .range(1, 100)
        .doc("subnets of the Pareto set that the cycle model checks")
        .source("our choice: time");
    s.value("test_images", c.test_images)
        .range(1, 10000)
        .doc("test images for each accuracy")
        .source("our choice: time");
    s.value("calibration_images", c.calibration_images)
        .range(16, 60000)
        .doc("training images for batch-norm statistics and activation ranges")
        .source("our choice: time");
}

}  // namespace xloop
