#include "training/schedule.hpp"

#include "core/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace xloop {
namespace {

constexpr double pi = 3.14159265358979323846;

}  // namespace

TrainingSchedule::TrainingSchedule(const TrainingConfig& training, int images, std::uint64_t seed)
    : training_(training), images_(images), seed_(seed), batch_(std::min(training.batch_size, images)),
      steps_per_epoch_(images / batch_),
      clean_steps_(training.adversary != AdversaryKind::none
                       ? std::min<std::int64_t>(std::llround(training.warmup_epochs * steps_per_epoch_), steps())
                       : steps()) {}

namespace {

double half_cosine(double from, double to, double progress) {
    return to + 0.5 * (from - to) * (1.0 + std::cos(pi * progress));
}

double one_cycle(double progress) {
    constexpr double rise = 0.3, first = 1.0 / 25.0, last = first / 1e4;
    return progress < rise ? half_cosine(first, 1.0, progress / rise)
                           : half_cosine(1.0, last, (progress - rise) / (1.0 - rise));
}

double stepped(const TrainingConfig& training, double epochs) {
    const std::vector<double> halves{0.5 * training.epochs, 0.75 * training.epochs};
    double factor = 1.0;
    for (const double at : training.step_epochs.empty() ? halves : training.step_epochs)
        factor *= epochs >= at ? training.step_factor : 1.0;
    return factor;
}

}  // namespace

double TrainingSchedule::learning_rate(std::int64_t step) const {
    const double progress = static_cast<double>(step) / static_cast<double>(steps());
    const double epochs = static_cast<double>(step) / steps_per_epoch_;
    double factor = 1.0;
    switch (training_.schedule) {
    case ScheduleKind::cosine: factor = half_cosine(1.0, 0.0, progress); break;
    case ScheduleKind::step: factor = stepped(training_, epochs); break;
    case ScheduleKind::one_cycle: factor = one_cycle(progress); break;
    case ScheduleKind::constant: break;
    }
    const double ramp = training_.ramp_epochs * steps_per_epoch_;
    if (static_cast<double>(step) < ramp)
        factor *= (static_cast<double>(step) + 1.0) / (ramp + 1.0);
    return training_.learning_rate * factor;
}

std::vector<int> TrainingSchedule::order(int epoch) const {
    const KeyedRandom random(seed_, RandomUse::batch_order);
    std::vector<int> order(static_cast<std::size_t>(images_));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i)  // Fisher-Yates
        std::swap(order[i - 1], order[random.below(i, static_cast<std::uint64_t>(epoch), i)]);
    return order;
}

std::uint64_t TrainingSchedule::period(std::int64_t step) const {
    const int length = training_.crossbar_refresh_steps;
    const int periods_per_epoch = (steps_per_epoch_ + length - 1) / length;
    return static_cast<std::uint64_t>(step / steps_per_epoch_ * periods_per_epoch + step % steps_per_epoch_ / length);
}

}  // namespace xloop
