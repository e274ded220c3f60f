#include "analysis/trace_power_model.hpp"

#include "analysis/statistics.hpp"
#include "systemc_model/cost/energy.hpp"
#include "systemc_model/cost/expected_data.hpp"
#include "systemc_model/estimate/activity_count.hpp"
#include "systemc_model/mapping/instance_ledger.hpp"

namespace xloop {
namespace {

/// For one event of each kind: itself, and what is expected with it.
std::vector<PerEvent> expected_with(const MappedNetwork& network, const StudyConfig& config) {
    std::vector<PerEvent> counts(event_count, PerEvent{});
    for (std::size_t e = 0; e < event_count; ++e)
        counts[e][e] = 1;
    if (config.simulation.computes())
        return counts;
    ActivityRecord run = count_activity(network, config.simulation.images);
    DataAverages averages;
    if (const std::string file = config.simulation.recorded_statistics(); !file.empty())
        averages.active_rows_of_layer = read_statistics(file, network.graph);
    expect_data(run, network.hardware, averages);
    expect_data(counts, run.total());
    return counts;
}

}  // namespace

trace::PowerModel trace_power_model(const MappedNetwork& network, const StudyConfig& config, const CostTable& table) {
    const HardwareConfig& hardware = network.hardware;
    const UnitCosts costs = unit_costs(table, hardware, CostDetail::figures);
    trace::PowerModel model;
    model.cycle_s = 1e-9 * hardware.clock.period_ns();
    const std::vector<PerEvent> counts = expected_with(network, config);
    for (std::size_t e = 0; e < event_count; ++e)
        model.event_j[e] = dynamic_j(counts[e], costs);
    model.static_w = static_w(make_inventory(hardware, network.mapping.chip()), costs, hardware);
    Ledger one_second;
    one_second.seconds = 1;
    for (const InstanceCost& instance : instance_ledger(one_second, network, costs))
        model.instances.push_back({instance.path, instance.leakage_j + instance.refresh_j + instance.clock_j});
    return model;
}

}  // namespace xloop
