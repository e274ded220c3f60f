// ResNet-20 on 32 x 32 x 3 images (configs/networks/resnet20.yaml, random weights) on the programmed chip of default
// hardware (64 x 64 arrays, 2-bit cells, 8-bit inputs, weights and ADCs), one thread. Counters: images_per_second;
// `of_libtorch`, as a share of LibTorch's fp32 forward pass in the same process (when built with LibTorch). The other
// entries are parts of the chip's run: `digital` is everything but the arrays.
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/mapping/map_network.hpp"
#ifdef XLOOP_WITH_TORCH
#include "dnn/supernet.hpp"
#include "dnn/tensors.hpp"
#endif

#include <benchmark/benchmark.h>
#include <algorithm>
#include <ctime>

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

/// Processor time of this process, which other processes do not add to; one thread works.
template <class Run>
double seconds(const Run& run) {
    const std::clock_t start = std::clock();
    run();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

/// Best of several runs, images per second.
template <class Run>
double best_rate(int images, Run run) {
    double best = 0.0;
    for (int i = 0; i < 5; ++i)
        best = std::max(best, images / seconds(run));
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

/// With noise of 0.25 LSB at the ADCs, in turn with the same chip without; whose figures are those named `noise_free`.
void chip(benchmark::State& state) {
    HardwareConfig hw;
    const Chip quiet(map_network(workload(), hw));
    hw.adc.noise_sigma_lsb = 0.25;
    const Chip noisy(map_network(workload(), hw));
    const auto images = pixels();
    double best_quiet = 1e9, best_noisy = 1e9;
    const auto run = [&](const Chip& programmed, double& best) {
        best = std::min(best, seconds([&] {
                            run_images(programmed.network().graph, programmed, images.data(), 0, images_per_run);
                        }));
    };
    for (auto _ : state)
        for (int i = 0; i < 10; ++i) {
            run(quiet, best_quiet);
            run(noisy, best_noisy);
        }
    report(state, images_per_run / best_noisy);
    state.counters["noise_free_images_per_second"] = images_per_run / best_quiet;
    state.counters["noisy_time_over_noise_free"] = best_noisy / best_quiet;
}
BENCHMARK(chip)->Iterations(1)->Unit(benchmark::kMillisecond);

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

/// ResNet-18 (configs/networks/resnet18_32x32.yaml) onto the arrays of configs/hw/reram_128x128.yaml, solved in double and in
/// single precision. Counters: arrays; processor seconds; `of_fp64`, those over the ones of double precision.
void program_resnet18(benchmark::State& state) {
    static const WorkloadGraph graph = [] {
        WorkloadGraph built = build_graph(load_network(XLOOP_SOURCE_DIR "/configs/networks/resnet18_32x32.yaml"));
        randomise_weights(built, 1);
        return built;
    }();
    HardwareConfig hw;
    hw.crossbar.rows = hw.crossbar.cols = 128;
    hw.device.r_on_ohm = 300e3;
    hw.device.r_off_ohm = 3e6;
    hw.pe.arrays = 8;
    hw.buffer.bytes = 262144;
    hw.crossbar.precision = static_cast<Precision>(state.range(0));
    static double fp64 = 0.0;  // which runs first
    for (auto _ : state) {
        const MappedNetwork network = map_network(graph, hw);
        state.counters["arrays"] = network.mapping.used_arrays;
        const double took = seconds([&] { benchmark::DoNotOptimize(Chip(network)); });
        fp64 = fp64 > 0.0 ? fp64 : took;
        state.counters["seconds"] = took;
        state.counters["of_fp64"] = took / fp64;
    }
}
BENCHMARK(program_resnet18)->ArgName("fp32")->Arg(0)->Arg(1)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
