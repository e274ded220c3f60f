#pragma once

#include "attacks/robustness.hpp"

namespace xloop {

/// Throws InputError where attacks, norms, threat models, engines and faults do not go together.
void check_fit(const RobustnessTask& task);
/// Makes all attacks and tests all engines; what `store` has is taken from there. Results depend neither on threads nor on what was
/// in the store. Throws as check_fit does.
RobustnessResult judge_robustness(const RobustnessTask& task, AttackStore& store, const Watch& watch);

}  // namespace xloop
