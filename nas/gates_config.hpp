#pragma once

#include "core/config/origins.hpp"

#include <string>

namespace xloop {

/// How the probabilities of choices are learnt (nas/gates.hpp).
struct GatesConfig {
    std::string metric = "edap";
    double weight = 0.1;
    int every_periods = 1;
    int batch = 64;
    double warmup = 0.25;
    double learning_rate = 0.05;
    double temperature = 5.0, temperature_end = 0.5;
    double decided = 0.5;
};

/// Declares every key of search.gates in `s`.
void describe(config::Section& s, GatesConfig& c);

}  // namespace xloop
