#pragma once

#include "core/hardware_config.hpp"
#include "core/progress.hpp"
#include "core/workload/engine_kind.hpp"
#include "systemc_model/chip/chip.hpp"

#include <cstdint>
#include <memory>

namespace xloop {

/// An integer network as an engine runs it.
class RunningNetwork {
public:
    /// By exact sums.
    explicit RunningNetwork(const WorkloadGraph& integer);
    /// On a chip; `corrected`: in place of the chip's own network, or null.
    explicit RunningNetwork(std::shared_ptr<const Chip> chip, std::shared_ptr<const WorkloadGraph> corrected = {});

    const WorkloadGraph& graph() const { return *graph_; }
    const MatrixEngine& engine() const { return *engine_; }
    /// Null where there is none.
    const Chip* chip() const { return chip_.get(); }

private:
    std::shared_ptr<const Chip> chip_;
    std::shared_ptr<const WorkloadGraph> graph_;
    std::shared_ptr<const MatrixEngine> engine_;
};

/// Makes engines for one integer network on one kind of hardware.
class EngineMaker {
public:
    /// `training`: images for ranges and corrections, of which corrections take `calibration_images`. Both must outlive this.
    EngineMaker(const WorkloadGraph& integer, const HardwareConfig& hardware, CalibrationImages training,
                int calibration_images, int threads)
        : integer_(integer), hardware_(hardware), training_(training), calibration_images_(calibration_images),
          threads_(threads) {}

    /// The programmed chip, ideal or not; the last one is kept, so that asking again costs nothing.
    std::shared_ptr<const Chip> chip(const EngineChoice& choice, const Watch& watch = {});
    /// The chip's network with biases and factors corrected for it.
    std::shared_ptr<const WorkloadGraph> corrected(const Chip& chip, const Watch& watch = {}) const;
    /// Of every kind but software.
    RunningNetwork make(const EngineChoice& choice, const Watch& watch = {});

private:
    const WorkloadGraph& integer_;
    const HardwareConfig& hardware_;
    CalibrationImages training_;
    int calibration_images_, threads_;
    EngineChoice last_choice_;
    std::shared_ptr<const Chip> last_;
};

/// Whether the same images are answered differently when they are read again.
bool answers_vary(const RunningNetwork& network, CalibrationImages images);

}  // namespace xloop
