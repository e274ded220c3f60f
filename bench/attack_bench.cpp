// PGD-7 of xloop beside plain LibTorch's, by turns in one run: on the software network, and with a chip in the loop.
// Usage: attack_bench [BATCH [TURNS [HARDWARE]]]; batches of 32, 3 turns, configs/hw/reram_64x64.yaml by default. ResNet-20, random weights.

#include "attacks/attack.hpp"
#include "attacks/effective_network.hpp"
#include "attacks/hardware_network.hpp"
#include "bench/plain_networks.hpp"
#include "core/config/tree.hpp"
#include "core/error.hpp"
#include "core/workload/input_pixels.hpp"
#include "dnn/one_thread.hpp"
#include "dnn/quantise.hpp"
#include "dnn/tensors.hpp"
#include "systemc_model/chip/running_network.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace xloop {
namespace {

/// Of the processor, so that other work on the machine counts little; everything runs on one thread.
double seconds_of(const std::function<void()>& work) {
    const std::clock_t begin = std::clock();
    work();
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

/// PGD as its paper's readers write it.
torch::Tensor plain_pgd(PlainNet& net, const torch::Tensor& images, const torch::Tensor& labels,
                        const AttackConfig& c) {
    torch::Tensor x = (images + torch::empty_like(images).uniform_(-c.epsilon, c.epsilon)).clamp(0, 1);
    for (int step = 0; step < c.steps; ++step) {
        x.requires_grad_(true);
        const torch::Tensor loss = torch::nn::functional::cross_entropy(net.forward(x), labels);
        const torch::Tensor gradient = torch::autograd::grad({loss}, {x})[0];
        const torch::NoGradGuard no_grad;
        x = x.detach() + c.step_size * gradient.sign();
        x = torch::max(torch::min(x, images + c.epsilon), images - c.epsilon).clamp(0, 1);
    }
    return x;
}

void bench(int count, int turns, const std::string& hardware_file) {
    use_one_thread();
    const HardwareConfig hardware = load_hardware(hardware_file, {});
    const NetworkSpec spec = load_network(XLOOP_SOURCE_DIR "/configs/networks/resnet20.yaml");
    Supernet module(spec, 1);
    const torch::Tensor images = image_tensor(random_images(spec.input, count, 1));
    recalibrate_batch_norm(module, images);
    const FloatNetwork network{spec, module->tensors()};
    const torch::Tensor labels = torch::randint(10, {count}, torch::kInt64);
    const WorkloadGraph integer = quantise(module, images, spec.name);
    const auto pixels = input_pixels(integer, images.contiguous().data_ptr<float>(), count);
    EngineMaker engines(integer, hardware, {pixels.data(), count}, count, 1);
    HardwareConfig quiet = hardware;
    quiet.adc.noise_sigma_lsb = quiet.device.read_noise_sigma = 0.0;
    EngineMaker quiet_engines(integer, quiet, {pixels.data(), count}, count, 1);
    const RunningNetwork chip = engines.make({EngineKind::chip, 1}),
                         quiet_chip = quiet_engines.make({EngineKind::chip, 1});

    PlainResNet20 plain;
    plain.eval();
    PixelNetwork software(network, {});
    HardwareNetwork on_chip(network, {}, chip.graph(), chip.engine(), true);
    HardwareNetwork on_quiet(network, {}, quiet_chip.graph(), quiet_chip.engine(), false);
    PixelNetwork effective(effective_network(network, chip), {});
    AttackBatch batch{images, labels, {}};
    for (int i = 0; i < count; ++i)
        batch.numbers.push_back(i);
    AttackConfig config;
    config.steps = 7;
    const auto attack = [&](AttackedNetwork& on) {
        return [&] { run_attack(AttackKind::pgd, {on, batch, config, 1, {}}); };
    };
    struct Way {
        const char* name;
        std::function<void()> work;
        double best = 1e30;
    };
    std::vector<Way> ways{{"plain LibTorch", [&] { plain_pgd(plain, images, labels, config); }},
                          {"software", attack(software)},
                          {"weights that the arrays realise", attack(effective)},
                          {"chip in the loop, noisy", attack(on_chip)},
                          {"chip in the loop, without noise", attack(on_quiet)},
                          {"chip forward alone, noisy, 7 times", [&] {
                               for (int step = 0; step < 7; ++step)
                                   on_chip.judged(images, batch.numbers);
                           }}};
    for (int turn = 0; turn < turns; ++turn)
        for (Way& way : ways)
            way.best = std::min(way.best, seconds_of(way.work));
    fmt::print("ResNet-20, PGD-7, batches of {}, processor time, best of {} turns\n", count, turns);
    for (const Way& way : ways)
        fmt::print("{:<36} {:8.2f} images/s  {:5.2f} times the time of software\n", way.name, count / way.best,
                   way.best / ways[1].best);
    fmt::print("software against plain LibTorch: {:.2f} of its speed (0.9 asked)\n", ways[0].best / ways[1].best);
}

}  // namespace
}  // namespace xloop

int main(int argc, char** argv) {
    try {
        xloop::bench(argc > 1 ? std::atoi(argv[1]) : 32, argc > 2 ? std::atoi(argv[2]) : 3,
                     argc > 3 ? argv[3] : XLOOP_SOURCE_DIR "/configs/hw/reram_64x64.yaml");
    } catch (const xloop::Error& e) {
        fmt::print(stderr, "attack_bench: {}\n", e.what());
        return 1;
    }
    return 0;
}
