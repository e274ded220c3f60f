#include "systemc_model/device/kinds/cell_kind.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

/// Below this share of the highest conductance the logarithms of the fits stand still.
constexpr double least_x = 1e-7;

CellStatistics statistics(const DeviceConfig& device, const LevelTable& levels, int level) {
    const PcmConfig& pcm = device.pcm;
    const double highest = levels.highest(), x = levels.mean(level) / highest;
    const double log_x = std::log(std::max(x, least_x));
    CellStatistics cells;
    cells.spread_s =
        highest *
        std::max(0.0, pcm.programming_0 + x * (pcm.programming_1 + x * (pcm.programming_2 + x * pcm.programming_3)));
    cells.drift_nu = std::clamp(pcm.nu_on + pcm.nu_log * log_x, pcm.nu_least, pcm.nu_most);
    cells.drift_nu_sigma =
        std::clamp(pcm.nu_sigma_on + pcm.nu_sigma_log * log_x, pcm.nu_sigma_least, pcm.nu_sigma_most);
    cells.drift_nu_least = 0.0;
    const double read_s = 1e-9 * pcm.noise_read_time_ns;
    const double log_time = std::log((device.drift_time_s + read_s) / (2.0 * read_s));
    cells.wander = std::min(pcm.noise_most, pcm.noise_on * std::exp(-pcm.noise_exponent * log_x)) *
                   std::sqrt(std::max(0.0, log_time));
    return cells;
}

}  // namespace

/// Phase-change cells as in Nandakumar et al., ICECS 2019, and Joshi et al., Nature Communications 11, 2473 (2020). With
/// x = target / highest conductance:
///   programmed   g = target + N(0, sigma),  sigma / highest a polynomial of x
///   drift        g (t / t0)^-nu,  nu = N(mean, deviation), both linear in ln x within bounds
///   1/f noise    g (1 + N(0, q sqrt(ln((t + t_read) / 2 t_read)))),  q = min(bound, noise_on x^-exponent)
CellKind pcm_kind() { return {DeviceKind::pcm, statistics}; }

}  // namespace xloop
