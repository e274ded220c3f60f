#include "systemc_model/crossbar/reads/noise_table.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

namespace xloop {
namespace {

constexpr int table_size = 1 << 16;
constexpr int draws_per_block = 8;

/// Quantile of the standard normal distribution at p in (0, 1/2]: Newton's method on the distribution function.
double lower_quantile(double p, double start) {
    double x = start;
    for (int step = 0; step < 50; ++step) {
        const double density = std::exp(-0.5 * x * x) / std::sqrt(2.0 * 3.14159265358979323846);
        const double change = (0.5 * std::erfc(-x / std::sqrt(2.0)) - p) / density;
        x -= change;
        if (std::abs(change) < 1e-14)
            break;
    }
    return x;
}

}  // namespace

std::shared_ptr<const NoiseTable> NoiseTable::make(double sigma, int fraction_bits) {
    static std::mutex lock;
    static std::map<std::pair<double, int>, std::weak_ptr<const NoiseTable>> known;
    static std::shared_ptr<const NoiseTable> latest;  // arrays that come and go one by one must not rebuild it each time
    const std::lock_guard<std::mutex> hold(lock);
    auto& entry = known[{sigma, fraction_bits}];
    auto table = entry.lock();
    if (!table) {
        table.reset(new NoiseTable(sigma, fraction_bits));
        entry = table;
    }
    latest = table;
    return table;
}

NoiseTable::NoiseTable(double sigma, int fraction_bits) : quantiles_(table_size), unit_(table_size) {
    // From the middle outwards, each quantile starts Newton's method for the next.
    std::vector<double> lower(table_size / 2);
    double x = 0.0, squares = 0.0;
    for (int k = table_size / 2 - 1; k >= 0; --k) {
        x = lower_quantile((k + 0.5) / table_size, x);
        lower[static_cast<std::size_t>(k)] = x;
        squares += x * x;
    }
    const double unit = 1.0 / std::sqrt(squares / (table_size / 2));
    const double scale = std::ldexp(sigma, fraction_bits) * unit;
    for (int k = 0; k < table_size / 2; ++k) {
        const auto value = static_cast<std::int32_t>(std::lround(scale * lower[static_cast<std::size_t>(k)]));
        quantiles_[static_cast<std::size_t>(k)] = value;
        quantiles_[static_cast<std::size_t>(table_size - 1 - k)] = -value;
        const auto z = static_cast<float>(unit * lower[static_cast<std::size_t>(k)]);
        unit_[static_cast<std::size_t>(k)] = z;
        unit_[static_cast<std::size_t>(table_size - 1 - k)] = -z;
    }
}

void NoiseTable::add(const KeyedRandom& random, std::uint64_t i, std::uint64_t j, int count, std::int32_t* values) const {
    for (int first = 0; first < count; first += draws_per_block) {
        const auto words = random.block(i, j | static_cast<std::uint64_t>(first / draws_per_block));
        const int last = std::min(draws_per_block, count - first);
        for (int k = 0; k < last; ++k)
            values[first + k] += quantiles_[(words[static_cast<std::size_t>(k / 2)] >> (16 * (k % 2))) & 0xffffu];
    }
}

void NoiseTable::add_scaled(const KeyedRandom& random, std::uint64_t i, std::uint64_t j, int count, const float* variance,
                            std::int32_t* values) const {
    for (int first = 0; first < count; first += draws_per_block) {
        const auto words = random.block(i, j | static_cast<std::uint64_t>(first / draws_per_block));
        const int last = std::min(draws_per_block, count - first);
        for (int k = 0; k < last; ++k) {
            const float z = unit_[(words[static_cast<std::size_t>(k / 2)] >> (16 * (k % 2))) & 0xffffu];
            values[first + k] += static_cast<std::int32_t>(std::lrint(z * std::sqrt(variance[first + k])));
        }
    }
}

}  // namespace xloop
