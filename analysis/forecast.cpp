#include "analysis/forecast.hpp"

#include "systemc_model/estimate/quick_estimate.hpp"
#include "systemc_model/mapping/map_network.hpp"

namespace xloop {
namespace {

WorkloadGraph without_weights(WorkloadGraph graph) {
    for (GraphLayer& layer : graph.layers)
        layer.weights = nullptr;
    return graph;
}

}  // namespace

std::string Forecast::uncertain() const {
    const Contention* most = nullptr;
    for (const Contention& place : run.contended)
        if (!most || place.load > most->load)
            most = &place;
    return most ? place_of(*most, network) + ": " + reason_of(*most) : "";
}

Forecaster::Forecaster(const WorkloadGraph& graph, const CostTable& costs, int images)
    : shapes_(without_weights(graph)), geometry_(shapes_), costs_(costs), images_(images) {}

Forecast Forecaster::operator()(const HardwareConfig& hardware) const {
    Forecast forecast;
    forecast.network = map_network(shapes_, hardware);
    const MappedNetwork& network = forecast.network;
    forecast.run = estimate_run(geometry_, network, images_);
    const UnitCosts units = unit_costs(costs_, hardware, CostDetail::figures);
    const FiguresOfMerit figures = quick_figures(forecast.run, network, units, images_, {}, 1.0).figures;
    forecast.interval = hardware.pipelined() && network.mapping.rounds == 1
                            ? static_cast<double>(forecast.run.interval_cycles)
                            : static_cast<double>(forecast.run.cycles) / images_;
    forecast.dynamic_j = figures.dynamic_j;
    forecast.static_j_cycle = figures.static_w / (hardware.clock.frequency_ghz * 1e9);
    forecast.area_mm2 = figures.area_mm2;
    forecast.warnings = units.warnings;
    return forecast;
}

}  // namespace xloop
