// Bit-serial, bit-sliced products with an ADC behind every partial sum, and their noise, on one core. `of_dense_product`:
// multiply-adds of all partial sums per second over those of a plain fp32 matrix product in the same process, both at
// their best; `of_portable`: time over that of the kernel with tables of four rows.
#include "bench/dense_products.hpp"
#include "core/random.hpp"
#include "systemc_model/crossbar/reads/noise_draws.hpp"
#include "systemc_model/crossbar/reads/read_kernel.hpp"

#include <benchmark/benchmark.h>
#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace xloop;

/// Runs the benchmark; seconds of the fastest call.
template <class Work>
double best_seconds(benchmark::State& state, int calls, const Work& work) {
    double best = 1e9;
    for (auto _ : state) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < calls; ++i)
            work();
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        state.SetIterationTime(seconds / calls);
        best = std::min(best, seconds / calls);
    }
    return best;
}

struct Job {
    int rows = 128, outputs = 128, slices = 4, dac_bits = 1, batch = 4096;
};

std::string title(const Job& job) {
    return "rows:" + std::to_string(job.rows) + "/outputs:" + std::to_string(job.outputs) +
           "/slices:" + std::to_string(job.slices) + "/dac_bits:" + std::to_string(job.dac_bits) +
           "/batch:" + std::to_string(job.batch);
}

void read_vectors(benchmark::State& state, ReadIsa isa, const Job& job) {
    if (!available(isa)) {
        state.SkipWithError("not on this processor");
        return;
    }
    ReadPlan plan;
    plan.dac_bits = job.dac_bits;
    plan.fraction_bits = 8;
    plan.outputs = job.outputs;
    plan.slices = job.slices;
    plan.slice_bits = 2;
    const KeyedRandom random(1, RandomUse::random_weights);
    std::vector<std::int16_t> steps(static_cast<std::size_t>(job.rows) * plan.conversions());
    for (std::size_t i = 0; i < steps.size(); ++i)
        steps[i] = static_cast<std::int16_t>(random.below(2000, i));
    std::vector<std::uint8_t> inputs(static_cast<std::size_t>(job.rows) * job.batch);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        inputs[i] = static_cast<std::uint8_t>(random.below(256, i, 1));
    const ReadMatrix matrix(steps.data(), job.rows, plan.conversions());
    std::vector<std::int32_t> sums(static_cast<std::size_t>(job.batch) * job.outputs);

    bench::dense_product_flops();
    const double seconds = best_seconds(state, std::max(1, 64 / job.batch), [&] {
        multiply(matrix, plan, {inputs.data(), job.rows, job.batch}, nullptr, sums.data(), isa);
        benchmark::DoNotOptimize(sums.data());
        benchmark::ClobberMemory();
    });
    const double dense = bench::dense_product_flops();
    state.counters["of_dense_product"] =
        2.0 * job.rows * plan.conversions() * plan.reads() * job.batch / seconds / dense;
    state.counters["ns_per_vector"] = seconds / job.batch * 1e9;
    state.counters["dense_gflops"] = dense * 1e-9;
    static std::map<std::string, double> four_rows;  // seconds of the first kernel, which has tables of four rows
    state.counters["of_portable"] = seconds / four_rows.try_emplace(title(job), seconds).first->second;
}

/// Noise for all reads of 64 vectors, as ADC noise or with a variance of its own for each conversion.
void add_noise(benchmark::State& state, int conversions, bool of_variance) {
    constexpr int vectors = 64, reads = 8;
    const NoiseDraws noise({1, 2}, 1024.0);
    std::vector<std::int32_t> values(static_cast<std::size_t>(vectors) * reads * conversions);
    const std::vector<float> variance(values.size(), 1e6f);
    const double seconds = best_seconds(state, 1, [&] {
        for (int v = 0; v < vectors; ++v) {
            const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(v) * reads * conversions;
            const NoiseAddress address{7, static_cast<std::uint64_t>(v) << 20};
            if (of_variance)
                noise.add_of_variance(address, reads, conversions, conversions, variance.data() + first,
                                      values.data() + first);
            else
                noise.add(address, reads, conversions, conversions, values.data() + first);
        }
        benchmark::ClobberMemory();
    });
    state.counters["ns_per_draw"] = seconds / static_cast<double>(values.size()) * 1e9;
}

/// The draws alone.
void draw(benchmark::State& state, NoiseIsa isa) {
    if (!available(isa)) {
        state.SkipWithError("not on this processor");
        return;
    }
    constexpr int calls = 1000, vectors = 4, digits = 8;
    const ars::Keys keys = ars::keys({1, 2});
    alignas(64) std::int32_t values[vectors * digits * NoiseDraws::panel];
    const double seconds = best_seconds(state, 1, [&] {
        for (std::uint64_t i = 0; i < calls; ++i)
            draw_noise({&keys, {i, 0}, 1 << 20, vectors, digits, {8192, 0}, values}, isa);
        benchmark::DoNotOptimize(values[0]);
        benchmark::ClobberMemory();
    });
    state.counters["ns_per_draw"] = seconds / (calls * vectors * digits * NoiseDraws::panel) * 1e9;
}

void add_reads(const Job& job) {
    for (ReadIsa isa : {ReadIsa::portable, ReadIsa::portable6, ReadIsa::vnni, ReadIsa::amx})
        benchmark::RegisterBenchmark(("reads/" + title(job) + "/" + name(isa)).c_str(),
                                     [=](benchmark::State& state) { read_vectors(state, isa, job); })
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond);
}

const bool registered = [] {
    for (int batch : {4096, 64, 1})
        for (int rows : {128, 64})
            add_reads({rows, 128, 4, 1, batch});
    add_reads({1024, 128, 4, 1, 64});
    for (int dac_bits : {2, 4, 8})
        add_reads({128, 128, 4, dac_bits, 4096});
    for (int batch : {64, 1})
        add_reads({64, 8, 4, 1, batch});
    for (int conversions : {512, 32})
        for (bool scaled : {false, true})
            benchmark::RegisterBenchmark(
                ((scaled ? "scaled_noise/conversions:" : "noise/conversions:") + std::to_string(conversions)).c_str(),
                [=](benchmark::State& state) { add_noise(state, conversions, scaled); })
                ->UseManualTime()
                ->Unit(benchmark::kMicrosecond);
    for (const auto& [name, isa] :
         {std::pair{"portable", NoiseIsa::portable}, {"aes", NoiseIsa::aes}, {"vaes", NoiseIsa::vaes}})
        benchmark::RegisterBenchmark((std::string("draw/") + name).c_str(),
                                     [isa = isa](benchmark::State& state) { draw(state, isa); })
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond);
    return true;
}();

}  // namespace
