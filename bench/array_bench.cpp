// The two costs that everything else waits for: solving an array's wires, and reading it. A plain product of the same
// matrices runs in the same process as the baseline of the ratios.
#include "core/random.hpp"
#include "systemc_model/crossbar/effective_conductance.hpp"
#include "systemc_model/crossbar/programmed_array.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <benchmark/benchmark.h>
#include <vector>

namespace {

using namespace xloop;

void effective_conductance_of(benchmark::State& state) {
    const auto n = state.range(0);
    const Eigen::MatrixXd g = Eigen::MatrixXd::Random(n, n).cwiseAbs() * 1e-5;
    for (auto _ : state)
        benchmark::DoNotOptimize(effective_conductance(g, {100, 1.47, 4.4, 100}));
}
BENCHMARK(effective_conductance_of)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond);

void dense_product(benchmark::State& state) {
    const auto n = state.range(0);
    const Eigen::MatrixXd a = Eigen::MatrixXd::Random(n, n), b = Eigen::MatrixXd::Random(n, n);
    Eigen::MatrixXd c(n, n);
    for (auto _ : state) {
        c.noalias() = a * b;
        benchmark::DoNotOptimize(c.data());
    }
}
BENCHMARK(dense_product)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond);

/// Eight reads of a full 64 x 64 array, two thirds of the inputs 0.
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
    for (auto _ : state) {
        std::fill(sums.begin(), sums.end(), 0);
        array.multiply(inputs.data(), 0, position++ % 4096, sums.data());
        benchmark::DoNotOptimize(sums.data());
    }
}
BENCHMARK(bit_serial_multiply)->ArgName("noise_percent_of_lsb")->Arg(0)->Arg(25)->Unit(benchmark::kNanosecond);

}  // namespace
