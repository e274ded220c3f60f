#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

#include <array>

namespace xloop {

/// none: a network of real numbers is trained; lsq: steps are learned (Esser et al., arXiv 1902.08153); pact: ends of
/// activations are (Choi et al., arXiv 1805.06085).
enum class QuantiseTrainingMethod { none, lsq, pact };
constexpr auto names_of(QuantiseTrainingMethod) { return std::array{"none", "lsq", "pact"}; }

/// Training with the integers of the hardware: widths are those that numerics, layers and tile types ask for.
struct QuantiseTrainingConfig {
    QuantiseTrainingMethod method = QuantiseTrainingMethod::none;
    double start_epoch = 0.0;
    double alpha_decay = 1e-4;
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, QuantiseTrainingConfig& c);

}  // namespace xloop
