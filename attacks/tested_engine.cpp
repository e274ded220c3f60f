#include "attacks/tested_engine.hpp"

#include "attacks/effective_network.hpp"
#include "attacks/ranked_faults.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "systemc_model/chip/hardware_digest.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace xloop {
namespace {

int training_images(const RobustnessTask& task) {
    return static_cast<int>(task.training_pixels.size()) / std::max(1, task.integer.input.size());
}

}  // namespace

void demand_drift(const HardwareConfig& hardware) {
    const DeviceConfig& device = hardware.device;
    if (device.kind != DeviceKind::pcm && device.drift_nu == 0.0 && device.drift_nu_sigma == 0.0)
        throw KeyError("robustness.faults", "drift, but the cells do not drift: device.drift_nu is 0");
}

TestedEngine::TestedEngine(const RobustnessTask& task, AttackStore& store)
    : task_(task), store_(store),
      engines_(task.integer, task.hardware, {task.training_pixels.data(), training_images(task)},
               task.calibration_images, task.threads) {}

void TestedEngine::choose(const EngineChoice& engine) {
    answers_.reset();
    effective_.reset();
    surrogate_.reset();
    network_.reset();
    running_.reset();
    attackers_.reset();
    attackers_chips_.clear();
    memory_.reset();
    engine_ = engine;
    if (engine.faults.empty())
        return;
    if (const NamedFault fault = NamedFault::parse(engine.faults); fault.kind == FaultKind::memory)
        memory_.emplace(task_.integer, task_.config.fault_layers,
                        flip_probability(task_.config.memory_table, fault.amount), task_.config.safe_bits, task_.seed);
}

const RunningNetwork& TestedEngine::running(const Watch& watch) {
    if (!running_)
        running_ = with_own_faults(watch);
    return *running_;
}

HardwareNetwork& TestedEngine::network(const Watch& watch) {
    if (!network_) {
        network_ = on_hardware(running(watch));
        network_->set_memory(memory_ ? &*memory_ : nullptr);
    }
    return *network_;
}

AttackedNetwork& TestedEngine::attacked(Threat threat, const Watch& watch) {
    switch (threat) {
    case Threat::query:
        if (!answers_)
            answers_ = std::make_unique<BlackBox>(network(watch));
        return *answers_;
    case Threat::effective:
        if (!effective_)
            effective_ =
                std::make_unique<PixelNetwork>(effective_network(task_.quantised, running(watch)), task_.preprocessing);
        return *effective_;
    case Threat::transfer:
        if (!surrogate_)
            surrogate_ =
                std::make_unique<PixelNetwork>(task_.surrogate(engine_, running(watch), watch), task_.preprocessing);
        return *surrogate_;
    default: return network(watch);
    }
}

AttackedNetwork& TestedEngine::attackers(Threat threat, bool recalibrated, const Watch& watch) {
    const auto chips = static_cast<std::size_t>(threat == Threat::other_chip ? 1 : task_.config.attacker_chips);
    if (attackers_ && attackers_chips_.size() == chips)
        return *attackers_;
    attackers_.reset();
    attackers_chips_.clear();
    for (std::size_t c = 0; c < chips; ++c)
        attackers_chips_.push_back(
            engines_.make({EngineKind::chip, task_.config.attacker_seed + c, recalibrated}, watch));
    std::vector<std::shared_ptr<AttackedNetwork>> members;
    for (const RunningNetwork& chip : attackers_chips_)
        members.push_back(on_hardware(chip));
    attackers_ = std::make_unique<NetworkMixture>(std::move(members), task_.seed);
    return *attackers_;
}

std::shared_ptr<HardwareNetwork> TestedEngine::on_hardware(const RunningNetwork& running) const {
    constexpr int looked_at = 4;
    const int some = std::min(looked_at, training_images(task_));
    return std::make_shared<HardwareNetwork>(task_.quantised, task_.preprocessing, running.graph(), running.engine(),
                                             answers_vary(running, {task_.training_pixels.data(), some}),
                                             task_.threads);
}

RunningNetwork TestedEngine::with_own_faults(const Watch& watch) {
    EngineChoice sound = engine_;
    sound.faults.clear();
    RunningNetwork running = engines_.make(sound, watch);
    if (engine_.faults.empty() || memory_)
        return running;
    const NamedFault fault = NamedFault::parse(engine_.faults);
    WorkloadGraph graph = running.graph();
    HardwareConfig hardware = running.chip() ? running.chip()->network().hardware : task_.hardware;
    if (fault.of_weights()) {
        graph = with_faults(std::move(graph), weight_faults(fault, watch));
    } else {
        hardware.device.drift_time_s = fault.amount;
        // What was found before the cells drifted stays as it is.
        if (!graph.ranges_for.empty())
            graph.ranges_for = ranges_digest(hardware);
        if (!graph.corrected_for.empty())
            graph.corrected_for = sums_digest(hardware);
    }
    if (!running.chip())
        return RunningNetwork(graph);
    return RunningNetwork(std::make_shared<const Chip>(map_network(std::move(graph), hardware), task_.threads, watch));
}

std::vector<WeightFault> TestedEngine::weight_faults(const NamedFault& fault, const Watch& watch) {
    const int count = static_cast<int>(fault.amount);
    if (!fault.ranked())
        return random_faults(task_.integer, task_.hardware, fault.of_cells(), task_.config.fault_layers, count,
                             task_.seed);
    // The search goes on from fault to fault, so that one search for the longest list has all of them.
    int most = 0;
    for (const std::string& text : task_.config.faults)
        if (const NamedFault other = NamedFault::parse(text); other.kind == fault.kind)
            most = std::max(most, static_cast<int>(other.amount));
    const std::string name = fmt::format("tested/faults_{}-{}.json", name_of(fault.kind), most);
    std::vector<WeightFault> faults;
    if (const auto known = store_.find(name)) {
        for (const Json& f : Json::parse(*known))
            faults.push_back({f.at("layer").get<int>(), f.at("weight").get<std::int64_t>(), f.at("value").get<int>()});
    } else {
        ImageSet images = task_.training;
        const auto some = static_cast<std::size_t>(std::min(task_.config.fault_images, images.count()));
        images.labels.resize(some);
        images.pixels.resize(some * static_cast<std::size_t>(images.shape.size()));
        faults = ranked_faults(task_.quantised, task_.preprocessing, task_.integer, task_.hardware, fault.of_cells(),
                               task_.config.fault_layers, images, most, watch);
        Json json = Json::array();
        for (const WeightFault& f : faults)
            json.push_back({{"layer", f.layer},
                            {"name", task_.integer.layers[static_cast<std::size_t>(f.layer)].name},
                            {"weight", f.weight},
                            {"value", f.value}});
        store_.keep(name, json.dump() + "\n");
    }
    faults.resize(static_cast<std::size_t>(count));
    return faults;
}

}  // namespace xloop
