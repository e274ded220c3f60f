// Training steps of xloop beside plain LibTorch's, in one run and by turns: seconds a step, images a second, ratio to plain LibTorch.
// Usage: train_bench [STEPS [BATCH [NETWORK]]]; 16 steps a turn of batches of 64 by default, cnn6 and ResNet-20. Arrays are programmed every
// 8 steps, so that STEPS should be a multiple of that.

#include "bench/plain_networks.hpp"
#include "core/error.hpp"
#include "dnn/one_thread.hpp"
#include "training/train_network.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace xloop {
namespace {

using Clock = std::chrono::steady_clock;

struct Network {
    const char* name;
    const char* file;
    std::function<std::unique_ptr<PlainNet>()> plain;
};

struct Way {
    const char* name;
    std::function<void(TrainingConfig&, HardwareConfig&)> set;
    const char* mark;  ///< what the ratio should be at most
};

/// The median of the seconds of each step but the first, which warms up.
double median(std::vector<double> seconds) {
    seconds.erase(seconds.begin());
    std::nth_element(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2), seconds.end());
    return seconds[seconds.size() / 2];
}

double plain_step(const Network& network, int steps, int batch) {
    const auto net = network.plain();
    torch::optim::SGD optimiser(net->parameters(),
                                torch::optim::SGDOptions(0.01).momentum(0.9).nesterov(true).weight_decay(5e-4));
    const torch::Tensor x = torch::rand({batch, 3, 32, 32});
    const torch::Tensor y = torch::randint(10, {batch}, torch::kInt64);
    std::vector<double> seconds;
    for (int i = 0; i <= steps; ++i) {
        const auto begin = Clock::now();
        optimiser.zero_grad();
        torch::nn::functional::cross_entropy(net->forward(x), y).backward();
        optimiser.step();
        seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    }
    return median(seconds);
}

/// Steps with everything that a period costs shared among its steps.
double own_step(const Network& network, const Way& way, int steps, int batch) {
    const NetworkSpec spec = load_network(XLOOP_SOURCE_DIR "/configs/networks/" + std::string(network.file));
    const ImageSet images = random_images(spec.input, batch * steps, 1);
    TrainingConfig training;
    training.epochs = 1;
    training.batch_size = batch;
    training.optimiser = OptimiserKind::sgd;
    training.learning_rate = 0.01;
    training.weight_decay = 5e-4;
    training.adversary = AdversaryKind::none;
    training.crossbar = CrossbarTraining::none;
    AttackConfig attack;
    HardwareConfig hardware;
    way.set(training, hardware);
    std::vector<double> seconds;
    auto last = Clock::now();
    train_network({spec, images, training, attack, hardware, 1}, "", [&](const StepState&) {
        const auto now = Clock::now();
        seconds.push_back(std::chrono::duration<double>(now - last).count());
        last = now;
    });
    // The first entry is before the first step, the first step programs for its period.
    seconds.erase(seconds.begin());
    double sum = 0.0;
    for (const double one : seconds)
        sum += one;
    const bool has_periods =
        training.crossbar == CrossbarTraining::offsets || training.crossbar == CrossbarTraining::arrays;
    return has_periods ? sum / static_cast<double>(seconds.size()) : median(seconds);
}

void run(int steps, int batch, const std::string& only) {
    use_one_thread();
    const std::vector<Network> networks = {
        {"cnn6", "cnn6_32x32.yaml", [] { return std::make_unique<PlainCnn6>(); }},
        {"ResNet-20", "resnet20.yaml", [] { return std::make_unique<PlainResNet20>(); }}};
    const std::vector<Way> ways = {
        {"plain", [](TrainingConfig&, HardwareConfig&) {}, ""},
        {"plain, bf16", [](TrainingConfig& t, HardwareConfig&) { t.precision = TrainingPrecision::bf16; }, ""},
        {"quantised", [](TrainingConfig& t, HardwareConfig&) { t.quantise.method = QuantiseTrainingMethod::lsq; },
         "1.6"},
        {"weight noise", [](TrainingConfig& t, HardwareConfig&) { t.crossbar = CrossbarTraining::weight_noise; },
         "1.3"},
        {"output noise", [](TrainingConfig& t, HardwareConfig&) { t.crossbar = CrossbarTraining::output_noise; },
         "1.3"},
        {"offsets", [](TrainingConfig& t, HardwareConfig&) { t.crossbar = CrossbarTraining::offsets; }, "1.5"},
        {"arrays", [](TrainingConfig& t, HardwareConfig&) { t.crossbar = CrossbarTraining::arrays; }, "6"},
        {"PGD-7",
         [](TrainingConfig& t, HardwareConfig&) {
             t.adversary = AdversaryKind::pgd;
             t.warmup_epochs = 0;
             t.attack_steps = 7;
         },
         ""},
    };
    fmt::print("{:<10} {:<14} {:>10} {:>10} {:>14} {:>8}\n", "network", "way", "ms a step", "images/s",
               "of plain torch", "at most");
    for (const Network& network : networks)
        for (const Way& way : ways) {
            if (!only.empty() && only != network.name)
                continue;
            // By turns, so that what else the machine does falls on both.
            std::vector<double> base, own;
            for (int turn = 0; turn < 3; ++turn) {
                base.push_back(plain_step(network, steps, batch));
                own.push_back(own_step(network, way, steps, batch));
            }
            std::sort(base.begin(), base.end());
            std::sort(own.begin(), own.end());
            fmt::print("{:<10} {:<14} {:>10.1f} {:>10.0f} {:>14.2f} {:>8}\n", network.name, way.name, 1e3 * own[1],
                       batch / own[1], own[1] / base[1], way.mark);
            std::fflush(stdout);
        }
}

}  // namespace
}  // namespace xloop

int main(int argc, char** argv) {
    const int steps = argc > 1 ? std::atoi(argv[1]) : 16, batch = argc > 2 ? std::atoi(argv[2]) : 64;
    if (steps < 2 || batch < 1) {
        fmt::print(stderr, "usage: train_bench [STEPS [BATCH [NETWORK]]]; two steps or more\n");
        return 2;
    }
    xloop::run(steps, batch, argc > 3 ? argv[3] : "");
}
