#include "systemc_model/device/kinds/cell_kind.hpp"

namespace xloop {
namespace {

double spread_s(const DeviceConfig& device, const LevelTable& levels, int level) {
    const double mean = levels.mean(level);
    switch (device.programming_spread) {
    case ProgrammingSpread::relative: return device.programming_sigma * mean;
    case ProgrammingSpread::absolute: return device.programming_sigma_us * 1e-6;
    case ProgrammingSpread::table: return levels.sigma(level);
    case ProgrammingSpread::state: break;
    }
    const double place = (mean - levels.lowest()) / (levels.highest() - levels.lowest());
    return mean * (device.programming_sigma_off + place * (device.programming_sigma - device.programming_sigma_off));
}

CellStatistics statistics(const DeviceConfig& device, const LevelTable& levels, int level) {
    CellStatistics cells;
    cells.spread_s = spread_s(device, levels, level);
    cells.lognormal = device.programming_distribution == ProgrammingDistribution::lognormal;
    cells.drift_nu = device.drift_nu;
    cells.drift_nu_sigma = device.drift_nu_sigma;
    return cells;
}

}  // namespace

/// A spread and a drift exponent that are set, whatever the material.
CellKind reram_kind() { return {DeviceKind::reram, statistics}; }

}  // namespace xloop
