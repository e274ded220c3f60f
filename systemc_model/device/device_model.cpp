#include "systemc_model/device/device_model.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {

DeviceModel::DeviceModel(const HardwareConfig& hardware)
    : device_(hardware.device), levels_(make_levels(hardware)), faults_(hardware),
      programming_(hardware.chip_seed, RandomUse::programming_variation), drift_(hardware.chip_seed, RandomUse::drift),
      normal_(hardware.device.programming_distribution == ProgrammingDistribution::normal) {
    for (int level = 0; level < levels_.size(); ++level)
        spreads_.push_back(spread(level));
    spreads_any_ = std::any_of(spreads_.begin(), spreads_.end(), [](double sigma) { return sigma != 0.0; });
}

double DeviceModel::spread(int level) const {
    const double mean = levels_.mean(level);
    if (device_.programming_spread == ProgrammingSpread::relative)
        return device_.programming_sigma * mean;
    if (device_.programming_spread == ProgrammingSpread::absolute)
        return device_.programming_sigma_us * 1e-6;
    if (device_.programming_spread == ProgrammingSpread::table)
        return levels_.sigma(level);
    const double place = (mean - levels_.lowest()) / (levels_.highest() - levels_.lowest());
    return mean * (device_.programming_sigma_off + place * (device_.programming_sigma - device_.programming_sigma_off));
}

double DeviceModel::written(int level, double z) const {
    const double mean = levels_.mean(level), sigma = spreads_[static_cast<std::size_t>(level)];
    if (sigma == 0.0 || mean == 0.0)
        return mean;
    if (normal_)
        return std::max(0.0, mean + sigma * z);
    // Lognormal with the same mean and standard deviation.
    const double log_variance = std::log1p(sigma * sigma / (mean * mean));
    return mean * std::exp(std::sqrt(log_variance) * z - 0.5 * log_variance);
}

double DeviceModel::drifted(double g, std::uint64_t array, std::uint64_t cell) const {
    double nu = device_.drift_nu;
    if (device_.drift_nu_sigma > 0.0)
        nu += device_.drift_nu_sigma * drift_.normal(array, cell);
    return g * std::pow(device_.drift_time_s / device_.drift_t0_s, -nu);
}

Eigen::MatrixXd DeviceModel::program(const LevelMatrix& targets, std::uint64_t array) const {
    const bool drifts =
        device_.drift_time_s != device_.drift_t0_s && (device_.drift_nu != 0.0 || device_.drift_nu_sigma > 0.0);
    Eigen::MatrixXd g(targets.rows(), targets.cols());
    std::vector<double> z(static_cast<std::size_t>(g.cols()), 0.0);
    for (Eigen::Index i = 0; i < g.rows(); ++i) {
        if (spreads_any_)
            programming_.normals(array, static_cast<std::uint64_t>(i * g.cols()), static_cast<int>(g.cols()), z.data());
        for (Eigen::Index j = 0; j < g.cols(); ++j) {
            const auto cell = static_cast<std::uint64_t>(i * g.cols() + j);
            switch (faults_.at(array, static_cast<int>(i), static_cast<int>(j), cell)) {
            case Fault::on: g(i, j) = levels_.highest(); break;
            case Fault::off: g(i, j) = levels_.lowest(); break;
            case Fault::open: g(i, j) = 0.0; break;
            case Fault::none:
                g(i, j) = written(targets(i, j), z[static_cast<std::size_t>(j)]);
                if (drifts)
                    g(i, j) = drifted(g(i, j), array, cell);
            }
        }
    }
    return g;
}

}  // namespace xloop
