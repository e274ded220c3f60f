#include "training/trainer.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "dnn/tensors.hpp"
#include "tests/dnn/small_networks.hpp"
#include "training/fingerprint.hpp"
#include "training/train_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <utility>

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
        training_.crossbar = CrossbarTraining::none;
        hardware_.crossbar.rows = hardware_.crossbar.cols = 16;
    }
    ~Training() override { fs::remove_all(dir_); }

    TrainingTask task() const { return {space_, images_, training_, attack_, hardware_, 7}; }

    Supernet train(const std::string& dir = {}, const Watch& watch = {}) {
        const auto by_turns = [&](std::uint64_t period, Supernet&) {
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
    training_.adversary = AdversaryKind::none;
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
    training_.crossbar = CrossbarTraining::offsets;
    Supernet a = train();
    torch::rand({3});
    Supernet b = train();
    expect_same(a, b);
}

TEST_F(Training, CrossbarsChangeTheTraining) {
    training_.epochs = 1;
    Supernet without = train();
    training_.crossbar = CrossbarTraining::offsets;
    Supernet with = train();
    EXPECT_FALSE(torch::equal(without->parameters()[0], with->parameters()[0]));
}

TEST_F(Training, ResumedRunEndsWithTheSameBits) {
    training_.crossbar = CrossbarTraining::offsets;
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

TEST_F(Training, ResumesAtTheStepThatWasStopped) {
    int count = 0;
    EXPECT_THROW(train(dir_.string(), stop_before(21, &count)), Interrupted);  // in the third epoch of 8 steps
    for (const auto& entry : fs::directory_iterator(dir_))
        EXPECT_FALSE(is_temporary(entry.path().filename().string())) << entry.path();
    std::vector<double> told;
    const Watch watch = [&](const StepState& state) { told.push_back(state.done); };
    train(dir_.string(), watch);
    EXPECT_DOUBLE_EQ(told.front(), 20.0 / 32.0) << "20 of 32 steps";
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
    std::ofstream(dir_ / "training.pt") << "not an archive";
    EXPECT_THROW(train(dir_.string()), InputError);
}

TEST_F(Training, FingerprintFollowsWhatMatters) {
    const auto fingerprint = [&] { return training_fingerprint(task()); };
    const std::string before = fingerprint();
    training_.crossbar = CrossbarTraining::offsets;
    const std::string aware = fingerprint();
    EXPECT_NE(aware, before);
    hardware_.noc.flit_bits = 64;
    EXPECT_EQ(fingerprint(), aware) << "the network on chip does not change weights";
    hardware_.crossbar.rows = 32;
    EXPECT_NE(fingerprint(), aware);
    training_.crossbar = CrossbarTraining::none;
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

/// Training of one network, with validation images.
class NetworkTraining : public Training {
protected:
    NetworkTraining() : validation_(striped_images(40)) {
        network_ = space_.resolve(space_.smallest_path());
        training_.adversary = AdversaryKind::none;
        training_.validation_attack_images = 16;
        attack_.steps = 2;
    }

    TrainingTask network_task() const {
        TrainingTask task{network_, images_, training_, attack_, hardware_, 7};
        task.validation = &validation_;
        return task;
    }
    TrainedResult train_one(const std::string& dir = {}, const Watch& watch = {}) {
        return train_network(network_task(), dir, watch);
    }
    FloatNetwork train_one_without_teacher() {
        const std::string teacher = std::exchange(training_.teacher, "");
        FloatNetwork network = train_one().network;
        training_.teacher = teacher;
        return network;
    }
    static std::string bytes(const fs::path& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static void expect_same_tensors(const FloatNetwork& a, const FloatNetwork& b) {
        ASSERT_EQ(a.tensors.size(), b.tensors.size());
        for (const auto& [name, tensor] : a.tensors)
            EXPECT_EQ(tensor.values, b.tensors.at(name).values) << name;
    }

    NetworkSpec network_;
    ImageSet validation_;
};

TEST_F(NetworkTraining, KeepsTheBestEpochOnTheValidationImages) {
    training_.epochs = 8;
    training_.schedule = ScheduleKind::constant;
    training_.learning_rate = 0.05;
    const TrainedResult result = train_one();
    ASSERT_EQ(result.record.epochs.size(), 8u);
    EXPECT_EQ(result.record.end, "epochs");
    double best = 0.0;
    int epoch = 0;
    for (const Json& line : result.record.epochs)
        if (const double share = line.at("validation").at("clean").get<double>(); share > best) {
            best = share;
            epoch = line.at("epoch").get<int>();
        }
    EXPECT_EQ(result.record.best_epoch, epoch) << "the first of equals";
    const TestFigures again = test_network(result.network, network_task(), validation_);
    EXPECT_EQ(again.images, 40);
    EXPECT_NEAR(again.right / 40.0, best, 1e-9) << "what is handed over answers as it did when it was judged";
    EXPECT_EQ(again.attacked_images, 0);
}

TEST_F(NetworkTraining, IsJudgedUnderTheAttackWhereItHasAnAdversary) {
    training_.adversary = AdversaryKind::pgd;
    training_.warmup_epochs = 1.0;
    const TrainedResult result = train_one();
    for (const Json& line : result.record.epochs) {
        EXPECT_EQ(line.at("adversary"), line.at("epoch") == 1 ? "none" : "PGD");
        EXPECT_EQ(line.at("validation").at("attacked_images"), 16);
        EXPECT_LE(line.at("validation").at("attacked").get<double>(), 1.0);
    }
    EXPECT_EQ(test_network(result.network, network_task(), validation_).attacked_images, 40);
}

TEST_F(NetworkTraining, EndsEarlyWhereNothingGetsBetter) {
    training_.epochs = 50;
    training_.learning_rate = 1e-9;
    training_.early_stop_epochs = 3;
    const TrainedResult result = train_one(dir_.string());
    EXPECT_EQ(result.record.end, "early stop");
    EXPECT_EQ(result.record.epochs.size(), 4u);
    EXPECT_EQ(result.record.best_epoch, 1);
    const TrainedResult again = train_one(dir_.string());
    EXPECT_EQ(again.record.end, "early stop") << "a run that has ended stays ended";
    EXPECT_EQ(again.record.epochs.size(), 4u);
}

TEST_F(NetworkTraining, EndsWithItsBudgetAndGoesOnWithALargerOne) {
    training_.budget_minutes = 1e-9;
    const TrainedResult stopped = train_one(dir_.string());
    EXPECT_EQ(stopped.record.end, "budget");
    EXPECT_EQ(stopped.record.epochs.size(), 1u);
    training_.budget_minutes = 1000.0;
    const TrainedResult whole = train_one(dir_.string());
    EXPECT_EQ(whole.record.end, "epochs");
    EXPECT_EQ(whole.record.epochs.size(), 4u);
    expect_same_tensors(whole.network, train_one().network);
}

TEST_F(NetworkTraining, AnInterruptedRunOfAnyKindEndsWithTheSameBytes) {
    struct Kind {
        const char* name;
        std::function<void(TrainingConfig&)> set;
    };
    const std::vector<Kind> kinds = {
        {"sgd with everything",
         [](TrainingConfig& t) {
             t.optimiser = OptimiserKind::sgd;
             t.ramp_epochs = 1.0;
             t.label_smoothing = 0.1;
             t.mixup = 0.4;
             t.clip_gradient = 1.0;
             t.average = 0.9;
         }},
        {"free",
         [](TrainingConfig& t) {
             t.adversary = AdversaryKind::free;
             t.replays = 2;
         }},
        {"fgsm", [](TrainingConfig& t) { t.adversary = AdversaryKind::fgsm; }},
        {"trades",
         [](TrainingConfig& t) {
             t.adversary = AdversaryKind::pgd;
             t.loss = LossKind::trades;
         }},
        {"mart",
         [](TrainingConfig& t) {
             t.adversary = AdversaryKind::pgd;
             t.loss = LossKind::mart;
         }},
        {"bf16", [](TrainingConfig& t) { t.precision = TrainingPrecision::bf16; }},
        {"offsets",
         [](TrainingConfig& t) {
             t.crossbar = CrossbarTraining::offsets;
             t.crossbar_chip = TrainingChip::per_epoch;
             t.crossbar_onset_epochs = 2.0;
         }},
        {"arrays", [](TrainingConfig& t) { t.crossbar = CrossbarTraining::arrays; }},
        {"output noise", [](TrainingConfig& t) { t.crossbar = CrossbarTraining::output_noise; }},
        {"lsq", [](TrainingConfig& t) { t.quantise.method = QuantiseTrainingMethod::lsq; }},
        {"pact from the second epoch",
         [](TrainingConfig& t) {
             t.quantise.method = QuantiseTrainingMethod::pact;
             t.quantise.start_epoch = 1.0;
         }},
        {"dub",
         [](TrainingConfig& t) {
             t.sparsity.method = SparsityMethod::dub;
             t.sparsity.begin_epochs = 0.5;
             t.sparsity.end_epochs = 2.0;
             t.sparsity.every_steps = 2;
         }},
        {"filters",
         [](TrainingConfig& t) {
             t.sparsity.method = SparsityMethod::filters;
             t.sparsity.criterion = FilterCriterion::mean_activation;
             t.sparsity.begin_epochs = 0.5;
             t.sparsity.end_epochs = 2.0;
             t.sparsity.every_steps = 3;
         }},
        {"clipped weights", [](TrainingConfig& t) { t.clip_weights = 1.5; }},
        {"weight noise", [](TrainingConfig& t) { t.crossbar = CrossbarTraining::weight_noise; }},
    };
    const TrainingConfig plain = training_;
    for (const Kind& kind : kinds) {
        training_ = plain;
        training_.epochs = 3;
        training_.warmup_epochs = 1.0;
        kind.set(training_);
        const fs::path whole = dir_ / "whole", cut = dir_ / "cut";
        const TrainedResult undisturbed = train_one(whole.string());
        int count = 0;
        EXPECT_THROW(train_one(cut.string(), stop_before(5, &count)), Interrupted) << kind.name;
        count = 0;
        EXPECT_THROW(train_one(cut.string(), stop_before(9, &count)), Interrupted) << kind.name;
        expect_same_tensors(train_one(cut.string()).network, undisturbed.network);
        for (const char* file : {"training.pt", "metrics.jsonl"}) {
            EXPECT_FALSE(bytes(whole / file).empty());
            EXPECT_TRUE(bytes(whole / file) == bytes(cut / file)) << kind.name << ' ' << file;
        }
        fs::remove_all(dir_);
    }
}

TEST_F(NetworkTraining, RobustnessLostToASingleStepAdversaryIsReportedByTheRule) {
    training_.epochs = 12;
    training_.adversary = AdversaryKind::fgsm;
    training_.warmup_epochs = 0.0;
    training_.validation_attack_images = 40;
    attack_.epsilon = 0.25;
    attack_.step_size = 0.06;
    attack_.steps = 10;
    const TrainedResult result = train_one();
    double most = 0.0;
    bool collapsed = false;
    for (const Json& line : result.record.epochs) {
        const double attacked = line.at("validation").at("attacked").get<double>();
        most = std::max(most, attacked);
        const bool now = attacked < 0.5 * most && line.at("accuracy").get<double>() > attacked + 0.2;
        EXPECT_EQ(line.at("collapsed").get<bool>(), now);
        collapsed = collapsed || now;
    }
    EXPECT_EQ(result.record.collapsed, collapsed);
}

TEST_F(NetworkTraining, GoesOnFromATrainedNetworkAndMovesOnlyThePartAskedFor) {
    const std::string start = (dir_ / "start").string();
    const FloatNetwork before = train_one().network;
    save_float_network(before, start);
    training_.start = start;
    struct Case {
        TrainedPart part;
        std::set<std::string> moved;
    };
    const std::vector<Case> cases = {
        {TrainedPart::all,
         {"a.weight", "a.gamma", "a.beta", "b.weight", "b.gamma", "b.beta", "logits.weight", "logits.bias"}},
        {TrainedPart::batch_norm, {"a.gamma", "a.beta", "b.gamma", "b.beta"}},
        {TrainedPart::last_layers, {"logits.weight", "logits.bias"}}};
    for (const auto& [part, expected] : cases) {
        training_.part = part;
        std::set<std::string> moved;
        for (const auto& [name, tensor] : train_one().network.tensors)
            if (tensor.values != before.tensors.at(name).values && name.find("mean") == name.npos &&
                name.find("variance") == name.npos)
                moved.insert(name);
        EXPECT_EQ(moved, expected);
    }
    training_.part = TrainedPart::last_layers;
    training_.epochs = 0;
    expect_same_tensors(train_one().network, before);
    network_.layers.back().out_channels = {11};
    EXPECT_THROW(train_one(), InputError) << "10 logits in the file";
}

TEST_F(NetworkTraining, StatisticsOfTheChipAreThoseOfItsProducts) {
    training_.crossbar = CrossbarTraining::offsets;
    training_.epochs = 1;
    const FloatNetwork exact = train_one().network;
    training_.statistics = StatisticsOf::chip;
    const FloatNetwork of_chip = train_one().network;
    for (const auto& [name, tensor] : exact.tensors)
        EXPECT_EQ(tensor.values == of_chip.tensors.at(name).values,
                  name.find("mean") == name.npos && name.find("variance") == name.npos)
            << name;
}

TEST_F(NetworkTraining, TrainedWithIntegersTheTestIsThatOfTheIntegersAndAgreesWithTheJudge) {
    training_.quantise.method = QuantiseTrainingMethod::lsq;
    hardware_.numerics.weight_bits = 3;
    hardware_.numerics.activation_bits = 4;
    training_.epochs = 8;
    const TrainedResult result = train_one();
    EXPECT_TRUE(has_steps(result.network));
    const TestFigures figures = test_network(result.network, network_task(), validation_);
    EXPECT_TRUE(figures.of_integers);
    const Json& best = result.record.epochs[static_cast<std::size_t>(result.record.best_epoch - 1)];
    EXPECT_NEAR(figures.right / 40.0, best.at("validation").at("clean").get<double>(), 1e-9);
    EXPECT_GT(figures.right, 8) << "chance is 4";
}

TEST_F(NetworkTraining, PrunedWeightsAreZeroWhenHandedOver) {
    training_.sparsity.method = SparsityMethod::magnitude;
    training_.sparsity.share = 0.75;
    training_.sparsity.end_epochs = 3.0;
    training_.sparsity.every_steps = 2;
    const TrainedResult result = train_network({network_, images_, training_, attack_, hardware_, 7});
    for (const char* name : {"a.weight", "b.weight", "logits.weight"}) {
        const std::vector<float>& values = result.network.tensors.at(name).values;
        EXPECT_NEAR(
            static_cast<double>(std::count(values.begin(), values.end(), 0.0f)) / static_cast<double>(values.size()),
            0.75, 0.01)
            << name;
    }
    EXPECT_NEAR(result.record.epochs.back().at("sparsity").get<double>(), 0.75, 0.01);
}

TEST_F(NetworkTraining, ATeacherMustFitAndTeaches) {
    training_.teacher = (dir_ / "teacher").string();
    save_float_network(train_one_without_teacher(), training_.teacher);
    training_.teacher_weight = 1.0;
    const TrainedResult taught = train_one();
    EXPECT_LT(taught.record.epochs.back().at("loss").get<double>(),
              taught.record.epochs.front().at("loss").get<double>());
    NetworkSpec wider = network_;
    wider.layers.back().out_channels = {11};
    network_ = wider;
    EXPECT_THROW(train_one(), InputError) << "11 logits, of a teacher with 10";
}

TEST_F(Training, TheLargestSubnetTeachesTheOthersAlone) {
    training_.adversary = AdversaryKind::none;
    const auto train_by = [&](bool teaches, bool largest_alone) {
        training_.largest_teaches = teaches;
        training_.teacher_weight = 1.0;
        training_.temperature = 1.0;
        return train_supernet(task(), [&](std::uint64_t period, Supernet&) {
            return largest_alone || period % 2 == 0 ? space_.largest_path() : space_.smallest_path();
        });
    };
    Supernet alone = train_by(false, true), teaching_nobody = train_by(true, true);
    expect_same(alone, teaching_nobody);
    Supernet untaught = train_by(false, false), taught = train_by(true, false), again = train_by(true, false);
    expect_same(taught, again);
    const auto logits = [&](Supernet& net, const SubnetPath& path) {
        net->train();
        const torch::NoGradGuard no_grad;
        return net->forward(image_tensor(images_), path).log_softmax(1);
    };
    // Nearer to what the largest one answers.
    const auto apart = [&](Supernet& net) {
        const torch::Tensor large = logits(net, space_.largest_path()), small = logits(net, space_.smallest_path());
        return (large.exp() * (large - small)).sum(1).mean().item<double>();
    };
    EXPECT_LT(apart(taught), apart(untaught));
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
