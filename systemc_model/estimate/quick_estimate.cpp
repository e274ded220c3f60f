#include "systemc_model/estimate/quick_estimate.hpp"

#include "systemc_model/mapping/map_network.hpp"

namespace xloop {

QuickFigures quick_figures(const RunEstimate& run, const MappedNetwork& network, const UnitCosts& costs, int images,
                           const DataAverages& averages, double macs) {
    const HardwareConfig& hardware = network.hardware;
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
        figures_of_merit(result.ledger, images, seconds(run.latency_cycles), seconds(run.interval_cycles), macs);
    return result;
}

QuickEstimator::QuickEstimator(const WorkloadGraph& graph)
    : geometry_(graph), macs_(static_cast<double>(graph.macs())) {}

QuickFigures QuickEstimator::operator()(const HardwareConfig& hardware, const UnitCosts& costs, int images,
                                        const DataAverages& averages) const {
    const MappedNetwork network = map_network(geometry_.graph(), hardware);
    return quick_figures(estimate_run(geometry_, network, images), network, costs, images, averages, macs_);
}

}  // namespace xloop
