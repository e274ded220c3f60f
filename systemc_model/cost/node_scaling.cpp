#include "systemc_model/cost/node_scaling.hpp"

namespace xloop {
namespace {

constexpr std::size_t node_count = 10;
constexpr std::array<double, node_count> nodes = {130, 90, 65, 45, 32, 20, 16, 14, 10, 7};

/// Coefficients of the supply's powers, highest first.
struct Polynomials {
    std::array<double, 4> delay;
    std::array<double, 3> energy;
};
constexpr std::array<Polynomials, node_count> polynomials = {{
    {{-76.65, 334.9, -493.4, 275.8}, {7.171, -6.709, 2.904}},
    {{-60.34, 262.5, -384.2, 210.9}, {4.762, -4.781, 2.092}},
    {{-53.3, 230.4, -333.9, 178.6}, {3.755, -4.398, 1.975}},
    {{-501.6, 1567, -1619, 566.1}, {1.018, -0.3107, 0.1539}},
    {{-1047, 2982, -2797, 873.5}, {0.8367, -0.4341, 0.1701}},
    {{0, 34.63, -66.37, 41.15}, {0.373, -0.1582, 0.04104}},
    {{0, 24.8, -47.52, 28.87}, {0.2958, -0.1241, 0.03024}},
    {{-40.66, 109.2, -100.6, 35.92}, {0.2363, -0.09675, 0.02239}},
    {{-34.95, 93.65, -85.99, 30.4}, {0.2068, -0.09311, 0.02375}},
    {{-28.58, 76.6, -70.26, 24.69}, {0.1776, -0.09097, 0.02447}},
}};

/// Area from the row's node to the column's, of the nodes from 65 nm down; the paper rounds to two digits, so factors
/// there and back are not exactly reciprocal.
constexpr std::size_t first_target = 2, area_rows = 6;
constexpr std::array<std::array<double, node_count - first_target>, area_rows> area_factors = {{
    {0.23, 0.16, 0.072, 0.033, 0.030, 0.027, 0.016, 0.0092},
    {0.53, 0.35, 0.16, 0.075, 0.067, 0.061, 0.036, 0.021},
    {1, 0.66, 0.31, 0.14, 0.13, 0.12, 0.068, 0.039},
    {1.5, 1, 0.46, 0.21, 0.19, 0.17, 0.10, 0.059},
    {3.3, 2.2, 1, 0.46, 0.41, 0.38, 0.22, 0.13},
    {7.1, 4.7, 2.2, 1, 0.89, 0.82, 0.48, 0.28},
}};

double area_factor(std::size_t from, std::size_t to) {
    constexpr std::size_t smallest_row = area_rows - 1;  // 20 nm
    if (from == to)
        return 1;
    if (from < area_rows && to >= first_target)
        return area_factors[from][to - first_target];
    if (to < area_rows && from >= first_target)
        return 1 / area_factors[to][from - first_target];
    // Both among the largest nodes or both among the smallest: by way of a node that has factors to or from both.
    if (to < first_target)
        return area_factors[from][0] / area_factors[to][0];
    return area_factors[smallest_row][to - first_target] / area_factors[smallest_row][from - first_target];
}

double log_area(const NodePlace<node_count>& from, const NodePlace<node_count>& to) {
    const auto from_one = [&](std::size_t source) {
        return (1 - to.weight) * std::log(area_factor(source, to.lower)) +
               to.weight * std::log(area_factor(source, to.upper));
    };
    return (1 - from.weight) * from_one(from.lower) + from.weight * from_one(from.upper);
}

template <std::size_t terms>
double value_of(const std::array<double, terms>& coefficients, double x) {
    double value = 0;
    for (double coefficient : coefficients)
        value = value * x + coefficient;
    return value;
}

double energy_at(const NodePlace<node_count>& place, double v) {
    return place.between(value_of(polynomials[place.lower].energy, v), value_of(polynomials[place.upper].energy, v));
}

double delay_at(const NodePlace<node_count>& place, double v) {
    return place.between(value_of(polynomials[place.lower].delay, v), value_of(polynomials[place.upper].delay, v));
}

}  // namespace

double nominal_supply_v(double node_nm) {
    constexpr std::size_t count = 8;
    constexpr std::array<double, count> at = {130, 65, 45, 32, 22, 20, 16, 7};
    constexpr std::array<double, count> volts = {1.2, 1.1, 1.0, 0.9, 0.8, 0.9, 0.85, 0.7};
    const NodePlace<count> place(at, node_nm);
    return (1 - place.weight) * volts[place.lower] + place.weight * volts[place.upper];
}

NodeScaling stillmaker_baas_2017(const Technology& from, const Technology& to) {
    const NodePlace<node_count> source(nodes, from.node_nm), target(nodes, to.node_nm);
    NodeScaling scaling;
    scaling.energy = energy_at(target, to.supply_v) / energy_at(source, from.supply_v);
    scaling.delay = delay_at(target, to.supply_v) / delay_at(source, from.supply_v);
    scaling.area = from.node_nm == to.node_nm ? 1 : std::exp(log_area(source, target));
    return scaling;
}

}  // namespace xloop
