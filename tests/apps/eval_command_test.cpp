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

/// A trained network of random weights, and an experiment that judges it.
class EvalCommand : public CommandLine {
protected:
    EvalCommand() {
        network_.spec = parse_network(R"(name: tiny
input: {channels: 2, height: 6, width: 6, mean: [0.4, 0.5], std: [0.2, 0.3]}
layers:
  - {name: one, type: conv, out_channels: 6, kernel: 3, batch_norm: true, activation: relu}
  - {name: two, type: conv, out_channels: 8, kernel: 3, stride: 2, activation: relu}
  - {name: classes, type: linear, out_channels: 10}
)",
                                      "test");
        tensor("one.weight", {6, 2, 3, 3});
        for (const char* part : {"gamma", "variance"})
            tensor(std::string("one.") + part, {6}, 1.5f);
        for (const char* part : {"beta", "mean"})
            tensor(std::string("one.") + part, {6});
        tensor("two.weight", {8, 6, 3, 3});
        tensor("two.bias", {8});
        tensor("classes.weight", {10, 8, 3, 3});
        tensor("classes.bias", {10});
        save_float_network(network_, (folder_ / "net").string());
        write("costs.yaml", read_file(std::string(XLOOP_SOURCE_DIR) + "/configs/tech/isaac_32nm.yaml"));
        write("exp.yaml", R"(name: tiny
cost_table: costs.yaml
weights: {from: trained, trained: net}
device: {programming_sigma: 0.1}
crossbar: {rows: 16, cols: 16}
adc: {columns_per_adc: 8, noise_sigma_lsb: 0.25, range: calibrated, calibration_images: 8}
data: {set: random, train_images: 32, test_images: 24}
evaluation: {calibration_images: 16, chips: 2, recalibrate: both, snr_images: 2}
simulation: {images: 2}
)");
    }

    void tensor(const std::string& name, std::vector<std::int64_t> shape, float centre = 0.0f) {
        FloatTensor& made = network_.tensors[name];
        made.shape = std::move(shape);
        for (std::int64_t i = 0; i < FloatTensor::count(made.shape); ++i)
            made.values.push_back(centre + 0.4f * static_cast<float>(std::sin(1.7 * static_cast<double>(++drawn_))));
    }

    std::vector<std::string> eval(const std::string& out, std::vector<std::string> more = {}) const {
        std::vector<std::string> arguments = {"eval", "exp.yaml", "--out", out, "--quiet"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }

    /// What a user keeps: all but the folder's own name, checksums and the lock.
    std::map<std::string, std::string> contents(const std::string& folder) const {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::recursive_directory_iterator(folder_ / folder))
            if (entry.is_regular_file() && entry.path().filename() != ".lock" &&
                entry.path().filename() != "checksums.txt" && entry.path().extension() != ".svg")
                files[fs::relative(entry.path(), folder_ / folder).string()] = read_file(entry.path().string());
        return files;
    }

    FloatNetwork network_;
    int drawn_ = 0;
};

#if XLOOP_WITH_TORCH

TEST_F(EvalCommand, GivenATrainedNetwork_ThenAccuraciesAreTheCountsOfItsPredictions) {
    const Json report = good(eval("out", {"--json"})).json();
    std::istringstream lines(read("out/predictions.csv"));
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line,
              "index,label,software,integer,ideal_chip,chip_seed1,chip_seed1_recalibrated,chip_seed2,"
              "chip_seed2_recalibrated");
    std::vector<int> right(7, 0);
    int images = 0;
    while (std::getline(lines, line)) {
        std::istringstream cells(line);
        std::vector<int> numbers;
        for (std::string cell; std::getline(cells, cell, ',');)
            numbers.push_back(std::stoi(cell));
        ASSERT_EQ(numbers.size(), 9u);
        EXPECT_EQ(numbers[0], images++);
        for (std::size_t e = 0; e < right.size(); ++e)
            right[e] += numbers[e + 2] == numbers[1];
    }
    EXPECT_EQ(images, 24);
    ASSERT_EQ(report["accuracy"].size(), 7u);
    for (std::size_t e = 0; e < right.size(); ++e) {
        EXPECT_EQ(report["accuracy"][e]["correct"], right[e]);
        EXPECT_EQ(report["accuracy"][e]["images"], 24);
        EXPECT_LE(report["accuracy"][e]["top1_low"], report["accuracy"][e]["top1"]);
        EXPECT_GE(report["accuracy"][e]["correct_top5"], right[e]);
    }
    EXPECT_EQ(report["layers"].size(), 4u * 3u);
    for (const char* file : {"accuracy.csv", "chips.csv", "layers.csv", "confusion.csv", "evaluation.json",
                             "effective_config.yaml", "workloads/integer/workload.yaml"})
        EXPECT_TRUE(exists(fs::path("out") / file)) << file;
}

TEST_F(EvalCommand, GivenAnAttack_ThenImagesOfAllEnginesAreAttackedOnTheFloatNetwork) {
    const Json report =
        good(eval("out", {"--json", "-s", "evaluation.attack=pgd", "-s", "evaluation.attacked_images=10", "-s",
                          "attack.epsilon=1", "-s", "attack.step_size=0.25", "-s", "attack.steps=20"}))
            .json();
    ASSERT_EQ(report["accuracy"].size(), 14u);
    for (const Json& row : report["accuracy"])
        EXPECT_EQ(row["images"], row["attack"] == "pgd" ? 10 : 24);
    EXPECT_EQ(report["accuracy"][1]["attack"], "pgd");
    EXPECT_EQ(report["accuracy"][1]["correct"], 0) << "with any change allowed nothing withstands, in software";
    expect_refused(eval("out2", {"-s", "evaluation.attack=pgd", "-s", "evaluation.attacked_images=99"}),
                   {"evaluation.attacked_images"});
}

TEST_F(EvalCommand, GivenTheWorkloadOfAChip_ThenTheCycleModelPredictsTheSame) {
    good(eval("out"));
    for (const char* chip : {"chip_seed1", "chip_seed1_recalibrated"}) {
        const Json simulated =
            good({"simulate", "exp.yaml", "-s", "weights.from=workload", "-s",
                  std::string("weights.workload=out/workloads/") + chip + "/workload.yaml", "--json", "--logits", "-q"})
                .json();
        std::vector<std::vector<int>> logits;
        simulated["logits"].get_to(logits);
        const Json kept = Json::parse(read(std::string("out/engines/") + chip + ".json"));
        for (std::size_t i = 0; i < logits.size(); ++i)
            EXPECT_EQ(std::max_element(logits[i].begin(), logits[i].end()) - logits[i].begin(),
                      kept["predictions"][i].get<int>());
    }
    expect_refused({"simulate", "exp.yaml", "-s", "weights.from=workload", "-s",
                    "weights.workload=out/workloads/chip_seed1/workload.yaml", "-s", "chip_seed=2", "-q"},
                   {"ADC ranges", "measured on other hardware", "xloop eval"});
}

TEST_F(EvalCommand, GivenAStoppedRun_ThenItGoesOnToTheSameBytesWithAnyThreads) {
    good(eval("whole"));
    const auto whole = contents("whole");
    const Process killed = start(eval("cut"));
    for (int tries = 0; tries < 3000 && !exists("cut/engines/integer.json"); ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    killed.signal(SIGKILL);
    killed.wait();
    const auto first = read("cut/engines/integer.json");
    good(eval("cut", {"--threads", "2"}));
    EXPECT_EQ(read("cut/engines/integer.json"), first);
    EXPECT_EQ(contents("cut"), whole);
}

TEST_F(EvalCommand, GivenAnotherConfiguration_ThenTheFolderIsRefused) {
    good(eval("out"));
    expect_refused(eval("out", {"-s", "adc.bits=6"}), {"holds results of another configuration", "--fresh"});
    write("out/engines/integer.json", "{}");
    expect_refused(eval("out"), {"engines/integer.json", "--fresh"});
}

TEST_F(EvalCommand, GivenImagesThatDoNotFit_ThenTheKeyIsNamed) {
    expect_refused(eval("out", {"-s", "evaluation.test_images=25"}),
                   {"evaluation.test_images", "at most data.test_images = 24"});
    expect_refused(eval("out", {"-s", "evaluation.calibration_images=33"}),
                   {"evaluation.calibration_images", "at most data.train_images = 32"});
    expect_refused(eval("out", {"-s", "numerics.weight_bits=9", "-s", "simulation.values=counts"}),
                   {"numerics.weight_bits", "1 to 8 bits"});
    expect_refused(eval("out", {"--trained", "results"}), {"--trained", "weights.trained"});
    network_.spec.layers.back().out_channels = {5};
    network_.tensors["classes.weight"].shape[0] = network_.tensors["classes.bias"].shape[0] = 5;
    network_.tensors["classes.weight"].values.resize(5 * 72);
    network_.tensors["classes.bias"].values.resize(5);
    save_float_network(network_, (folder_ / "net").string());
    expect_refused(eval("out"), {"net/network.yaml", "5 logits", "labels up to 9"});
}

#endif

TEST_F(EvalCommand, GivenKeysThatDoNotFit_ThenTheyAreRefusedWithFileAndKey) {
    const std::vector<std::string> estimate = {"estimate", "exp.yaml"};
    const auto refused = [&](const std::vector<std::string>& settings, const std::vector<std::string>& parts) {
        std::vector<std::string> arguments = estimate;
        for (const std::string& setting : settings)
            arguments.insert(arguments.end(), {"-s", setting});
        expect_refused(arguments, parts);
    };
    refused({"weights.trained=absent"}, {"absent/network.yaml"});
    refused({"weights.trained="}, {"weights.trained", "folder of a trained network"});
    refused({"evaluation.engines=[integer]"}, {"exp.yaml:8", "evaluation.chips", "no `chip`"});
    refused({"evaluation.engines=[integer, tpu]"}, {"evaluation.engines[1]", "ideal_chip"});
    refused({"evaluation.engines=[chip, chip]"}, {"evaluation.engines", "each engine once"});
    write("other.yaml",
          "name: other\ninput: {channels: 2, height: 6, width: 6}\nlayers:\n"
          "  - {name: classes, type: linear, out_channels: 10}\n");
    refused({"network=other.yaml"}, {"network", "other.yaml is not the network of weights.trained"});
    write("random.yaml", "network: other.yaml\ncost_table: costs.yaml\nquantise: {equalise: true}\n");
    expect_refused({"estimate", "random.yaml"},
                   {"random.yaml:3", "quantise.equalise", "has no effect with weights.from: random"});
    write("none.yaml", "cost_table: costs.yaml\n");
    expect_refused({"estimate", "none.yaml"}, {"none.yaml: network: missing"});
}

TEST_F(EvalCommand, GivenATrainedNetwork_ThenHardwareIsStudiedByItsShapes) {
    EXPECT_GT(good({"estimate", "exp.yaml", "--json"}).json()["latency_cycles"].get<double>(), 0.0);
    EXPECT_THAT(good({"map", "exp.yaml"}).out, HasSubstr("classes"));
    good({"estimate", "exp.yaml", "-s", "network=net/network.yaml"});
    expect_refused({"simulate", "exp.yaml"}, {"weights.from", "xloop eval", "weights.workload"});
    good({"simulate", "exp.yaml", "-s", "simulation.values=counts", "-q"});
}

}  // namespace
}  // namespace xloop::test
