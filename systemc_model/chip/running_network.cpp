#include "systemc_model/chip/running_network.hpp"

#include "core/error.hpp"
#include "systemc_model/chip/hardware_digest.hpp"
#include "systemc_model/chip/ideal_hardware.hpp"
#include "systemc_model/chip/recalibrate.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <algorithm>
#include <utility>

namespace xloop {

RunningNetwork::RunningNetwork(const WorkloadGraph& integer)
    : graph_(std::make_shared<const WorkloadGraph>(integer)), engine_(std::make_shared<IntegerEngine>(*graph_)) {}

RunningNetwork::RunningNetwork(std::shared_ptr<const Chip> chip, std::shared_ptr<const WorkloadGraph> corrected)
    : chip_(std::move(chip)),
      graph_(corrected ? std::move(corrected) : std::shared_ptr<const WorkloadGraph>(chip_, &chip_->network().graph)),
      engine_(chip_) {}

std::shared_ptr<const Chip> EngineMaker::chip(const EngineChoice& choice, const Watch& watch) {
    if (last_ && last_choice_.kind == choice.kind && last_choice_.chip_seed == choice.chip_seed)
        return last_;
    last_.reset();
    HardwareConfig hardware = choice.kind == EngineKind::ideal_chip ? ideal_hardware(hardware_) : hardware_;
    if (choice.kind == EngineKind::chip)
        hardware.chip_seed = choice.chip_seed;
    last_ = program(map_network(integer_, hardware),
                    {training_.pixels, std::min(hardware.adc.calibration_images, training_.count)}, threads_, watch);
    last_choice_ = choice;
    return last_;
}

std::shared_ptr<const WorkloadGraph> EngineMaker::corrected(const Chip& chip, const Watch& watch) const {
    WorkloadGraph graph =
        recalibrate(chip.network().graph, chip, {training_.pixels, std::min(calibration_images_, training_.count)},
                    threads_, watch);
    graph.corrected_for = sums_digest(chip.network().hardware);
    return std::make_shared<const WorkloadGraph>(std::move(graph));
}

RunningNetwork EngineMaker::make(const EngineChoice& choice, const Watch& watch) {
    if (choice.kind == EngineKind::software)
        throw Error("the software network runs in LibTorch, not on an engine");
    if (choice.kind == EngineKind::integer)
        return RunningNetwork(integer_);
    std::shared_ptr<const Chip> programmed = chip(choice, watch);
    std::shared_ptr<const WorkloadGraph> graph = choice.recalibrated ? corrected(*programmed, watch) : nullptr;
    return RunningNetwork(std::move(programmed), std::move(graph));
}

bool answers_vary(const RunningNetwork& network, CalibrationImages images) {
    constexpr std::int64_t other_address = std::int64_t{1} << 32;
    const auto size = static_cast<std::size_t>(network.graph().input.size());
    for (int i = 0; network.chip() && i < images.count; ++i) {
        const std::uint8_t* image = images.pixels + static_cast<std::size_t>(i) * size;
        if (run_graph(network.graph(), network.engine(), image, i) !=
            run_graph(network.graph(), network.engine(), image, other_address + i))
            return true;
    }
    return false;
}

}  // namespace xloop
