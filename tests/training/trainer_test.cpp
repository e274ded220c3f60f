#include "training/trainer.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "tests/dnn/small_networks.hpp"
#include "training/fingerprint.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

namespace xloop {
namespace {

namespace fs = std::filesystem;

/// Noisy stripes: their direction and brightness tell the label.
ImageSet striped_images(int count) {
    ImageSet set = random_images({1, 12, 12}, count, 1);
    for (int n = 0; n < count; ++n) {
        const int label = set.labels[static_cast<std::size_t>(n)];
        std::uint8_t* pixels = set.pixels.data() + n * 144;
        for (int i = 0; i < 144; ++i) {
            const int along = label < 5 ? i / 12 : i % 12;
            pixels[i] = static_cast<std::uint8_t>(pixels[i] / 8 + (along / 2 % 2) * 40 * (label % 5 + 1));
        }
    }
    return set;
}

/// Four epochs of 64 images; the second half adversarial.
class Training : public testing::Test {
protected:
    Training()
        : dir_(fs::temp_directory_path() /
               (std::string("xloop_training_") + testing::UnitTest::GetInstance()->current_test_info()->name())),
          images_(striped_images(64)) {
        fs::remove_all(dir_);
        training_.epochs = 4;
        training_.batch_size = 8;
        training_.learning_rate = 0.01;
        training_.crossbar_refresh_steps = 3;
        training_.attack_steps = 2;
        training_.warmup_epochs = 2.0;
        // Solving arrays takes most of the time in builds without optimisation: few tests do it, with small arrays.
        training_.crossbar_aware = false;
        hardware_.crossbar.rows = hardware_.crossbar.cols = 16;
    }
    ~Training() override { fs::remove_all(dir_); }

    TrainingTask task() const { return {space_, images_, training_, attack_, hardware_, 7}; }

    Supernet train(const std::string& dir = {}, const Watch& watch = {}) {
        const auto by_turns = [&](std::uint64_t period) {
            return period % 2 == 0 ? space_.largest_path() : space_.path(period % space_.path_count());
        };
        return train_supernet(task(), by_turns, dir, watch);
    }

    static void expect_same(Supernet& a, Supernet& b) {
        const auto first = a->parameters(), second = b->parameters();
        ASSERT_EQ(first.size(), second.size());
        for (std::size_t i = 0; i < first.size(); ++i)
            EXPECT_TRUE(torch::equal(first[i], second[i])) << i;
    }

    /// Stops before the step with this number.
    static Watch stop_before(int step, int* count) {
        return [step, count](const StepState&) {
            if (++*count == step)
                throw Interrupted("enough");
        };
    }

    fs::path dir_;
    const NetworkSpec space_ = test::small_space();
    ImageSet images_;
    TrainingConfig training_;
    AttackConfig attack_;
    HardwareConfig hardware_;
};

TEST_F(Training, LearnsAndReportsEveryStep) {
    training_.epochs = 25;
    training_.adversarial = false;
    double first_loss = 0.0, loss = 0.0, accuracy_percent = 0.0;
    int calls = 0, epoch = 0;
    train({}, [&](const StepState& state) {
        EXPECT_DOUBLE_EQ(state.done, calls / 200.0);
        EXPECT_TRUE(state.seconds_left && std::isfinite(*state.seconds_left) && *state.seconds_left >= 0.0);
        if (calls++ == 0)
            EXPECT_EQ(state.detail, "");
        else
            EXPECT_EQ(std::sscanf(state.detail.c_str(), "epoch %d, loss %lf, accuracy %lf %%", &epoch, &loss,
                                  &accuracy_percent),
                      3)
                << state.detail;
        if (epoch == 1)
            first_loss = loss;
    });
    EXPECT_EQ(calls, 201) << "before each step, and at the end";
    EXPECT_EQ(epoch, 25);
    EXPECT_LT(loss, 0.7 * first_loss);
    EXPECT_GT(accuracy_percent, 30.0) << "chance is 10";
}

TEST_F(Training, AttacksStartAfterTheWarmUp) {
    training_.warmup_epochs = 1.5;
    int steps = 0;
    train({}, [&](const StepState& state) {
        EXPECT_EQ(state.detail.find("(PGD)") != std::string::npos, steps > 12) << steps;
        ++steps;
    });
}

TEST_F(Training, SameSeedSameBits) {
    training_.epochs = 2;
    training_.warmup_epochs = 1.0;
    training_.crossbar_aware = true;
    Supernet a = train();
    torch::rand({3});
    Supernet b = train();
    expect_same(a, b);
}

TEST_F(Training, CrossbarsChangeTheTraining) {
    training_.epochs = 1;
    Supernet without = train();
    training_.crossbar_aware = true;
    Supernet with = train();
    EXPECT_FALSE(torch::equal(without->parameters()[0], with->parameters()[0]));
}

TEST_F(Training, ResumedRunEndsWithTheSameBits) {
    training_.crossbar_aware = true;
    Supernet whole = train();
    for (int step : {9, 28}) {  // right after a clean epoch, and within an adversarial one
        int count = 0;
        EXPECT_THROW(train(dir_.string(), stop_before(step, &count)), Interrupted);
        EXPECT_EQ(count, step);
        Supernet resumed = train(dir_.string());
        expect_same(whole, resumed);
        fs::remove_all(dir_);
    }
}

TEST_F(Training, ResumesAfterTheLastWholeEpoch) {
    int count = 0;
    EXPECT_THROW(train(dir_.string(), stop_before(20, &count)), Interrupted);  // in the third epoch of 8 steps
    for (const auto& entry : fs::directory_iterator(dir_))
        EXPECT_FALSE(is_temporary(entry.path().filename().string())) << entry.path();
    std::vector<double> told;
    const Watch watch = [&](const StepState& state) { told.push_back(state.done); };
    train(dir_.string(), watch);
    EXPECT_DOUBLE_EQ(told.front(), 0.5) << "2 of 4 epochs";
    told.clear();
    train(dir_.string(), watch);
    EXPECT_TRUE(told.empty()) << "a finished run has nothing left to do";
}

TEST_F(Training, CheckpointOfOtherInputsIsIgnored) {
    train(dir_.string());
    training_.learning_rate = 0.02;
    Supernet fresh = train();
    Supernet ignoring = train(dir_.string());
    expect_same(fresh, ignoring);
}

TEST_F(Training, AFinishedSupernetIsTakenForHardwareThatTrainingDoesNotSee) {
    EXPECT_THROW(load_supernet(task(), dir_.string()), InputError) << "nothing is there";
    EXPECT_FALSE(fs::exists(dir_));
    int count = 0;
    EXPECT_THROW(train(dir_.string(), stop_before(20, &count)), Interrupted);
    EXPECT_THROW(load_supernet(task(), dir_.string()), InputError) << "two of four epochs";
    Supernet trained = train(dir_.string());
    hardware_.adc.bits = 5;
    Supernet taken = load_supernet(task(), dir_.string());
    expect_same(trained, taken);
    training_.learning_rate = 0.02;
    EXPECT_THROW(load_supernet(task(), dir_.string()), InputError);
}

TEST_F(Training, DamagedCheckpointIsAnInputError) {
    fs::create_directories(dir_);
    std::ofstream(dir_ / "supernet.pt") << "not an archive";
    EXPECT_THROW(train(dir_.string()), InputError);
}

TEST_F(Training, FingerprintFollowsWhatMatters) {
    const auto fingerprint = [&] { return training_fingerprint(task()); };
    const std::string before = fingerprint();
    training_.crossbar_aware = true;
    const std::string aware = fingerprint();
    EXPECT_NE(aware, before);
    hardware_.noc.flit_bits = 64;
    EXPECT_EQ(fingerprint(), aware) << "the network on chip does not change weights";
    hardware_.crossbar.rows = 32;
    EXPECT_NE(fingerprint(), aware);
    training_.crossbar_aware = false;
    EXPECT_EQ(fingerprint(), before) << "nor do arrays that training does not see";
    images_.pixels[5] ^= 1;
    EXPECT_NE(fingerprint(), before);
}

TEST_F(Training, FingerprintFollowsWindowsAndOutputs) {
    NetworkSpec spec = test::odd_windows();
    std::set<std::string> fingerprints;
    const auto add = [&] {
        fingerprints.insert(training_fingerprint({spec, images_, training_, attack_, hardware_, 7}));
    };
    add();
    spec.layers[0].kernel_hw = {5, 1};
    add();
    spec.layers[1].padding = {2, 1, 1, 2};
    add();
    spec.layers[2].dilation = {1, 2};
    add();
    spec.layers[4].stride = {1, 2};
    add();
    spec.outputs = {"logits", "early"};
    add();
    EXPECT_EQ(fingerprints.size(), 6u);
}

TEST_F(Training, ImagesMustFitTheNetwork) {
    images_.labels[3] = 10;
    EXPECT_THROW(train(), InputError);
    images_ = random_images({1, 14, 12}, 8, 1);
    EXPECT_THROW(train(), InputError);
}

TEST(TrainingAttack, StepSizeFollowsTheNumberOfSteps) {
    TrainingConfig training;
    AttackConfig attack;
    attack.epsilon = 0.1;
    attack.step_size = 0.02;
    attack.steps = 7;
    training.attack_steps = 7;
    EXPECT_DOUBLE_EQ(training_attack(training, attack).step_size, 0.02);
    training.attack_steps = 5;
    EXPECT_DOUBLE_EQ(training_attack(training, attack).step_size, 0.05);
    training.attack_steps = 1;
    EXPECT_DOUBLE_EQ(training_attack(training, attack).step_size, 0.125);
}

}  // namespace
}  // namespace xloop
