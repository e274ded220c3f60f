#include "analysis/forecast.hpp"

#include "systemc_model/estimate/quick_estimate.hpp"
#include "systemc_model/mapping/expected_reads.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <algorithm>

namespace xloop {
namespace {

/// Share of a pipeline's interval up to which the network's busiest port does not delay images. From bench/advice_study.py:
/// below it intervals were within 1 % of the cycle model, from 0.8 on they were not.
constexpr double harmless_port = 0.4;

WorkloadGraph without_weights(WorkloadGraph graph) {
    for (GraphLayer& layer : graph.layers)
        layer.weights = nullptr;
    return graph;
}

}  // namespace

std::string Forecast::uncertain() const {
    if (other_reads)
        return "reads of zeros alone are left out as often as now, though larger ones are zero less often";
    const Contention* most = nullptr;
    for (const Contention& place : run.contended)
        if (delays_images(place) && (!most || place.load > most->load))
            most = &place;
    return most ? place_of(*most, network) + ": " + reason_of(*most) : "";
}

bool Forecast::delays_images(const Contention& place) const {
    if (!network.hardware.pipelined())
        return true;
    if (place.what == Contention::What::network_port)
        return place.layer < 0 && place.load > harmless_port;
    return place.layer < 0 || place.what == Contention::What::stream;
}

Forecaster::Forecaster(const MappedNetwork& network, const CostTable& costs, int images)
    : counted_(network), shapes_(without_weights(network.graph)), geometry_(shapes_), costs_(costs), images_(images) {}

Forecast Forecaster::operator()(const HardwareConfig& hardware) const {
    Forecast forecast{map_network(shapes_, hardware)};
    if (counted_.reads) {
        forecast.network.reads = reads_as_in(counted_, forecast.network);
        forecast.other_reads = !reads_alike(counted_, forecast.network);
    }
    const MappedNetwork& network = forecast.network;
    forecast.run = estimate_run(geometry_, network, images_);
    const std::vector<UnitCosts> types = type_costs(costs_, network.kinds, CostDetail::figures);
    const FiguresOfMerit figures = quick_figures(forecast.run, network, types, images_, {}, 1.0).figures;
    forecast.interval = hardware.pipelined() && network.mapping.rounds == 1
                            ? static_cast<double>(forecast.run.interval_cycles)
                            : static_cast<double>(forecast.run.cycles) / images_;
    forecast.dynamic_j = figures.dynamic_j;
    forecast.static_j_cycle = figures.static_w / (hardware.clock.frequency_ghz * 1e9);
    forecast.area_mm2 = figures.area_mm2;
    for (const UnitCosts& costs : types)
        forecast.warnings.insert(forecast.warnings.end(), costs.warnings.begin(), costs.warnings.end());
    return forecast;
}

std::vector<std::string> Forecaster::rows_blind_to(const HardwareConfig& from, const HardwareConfig& to) const {
    std::vector<std::string> rows = xloop::rows_blind_to(costs_, from, to);
    for (std::size_t type = 0; type < from.tile_types.size(); ++type)
        for (std::string& row :
             xloop::rows_blind_to(costs_, from.tile_types[type].hardware, to.tile_types[type].hardware))
            if (std::find(rows.begin(), rows.end(), row) == rows.end())
                rows.push_back(std::move(row));
    return rows;
}

}  // namespace xloop
