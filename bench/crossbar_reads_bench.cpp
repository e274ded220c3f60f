// Bit-serial, bit-sliced products with an ADC behind every partial sum, one core. `of_dense_product`: multiply-adds of all
// partial sums per second over those of a plain fp32 matrix product in the same process.
#include "bench/dense_products.hpp"
#include "core/random.hpp"
#include "systemc_model/crossbar/reads/noise_table.hpp"
#include "systemc_model/crossbar/reads/read_kernel.hpp"

#include <benchmark/benchmark.h>
#include <vector>

namespace {

using namespace xloop;

struct Job {
    int rows = 128, outputs = 128, slices = 4, slice_bits = 2, dac_bits = 1, batch = 4096;
    bool noise = false;
};

void run(benchmark::State& state, ReadIsa isa, const Job& job) {
    if (!available(isa)) {
        state.SkipWithError("not on this processor");
        return;
    }
    ReadPlan plan;
    plan.dac_bits = job.dac_bits;
    plan.fraction_bits = 8;
    plan.outputs = job.outputs;
    plan.slices = job.slices;
    plan.slice_bits = job.slice_bits;
    const KeyedRandom random(1, RandomUse::random_weights);
    std::vector<std::int16_t> steps(static_cast<std::size_t>(job.rows) * plan.conversions());
    for (std::size_t i = 0; i < steps.size(); ++i)
        steps[i] = static_cast<std::int16_t>(random.below(2000, i));
    std::vector<std::uint8_t> inputs(static_cast<std::size_t>(job.rows) * job.batch);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        inputs[i] = static_cast<std::uint8_t>(random.below(256, i, 1));
    const ReadMatrix matrix(steps.data(), job.rows, plan.conversions());
    std::vector<std::int32_t> sums(static_cast<std::size_t>(job.batch) * job.outputs);
    const double dense = bench::dense_product_flops();
    for (auto _ : state) {
        multiply(matrix, plan, {inputs.data(), job.rows, job.batch}, nullptr, sums.data(), isa);
        benchmark::DoNotOptimize(sums.data());
        benchmark::ClobberMemory();
    }
    const double flop = 2.0 * job.rows * plan.conversions() * plan.reads() * job.batch;
    using benchmark::Counter;
    state.counters["of_dense_product"] = Counter(flop / dense, Counter::kIsIterationInvariantRate);
    state.counters["vectors_per_s"] = Counter(job.batch, Counter::kIsIterationInvariantRate);
    state.counters["dense_gflops"] = dense * 1e-9;
}

void add(const std::string& title, Job job) {
    for (ReadIsa isa : {ReadIsa::portable, ReadIsa::vnni, ReadIsa::amx})
        benchmark::RegisterBenchmark(("reads/" + title + "/" + name(isa)).c_str(),
                                     [=](benchmark::State& state) { run(state, isa, job); })
            ->Unit(benchmark::kMicrosecond);
}

const bool registered = [] {
    for (int batch : {4096, 64, 1})
        for (int rows : {128, 64})
            add("rows:" + std::to_string(rows) + "/outputs:128/slices:4/batch:" + std::to_string(batch),
                {rows, 128, 4, 2, 1, batch});
    add("rows:1024/outputs:128/slices:4/batch:256", {1024, 128, 4, 2, 1, 256});
    for (int dac_bits : {2, 4, 8})
        add("dac_bits:" + std::to_string(dac_bits) + "/rows:128/outputs:128/slices:4/batch:4096",
            {128, 128, 4, 2, dac_bits, 4096});
    for (int batch : {1, 64})
        add("rows:64/outputs:8/slices:4/batch:" + std::to_string(batch), {64, 8, 4, 2, 1, batch});
    return true;
}();

}  // namespace
