#pragma once

#include "attacks/attack_config.hpp"
#include "core/names.hpp"

#include <array>
#include <string>
#include <vector>

namespace xloop {

/// fab and apgd_dlr aim at any wrong class, apgd_t and fab_t at one after the other; ensemble: the four of Croce and Hein one after the
/// other.
enum class AttackKind {
    fgsm,
    r_fgsm,
    pgd,
    mi_fgsm,
    apgd_ce,
    apgd_dlr,
    apgd_t,
    fab,
    fab_t,
    square,
    cw,
    deepfool,
    one_pixel,
    ensemble
};
constexpr auto names_of(AttackKind) {
    return std::array{"fgsm", "r_fgsm", "pgd",    "mi_fgsm", "apgd_ce",  "apgd_dlr",  "apgd_t",
                      "fab",  "fab_t",  "square", "cw",      "deepfool", "one_pixel", "ensemble"};
}

/// What is known of a kind without running it.
struct AttackTraits {
    const char* title;    ///< "PGD"
    const char* purpose;  ///< one line
    const char* paper;    ///< where it is from
    bool linf, l2;        ///< norms it has
    bool gradients;       ///< whether it needs them
    bool
        bounded;  ///< stays within epsilon; else it looks for the smallest change, which is held against epsilon afterwards
    bool targets;             ///< whether it takes AttackConfig::target
    int steps;                ///< as published, or customary; 0: those of the section `attack`
    const char* steps_title;  ///< what a step is: "steps", "queries"; null: it has none to choose
};
const AttackTraits& traits_of(AttackKind kind);

/// An attack of a list: "pgd", "pgd-20" (steps or queries), "pgd-20x5" (restarts), with or without `_`, in any case: "APGD-CE".
struct NamedAttack {
    AttackKind kind = AttackKind::pgd;
    int steps = 0;     ///< 0: as AttackTraits says
    int restarts = 0;  ///< 0: those of the section `attack`

    /// Throws InputError that lists the kinds.
    static NamedAttack parse(const std::string& text);
    std::string str() const;
    /// The section's keys with the steps and restarts of this attack.
    AttackConfig with(AttackConfig section) const;
};

/// A text of all kinds with their purposes and papers, for help.
std::string attack_list();

}  // namespace xloop
