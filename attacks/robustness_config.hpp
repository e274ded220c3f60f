#pragma once

#include "attacks/attack_kinds.hpp"
#include "core/config/origins.hpp"
#include "core/names.hpp"
#include "core/workload/engine_kind.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// What an attacker knows and has; docs/threat_models.md.
enum class Threat { ss, sh, hh, effective, other_chip, unknown_chip, query, transfer };
constexpr auto names_of(Threat) {
    return std::array{"ss", "sh", "hh", "effective", "other_chip", "unknown_chip", "query", "transfer"};
}
struct ThreatTraits {
    const char* purpose;
    bool on_software, on_hardware;  ///< what is tested
    bool gradients;                 ///< whether the attacker has them
};
const ThreatTraits& traits_of(Threat threat);
/// Whether a threat model tests this engine.
bool tests(Threat threat, const EngineChoice& engine);

/// How `xloop attack` judges a network: section `robustness`.
struct RobustnessConfig {
    std::vector<std::string> attacks = {"pgd-20"};
    std::vector<std::string> threats = {"ss", "sh"};
    std::vector<double> epsilons;  ///< empty: attack.epsilon
    int images = 0;                ///< the first of the test images; 0: all
    int batch = 64;
    std::uint64_t attacker_seed = 1001;
    int attacker_chips = 3;
    std::string surrogate;  ///< folder of a trained network; empty: one that is trained on the chip's answers
    int surrogate_epochs = 10;
    std::vector<std::string> faults;        ///< NamedFault
    std::vector<std::string> fault_layers;  ///< empty: all
    int fault_images = 128;
    std::string memory_table;
    int safe_bits = 4;
    bool checks = true;

    std::vector<NamedAttack> named_attacks() const;
    bool has(Threat threat) const;
};

void describe(config::Section& s, RobustnessConfig& c);
/// Checks between keys. Throws InputError.
void validate(const RobustnessConfig& c, const AttackConfig& attack, const config::Origins& origins);

}  // namespace xloop
