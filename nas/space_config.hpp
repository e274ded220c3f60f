#pragma once

#include "attacks/attack_config.hpp"
#include "core/hardware_config.hpp"
#include "dnn/data/preprocessing.hpp"
#include "nas/choice_costs.hpp"
#include "nas/search_config.hpp"
#include "training/training_config.hpp"

#include <cstdint>

namespace xloop {

/// How a space of networks is trained, attacked and searched, and for which hardware.
struct SpaceConfig {
    TrainingConfig training;
    AttackConfig attack;
    SearchConfig search;
    HardwareConfig hardware;
    Augmentation augmentation;
    std::uint64_t seed = 1;
    ChoiceCosts choice_costs = {};  ///< of search.phase1 gates
};

}  // namespace xloop
