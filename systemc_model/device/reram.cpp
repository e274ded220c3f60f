#include "systemc_model/device/reram.hpp"

#include "core/random.hpp"

#include <algorithm>

namespace xloop {

Eigen::MatrixXd program_cells(const LevelMatrix& levels, const DeviceConfig& device, std::uint64_t chip_seed,
                              std::uint64_t array) {
    const KeyedRandom random(chip_seed, RandomUse::programming_variation);
    const double step = device.level_step();
    Eigen::MatrixXd g(levels.rows(), levels.cols());
    for (Eigen::Index i = 0; i < g.rows(); ++i)
        for (Eigen::Index j = 0; j < g.cols(); ++j) {
            double factor = 1.0;
            if (device.programming_sigma > 0.0)
                factor += device.programming_sigma * random.normal(array, static_cast<std::uint64_t>(i * g.cols() + j));
            g(i, j) = std::max(0.0, factor) * (device.g_off() + levels(i, j) * step);
        }
    return g;
}

}  // namespace xloop
