#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

namespace xloop {

/// Sampling and choice of subnets.
struct SearchConfig {
    int subnets = 6;
    int chosen = 2;
    int test_images = 500;
    int calibration_images = 512;
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, SearchConfig& c);

}  // namespace xloop
