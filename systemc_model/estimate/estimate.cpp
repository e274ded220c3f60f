#include "systemc_model/estimate/estimate.hpp"

#include "systemc_model/estimate/activity_count.hpp"
#include "systemc_model/estimate/time_line.hpp"

namespace xloop {

Estimate estimate(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware, int images) {
    Estimate result = estimate_times(graph, mapping, hardware);
    result.interval_cycles = result.latency_cycles;
    result.cycles = result.latency_cycles * static_cast<std::uint64_t>(images);
    result.activity = count_activity(graph, mapping, hardware, images);
    return result;
}

}  // namespace xloop
