#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace xloop {

/// Nominal supply of a node in V: ITRS planar nodes as CACTI 7 and DSENT 0.91 have them (65: 1.1, 45: 1.0, 32: 0.9, 22:
/// 0.8), PTM multi-gate nodes as Stillmaker and Baas have them (20: 0.9, 16: 0.85, 7: 0.7); linear in the logarithm
/// between.
double nominal_supply_v(double node_nm);

/// A node and a supply.
struct Technology {
    double node_nm = 0;
    double supply_v = 0;
};

/// Factors that carry a figure from one node and supply to another: A. Stillmaker and B. Baas, "Scaling equations for
/// the accurate prediction of CMOS device performance from 180 nm to 7 nm", Integration 58 (2017), high-performance
/// rows from 45 nm down. Energy and delay: the ratio of the paper's polynomials in the supply. Area: the paper's table
/// of factors. Between nodes the factor is interpolated geometrically, that is linearly in its logarithm over the
/// logarithm of the node. Nodes outside 7 ... 130 nm count as the nearest (scaling_lowest_nm, scaling_highest_nm).
struct NodeScaling {
    double energy = 1, area = 1, delay = 1;
};
NodeScaling stillmaker_baas_2017(const Technology& from, const Technology& to);
inline constexpr double scaling_lowest_nm = 7, scaling_highest_nm = 130;

/// Where a node lies among the nodes of a table, which fall in size. Figures are interpolated geometrically; beyond
/// either end they are the end's.
template <std::size_t count>
struct NodePlace {
    NodePlace(const std::array<double, count>& nodes, double node_nm) {
        while (lower + 1 < count && nodes[lower + 1] >= node_nm)
            ++lower;
        upper = lower;
        if (node_nm >= nodes.front() || lower + 1 == count)
            return;
        upper = lower + 1;
        weight = std::log(nodes[lower] / node_nm) / std::log(nodes[lower] / nodes[upper]);
    }

    double between(double at_lower, double at_upper) const {
        return weight == 0 ? at_lower : at_lower * std::pow(at_upper / at_lower, weight);
    }
    double operator()(const std::array<double, count>& figures) const {
        return between(figures[lower], figures[upper]);
    }

    std::size_t lower = 0, upper = 0;
    double weight = 0;  ///< of `upper`
};

}  // namespace xloop
