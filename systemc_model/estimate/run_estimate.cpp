#include "systemc_model/estimate/run_estimate.hpp"

#include "systemc_model/mapping/countable.hpp"

#include <cmath>

namespace xloop {

RunEstimate estimate_run(const FlowGeometry& geometry, const MappedNetwork& network, int images, LayerRuns* runs) {
    demand_countable(network, images);
    const auto cycles = [](double value) { return static_cast<std::uint64_t>(std::llround(value)); };
    RunEstimate result;
    result.layers.resize(network.graph.layers.size());
    for (int r = 0; r < network.mapping.rounds; ++r) {
        const FlowPlan plan = make_flow_plan(geometry, network, r, WorkDetail::sizes);
        result.rounds.push_back(count_round(geometry, network, plan, images));
        const RoundTimes times = estimate_round(geometry, network, plan, result.rounds.back(), images, runs);
        for (const Contention& c : find_contention(times, network.hardware))
            result.contended.push_back(c);
        if (r > 0)
            result.cycles += static_cast<std::uint64_t>(reprogram_cycles(network));
        for (const RoundTimes::Layer& layer : times.layers)
            result.layers[static_cast<std::size_t>(layer.layer)] = {result.cycles + cycles(layer.start),
                                                                    result.cycles + cycles(layer.end)};
        result.latency_cycles = result.cycles + cycles(times.latency);
        result.interval_cycles = cycles(times.interval);
        result.round_cycles.push_back(cycles(times.end) +
                                      static_cast<std::uint64_t>(images - 1) * result.interval_cycles);
        result.cycles += result.round_cycles.back();
    }
    if (network.mapping.rounds > 1)
        result.interval_cycles =
            (result.cycles + static_cast<std::uint64_t>(images) / 2) / static_cast<std::uint64_t>(images);
    return result;
}

ActivityRecord class_activity(const RunEstimate& run, const HardwareKinds& kinds) {
    ActivityRecord record = empty_record(kinds);
    for (const RoundActivity& round : run.rounds)
        add_layers(record, round);
    for (int kind = 0; kind < kinds.count(); ++kind) {
        ActivityRecord& of_kind = record.of_kind(kind);
        Counters& chip = of_kind.instances["chip"];
        for (const Counters& layer : of_kind.layers)
            chip += layer;
    }
    record.add_kinds();
    return record;
}

}  // namespace xloop
