#include "systemc_model/device/device_model.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {

DeviceModel::DeviceModel(const HardwareConfig& hardware)
    : device_(hardware.device), cols_(hardware.crossbar.cols), levels_(make_levels(hardware)), faults_(hardware),
      programming_(hardware.chip_seed, RandomUse::programming_variation), drift_(hardware.chip_seed, RandomUse::drift),
      wander_(hardware.chip_seed, RandomUse::conductance_wander) {
    for (int level = 0; level < levels_.size(); ++level)
        statistics_.push_back(cell_kind(device_).statistics(device_, levels_, level));
    const auto any = [this](auto matters) { return std::any_of(statistics_.begin(), statistics_.end(), matters); };
    spreads_ = any([](const CellStatistics& cells) { return cells.spread_s != 0.0; });
    drifts_differ_ = any([](const CellStatistics& cells) { return cells.drift_nu_sigma > 0.0; });
    drifts_ = device_.drift_time_s != device_.drift_t0_s &&
              (drifts_differ_ || any([](const CellStatistics& cells) { return cells.drift_nu != 0.0; }));
    wanders_ = any([](const CellStatistics& cells) { return cells.wander > 0.0; });
}

double DeviceModel::written(int level, double z) const {
    const CellStatistics& cells = statistics_[static_cast<std::size_t>(level)];
    const double mean = levels_.mean(level), sigma = cells.spread_s;
    if (sigma == 0.0 || mean == 0.0)
        return mean;
    if (!cells.lognormal)
        return std::max(0.0, mean + sigma * z);
    // Lognormal with the same mean and standard deviation.
    const double log_variance = std::log1p(sigma * sigma / (mean * mean));
    return mean * std::exp(std::sqrt(log_variance) * z - 0.5 * log_variance);
}

double DeviceModel::faultless(int level, const Deviates& z) const {
    const CellStatistics& cells = statistics_[static_cast<std::size_t>(level)];
    double g = written(level, z.programming);
    if (drifts_) {
        double nu = cells.drift_nu;
        if (cells.drift_nu_sigma > 0.0)
            nu = std::max(cells.drift_nu_least, nu + cells.drift_nu_sigma * z.drift);
        g = g * std::pow(device_.drift_time_s / device_.drift_t0_s, -nu);
    }
    return wanders_ ? std::max(0.0, g * (1.0 + cells.wander * z.wander)) : g;
}

/// Conductance of a cell that does not follow its writes.
std::optional<double> DeviceModel::stuck_at(int row, int column, std::uint64_t array) const {
    switch (faults_.at(array, row, column, static_cast<std::uint64_t>(row) * cols_ + column)) {
    case Fault::on: return levels_.highest();
    case Fault::off: return levels_.lowest();
    case Fault::open: return 0.0;
    case Fault::none: break;
    }
    return std::nullopt;
}

double DeviceModel::fault_error(int row, int column, int level, std::uint64_t array) const {
    const std::optional<double> g = stuck_at(row, column, array);
    return g ? std::abs(*g - levels_.mean(level)) / levels_.step() : 0.0;
}

Eigen::MatrixXd DeviceModel::program(const LevelMatrix& targets, std::uint64_t array) const {
    Eigen::MatrixXd g(targets.rows(), targets.cols());
    std::vector<double> programming(static_cast<std::size_t>(g.cols()), 0.0), drift = programming, wander = programming;
    for (Eigen::Index i = 0; i < g.rows(); ++i) {
        const auto draw = [&](bool wanted, const KeyedRandom& random, std::vector<double>& z) {
            if (wanted)
                random.normals(array, static_cast<std::uint64_t>(i * g.cols()), static_cast<int>(g.cols()), z.data());
        };
        draw(spreads_, programming_, programming);
        draw(drifts_ && drifts_differ_, drift_, drift);
        draw(wanders_, wander_, wander);
        for (Eigen::Index j = 0; j < g.cols(); ++j) {
            const auto column = static_cast<std::size_t>(j);
            std::optional<double> stuck;
            if (!faults_.none())
                stuck = stuck_at(static_cast<int>(i), static_cast<int>(j), array);
            g(i, j) = stuck ? *stuck : faultless(targets(i, j), {programming[column], drift[column], wander[column]});
        }
    }
    return g;
}

}  // namespace xloop
