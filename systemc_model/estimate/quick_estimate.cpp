#include "systemc_model/estimate/quick_estimate.hpp"

#include "systemc_model/mapping/map_network.hpp"

namespace xloop {

namespace {

WorkloadGraph without_weights(WorkloadGraph graph) {
    for (GraphLayer& layer : graph.layers) {
        layer.weights = nullptr;
        layer.bias = nullptr;
    }
    return graph;
}

}  // namespace

QuickFigures quick_figures(const RunEstimate& run, const MappedNetwork& network, const std::vector<UnitCosts>& types,
                           int images, const DataAverages& averages, double macs) {
    KindCounts layers = run.rounds.front().layers;
    for (std::size_t r = 1; r < run.rounds.size(); ++r)
        layers += run.rounds[r].layers;
    ActivityRecord record = empty_record(network.kinds);
    for (std::size_t l = 0; l < layers.count(); ++l)
        for (auto [kind, counts] : layers[l]) {
            expect_data(counts, l, network.kinds[kind], averages);
            record.of_kind(kind).instances["chip"] += counts;
        }

    const auto seconds = [&](std::uint64_t cycles) {
        return static_cast<double>(cycles) / (network.hardware.clock.frequency_ghz * 1e9);
    };
    QuickFigures result{run.latency_cycles, run.interval_cycles, run.cycles, {}, !run.contended.empty(), {}};
    result.ledger = make_ledger(record, seconds(run.cycles), network.kinds, network.mapping.chip(), types);
    result.ledger.instance_dynamic_j.clear();
    result.figures =
        figures_of_merit(result.ledger, images, seconds(run.latency_cycles), seconds(run.interval_cycles), macs);
    return result;
}

QuickEstimator::QuickEstimator(const WorkloadGraph& graph)
    : graph_(graph), sizes_(without_weights(graph)), geometry_(sizes_), macs_(static_cast<double>(graph.macs())) {}

QuickFigures QuickEstimator::operator()(const HardwareConfig& hardware, const std::vector<UnitCosts>& types, int images,
                                        const DataAverages& averages) const {
    const MappedNetwork network = map_network(looks_at_weights(hardware) ? graph_ : sizes_, hardware, &works_);
    return quick_figures(estimate_run(geometry_, network, images, &runs_), network, types, images, averages, macs_);
}

}  // namespace xloop
