#pragma once

#include "systemc_model/cost/expected_data.hpp"
#include "systemc_model/cost/figures_of_merit.hpp"
#include "systemc_model/estimate/run_estimate.hpp"
#include "systemc_model/mapping/flow_geometry.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <cstdint>

namespace xloop {

/// What a network costs on a piece of hardware, by class of hardware.
struct QuickFigures {
    std::uint64_t latency_cycles = 0, interval_cycles = 0, cycles = 0;  ///< as in Estimate
    Ledger ledger;                                                      ///< of the run; without instances and layers
    bool contended = false;  ///< as Estimate::contended: the times are too short, perhaps by far
    FiguresOfMerit figures;  ///< of one image: energy, delay, area, EDAP
};

/// Of a run over `images` images, `run`. `types`: the costs of each type of tile (type_costs); `macs`: multiply-accumulates
/// of an image.
QuickFigures quick_figures(const RunEstimate& run, const MappedNetwork& network, const std::vector<UnitCosts>& types,
                           int images, const DataAverages& averages, double macs);

/// The closed-form figures of one network for many pieces of hardware, for sweeps and searches: those of `estimate`, but
/// without a record of every instance. For one thread at a time.
class QuickEstimator {
public:
    explicit QuickEstimator(const WorkloadGraph& graph);
    QuickEstimator(const QuickEstimator&) = delete;
    QuickEstimator& operator=(const QuickEstimator&) = delete;

    /// Of a run over `images` images on hardware whose types of tiles cost `types`. Events that depend on data are expected from
    /// `averages`. Throws InputError, as map_network and make_flow_plan do, when the network does not fit.
    QuickFigures operator()(const HardwareConfig& hardware, const std::vector<UnitCosts>& types, int images = 1,
                            const DataAverages& averages = {}) const;

private:
    WorkloadGraph graph_;
    WorkloadGraph sizes_;  ///< without weights, for hardware that does not look at them
    FlowGeometry geometry_;
    double macs_;
    // Of the calls before, by all that they follow from.
    mutable KnownWorks works_;
    mutable LayerRuns runs_;
};

}  // namespace xloop
