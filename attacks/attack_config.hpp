#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

namespace xloop {

/// The attack a network must withstand (L-infinity, pixel values in [0, 1]).
struct AttackConfig {
    double epsilon = 0.03137;
    double step_size = 0.00784;
    int steps = 7;
    bool random_start = true;
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, AttackConfig& c);

}  // namespace xloop
