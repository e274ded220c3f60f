#include "attacks/attack.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <array>

namespace xloop {
namespace {

struct Row {
    AttackKind kind;
    torch::Tensor (*run)(const AttackTask& task);
};

// In the order of AttackKind. pgd has another form of the same name, hence the lambda.
constexpr std::array rows{Row{AttackKind::fgsm, fgsm},
                          Row{AttackKind::r_fgsm, r_fgsm},
                          Row{AttackKind::pgd, [](const AttackTask& task) { return pgd(task); }},
                          Row{AttackKind::mi_fgsm, mi_fgsm},
                          Row{AttackKind::apgd_ce, apgd_ce},
                          Row{AttackKind::apgd_dlr, apgd_dlr},
                          Row{AttackKind::apgd_t, apgd_targeted},
                          Row{AttackKind::fab, fab},
                          Row{AttackKind::fab_t, fab_targeted},
                          Row{AttackKind::square, square},
                          Row{AttackKind::cw, carlini_wagner},
                          Row{AttackKind::deepfool, deepfool},
                          Row{AttackKind::one_pixel, one_pixel},
                          Row{AttackKind::ensemble, ensemble}};
static_assert(rows.size() == names_of(AttackKind{}).size());

}  // namespace

void demand_fit(AttackKind kind, const AttackConfig& config, bool gradients) {
    const AttackTraits& traits = traits_of(kind);
    if (!(config.norm == Norm::linf ? traits.linf : traits.l2))
        throw InputError(fmt::format("attack `{}`: is not defined in the norm {}; set attack.norm to {}", name_of(kind),
                                     name_of(config.norm), traits.linf ? "linf" : "l2"));
    if (traits.gradients && !gradients)
        throw InputError(
            fmt::format("attack `{}`: needs gradients, which an attacker who sees answers alone does not "
                        "have; take square or one_pixel",
                        name_of(kind)));
    if (config.target != AttackTarget::none && !traits.targets)
        throw InputError(
            fmt::format("attack `{}`: has no target of its own choice; leave attack.target out", name_of(kind)));
}

torch::Tensor run_attack(AttackKind kind, const AttackTask& task) {
    demand_fit(kind, task.config, task.network.has_gradients());
    return rows[static_cast<std::size_t>(kind)].run(task);
}

}  // namespace xloop
