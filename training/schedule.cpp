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
      clean_steps_(training.adversarial
                       ? std::min<std::int64_t>(std::llround(training.warmup_epochs * steps_per_epoch_), steps())
                       : steps()) {}

double TrainingSchedule::learning_rate(std::int64_t step) const {
    const double progress = static_cast<double>(step) / static_cast<double>(steps());
    return 0.5 * training_.learning_rate * (1.0 + std::cos(pi * progress));
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
