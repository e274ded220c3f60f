#include "systemc_model/estimate/estimate.hpp"

#include "systemc_model/estimate/activity_count.hpp"
#include "systemc_model/estimate/time_line.hpp"

#include <cmath>
#include <utility>

namespace xloop {

Estimate estimate(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware, int images) {
    Estimate result;
    std::vector<RoundActivity> rounds;
    const auto cycles = [](double value) { return static_cast<std::uint64_t>(std::llround(value)); };
    result.layers.resize(graph.layers.size());
    for (std::size_t l = 0; l < graph.layers.size(); ++l)
        result.layers[l].name = graph.layers[l].name;
    for (int r = 0; r < mapping.rounds; ++r) {
        const FlowPlan plan = make_flow_plan(graph, mapping, hardware, r);
        rounds.push_back(count_round(graph, mapping, hardware, plan, images));
        const RoundTimes times = estimate_round(graph, mapping, hardware, plan, rounds.back(), images);
        if (r > 0)
            result.cycles += static_cast<std::uint64_t>(Durations(hardware).reprogram());
        for (const RoundTimes::Layer& layer : times.layers) {
            result.layers[layer.layer].start_cycle = result.cycles + cycles(layer.start);
            result.layers[layer.layer].end_cycle = result.cycles + cycles(layer.end);
        }
        result.latency_cycles = result.cycles + cycles(times.latency);
        result.interval_cycles = cycles(times.interval);
        result.cycles = result.latency_cycles + static_cast<std::uint64_t>(images - 1) * result.interval_cycles;
    }
    result.activity = merge_rounds(mapping, std::move(rounds));
    return result;
}

}  // namespace xloop
