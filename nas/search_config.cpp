#include "nas/search_config.hpp"

#include "core/config/schema.hpp"

namespace xloop {

void describe(config::Section& s, SearchConfig& c) {
    s.value("subnets", c.subnets, "subnets sampled and evaluated; the smallest and largest among them",
            "our choice: time")
        .range(1, 10000);
    s.value("chosen", c.chosen, "subnets of the Pareto set that the cycle model checks", "our choice: time")
        .range(1, 100);
    s.value("test_images", c.test_images, "test images for each accuracy", "our choice: time").range(1, 10000);
    s.value("calibration_images", c.calibration_images,
            "training images for batch-norm statistics and activation ranges", "our choice: time")
        .range(16, 60000);
}

}  // namespace xloop
