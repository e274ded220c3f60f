#include "training/techniques/crossbar.hpp"

#include "core/random.hpp"

#include <torch/torch.h>

#include <algorithm>

namespace xloop {

HardwareConfig chip_at(const TrainingTask& task, const TrainingMoment& now) {
    HardwareConfig chip = task.hardware;
    if (task.training.crossbar_chip == TrainingChip::per_epoch)
        chip.chip_seed += static_cast<std::uint64_t>(now.epoch);
    return chip;
}

double onset_at(const TrainingTask& task, const TrainingMoment& now) {
    const double epochs = task.training.crossbar_onset_epochs;
    return epochs > 0.0 ? std::min(1.0, now.epochs / epochs) : 1.0;
}

torch::Tensor noise_at(const TrainingTask& task, const TrainingMoment& now, int pass, int layer,
                       torch::IntArrayRef shape) {
    constexpr std::uint64_t most_layers = 1 << 12;
    const std::uint64_t within = static_cast<std::uint64_t>(pass) * most_layers + static_cast<std::uint64_t>(layer);
    auto generator = torch::make_generator<at::CPUGeneratorImpl>(
        KeyedRandom(task.seed, RandomUse::training_noise).bits(static_cast<std::uint64_t>(now.step), within));
    return torch::empty(shape).normal_(0.0, 1.0, generator);
}

}  // namespace xloop
