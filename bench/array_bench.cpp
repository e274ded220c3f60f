// The two costs that everything else waits for: solving an array's wires, and reading it. The counters are ratios to a
// plain product of dense matrices that runs in the same process: `dense_products` of n x n matrices for the solution,
// `multiply_adds` of the product's speed for the read.
#include "core/random.hpp"
#include "systemc_model/crossbar/wires/effective_conductance.hpp"
#include "systemc_model/crossbar/programmed_array.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <vector>

namespace {

using namespace xloop;

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Best of many: one product of dense double n x n matrices.
double dense_product_seconds(Eigen::Index n) {
    const Eigen::MatrixXd a = Eigen::MatrixXd::Random(n, n), b = Eigen::MatrixXd::Random(n, n);
    Eigen::MatrixXd c(n, n);
    double best = 1.0;
    for (int i = 0; i < 200; ++i) {
        const auto start = std::chrono::steady_clock::now();
        c.noalias() = a * b;
        benchmark::DoNotOptimize(c.data());
        best = std::min(best, seconds_since(start));
    }
    return best;
}

void effective_conductance_of(benchmark::State& state) {
    const auto n = state.range(0);
    const Eigen::MatrixXd g = Eigen::MatrixXd::Random(n, n).cwiseAbs() * 1e-5;
    const auto start = std::chrono::steady_clock::now();
    for (auto _ : state)
        benchmark::DoNotOptimize(effective_conductance(g, {100, 1.47, 4.4, 100}));
    state.counters["dense_products"] =
        seconds_since(start) / static_cast<double>(state.iterations()) / dense_product_seconds(n);
}
BENCHMARK(effective_conductance_of)->Arg(32)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond);

/// Eight reads of a full 64 x 64 array (32 conversions each), two thirds of the inputs 0.
void bit_serial_multiply(benchmark::State& state) {
    HardwareConfig hw;
    hw.adc.noise_sigma_lsb = static_cast<double>(state.range(0)) / 100.0;
    const KeyedRandom random(1, RandomUse::random_weights);
    std::vector<std::int8_t> weights(8 * 64);
    std::vector<std::uint8_t> inputs(64);
    for (std::size_t i = 0; i < weights.size(); ++i)
        weights[i] = static_cast<std::int8_t>(static_cast<int>(random.below(255, i)) - 127);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        inputs[i] = i % 3 == 0 ? static_cast<std::uint8_t>(random.below(256, i, 1)) : std::uint8_t{0};
    const ProgrammedArray array(weights.data(), 8, 64, 64, hw, 0);
    std::vector<std::int32_t> sums(8, 0);
    int position = 0;
    const auto start = std::chrono::steady_clock::now();
    for (auto _ : state) {
        std::fill(sums.begin(), sums.end(), 0);
        array.multiply(inputs.data(), 0, position++ % 4096, sums.data());
        benchmark::DoNotOptimize(sums.data());
    }
    constexpr double multiply_adds = 8.0 * 64 * 32;
    const double dense_speed = 128.0 * 128 * 128 / dense_product_seconds(128);
    state.counters["multiply_adds"] =
        multiply_adds * static_cast<double>(state.iterations()) / seconds_since(start) / dense_speed;
}
BENCHMARK(bit_serial_multiply)->ArgName("noise_percent_of_lsb")->Arg(0)->Arg(25)->Unit(benchmark::kNanosecond);

}  // namespace
