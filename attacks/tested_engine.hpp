#pragma once

#include "attacks/hardware_network.hpp"
#include "attacks/robustness.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace xloop {

/// The hardware that is tested just now, and what attacks on it are made on. Nothing is programmed before it is asked for.
class TestedEngine {
public:
    TestedEngine(const RobustnessTask& task, AttackStore& store);

    /// Gives up what there was.
    void choose(const EngineChoice& engine);
    /// With its faults, which come after ranges and corrections have been found.
    const RunningNetwork& running(const Watch& watch);
    HardwareNetwork& network(const Watch& watch);
    /// What an attacker asks under a threat model that tests this engine.
    AttackedNetwork& attacked(Threat threat, const Watch& watch);

    /// One chip of the attacker's for other_chip, several for unknown_chip; the last ones are kept until choose().
    AttackedNetwork& attackers(Threat threat, bool recalibrated, const Watch& watch);

private:
    std::shared_ptr<HardwareNetwork> on_hardware(const RunningNetwork& running) const;
    RunningNetwork with_own_faults(const Watch& watch);
    std::vector<WeightFault> weight_faults(const NamedFault& fault, const Watch& watch);

    const RobustnessTask& task_;
    AttackStore& store_;
    EngineMaker engines_;
    EngineChoice engine_;
    std::optional<RunningNetwork> running_;
    std::optional<MemoryFaults> memory_;
    std::shared_ptr<HardwareNetwork> network_;
    std::unique_ptr<BlackBox> answers_;
    std::unique_ptr<PixelNetwork> effective_, surrogate_;
    std::vector<RunningNetwork> attackers_chips_;
    std::unique_ptr<NetworkMixture> attackers_;
};

/// Throws InputError where a drift is asked for and cells do not drift.
void demand_drift(const HardwareConfig& hardware);

}  // namespace xloop
