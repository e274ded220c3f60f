#include "systemc_model/cost/models/gates.hpp"

#include <cmath>

namespace xloop {
namespace {

/// Runs of DSENT 0.91 at 45, 32 and 22 nm: flip-flop buffers, multiplexer crossbar, matrix arbiters, 1 GHz, random data.
/// The reference has 5 ports, flits of 32 bits, and 2 virtual channels of 4 flits in each port.
constexpr std::array<double, 3> nodes = {45, 32, 22};
constexpr std::array<double, 3> supplies = {1.0, 0.9, 0.8};
constexpr std::array<double, 4> slot_counts = {4, 8, 16, 32};  ///< flits of a port
constexpr std::array<double, 3> channel_counts = {1, 2, 4};    ///< virtual channels
constexpr std::array<double, 4> flit_widths = {32, 64, 128, 256};

struct RouterRuns {
    std::array<double, 4> buffer_pj;             ///< by slots; 32 slots from a run of 8 ports, which hardly matter
    std::array<double, 4> wide_buffer_pj;        ///< by flit, 8 slots
    std::array<double, 4> wide_crossbar_pj;      ///< by flit, 5 ports
    std::array<double, 3> arbitration_pj;        ///< by virtual channels, 5 ports
    std::array<double, 4> wide_clock_pj;         ///< by flit, 8 slots
    std::array<double, 3> leakage_mw, area_um2;  ///< by slots
    std::array<double, 4> wide_leakage_mw, wide_area_um2;
    double crossbar_8_ports, arbitration_8_ports, clock_8_ports, leakage_8_ports, area_8_ports;  ///< 32 bits, 8 slots
};

constexpr std::array<RouterRuns, 3> runs = {{
    {{1.07, 1.54, 2.35, 3.97},
     {1.54, 2.99, 5.88, 11.7},
     {0.55, 1.07, 2.13, 4.23},
     {0.13, 0.14, 0.21},
     {0.32, 0.52, 0.89, 1.66},
     {3.0, 4.7, 7.9},
     {10270, 15780, 26680},
     {4.7, 8.9, 17.3, 34.2},
     {15780, 31870, 72200, 182600},
     0.80,
     0.35,
     0.44,
     8.7,
     29300},
    {{0.59, 0.85, 1.29, 2.18},
     {0.85, 1.64, 3.24, 6.43},
     {0.30, 0.59, 1.17, 2.33},
     {0.08, 0.08, 0.12},
     {0.18, 0.29, 0.52, 0.96},
     {2.6, 4.0, 6.7},
     {6010, 9040, 15030},
     {4.0, 7.6, 14.8, 29.2},
     {9040, 19760, 48630, 136100},
     0.44,
     0.20,
     0.25,
     7.4,
     16840},
    {{0.28, 0.40, 0.60, 1.01},
     {0.40, 0.78, 1.53, 3.03},
     {0.14, 0.27, 0.54, 1.07},
     {0.03, 0.04, 0.06},
     {0.10, 0.16, 0.29, 0.55},
     {2.2, 3.4, 5.7},
     {2460, 3790, 6400},
     {3.4, 6.5, 12.6, 25},
     {3790, 7700, 17530, 44620},
     0.20,
     0.09,
     0.135,
     6.2,
     7030},
}};

/// Log-log through (x, y) of `count` points, carried on with the slope of the end segments.
template <std::size_t places, std::size_t count>
double through(const std::array<double, places>& x, const std::array<double, count>& y, double at) {
    std::size_t i = 0;
    while (i + 2 < count && x[i + 1] <= at)
        ++i;
    return at == x[i] ? y[i] : y[i] * std::pow(y[i + 1] / y[i], std::log(at / x[i]) / std::log(x[i + 1] / x[i]));
}

struct Router {
    double buffer_pj = 0, crossbar_pj = 0, arbitration_pj = 0;
    double clock_pj = 0, leakage_mw = 0, area_um2 = 0;
};

Router router_at(const RouterRuns& run, double ports, double channels, double slots, double flit_bits) {
    const double more_ports = std::log(ports / 5) / std::log(8.0 / 5);
    const auto for_ports = [&](double five, double eight) { return std::pow(eight / five, more_ports); };
    const auto of_slots = [&](const auto& figures) { return through(slot_counts, figures, slots); };
    const auto of_width = [&](const std::array<double, 4>& wide) { return through(flit_widths, wide, flit_bits); };
    const auto for_width = [&](const std::array<double, 4>& wide) { return of_width(wide) / wide[0]; };
    Router router;
    router.buffer_pj = of_slots(run.buffer_pj) * for_width(run.wide_buffer_pj);
    router.crossbar_pj = of_width(run.wide_crossbar_pj) * for_ports(run.wide_crossbar_pj[0], run.crossbar_8_ports);
    router.arbitration_pj = through(channel_counts, run.arbitration_pj, channels) *
                            for_ports(run.arbitration_pj[1], run.arbitration_8_ports);
    router.clock_pj = of_width(run.wide_clock_pj) * for_ports(run.wide_clock_pj[0], run.clock_8_ports);
    router.leakage_mw =
        of_slots(run.leakage_mw) * for_width(run.wide_leakage_mw) * for_ports(run.leakage_mw[1], run.leakage_8_ports);
    router.area_um2 =
        of_slots(run.area_um2) * for_width(run.wide_area_um2) * for_ports(run.area_um2[1], run.area_8_ports);
    return router;
}

/// Bits that differ from the flit before pay for the crossbar and for half of the buffer, whose other half is the
/// clocking of its flip-flops (our estimate); random data, half the bits, gives the run's energy.
double energy_pj(const Router& router, Event event, double flit_bits) {
    const double of_data = router.crossbar_pj + 0.5 * router.buffer_pj;
    return event == Event::router_toggle ? of_data / (0.5 * flit_bits) : router.arbitration_pj + 0.5 * router.buffer_pj;
}

Figures figures_of(const Router& router, Event event, double flit_bits, double leakage_divisor) {
    Figures figures;
    figures.energy_pj = energy_pj(router, event, flit_bits);
    figures.area_um2 = router.area_um2;
    figures.leakage_uw = 1e3 * router.leakage_mw / leakage_divisor;
    figures.clock_pj = router.clock_pj;
    return figures;
}

Figures router_dsent(const ModelQuery& query) {
    const NocConfig& noc = query.hardware.noc;
    const double ports = 4 + noc.concentration, slots = noc.vcs * noc.vc_buffer_flits, flit_bits = noc.flit_bits;
    query.uses("ports", ports, "", 5, 8);
    query.uses("noc.vcs", noc.vcs, "", 1, 4);
    query.uses("flits of a port's buffers", slots, "", 4, 32);
    query.uses("noc.flit_bits", flit_bits, "", 32, 256);
    const double node_nm = query.node(nodes.back(), nodes.front());
    const NodePlace<3> place(nodes, node_nm);
    const auto at = [&](std::size_t i) {
        const Router router = router_at(runs[i], ports, noc.vcs, slots, flit_bits);
        return figures_of(router, query.event, flit_bits, query.parameter(0));
    };
    Figures figures = at(place.lower);
    NodeScaling beyond;
    if (place.weight > 0) {
        const Figures upper = at(place.upper);
        figures.energy_pj = place.between(figures.energy_pj, upper.energy_pj);
        figures.area_um2 = place.between(figures.area_um2, upper.area_um2);
        figures.leakage_uw = place.between(figures.leakage_uw, upper.leakage_uw);
        figures.clock_pj = place.between(figures.clock_pj, upper.clock_pj);
    } else if (node_nm != nodes[place.lower]) {
        beyond =
            stillmaker_baas_2017({nodes[place.lower], supplies[place.lower]}, {node_nm, nominal_supply_v(node_nm)});
    }
    const double energy = beyond.energy * query.supply_factor();
    figures.energy_pj *= energy;
    figures.clock_pj *= energy;
    figures.area_um2 *= beyond.area;
    return figures;
}

}  // namespace

std::vector<CostModel> router_models() {
    return {{"router_dsent",
             {Component::router},
             router_dsent,
             {leakage_divisor_parameter()},
             "our runs of DSENT 0.91 (MIT licence), flip-flop buffers, 5 and 8 ports, 32 ... 256 bits, 45/32/22 nm, 1"
             " GHz; leakage divided from low-threshold cells: our estimate"}};
}

}  // namespace xloop
