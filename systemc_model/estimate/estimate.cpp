#include "systemc_model/estimate/estimate.hpp"

#include "systemc_model/estimate/run_estimate.hpp"

namespace xloop {

Estimate estimate(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware, int images,
                  EstimateDetail detail) {
    const RunEstimate run = estimate_run(FlowGeometry(graph), mapping, hardware, images);
    Estimate result;
    result.latency_cycles = run.latency_cycles;
    result.interval_cycles = run.interval_cycles;
    result.cycles = run.cycles;
    for (std::size_t l = 0; l < graph.layers.size(); ++l)
        result.layers.push_back({graph.layers[l].name, run.layers[l].start_cycle, run.layers[l].end_cycle});
    for (const Contention& c : run.contended)
        result.contended.push_back({place_of(c, graph, mapping), name_of(c.what), c.load, reason_of(c)});
    result.activity = detail == EstimateDetail::classes ? class_activity(run)
                                                        : merge_rounds(graph, mapping, hardware, run.rounds, images);
    return result;
}

}  // namespace xloop
