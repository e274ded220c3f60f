#include "analysis/trace_power_model.hpp"

#include "analysis/statistics.hpp"
#include "systemc_model/cost/energy.hpp"
#include "systemc_model/cost/expected_data.hpp"
#include "systemc_model/estimate/activity_count.hpp"
#include "systemc_model/mapping/instance_ledger.hpp"
#include "systemc_model/mapping/instance_paths.hpp"

#include <map>

namespace xloop {
namespace {

using Expected = std::vector<PerEvent>;

/// For one event of each sort: itself, and what is expected with it. By kind of hardware.
std::vector<Expected> expected_with(const MappedNetwork& network, const StudyConfig& config) {
    Expected counts(event_count, PerEvent{});
    for (std::size_t e = 0; e < event_count; ++e)
        counts[e][e] = 1;
    std::vector<Expected> kinds(static_cast<std::size_t>(network.kinds.count()), counts);
    if (config.simulation.computes())
        return kinds;
    ActivityRecord run = count_activity(network, config.simulation.images);
    DataAverages averages;
    if (const std::string file = config.simulation.recorded_statistics(); !file.empty())
        averages.active_rows_of_layer = read_statistics(file, network.graph);
    expect_data(run, network.kinds, averages);
    for (std::size_t k = 0; k < kinds.size(); ++k)
        expect_data(kinds[k], run.of_kind(static_cast<int>(k)).total());
    return kinds;
}

/// Kinds of the instances that are not of the base: arrays and registers as their first layer sees them.
std::map<std::string, int> other_kinds(const MappedNetwork& network) {
    std::map<std::string, int> kinds;
    const InstancePaths paths(network.mapping);
    for (std::size_t l = 0; l < network.mapping.layers.size(); ++l)
        if (const int kind = network.kinds.of_layer(static_cast<int>(l)); kind > 0)
            for (const LayerCopy& copy : network.mapping.layers[l].copies)
                for (const PlacedBlock& block : copy.blocks) {
                    kinds.emplace(paths.array(block), kind);
                    for (Component registers : {Component::input_register, Component::output_register})
                        kinds.emplace(paths.pe_part(block.tile, block.pe, registers), kind);
                }
    for (int tile = 0; tile < network.mapping.tiles(); ++tile)
        for (Component part : {Component::buffer, Component::bus, Component::accumulator, Component::vector_unit,
                               Component::controller, Component::clock_tree})
            kinds.emplace(paths.tile_part(tile, part), network.mapping.type_of(tile));
    return kinds;
}

trace::PowerModel::EventEnergies event_energies(const Expected& counts, const UnitCosts& costs) {
    trace::PowerModel::EventEnergies energies;
    for (std::size_t e = 0; e < event_count; ++e)
        energies[e] = dynamic_j(counts[e], costs);
    return energies;
}

}  // namespace

trace::PowerModel trace_power_model(const MappedNetwork& network, const StudyConfig& config, const CostTable& table) {
    const HardwareKinds& kinds = network.kinds;
    const std::vector<UnitCosts> types = type_costs(table, kinds, CostDetail::figures);
    trace::PowerModel model;
    model.cycle_s = 1e-9 * network.hardware.clock.period_ns();
    const std::vector<Expected> counts = expected_with(network, config);
    model.event_j = event_energies(counts.front(), types.front());
    for (int kind = 1; kind < kinds.count(); ++kind)
        model.other_kinds.push_back(
            event_energies(counts[static_cast<std::size_t>(kind)],
                           costs_of_kind(types[static_cast<std::size_t>(kinds.type_of(kind))], kinds[kind])));
    model.static_w = static_w(kinds, network.mapping.chip(), types);
    Ledger one_second;
    one_second.seconds = 1;
    std::map<std::string, int> others;
    if (kinds.count() > 1)
        others = other_kinds(network);
    for (const InstanceCost& instance : instance_ledger(one_second, network, types)) {
        const auto other = others.find(instance.path);
        model.instances.push_back({instance.path, instance.leakage_j + instance.refresh_j + instance.clock_j,
                                   other == others.end() ? 0 : other->second});
    }
    return model;
}

}  // namespace xloop
