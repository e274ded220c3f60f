#include "training/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

/// 3 epochs of 5 steps, in periods of 2, 2 and 1 steps; 2 images are left over.
TrainingConfig settings() {
    TrainingConfig training;
    training.epochs = 3;
    training.batch_size = 4;
    training.learning_rate = 0.5;
    training.crossbar_refresh_steps = 2;
    training.warmup_epochs = 1.5;
    return training;
}

constexpr int images = 22;

TEST(TrainingSchedule, GivenImagesLeftOver_ThenOnlyWholeBatchesAreSteps) {
    const TrainingConfig training = settings();
    const TrainingSchedule schedule(training, images, 1);
    EXPECT_EQ(schedule.steps_per_epoch(), 5);
    EXPECT_EQ(schedule.steps(), 15);
    EXPECT_EQ(TrainingSchedule(training, 3, 1).batch(), 3) << "fewer images than a batch are one batch";
}

TEST(TrainingSchedule, GivenARamp_ThenTheRateGrowsStepByStepToTheSchedules) {
    TrainingConfig training = settings();
    training.schedule = ScheduleKind::constant;
    training.ramp_epochs = 0.8;  // 4 steps
    const TrainingSchedule schedule(training, images, 1);
    for (int step = 0; step < 4; ++step)
        EXPECT_DOUBLE_EQ(schedule.learning_rate(step), 0.5 * (step + 1) / 5.0);
    EXPECT_DOUBLE_EQ(schedule.learning_rate(4), 0.5);
}

TEST(TrainingSchedule, GivenSteps_ThenTheRateFallsAfterTheEpochsNamed) {
    TrainingConfig training = settings();
    training.epochs = 4;
    training.schedule = ScheduleKind::step;
    const TrainingSchedule halves(training, images, 1);
    for (const auto& [step, rate] : {std::pair(9, 0.5), {10, 0.05}, {14, 0.05}, {15, 0.005}})
        EXPECT_NEAR(halves.learning_rate(step), rate, 1e-15) << step;
    training.step_epochs = {1.0, 1.4};
    training.step_factor = 0.5;
    const TrainingSchedule named(training, images, 1);
    for (const auto& [step, rate] : {std::pair(4, 0.5), {5, 0.25}, {6, 0.25}, {7, 0.125}})
        EXPECT_DOUBLE_EQ(named.learning_rate(step), rate) << step;
}

TEST(TrainingSchedule, GivenOneCycle_ThenTheRateRisesToItsPeakAndFallsBelowItsBeginning) {
    TrainingConfig training = settings();
    training.epochs = 4;
    training.schedule = ScheduleKind::one_cycle;
    const TrainingSchedule schedule(training, images, 1);
    EXPECT_NEAR(schedule.learning_rate(0), 0.5 / 25.0, 1e-15);
    EXPECT_NEAR(schedule.learning_rate(3), 0.5 * (1.0 + 1.0 / 25.0) / 2.0, 1e-15) << "half of the 6 steps up";
    EXPECT_NEAR(schedule.learning_rate(6), 0.5, 1e-15);
    EXPECT_NEAR(schedule.learning_rate(13), 0.25 * (1.0 + 1.0 / 25e4), 1e-12);
    EXPECT_NEAR(schedule.learning_rate(20), 0.5 / 25e4, 1e-15);
}

// Copy me: a curve at the points where it is known in closed form.
TEST(TrainingSchedule, GivenSteps_ThenTheLearningRateFallsAsACosine) {
    TrainingConfig training = settings();
    training.epochs = 4;  // 20 steps
    const TrainingSchedule schedule(training, images, 1);
    EXPECT_DOUBLE_EQ(schedule.learning_rate(0), 0.5);
    EXPECT_NEAR(schedule.learning_rate(5), 0.25 * (1.0 + std::sqrt(0.5)), 1e-15);
    EXPECT_NEAR(schedule.learning_rate(10), 0.25, 1e-15);
    EXPECT_NEAR(schedule.learning_rate(20), 0.0, 1e-15);
}

TEST(TrainingSchedule, GivenAWarmUp_ThenTheStepsAfterItAreAdversarial) {
    TrainingConfig training = settings();
    EXPECT_EQ(TrainingSchedule(training, images, 1).clean_steps(), 8);  // 7.5, rounded
    training.warmup_epochs = 9.0;
    EXPECT_EQ(TrainingSchedule(training, images, 1).clean_steps(), 15);
    training.warmup_epochs = 1.0;
    training.adversary = AdversaryKind::none;
    EXPECT_EQ(TrainingSchedule(training, images, 1).clean_steps(), 15);
}

TEST(TrainingSchedule, GivenAnEpochThatIsNoMultipleOfThePeriod_ThenItsLastPeriodEndsWithIt) {
    const TrainingConfig training = settings();
    const TrainingSchedule schedule(training, images, 1);
    std::vector<std::uint64_t> periods;
    std::vector<bool> starts;
    for (std::int64_t step = 0; step < 10; ++step) {
        periods.push_back(schedule.period(step));
        starts.push_back(schedule.starts_period(step));
    }
    EXPECT_EQ(periods, (std::vector<std::uint64_t>{0, 0, 1, 1, 2, 3, 3, 4, 4, 5}));
    EXPECT_EQ(starts, (std::vector<bool>{true, false, true, false, true, true, false, true, false, true}));
}

TEST(TrainingSchedule, GivenAnEpochAndASeed_ThenTheOrderIsAPermutationOfItsOwn) {
    const TrainingConfig training = settings();
    const TrainingSchedule schedule(training, images, 1);
    std::vector<int> order = schedule.order(2);
    EXPECT_EQ(order, TrainingSchedule(training, images, 1).order(2));
    EXPECT_NE(order, schedule.order(1));
    EXPECT_NE(order, TrainingSchedule(training, images, 2).order(2));
    std::sort(order.begin(), order.end());
    for (int i = 0; i < images; ++i)
        EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace xloop
