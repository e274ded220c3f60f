#include "systemc_model/estimate/quick_estimate.hpp"

#include "systemc_model/estimate/run_estimate.hpp"
#include "systemc_model/mapping/map_network.hpp"

namespace xloop {

QuickEstimator::QuickEstimator(const WorkloadGraph& graph)
    : geometry_(graph), macs_(static_cast<double>(graph.macs())) {}

QuickFigures QuickEstimator::operator()(const HardwareConfig& hardware, const UnitCosts& costs, int images,
                                        const DataAverages& averages) const {
    const MappedNetwork network = map_network(geometry_.graph(), hardware);
    const RunEstimate run = estimate_run(geometry_, network, images);
    ActivityRecord record = class_activity(run);
    expect_data(record, hardware, averages);
    record.layers.clear();

    const auto seconds = [&](std::uint64_t cycles) {
        return static_cast<double>(cycles) / (hardware.clock.frequency_ghz * 1e9);
    };
    QuickFigures result{run.latency_cycles, run.interval_cycles, run.cycles, {}, !run.contended.empty(), {}};
    result.ledger = make_ledger(record, seconds(run.cycles), hardware, network.mapping.chip(), costs);
    result.ledger.instance_dynamic_j.clear();
    result.figures =
        figures_of_merit(result.ledger, images, seconds(run.latency_cycles), seconds(run.interval_cycles), macs_);
    return result;
}

}  // namespace xloop
