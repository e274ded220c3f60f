#include "attacks/judge_robustness.hpp"

#include "attacks/effective_network.hpp"
#include "attacks/hardware_faults.hpp"
#include "attacks/hardware_network.hpp"
#include "attacks/pixel_network.hpp"
#include "attacks/ranked_faults.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/workload/input_pixels.hpp"
#include "dnn/quantise.hpp"
#include "dnn/tensors.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>

namespace xloop {
namespace {

class MapStore : public AttackStore {
public:
    std::optional<std::string> find(const std::string& name) const override {
        const auto found = kept.find(name);
        return found == kept.end() ? std::nullopt : std::optional(found->second);
    }
    void keep(const std::string& name, const std::string& bytes) override {
        if (kept.size() >= full)
            throw Error("stopped");
        kept[name] = bytes;
    }
    void forget(const std::string& begin) override {
        for (auto at = kept.lower_bound(begin); at != kept.end() && at->first.rfind(begin, 0) == 0;)
            at = kept.erase(at);
    }
    std::map<std::string, std::string> kept;
    std::size_t full = 1000000;
};

/// A small network of random weights on noisy chips; its own answers are the labels, so that it is right on most images.
class RobustnessTest : public testing::Test {
protected:
    RobustnessTest() {
        task_.network.spec = parse_network(R"(name: small
input: {channels: 1, height: 6, width: 6}
layers:
  - {name: one, type: conv, out_channels: 6, kernel: 3, activation: relu}
  - {name: two, type: conv, out_channels: 8, kernel: 3, stride: 2, activation: relu}
  - {name: classes, type: linear, out_channels: 4}
)",
                                           "test");
        int drawn = 0;
        for (const TensorShape& shape : tensor_shapes(task_.network.spec)) {
            FloatTensor& made = task_.network.tensors[shape.name];
            made.shape = shape.shape;
            for (std::int64_t i = 0; i < FloatTensor::count(made.shape); ++i)
                made.values.push_back(0.4f * static_cast<float>(std::sin(1.7 * static_cast<double>(++drawn))));
        }
        task_.images = random_images({1, 6, 6}, 20, 3);
        task_.training = random_images({1, 6, 6}, 16, 4);
        Supernet module = load_module(task_.network);
        for (ImageSet* set : {&task_.images, &task_.training}) {
            const torch::NoGradGuard no_grad;
            const torch::Tensor answers = module->forward(image_tensor(*set)).argmax(1).contiguous();
            set->labels.assign(answers.data_ptr<std::int64_t>(), answers.data_ptr<std::int64_t>() + set->count());
        }
        const torch::Tensor training = image_tensor(task_.training).contiguous();
        task_.integer = quantise(module, training, "small");
        task_.quantised = task_.network;
        task_.training_pixels = input_pixels(task_.integer, training.data_ptr<float>(), 16);
        task_.calibration_images = 16;
        task_.hardware.crossbar.rows = task_.hardware.crossbar.cols = 16;
        task_.hardware.adc.columns_per_adc = 8;
        task_.hardware.adc.noise_sigma_lsb = 0.3;
        task_.attack.epsilon = 0.1;
        task_.attack.step_size = 0.025;
        task_.config.attacks = {"fgsm", "pgd-5"};
        task_.config.threats = {"ss", "sh", "hh"};
        task_.config.batch = 8;
        task_.engines = {{EngineKind::software}, {EngineKind::integer}, {EngineKind::chip, 1}};
    }

    RobustnessResult run() {
        MapStore store;
        return judge_robustness(task_, store, {});
    }
    const RobustnessCell& cell(const RobustnessResult& result, Threat threat, EngineKind engine, AttackKind attack) {
        return *std::find_if(result.cells.begin(), result.cells.end(), [&](const RobustnessCell& c) {
            return c.threat == threat && c.engine.kind == engine && c.attack.kind == attack;
        });
    }
    static std::string text(const RobustnessResult& result) {
        std::string all = robustness_table(result.cells).csv() + per_image_csv(result.cells);
        for (const std::string& warning : result.warnings)
            all += warning + "\n";
        for (const AttackSample& sample : result.samples)
            all.append(sample.attacked.pixels.begin(), sample.attacked.pixels.end());
        return all;
    }

    RobustnessTask task_;
};

TEST_F(RobustnessTest, EachThreatTestsWhatItSaysAndIntegersFollowTheSoftware) {
    const RobustnessResult result = run();
    EXPECT_EQ(result.cells.size(), 2u * (1 + 2 + 2));
    const RobustnessCell& ss = cell(result, Threat::ss, EngineKind::software, AttackKind::pgd);
    EXPECT_EQ(ss.clean_count(), 20) << "labels are the network's own answers";
    EXPECT_LT(ss.robust_count(), 15);
    EXPECT_NEAR(ss.perturbation(), 0.1, 1e-6);
    EXPECT_EQ(ss.queries(), 5.0);
    const RobustnessCell& exact = cell(result, Threat::sh, EngineKind::integer, AttackKind::pgd);
    EXPECT_NEAR(static_cast<double>(exact.robust_count()), static_cast<double>(ss.robust_count()), 2.0);
    EXPECT_LE(exact.perturbation(), 25.0 / 255.0 + 1e-6) << "whole levels within the bound of 25.5";
}

TEST_F(RobustnessTest, HardwareInTheLoopBreaksAtLeastWhatTransferDoesOnExactIntegers) {
    const RobustnessResult result = run();
    EXPECT_LE(cell(result, Threat::hh, EngineKind::integer, AttackKind::pgd).robust_count(),
              cell(result, Threat::sh, EngineKind::integer, AttackKind::pgd).robust_count() + 1);
}

TEST_F(RobustnessTest, TheEffectiveNetworkIsTheFloatOneOnExactIntegersAndNearTheChipWithFineConverters) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = image_tensor(task_.images);
    PixelNetwork real(task_.network, {}), exact(effective_network(task_.network, RunningNetwork(task_.integer)), {});
    const double spread = real.forward(x).std().item<double>();
    EXPECT_LT((real.forward(x) - exact.forward(x)).abs().max().item<double>(), 0.1 * spread) << "8 bits";
    task_.hardware.adc.noise_sigma_lsb = 0.0;
    // Converters so fine that they round nothing back: with steps of a level they make up for small losses.
    task_.hardware.adc.bits = 14;
    task_.hardware.adc.lsb_levels = 0.01;
    task_.hardware.device.programming_sigma = 0.0;
    task_.hardware.crossbar.r_wire_row_ohm = task_.hardware.crossbar.r_wire_col_ohm = 40.0;
    EngineMaker engines(task_.integer, task_.hardware, {task_.training_pixels.data(), 16}, 16, 1);
    const RunningNetwork running = engines.make({EngineKind::chip, 5});
    HardwareNetwork chip(task_.network, {}, running.graph(), running.engine(), false);
    PixelNetwork effective(effective_network(task_.network, running), {});
    std::vector<std::int64_t> numbers(20);
    const torch::Tensor judged = chip.judged(x, numbers);
    EXPECT_LT((judged - effective.forward(x)).abs().mean().item<double>(),
              0.2 * (judged - real.forward(x)).abs().mean().item<double>());
}

TEST_F(RobustnessTest, ResultsDependNeitherOnThreadsNorOnWhereARunWasStopped) {
    task_.config.threats = {"ss", "sh", "hh", "effective", "other_chip", "unknown_chip", "query"};
    task_.config.attacks = {"square-20"};
    task_.engines = {{EngineKind::software}, {EngineKind::chip, 1}, {EngineKind::chip, 2}};
    const std::string undisturbed = text(run());
    task_.threads = 3;
    MapStore store;
    for (std::size_t full = 2;; full += 3) {
        store.full = full;
        try {
            EXPECT_EQ(text(judge_robustness(task_, store, {})), undisturbed);
            break;
        } catch (const Error&) {
            ASSERT_LT(full, 500u);
        }
    }
    EXPECT_EQ(text(judge_robustness(task_, store, {})), undisturbed) << "once more, from what is kept alone";
    EXPECT_TRUE(std::none_of(store.kept.begin(), store.kept.end(),
                             [](const auto& kept) { return kept.first.rfind("made/", 0) == 0; }));
}

TEST_F(RobustnessTest, AttacksWithoutABoundAreMadeOnceAndHeldAgainstEachEpsilon) {
    task_.config.attacks = {"deepfool"};
    task_.config.threats = {"ss"};
    task_.engines = {{EngineKind::software}};
    task_.config.epsilons = {0.001, 0.01, 1.0};
    const RobustnessResult result = run();
    ASSERT_EQ(result.cells.size(), 3u);
    for (std::size_t c = 0; c < 3; ++c) {
        const RobustnessCell& cell = result.cells[c];
        std::int64_t expected = 0;
        for (const AttackedImage& image : cell.images)
            expected += image.size > task_.config.epsilons[c];
        EXPECT_EQ(cell.robust_count(), expected) << "DeepFool breaks every image at some size";
    }
    EXPECT_EQ(result.cells[2].robust_count(), 0);
}

TEST_F(RobustnessTest, WithinL2HardwareReadsPixelsInTheBall) {
    task_.attack.norm = Norm::l2;
    task_.attack.epsilon = 0.25;
    task_.attack.step_size = 0.1;
    for (const RobustnessCell& cell : run().cells)
        for (const AttackedImage& image : cell.images)
            EXPECT_LE(image.size, 0.25 + 1e-5) << cell.engine.name();
}

TEST_F(RobustnessTest, ThreatsThatDoNotFitAreRefused) {
    task_.config.threats = {"query"};
    EXPECT_THROW(run(), InputError) << "PGD needs gradients";
    task_.config.threats = {"hh"};
    task_.engines = {{EngineKind::software}};
    EXPECT_THROW(run(), InputError) << "no hardware";
    task_.config.threats = {"ss"};
    task_.config.attacks = {"cw"};
    EXPECT_THROW(run(), InputError) << "CW has no L-infinity form here";
}

TEST_F(RobustnessTest, ANetworkWhoseLogitsAreHugeHasMaskedGradients) {
    for (float& w : task_.network.tensors["classes.weight"].values)
        w *= 1e4f;
    for (float& w : task_.network.tensors["classes.bias"].values)
        w *= 1e4f;
    task_.config.threats = {"ss"};
    task_.config.attacks = {"pgd-5"};
    task_.engines = {{EngineKind::software}};
    const RobustnessResult result = run();
    EXPECT_TRUE(std::any_of(result.warnings.begin(), result.warnings.end(), [](const std::string& warning) {
        return warning.find("gradient is exactly 0") != std::string::npos;
    })) << result.warnings.size();
}

TEST_F(RobustnessTest, AnOrdinaryNetworkRaisesNoWarning) {
    task_.config.threats = {"ss"};
    task_.engines = {{EngineKind::software}};
    for (const std::string& warning : run().warnings)
        ADD_FAILURE() << warning;
}

RobustnessCell made(Threat threat, const char* attack, double epsilon, int robust) {
    RobustnessCell cell;
    cell.threat = threat;
    cell.engine = {EngineKind::chip, 1};
    cell.attack = NamedAttack::parse(attack);
    cell.how = cell.attack.with({});
    cell.how.epsilon = epsilon;
    for (int i = 0; i < 100; ++i) {
        cell.labels.push_back(0);
        cell.clean.push_back(0);
        cell.images.push_back({i < robust ? 0 : 1, epsilon, 1});
    }
    return cell;
}

TEST(Contradictions, AreFoundOfEachKindAndNotWithinChance) {
    const auto signs = [](const RobustnessCell& weaker, const RobustnessCell& stronger) {
        return contradictions({weaker, stronger}).size();
    };
    EXPECT_EQ(signs(made(Threat::hh, "pgd-5", 0.03, 40), made(Threat::hh, "pgd-20", 0.03, 50)), 1u) << "steps";
    EXPECT_EQ(signs(made(Threat::hh, "pgd-5", 0.03, 49), made(Threat::hh, "pgd-20", 0.03, 50)), 0u) << "chance";
    EXPECT_EQ(signs(made(Threat::hh, "pgd-20", 0.02, 40), made(Threat::hh, "pgd-20", 0.03, 50)), 1u) << "bound";
    EXPECT_EQ(signs(made(Threat::hh, "fgsm", 0.03, 40), made(Threat::hh, "pgd-20", 0.03, 50)), 1u) << "strength";
    EXPECT_EQ(signs(made(Threat::query, "square-100", 0.03, 40), made(Threat::hh, "apgd-ce", 0.03, 50)), 1u)
        << "queries";
    EXPECT_EQ(signs(made(Threat::sh, "pgd-20", 0.03, 40), made(Threat::hh, "pgd-20", 0.03, 50)), 1u) << "transfer";
    EXPECT_EQ(signs(made(Threat::hh, "pgd-20", 0.03, 40), made(Threat::sh, "pgd-20", 0.03, 50)), 0u)
        << "as it should be";
}

TEST(NamedAttack, IsReadInTheSpellingsOfTheLiterature) {
    EXPECT_EQ(NamedAttack::parse("APGD-CE").kind, AttackKind::apgd_ce);
    EXPECT_EQ(NamedAttack::parse("autoattack").kind, AttackKind::ensemble);
    const NamedAttack pgd = NamedAttack::parse("PGD-20x5");
    EXPECT_EQ(pgd.str(), "pgd-20x5");
    EXPECT_EQ(pgd.with({}).restarts, 5);
    EXPECT_EQ(NamedAttack::parse("square").with({}).steps, 5000);
    for (const char* bad : {"pgf", "fgsm-3", "pgd-0", "pgd-20x0", "", "pgd-x3"})
        EXPECT_THROW(NamedAttack::parse(bad), InputError) << bad;
}

TEST(FaultyValues, AreThoseOfOneBitOrOneCell) {
    HardwareConfig hardware;
    const auto values = [&](int weight, bool cells) { return faulty_values(weight, 8, cells, hardware); };
    EXPECT_EQ(values(5, false), (std::vector<int>{-123, 1, 4, 7, 13, 21, 37, 69}));
    EXPECT_EQ(values(0, false).front(), -127) << "-128 is no weight";
    hardware.device.bits_per_cell = 2;
    hardware.crossbar.weights = WeightMapping::differential;
    // 5 = 1, 1 in base 4; the other polarity's cells hold 0 and may be stuck at 3.
    EXPECT_EQ(values(5, true), (std::vector<int>{-127, -43, -7, 1, 2, 4, 7, 13, 53, 127}));
}

TEST_F(RobustnessTest, RankedBitsDoMoreHarmThanAsManyRandomOnesAndTheFirstIsTheBestOfItsLayer) {
    const auto ranked = ranked_faults(task_.network, {}, task_.integer, task_.hardware, false, {}, task_.training, 4);
    const auto random = random_faults(task_.integer, task_.hardware, false, {}, 4, 1);
    ASSERT_EQ(ranked.size(), 4u);
    const auto right = [&](const std::vector<WeightFault>& faults) {
        const WorkloadGraph graph = with_faults(task_.integer, faults);
        const auto logits = run_images(graph, IntegerEngine(graph), task_.training_pixels.data(), 0, 16);
        return top1(logits, task_.training.labels.data());
    };
    EXPECT_GT(right({}), 0.9);
    EXPECT_LT(right(ranked), right(random));
    EXPECT_LT(right(ranked), 0.7);
}

TEST_F(RobustnessTest, FaultsOfHardwareAreTestedBesideNone) {
    task_.config.attacks = {"fgsm"};
    task_.config.threats = {"sh"};
    task_.config.faults = {"ranked_bits-4"};
    task_.engines = {{EngineKind::integer},
                     {EngineKind::integer, 0, false, "ranked_bits-4"},
                     {EngineKind::chip, 1, false, "ranked_bits-4"}};
    const RobustnessResult result = run();
    ASSERT_EQ(result.cells.size(), 3u);
    EXPECT_LT(result.cells[1].clean_count(), result.cells[0].clean_count());
    EXPECT_LT(result.cells[2].clean_count(), result.cells[0].clean_count());
}

TEST_F(RobustnessTest, MemoryFlipsTheWeakBitsOfChosenMapsAsOftenAsTheTableSays) {
    const std::string table = testing::TempDir() + "xloop_sram_" + std::to_string(::getpid()) + ".csv";
    write_file_atomically(table, "voltage,probability\n0.6,0.1\n0.8,0.001\n");
    EXPECT_NEAR(flip_probability(table, 0.7), 0.01, 1e-9) << "on a line of its logarithm";
    EXPECT_THROW(flip_probability(table, 0.9), InputError);
    std::filesystem::remove(table);
    const MemoryFaults faults(task_.integer, {"one"}, 0.1, 4, 7);
    FeatureMap map(20000, 0xA0), other = map, again = map;
    faults.apply(0, 5, map);
    faults.apply(1, 5, other);
    faults.apply(0, 5, again);
    EXPECT_EQ(map, again);
    EXPECT_EQ(other, FeatureMap(20000, 0xA0)) << "not a chosen layer";
    int flips = 0;
    for (const Activation value : map) {
        EXPECT_EQ(value & 0xF0, 0xA0) << "safe bits";
        flips += __builtin_popcount(static_cast<unsigned>(value & 0x0F));
    }
    EXPECT_NEAR(flips, 8000, 400);
}

}  // namespace
}  // namespace xloop
