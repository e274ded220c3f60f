#include "attacks/robustness_config.hpp"

#include "attacks/hardware_faults.hpp"
#include "core/config/schema.hpp"
#include "core/error.hpp"

#include <algorithm>

namespace xloop {
namespace {

// In the order of Threat.
constexpr std::array threats{
    ThreatTraits{"made on the software network, tested on it", true, false, true},
    ThreatTraits{"made on the software network, tested on hardware", false, true, true},
    ThreatTraits{"made on the tested hardware itself: its answers forward, straight through backward", false, true,
                 true},
    ThreatTraits{"made on the real network with the weights that the tested chip's arrays realise", false, true, true},
    ThreatTraits{"made on another chip of the same kind", false, true, true},
    ThreatTraits{"made on a distribution of chips of the same kind, without the tested one", false, true, true},
    ThreatTraits{"made by asking the tested hardware, whose answers alone are seen", false, true, false},
    ThreatTraits{"made on a surrogate that was trained on the tested hardware's answers", false, true, true}};
static_assert(threats.size() == names_of(Threat{}).size());

}  // namespace

const ThreatTraits& traits_of(Threat threat) { return threats[static_cast<std::size_t>(threat)]; }

bool tests(Threat threat, const EngineChoice& engine) {
    const ThreatTraits& traits = traits_of(threat);
    if (threat == Threat::other_chip || threat == Threat::unknown_chip || threat == Threat::transfer)
        return engine.kind == EngineKind::chip;
    return engine.kind == EngineKind::software ? traits.on_software : traits.on_hardware;
}

std::vector<NamedAttack> RobustnessConfig::named_attacks() const {
    std::vector<NamedAttack> named;
    std::transform(attacks.begin(), attacks.end(), std::back_inserter(named), NamedAttack::parse);
    return named;
}

bool RobustnessConfig::has(Threat threat) const {
    return std::find(threats.begin(), threats.end(), name_of(threat)) != threats.end();
}

void describe(config::Section& s, RobustnessConfig& c) {
    constexpr double most_images = 1e7;
    s.affects(config::Affects::nothing);
    s.value("attacks", c.attacks,
            "attacks: NAME, NAME-STEPS or NAME-STEPSxRESTARTS, as in pgd-20x5 (xloop attack --help lists the names)",
            "PGD-20: customary");
    s.value("threats", c.threats,
            "threat models (docs/threat_models.md): ss, sh, hh, effective, other_chip, unknown_chip, query, transfer",
            "Roy et al., arXiv 2107.12106: what the software's attacker does to software and to hardware")
        .one_of(all_names<Threat>());
    s.value("epsilons", c.epsilons, "bounds of the attacks; [] is attack.epsilon alone. Steps keep their share of it",
            "our choice: one")
        .range(0, 1000);
    s.value("images", c.images, "the first of the test images that are attacked; 0: all", "our choice: all")
        .range(0, most_images);
    s.value("batch", c.batch,
            "images attacked together: what is finished when a run is stopped; results do not depend "
            "on it but for the last bits of LibTorch's sums",
            "our choice: memory")
        .range(1, 100000);
    s.value("attacker_seed", c.attacker_seed, "other_chip, unknown_chip: seed of the attacker's first chip",
            "our choice: none of those that are tested");
    s.value("attacker_chips", c.attacker_chips,
            "unknown_chip: chips that the attacker has, of seeds one after the other", "our choice: time")
        .range(1, 1000);
    s.value("surrogate", c.surrogate,
            "transfer: folder of a trained network that the attacks are made on; empty: one of the same description is "
            "trained on what each tested chip answers to the training images",
            "Papernot et al., arXiv 1602.02697: trained on answers")
        .file_path();
    s.value("surrogate_epochs", c.surrogate_epochs, "transfer: epochs that the surrogate is trained for",
            "our choice: time")
        .range(1, 10000);
    s.value("faults", c.faults,
            "faults that hardware is tested with beside none, one set after the other, as ranked_bits-10 (xloop attack "
            "--help lists them): an attack by themselves, or in chosen layers a defence",
            "none unless asked for");
    s.value("fault_layers", c.fault_layers, "layers that have the faults, by name; [] is all", "our choice: all");
    s.value("fault_images", c.fault_images, "training images that faults are ranked by",
            "Rakin et al., arXiv 1903.12269: 128")
        .range(1, most_images);
    s.value("memory_table", c.memory_table,
            "fault memory: CSV file with the columns voltage (V) and probability that a bit of a weak cell flips",
            "none")
        .file_path();
    s.value("safe_bits", c.safe_bits, "fault memory: most significant bits of a value that never flip",
            "our choice: half of a byte; hybrid 8T-6T memories: Chang et al., IEEE TCSVT 21, 101 (2011)")
        .unit("bits")
        .range(0, 16);
    s.value("checks", c.checks, "look for signs that the attacks fail where the network is not robust",
            "Carlini et al., arXiv 1902.06705; Tramer et al., arXiv 2002.08347");
}

void validate(const RobustnessConfig& c, const AttackConfig& attack, const config::Origins& origins) {
    if (c.attacks.empty())
        config::fail_check(origins, "robustness.attacks", "one attack or more");
    if (c.threats.empty())
        config::fail_check(origins, "robustness.threats", "one threat model or more");
    for (const std::string& text : c.attacks)
        try {
            NamedAttack::parse(text);
        } catch (const InputError& e) {
            config::fail_check(origins, "robustness.attacks", e.what());
        }
    for (const std::string& text : c.faults)
        try {
            NamedFault::parse(text);
        } catch (const InputError& e) {
            config::fail_check(origins, "robustness.faults", e.what());
        }
    const auto check = [&](const char* key, double epsilon) {
        if (attack.norm == Norm::linf && epsilon > 1.0)
            config::fail_check(origins, key,
                               "at most 1 with attack.norm linf: pixels are in [0, 1], 8 levels are 8 / "
                               "255 = 0.03137");
    };
    check("attack.epsilon", attack.epsilon);
    for (const double epsilon : c.epsilons)
        check("robustness.epsilons", epsilon);
}

}  // namespace xloop
