#include "systemc_model/crossbar/reads/noise_table.hpp"

#include "core/target_clones.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <mutex>

namespace xloop {
namespace {

constexpr std::size_t table_size = std::size_t{1} << 16;
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

/// The lower half of the quantiles, and the mean of their squares.
struct LowerQuantiles {
    std::vector<double> values = std::vector<double>(table_size / 2);
    double mean_square = 0.0;

    LowerQuantiles() {
        // From the middle outwards, each quantile starts Newton's method for the next.
        double x = 0.0;
        for (int k = static_cast<int>(table_size / 2) - 1; k >= 0; --k) {
            x = lower_quantile((k + 0.5) / static_cast<double>(table_size), x);
            values[static_cast<std::size_t>(k)] = x;
            mean_square += x * x;
        }
        mean_square /= static_cast<double>(table_size / 2);
    }
};

const LowerQuantiles& lower_quantiles() {
    static const LowerQuantiles known;
    return known;
}

/// All quantiles, times `scale` over the root of the mean square, each through `round`.
template <class T, class Round>
std::vector<T> symmetric_table(double scale, const Round& round) {
    const LowerQuantiles& lower = lower_quantiles();
    std::vector<T> table(table_size);
    scale /= std::sqrt(lower.mean_square);
    for (std::size_t k = 0; k < lower.values.size(); ++k) {
        table[k] = static_cast<T>(round(scale * lower.values[k]));
        table[table_size - 1 - k] = -table[k];
    }
    return table;
}

/// drawn[k] = the quantile that the k-th 16 bits choose, for whole words.
template <class T>
void draw(const T* __restrict quantiles, const std::uint32_t* __restrict words, int word_count, T* __restrict drawn) {
    for (int k = 0; k < word_count; ++k) {
        drawn[2 * k] = quantiles[words[k] & 0xffffu];
        drawn[2 * k + 1] = quantiles[words[k] >> 16];
    }
}

/// Calls use(drawn, count, place) with the quantiles for `count` values from to.values + place on.
template <class T, class Use>
void for_each_run(const KeyedRandom& random, const NoiseLines& to, const T* quantiles, const Use& use) {
    constexpr std::size_t most_blocks = 64, words_per_block = draws_per_block / 2;
    struct Run {
        std::size_t first_block;
        int count;
        std::ptrdiff_t place;
    };
    std::array<Run, most_blocks> runs;
    std::array<std::uint64_t, most_blocks> j{};
    std::array<std::uint32_t, most_blocks * words_per_block> words;
    std::array<T, most_blocks * draws_per_block> drawn;
    std::size_t blocks = 0, run_count = 0;
    const auto use_runs = [&] {
        random.blocks(to.i, j.data(), static_cast<int>(blocks), words.data());
        draw(quantiles, words.data(), static_cast<int>(blocks * words_per_block), drawn.data());
        for (std::size_t k = 0; k < run_count; ++k)
            use(drawn.data() + runs[k].first_block * draws_per_block, runs[k].count, runs[k].place);
        blocks = run_count = 0;
    };
    for (int line = 0; line < to.lines; ++line)
        for (int begin = 0, count; begin < to.count; begin += count) {
            count = std::min(to.count - begin, static_cast<int>(most_blocks - blocks) * draws_per_block);
            runs[run_count++] = {blocks, count, line * to.stride + begin};
            for (int first = begin; first < begin + count; first += draws_per_block)
                j[blocks++] = to.j + (static_cast<std::uint64_t>(line) << 16) +
                              static_cast<std::uint64_t>(first / draws_per_block);
            if (blocks == most_blocks)
                use_runs();
        }
    use_runs();
}

XLOOP_CLONES void add_drawn(const std::int32_t* __restrict drawn, int count, std::int32_t* __restrict values) {
    for (int k = 0; k < count; ++k)
        values[k] += drawn[k];
}

XLOOP_CLONES void add_scaled_drawn(const float* __restrict drawn, const float* __restrict variance, int count,
                                   std::int32_t* __restrict values) {
    for (int k = 0; k < count; ++k)
        values[k] += static_cast<std::int32_t>(std::rint(drawn[k] * std::sqrt(variance[k])));
}

}  // namespace

std::shared_ptr<const NoiseTable> NoiseTable::make(double sigma, int fraction_bits) {
    static std::mutex lock;
    static std::map<std::pair<double, int>, std::weak_ptr<const NoiseTable>> known;
    // Arrays that come and go one by one must not rebuild it each time.
    static std::shared_ptr<const NoiseTable> latest;
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

NoiseTable::NoiseTable(double sigma, int fraction_bits)
    : quantiles_(
          symmetric_table<std::int32_t>(std::ldexp(sigma, fraction_bits), [](double x) { return std::lround(x); })) {}

void NoiseTable::add(const KeyedRandom& random, const NoiseLines& to) const {
    for_each_run(random, to, quantiles_.data(), [&](const std::int32_t* drawn, int count, std::ptrdiff_t place) {
        add_drawn(drawn, count, to.values + place);
    });
}

void NoiseTable::add_scaled(const KeyedRandom& random, const NoiseLines& to, const float* variance) {
    static const std::vector<float> unit = symmetric_table<float>(1.0, [](double x) { return x; });
    for_each_run(random, to, unit.data(), [&](const float* drawn, int count, std::ptrdiff_t place) {
        add_scaled_drawn(drawn, variance + place, count, to.values + place);
    });
}

}  // namespace xloop
