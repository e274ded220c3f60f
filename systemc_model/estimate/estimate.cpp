#include "systemc_model/estimate/estimate.hpp"

#include "systemc_model/estimate/run_estimate.hpp"

namespace xloop {

Estimate estimate(const MappedNetwork& network, int images, EstimateDetail detail) {
    const RunEstimate run = estimate_run(FlowGeometry(network.graph), network, images);
    Estimate result;
    result.latency_cycles = run.latency_cycles;
    result.interval_cycles = run.interval_cycles;
    result.cycles = run.cycles;
    for (std::size_t l = 0; l < network.graph.layers.size(); ++l)
        result.layers.push_back({network.graph.layers[l].name, run.layers[l].start_cycle, run.layers[l].end_cycle});
    for (const Contention& c : run.contended)
        result.contended.push_back({place_of(c, network), name_of(c.what), c.load, reason_of(c)});
    result.activity = detail == EstimateDetail::classes ? class_activity(run, network.kinds)
                                                        : merge_rounds(network, run.rounds, images);
    return result;
}

}  // namespace xloop
