#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

namespace xloop {

/// Training of the supernet.
struct TrainingConfig {
    int epochs = 6;
    int batch_size = 128;
    double learning_rate = 2e-3;
    double weight_decay = 1e-4;
    bool crossbar_aware = true;
    int crossbar_refresh_steps = 8;
    bool adversarial = true;
    int attack_steps = 3;
    double warmup_epochs = 1.0;
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, TrainingConfig& c);

}  // namespace xloop
