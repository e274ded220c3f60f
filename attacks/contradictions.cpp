#include "attacks/robustness.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace xloop {
namespace {

/// Images by which two figures may differ by chance of starts.
std::int64_t slack_of(const RobustnessCell& cell) {
    return std::max<std::int64_t>(2, static_cast<std::int64_t>(cell.images.size()) / 100);
}

std::string title_of(const RobustnessCell& cell) {
    return fmt::format("{} ({}, epsilon {:.4g}, {} on {})", cell.attack.str(), name_of(cell.how.norm), cell.how.epsilon,
                       name_of(cell.threat), cell.engine.name());
}

/// How strong an attack is meant to be; attacks of one rank are not compared, nor those with steps too few or too short to cross the
/// ball.
int strength(const RobustnessCell& cell) {
    constexpr int few = 5;
    const bool crosses = cell.how.steps >= few && cell.how.steps * cell.how.step_size >= 2.0 * cell.how.epsilon;
    switch (cell.attack.kind) {
    case AttackKind::fgsm: return 1;
    case AttackKind::r_fgsm: return 1;
    case AttackKind::mi_fgsm: return crosses ? 2 : 0;
    case AttackKind::pgd: return crosses ? 3 : 0;
    case AttackKind::apgd_ce: return 4;
    case AttackKind::ensemble: return 5;
    default: return 0;
    }
}

bool free_of_gradients(AttackKind kind) { return !traits_of(kind).gradients && traits_of(kind).bounded; }

/// Whether the attack of `weaker` should leave no fewer images than that of `stronger`; why, in words.
const char* should_not_beat(const RobustnessCell& weaker, const RobustnessCell& stronger) {
    const bool same_size = weaker.how.epsilon == stronger.how.epsilon;
    const bool same_threat = weaker.threat == stronger.threat;
    const AttackKind a = weaker.attack.kind, b = stronger.attack.kind;
    if (same_threat && a == b && same_size && weaker.how.steps < stronger.how.steps &&
        weaker.how.restarts <= stronger.how.restarts && traits_of(a).steps_title)
        return "more steps weaken the attack";
    if (same_threat && a == b && weaker.how.steps == stronger.how.steps &&
        weaker.how.restarts == stronger.how.restarts && weaker.how.epsilon < stronger.how.epsilon)
        return "a larger bound weakens the attack";
    if (same_threat && same_size && strength(weaker) > 0 && strength(weaker) < strength(stronger))
        return "the weaker attack beats the stronger one";
    if (same_size && free_of_gradients(a) && strength(stronger) >= 3 &&
        (same_threat || (weaker.threat == Threat::query && stronger.threat == Threat::hh)))
        return "queries beat gradients, which are masked";
    if (same_size && a == b && weaker.how.steps == stronger.how.steps && stronger.threat == Threat::hh &&
        (weaker.threat == Threat::sh || weaker.threat == Threat::effective || weaker.threat == Threat::transfer ||
         weaker.threat == Threat::other_chip || weaker.threat == Threat::unknown_chip))
        return "transfer beats the attacker who has the network itself";
    return nullptr;
}

}  // namespace

std::vector<std::string> contradictions(const std::vector<RobustnessCell>& cells) {
    std::vector<std::string> signs;
    for (const RobustnessCell& weaker : cells)
        for (const RobustnessCell& stronger : cells) {
            if (weaker.engine.name() != stronger.engine.name() || weaker.how.norm != stronger.how.norm)
                continue;
            const char* why = should_not_beat(weaker, stronger);
            if (why && weaker.robust_count() + slack_of(weaker) < stronger.robust_count())
                signs.push_back(fmt::format("{}: {} leaves {} of {} images right, {} only {}", why, title_of(stronger),
                                            stronger.robust_count(), stronger.images.size(), title_of(weaker),
                                            weaker.robust_count()));
        }
    return signs;
}

}  // namespace xloop
