#include "core/workload/float_network.hpp"
#include "tests/apps/command_line.hpp"

#include <fmt/format.h>
#include <chrono>
#include <cmath>
#include <map>
#include <sstream>
#include <thread>

namespace xloop::test {
namespace {

#if XLOOP_WITH_TORCH

/// A trained network of random weights, and an experiment that attacks it on random pixels.
class AttackCommand : public CommandLine {
protected:
    AttackCommand() {
        FloatNetwork network;
        network.spec = parse_network(R"(name: tiny
input: {channels: 1, height: 6, width: 6}
layers:
  - {name: one, type: conv, out_channels: 6, kernel: 3, activation: relu}
  - {name: classes, type: linear, out_channels: 10}
)",
                                     "test");
        int drawn = 0;
        for (const TensorShape& shape : tensor_shapes(network.spec)) {
            FloatTensor& made = network.tensors[shape.name];
            made.shape = shape.shape;
            for (std::int64_t i = 0; i < FloatTensor::count(made.shape); ++i)
                made.values.push_back(0.4f * static_cast<float>(std::sin(1.7 * static_cast<double>(++drawn))));
        }
        save_float_network(network, (folder_ / "net").string());
        write("exp.yaml", R"(name: tiny
cost_table: none
weights: {from: trained, trained: net}
crossbar: {rows: 16, cols: 16}
adc: {columns_per_adc: 8, noise_sigma_lsb: 0.25}
data: {set: random, train_images: 16, test_images: 24}
attack: {epsilon: 0.1, step_size: 0.03}
robustness: {attacks: [fgsm, pgd-4], threats: [ss, sh, hh], epsilons: [0.05, 0.1], batch: 10}
evaluation: {engines: [software, integer, chip], calibration_images: 16, chips: 2, recalibrate: both, snr_images: 0}
)");
    }

    std::vector<std::string> attack(const std::string& out, std::vector<std::string> more = {}) const {
        std::vector<std::string> arguments = {"attack", "exp.yaml", "--out", out, "--quiet"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
    /// What a user keeps, but for pictures' programs' versions, checksums and the lock.
    std::map<std::string, std::string> contents(const std::string& folder) const {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::recursive_directory_iterator(folder_ / folder))
            if (entry.is_regular_file() && entry.path().filename() != ".lock" &&
                entry.path().filename() != "checksums.txt")
                files[fs::relative(entry.path(), folder_ / folder).string()] = read_file(entry.path().string());
        return files;
    }
};

TEST_F(AttackCommand, GivenAnExperiment_ThenCellsAreTheCountsOfTheImages) {
    const Json report = good(attack("out", {"--json"})).json();
    ASSERT_EQ(report["cells"].size(), 2u * 2 * (1 + 5 + 5));
    std::map<std::string, int> robust;
    std::istringstream lines(read("out/images.csv"));
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line.rfind("image,label,clean,robust,", 0), 0u);
    int rows = 0;
    while (std::getline(lines, line)) {
        ++rows;
        std::vector<std::string> cells;
        std::istringstream row(line);
        for (std::string cell; std::getline(row, cell, ',');)
            cells.push_back(cell);
        const std::string key = cells[8] + cells[9] + cells[10] + cells[11] + cells[12] + cells[14];
        robust[key] += std::stoi(cells[3]);
    }
    EXPECT_EQ(rows, 24 * 44);
    int sum = 0, told = 0;
    for (const auto& [key, count] : robust)
        sum += count;
    for (const Json& cell : report["cells"]) {
        told += cell["robust"].get<int>();
        EXPECT_EQ(cell["total"], 24);
        EXPECT_NEAR(cell["robust_share"].get<double>(), cell["robust"].get<int>() / 24.0, 1e-12);
        EXPECT_LE(cell["perturbation"].get<double>(), cell["epsilon"].get<double>() + 1e-6);
    }
    EXPECT_EQ(robust.size(), 44u);
    EXPECT_EQ(sum, told);
    EXPECT_NE(read("out/robustness.svg").find("epsilon (levels of 255)"), std::string::npos);
    EXPECT_EQ(read("out/images.png").substr(1, 3), "PNG");
}

TEST_F(AttackCommand, GivenAModelInPlaceOfAnExperiment_ThenOptionsSayTheSameAsKeys) {
    const auto robust = [&](const std::vector<std::string>& arguments) {
        return good(arguments).json()["cells"][0]["robust"].get<int>();
    };
    const int by_options = robust(
        {"attack", "--model",     "net",       "--data",    "random",   "--images",    "24",   "--attack",
         "pgd",    "--steps",     "4",         "--epsilon", "25.5/255", "--step-size", "0.03", "--no-random-start",
         "--json", "--per-image", "flags.csv", "--quiet"});
    const int by_keys =
        robust({"attack", "exp.yaml", "-s", "robustness.attacks=[pgd-4]", "-s", "robustness.threats=[ss]", "-s",
                "robustness.epsilons=[]", "-s", "attack.random_start=false", "--json", "--quiet"});
    EXPECT_EQ(by_options, by_keys);
    EXPECT_EQ(read("flags.csv").rfind("image,label,clean,robust,", 0), 0u);
    EXPECT_FALSE(fs::exists(folder_ / "results/attack_attack")) << "without --out nothing is kept";
}

TEST_F(AttackCommand, GivenAKilledRun_ThenItGoesOnToTheSameBytesWithAnyThreads) {
    good(attack("whole"));
    for (const char* file : {"cut/tested/clean_software.json", "cut/tested/sh_integer_pgd-4_eps0.05.json"}) {
        const Process killed = start(attack("cut"));
        for (int tries = 0; tries < 3000 && !exists(file); ++tries)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        killed.signal(SIGKILL);
        killed.wait();
        EXPECT_TRUE(exists(file));
    }
    good(attack("cut", {"--threads", "2"}));
    EXPECT_EQ(contents("cut"), contents("whole"));
}

TEST_F(AttackCommand, GivenWhatDoesNotFit_ThenItIsRefusedAndNothingIsLeftBehind) {
    expect_refused({"attack"}, {"EXPERIMENT", "--model"});
    expect_refused(attack("o", {"--attack", "pgf"}), {"did you mean `pgd`"});
    expect_refused(attack("o", {"--epsilon", "8"}), {"attack.epsilon", "0.03137"});
    expect_refused(attack("o", {"--epsilon", "8/"}), {"--epsilon", "fraction"});
    expect_refused(attack("o", {"--threat", "query"}), {"fgsm", "gradients", "square"});
    expect_refused(attack("o", {"--attack", "cw"}), {"cw", "attack.norm"});
    expect_refused(attack("o", {"--faults", "ranked_bits"}), {"ranked_bits-10"});
    expect_refused(attack("o", {"--faults", "drift-100"}), {"robustness.faults", "device.drift_nu"});
    expect_refused(attack("o", {"--faults", "memory-0.6"}), {"robustness.memory_table"});
    expect_refused(attack("o", {"-s", "evaluation.engines=[integer, chip]", "--threat", "ss"}),
                   {"robustness.threats", "evaluation.engines"});
    expect_refused(attack("o", {"-s", "data.input_bits=4"}), {"data.input_bits"});
}

#endif

}  // namespace
}  // namespace xloop::test
