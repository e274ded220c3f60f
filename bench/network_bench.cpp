// ResNet-20 on 32 x 32 x 3 images (configs/networks/resnet20.yaml, random weights) on the programmed chip of default
// hardware (64 x 64 arrays, 2-bit cells, 8-bit inputs, weights and ADCs), one thread. Counters: images_per_second;
// `of_libtorch`, as a share of LibTorch's fp32 forward pass in the same process (when built with LibTorch). The other
// entries are parts of the chip's run: `digital` is everything but the arrays, `noise_free` leaves out the ADC's noise.
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/mapping/map_network.hpp"
#ifdef XLOOP_WITH_TORCH
#include "dnn/supernet.hpp"
#include "dnn/tensors.hpp"
#endif

#include <benchmark/benchmark.h>
#include <algorithm>
#include <chrono>

namespace {

using namespace xloop;

constexpr int images_per_run = 8;

NetworkSpec resnet() { return load_network(XLOOP_SOURCE_DIR "/configs/networks/resnet20.yaml"); }

const WorkloadGraph& workload() {
    static const WorkloadGraph graph = [] {
        WorkloadGraph built = build_graph(resnet());
        randomise_weights(built, 1);
        return built;
    }();
    return graph;
}

std::vector<std::uint8_t> pixels() {
    const KeyedRandom random(1, RandomUse::random_images);
    std::vector<std::uint8_t> values(static_cast<std::size_t>(images_per_run) * workload().input.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<std::uint8_t>(random.below(256, i));
    return values;
}

/// Best of several runs, images per second.
template <class Run>
double best_rate(int images, Run run) {
    double best = 0.0;
    for (int i = 0; i < 5; ++i) {
        const auto start = std::chrono::steady_clock::now();
        run();
        best = std::max(best, images / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

#ifdef XLOOP_WITH_TORCH
double libtorch_rate() {
    static const double rate = [] {
        Supernet net(resnet(), 1);
        net->eval();
        constexpr int batch = 64;
        const ImageSet images = random_images(workload().input, batch, 1);
        const LogitsFunction logits = [&](const torch::Tensor& x) { return net->forward(x); };
        const torch::Tensor x = image_tensor(images), labels = label_tensor(images);
        return best_rate(batch, [&] { accuracy(logits, x, labels, batch); });
    }();
    return rate;
}
#endif

void report(benchmark::State& state, double rate) {
    state.counters["images_per_second"] = rate;
#ifdef XLOOP_WITH_TORCH
    state.counters["of_libtorch"] = rate / libtorch_rate();
#endif
}

void chip(benchmark::State& state) {
    HardwareConfig hw;
    hw.adc.noise_sigma_lsb = static_cast<double>(state.range(0)) / 100.0;
    const Chip programmed(map_network(workload(), hw));
    const auto images = pixels();
    for (auto _ : state)
        report(state, best_rate(images_per_run, [&] {
                   run_images(programmed.network().graph, programmed, images.data(), 0, images_per_run);
               }));
}
BENCHMARK(chip)->ArgName("noise_percent_of_lsb")->Arg(0)->Arg(25)->Iterations(1)->Unit(benchmark::kMillisecond);

/// Nobody multiplies: windows, requantisation, additions and pools only.
class NoEngine : public MatrixEngine {
    void multiply(int layer, const ReadAddress&, int count, const std::uint8_t*,
                  std::int32_t* accumulators) const override {
        std::fill_n(accumulators, static_cast<std::size_t>(count) * workload().layers[layer].out.channels, 0);
    }
};

void digital(benchmark::State& state) {
    const auto images = pixels();
    for (auto _ : state)
        report(state, best_rate(images_per_run,
                                [&] { run_images(workload(), NoEngine(), images.data(), 0, images_per_run); }));
}
BENCHMARK(digital)->Iterations(1)->Unit(benchmark::kMillisecond);

void programming(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(Chip(map_network(workload(), {})));
    state.counters["arrays"] = Chip(map_network(workload(), {})).network().mapping.used_arrays;
}
BENCHMARK(programming)->Iterations(3)->Unit(benchmark::kMillisecond);

}  // namespace
