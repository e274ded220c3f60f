#include "training/trainer.hpp"

#include "attacks/pgd.hpp"
#include "core/error.hpp"
#include "dnn/crossbar/weight_offsets.hpp"
#include "dnn/tensors.hpp"
#include "training/checkpoint.hpp"
#include "training/fingerprint.hpp"
#include "training/schedule.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

namespace xloop {
namespace {

/// Counts and times one run's steps; adversarial steps cost several clean ones, so each kind has its own mean.
class StepClock {
public:
    void add(bool adversarial, double seconds) {
        ++count_[adversarial];
        seconds_[adversarial] += seconds;
    }

    double left(std::int64_t clean_steps, std::int64_t adversarial_steps, int attack_steps) const {
        const double passes = 1.0 + attack_steps;
        const double clean = count_[0] ? seconds_[0] / static_cast<double>(count_[0]) : mean(true) / passes;
        const double attacked = count_[1] ? mean(true) : clean * passes;
        return clean * static_cast<double>(clean_steps) + attacked * static_cast<double>(adversarial_steps);
    }

private:
    double mean(bool kind) const { return count_[kind] ? seconds_[kind] / static_cast<double>(count_[kind]) : 0.0; }

    std::int64_t count_[2] = {0, 0};
    double seconds_[2] = {0.0, 0.0};
};

class Trainer {
public:
    Trainer(const TrainingTask& task, const PathOfPeriod& path_of_period, const std::string& checkpoint_dir,
            const Watch& watch)
        : task_(task), path_of_period_(path_of_period), watch_(watch),
          attack_(training_attack(task.training, task.attack)),
          schedule_(task.training, task.images.count(), task.seed), supernet_(task.spec, task.seed),
          optimiser_(supernet_->parameters(),
                     torch::optim::AdamOptions(task.training.learning_rate).weight_decay(task.training.weight_decay)),
          checkpoint_(checkpoint_dir, training_fingerprint(task)), epoch_(checkpoint_.load(supernet_, optimiser_)) {
        if (epoch_ > 0)
            spdlog::info("{}: continues after epoch {} of {}", checkpoint_.file(), epoch_, task.training.epochs);
    }

    /// Without a step of training.
    Supernet finished() const {
        if (epoch_ < task_.training.epochs)
            throw InputError(
                checkpoint_.file() +
                (epoch_ > 0
                     ? fmt::format(": holds epoch {} of {}; train it to the end first", epoch_, task_.training.epochs)
                     : std::string(": was trained otherwise (network, data, section training, or hardware that "
                                   "crossbar-aware training sees); leave --trained out to train for this experiment")));
        return supernet_;
    }

    Supernet run() {
        supernet_->train();
        for (; epoch_ < task_.training.epochs; ++epoch_) {
            train_epoch();
            checkpoint_.save(supernet_, optimiser_, epoch_ + 1);
        }
        if (done_.steps > 0)
            tell(schedule_.steps());
        return supernet_;
    }

private:
    /// What an epoch has done so far.
    struct EpochSums {
        int epoch = 0, steps = 0;
        bool adversarial = false;  ///< the last step
        double loss = 0.0;
        std::int64_t right = 0;
    };

    void train_epoch() {
        const std::vector<int> order = schedule_.order(epoch_);
        const std::int64_t first = std::int64_t{epoch_} * schedule_.steps_per_epoch();
        for (int i = 0; i < schedule_.steps_per_epoch(); ++i) {
            const std::int64_t step = first + i;
            tell(step);  // Given up here, the run has lost nothing but this epoch: the last one is in the checkpoint.
            if (i == 0)
                done_ = {epoch_};
            if (schedule_.starts_period(step))
                start_period(schedule_.period(step));
            const auto begin = std::chrono::steady_clock::now();
            train_step(&order[static_cast<std::size_t>(i) * static_cast<std::size_t>(schedule_.batch())], step);
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin + period_start_cost_;
            clock_.add(done_.adversarial, taken.count());
        }
    }

    void start_period(std::uint64_t period) {
        const auto begin = std::chrono::steady_clock::now();
        path_ = path_of_period_(period);
        if (task_.training.crossbar_aware)
            offsets_ = OffsetHooks(crossbar_offsets(supernet_, path_, task_.hardware));
        // Shared among the period's steps, for the estimate of the time left.
        period_start_cost_ = (std::chrono::steady_clock::now() - begin) / task_.training.crossbar_refresh_steps;
    }

    torch::Tensor logits(const torch::Tensor& x) {
        return supernet_->forward(x, path_, &offsets_);
    }

    void train_step(const int* indices, std::int64_t step) {
        auto [x, y] = batch(indices);
        done_.adversarial = step >= schedule_.clean_steps();
        // The attack sees the network as this step trains it: batch statistics, and the arrays' weights.
        if (done_.adversarial)
            x = pgd([this](const torch::Tensor& images) { return logits(images); }, x, y, attack_, task_.seed,
                    static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(schedule_.batch()));
        for (auto& group : optimiser_.param_groups())
            group.options().set_lr(schedule_.learning_rate(step));
        optimiser_.zero_grad();
        const torch::Tensor out = logits(x);
        const torch::Tensor loss = torch::nn::functional::cross_entropy(out, y);
        loss.backward();
        optimiser_.step();
        const double value = loss.item<double>();
        if (!std::isfinite(value))
            throw Error("the loss is no longer finite in step " + std::to_string(step + 1) +
                        "; a smaller training.learning_rate may help");
        ++done_.steps;
        done_.loss += value;
        done_.right += out.detach().argmax(1).eq(y).sum().item<std::int64_t>();
    }

    std::pair<torch::Tensor, torch::Tensor> batch(const int* indices) const {
        ImageSet chosen;
        chosen.shape = task_.images.shape;
        const auto size = static_cast<std::ptrdiff_t>(chosen.shape.size());
        for (int i = 0; i < schedule_.batch(); ++i) {
            const std::uint8_t* image = task_.images.image(indices[i]);
            chosen.pixels.insert(chosen.pixels.end(), image, image + size);
            chosen.labels.push_back(task_.images.labels[static_cast<std::size_t>(indices[i])]);
        }
        return {image_tensor(chosen), label_tensor(chosen)};
    }

    /// `steps` of all steps are done.
    void tell(std::int64_t steps) const {
        if (!watch_)
            return;
        const std::int64_t clean_left = std::max<std::int64_t>(0, schedule_.clean_steps() - steps);
        StepState state{static_cast<double>(steps) / static_cast<double>(schedule_.steps()),
                        clock_.left(clean_left, schedule_.steps() - steps - clean_left, attack_.steps)};
        if (done_.steps > 0)
            state.detail = fmt::format(
                "epoch {}{}, loss {:.3f}, accuracy {:.1f} %", done_.epoch + 1, done_.adversarial ? " (PGD)" : "",
                done_.loss / done_.steps,
                100.0 * static_cast<double>(done_.right) / (static_cast<double>(done_.steps) * schedule_.batch()));
        try {
            watch_(state);
        } catch (const Interrupted&) {
            throw Interrupted(fmt::format(
                "training stopped in epoch {} of {}{}", std::min(epoch_ + 1, task_.training.epochs),
                task_.training.epochs,
                checkpoint_.file().empty() ? "" : "; the same command continues from " + checkpoint_.file()));
        }
    }

    const TrainingTask& task_;
    const PathOfPeriod& path_of_period_;
    const Watch& watch_;
    const AttackConfig attack_;
    const TrainingSchedule schedule_;
    Supernet supernet_;
    torch::optim::Adam optimiser_;
    const Checkpoint checkpoint_;
    int epoch_ = 0;
    SubnetPath path_;
    OffsetHooks offsets_;
    EpochSums done_;
    std::chrono::steady_clock::duration period_start_cost_{};
    StepClock clock_;
};

}  // namespace

Supernet train_supernet(const TrainingTask& task, const PathOfPeriod& path_of_period, const std::string& checkpoint_dir,
                        const Watch& watch) {
    check_fit(task);
    return Trainer(task, path_of_period, checkpoint_dir, watch).run();
}

Supernet load_supernet(const TrainingTask& task, const std::string& dir) {
    if (!std::filesystem::exists(dir + "/supernet.pt"))
        throw InputError(dir + ": holds no trained supernet (supernet.pt); expected the results folder of a run");
    check_fit(task);
    return Trainer(task, {}, dir, {}).finished();
}

}  // namespace xloop
