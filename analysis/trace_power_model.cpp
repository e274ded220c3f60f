#include "analysis/trace_power_model.hpp"

#include "analysis/statistics.hpp"
#include "systemc_model/cost/expected_data.hpp"
#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/estimate/activity_count.hpp"
#include "systemc_model/mapping/instance_ledger.hpp"

namespace xloop {
namespace {

using EventCounts = std::array<double, event_count>;

DataAverages averages_of(const WorkloadGraph& graph, const Mapping& mapping, const std::string& statistics) {
    DataAverages averages;
    if (statistics.empty())
        return averages;
    SimulationResult result;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        SimulationResult::Layer layer;
        layer.name = graph.layers[l].name;
        layer.active_rows = -1;
        for (const LayerCopy& copy : mapping.layers[l].copies)
            layer.arrays += static_cast<int>(copy.blocks.size());
        result.layers.push_back(std::move(layer));
    }
    read_statistics(statistics, result);
    for (const SimulationResult::Layer& layer : result.layers)
        averages.active_rows_of_layer.push_back(layer.active_rows);
    return averages;
}

/// For one event of each kind: itself, and what is expected with it.
std::vector<EventCounts> expected_with(const WorkloadGraph& graph, const Mapping& mapping,
                                       const ExperimentConfig& config) {
    std::vector<EventCounts> counts(event_count, EventCounts{});
    for (std::size_t e = 0; e < event_count; ++e)
        counts[e][e] = 1;
    if (config.simulation.computes())
        return counts;
    ActivityRecord run = count_activity(graph, mapping, config.hardware, config.simulation.images);
    expect_data(run, config.hardware, averages_of(graph, mapping, config.simulation.recorded_statistics()));
    expect_data(counts, run.total());
    return counts;
}

}  // namespace

trace::PowerModel trace_power_model(const WorkloadGraph& graph, const Mapping& mapping, const ExperimentConfig& config,
                                    const CostTable& table) {
    const HardwareConfig& hardware = config.hardware;
    const UnitCosts costs = unit_costs(table, hardware, CostDetail::figures);
    trace::PowerModel model;
    model.cycle_s = 1e-9 * hardware.clock.period_ns();
    const std::vector<EventCounts> counts = expected_with(graph, mapping, config);
    for (std::size_t e = 0; e < event_count; ++e)
        for (std::size_t f = 0; f < event_count; ++f)
            model.event_j[e][static_cast<std::size_t>(component_of(static_cast<Event>(f)))] +=
                1e-12 * counts[e][f] * costs.events[f].energy_pj;
    const Inventory inventory = make_inventory(hardware, mapping.chip());
    for (std::size_t c = 0; c < component_count; ++c)
        model.static_w[c] =
            1e-6 * static_cast<double>(inventory.units[c]) * costs.static_uw(static_cast<Component>(c), hardware);
    Ledger one_second;
    one_second.seconds = 1;
    for (const InstanceCost& instance : instance_ledger(one_second, mapping, hardware, costs))
        model.instances.push_back({instance.path, instance.leakage_j + instance.refresh_j + instance.clock_j});
    return model;
}

}  // namespace xloop
