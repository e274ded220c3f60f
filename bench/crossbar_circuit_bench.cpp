// Nonlinear cells: what one input costs when the circuit is solved for it, against building the linear operator once.
// `ms_per_input` of a batch of 16; `operators`: the same over the time of one G_eff (fp64) in the same process, so its
// inverse is the number of inputs from which on the operator is cheaper.
#include "systemc_model/crossbar/circuit/analog_array.hpp"
#include "systemc_model/crossbar/wires/effective_conductance.hpp"
#include "tests/systemc_model/crossbar/random_matrices.hpp"

#include <benchmark/benchmark.h>
#include <algorithm>
#include <chrono>

namespace {

using namespace xloop;
using Eigen::Index;
using Eigen::MatrixXd;

constexpr Parasitics typical{1000, 5, 10, 1000};
constexpr int batch = 16;

using test::uniform;

template <class Work>
double seconds(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Arguments: n, alpha in 1/V, access resistance in ohm. Best of all runs, for the circuit and the operator.
void currents_of(benchmark::State& state, Circuit circuit, bool first_order) {
    const Index n = state.range(0);
    const CellCurve curve{static_cast<double>(state.range(1)), static_cast<double>(state.range(2))};
    const MatrixXd g = uniform(n, n, 5e-6, 5e-5, 1), v = uniform(batch, n, 0.0, 0.4, 2);
    AnalogArray array({circuit, Precision::fp64, typical, curve, first_order});
    array.program(g, v);
    double input = 1.0, build = 1.0;
    for (auto _ : state) {
        input = std::min(input, seconds([&] { benchmark::DoNotOptimize(array.currents(v).data()); }) / batch);
        build = std::min(build, seconds([&] { benchmark::DoNotOptimize(effective_conductance(g, typical).data()); }));
    }
    state.counters["ms_per_input"] = 1e3 * input;
    state.counters["operators"] = input / build;
}
BENCHMARK_CAPTURE(currents_of, exact, Circuit::exact, false)
    ->ArgNames({"n", "alpha", "r_access"})
    ->Args({64, 0, 0})
    ->Args({64, 3, 0})
    ->Args({64, 3, 2000})
    ->Args({128, 0, 0})
    ->Args({128, 3, 0})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(currents_of, secant_first_order, Circuit::secant, true)
    ->ArgNames({"n", "alpha", "r_access"})
    ->Args({64, 3, 0})
    ->Args({128, 3, 0})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(currents_of, secant, Circuit::secant, false)
    ->ArgNames({"n", "alpha", "r_access"})
    ->Args({64, 3, 0})
    ->Args({128, 3, 0})
    ->Unit(benchmark::kMillisecond);

}  // namespace
