#include "core/workload/float_network.hpp"
#include "tests/apps/command_line.hpp"

#include <cmath>
#include <sstream>

namespace xloop::test {
namespace {

/// A trained network of random weights, and an experiment on it.
class AnalyseCommand : public CommandLine {
protected:
    AnalyseCommand() {
        FloatNetwork network;
        network.spec = parse_network(R"(name: tiny
input: {channels: 2, height: 6, width: 6}
layers:
  - {name: one, type: conv, out_channels: 6, kernel: 3, activation: relu}
  - {name: two, type: conv, out_channels: 8, kernel: 3, stride: 2, activation: relu}
  - {name: "three.1[a]", type: conv, out_channels: 8, kernel: 1, activation: relu}
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
        write("costs.yaml", read_file(std::string(XLOOP_SOURCE_DIR) + "/configs/tech/isaac_32nm.yaml"));
        write("exp.yaml", R"(name: tiny
cost_table: costs.yaml
weights: {from: trained, trained: net}
device: {programming_sigma: 0.1}
crossbar: {rows: 16, cols: 16}
adc: {columns_per_adc: 8, noise_sigma_lsb: 0.25}
data: {set: random, train_images: 32, test_images: 8}
evaluation: {calibration_images: 16, snr_images: 2}
sensitivity: {images: 24, snr_images: 2, bits_min: 3}
)");
    }

    static std::vector<std::string> analyse(std::vector<std::string> more = {}) {
        std::vector<std::string> arguments = {"analyse", "exp.yaml", "--out", "out", "--quiet"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
};

TEST_F(AnalyseCommand, GivenKeysThatDoNotFit_ThenTheyAreRefused) {
    const auto refused = [&](const std::string& setting, const std::vector<std::string>& parts) {
        expect_refused({"estimate", "exp.yaml", "-s", setting}, parts);
    };
    refused("sensitivity.measures=[snr]", {"sensitivity.rule", "one of sensitivity.measures", "noise"});
    refused("sensitivity.measures=[noise, noise]", {"sensitivity.measures", "each measure once"});
    refused("sensitivity.measures=[noise, luck]", {"sensitivity.measures[1]", "components"});
    refused("sensitivity.bits_max=2", {"sensitivity.bits_min", "sensitivity.bits_max = 2"});
    refused("sensitivity.variance_share=1", {"sensitivity.variance_share"});
    write("random.yaml", "network: net/network.yaml\ncost_table: costs.yaml\nsensitivity: {images: 3}\n");
    expect_refused({"estimate", "random.yaml"}, {"random.yaml:3", "sensitivity.images", "weights.from: random"});
}

#if XLOOP_WITH_TORCH

TEST_F(AnalyseCommand, GivenATrainedNetwork_ThenJsonCsvAndPictureHaveEachLayer) {
    const Json report = good(analyse({"--json"})).json();
    EXPECT_EQ(report, Json::parse(read("out/analyse.json")));
    EXPECT_EQ(report["network"], "tiny");
    ASSERT_EQ(report["layers"].size(), 4u);
    for (const Json& layer : report["layers"]) {
        EXPECT_GT(layer["change"].get<double>(), 0.0);
        EXPECT_NEAR(layer["relative_change"].get<double>(),
                    layer["change"].get<double>() / layer["magnitude"].get<double>(), 1e-12);
        EXPECT_TRUE(layer["snr_db"].is_number()) << "programmed cells are not exact";
        EXPECT_GE(layer["components"].get<int>(), 1);
        EXPECT_LE(layer["components"].get<int>(), layer["channels"].get<int>());
        EXPECT_EQ(layer["bits"], layer["bits_noise"]);
    }
    EXPECT_EQ(report["layers"][0]["components_read"], 2);
    EXPECT_EQ(report["layers"][2]["components_read"], report["layers"][1]["components"]);
    EXPECT_EQ(report["layers"][0]["bits"], 8);
    EXPECT_EQ(report["layers"][3]["bits"], 8);
    EXPECT_EQ(report["configuration"]["sensitivity.bits_min"], 3);
    std::istringstream csv(read("out/layers.csv"));
    std::string line;
    std::getline(csv, line);
    EXPECT_EQ(line,
              "layer,kind,change,magnitude,relative_change,snr_db,components,components_read,channels,bits_noise,"
              "bits_snr,bits_components,bits");
    if (std::system("command -v gnuplot > /dev/null") == 0) {
        EXPECT_THAT(read("out/layers.svg"), HasSubstr("three.1[a]"));
    }
}

TEST_F(AnalyseCommand, GivenTheSuggestedBits_ThenEvalAndEstimateWorkWithThem) {
    const Json report = good(analyse({"--json", "-s", "sensitivity.rule=components", "-s", "adc.bits=7"})).json();
    write("mixed.yaml", "base: [exp.yaml, out/bits.yaml]\nname: mixed\n");
    good({"eval", "mixed.yaml", "--out", "judged", "-q"});
    int fewer_than_8 = 0;
    const std::string workload = read("judged/workloads/integer/workload.yaml");
    for (const Json& layer : report["layers"]) {
        const std::size_t at = workload.find("name: \"" + layer["layer"].get<std::string>() + "\"");
        ASSERT_NE(at, workload.npos) << layer["layer"];
        const std::string entry = workload.substr(at, workload.find("name: ", at + 1) - at);
        const int bits = layer["bits"];
        EXPECT_EQ(entry.find("weight_bits: " + std::to_string(bits)) != entry.npos, bits != 8) << entry;
        EXPECT_EQ(entry.find("weight_bits") != entry.npos, bits != 8) << entry;
        fewer_than_8 += bits != 8;
    }
    EXPECT_GT(fewer_than_8, 0);
    const double all = good({"estimate", "exp.yaml", "--json"}).json()["energy_per_image_j"];
    const double fewer = good({"estimate", "mixed.yaml", "--json"}).json()["energy_per_image_j"];
    EXPECT_LT(fewer, all);
}

TEST_F(AnalyseCommand, GivenMeasuresThatAreThere_ThenTheyAreTakenAndOnlyTheRestIsMade) {
    good(analyse());
    const std::string before = read("out/analyse.json");
    fs::remove(folder_ / "out/measures/components.json");
    fs::remove(folder_ / "out/analyse.json");
    const auto kept = fs::last_write_time(folder_ / "out/measures/noise.json");
    good(analyse({"--threads", "2"}));
    EXPECT_EQ(read("out/analyse.json"), before);
    EXPECT_EQ(fs::last_write_time(folder_ / "out/measures/noise.json"), kept);
    write("out/measures/snr.json", "[[1, 2]]");
    expect_refused(analyse(), {"measures/snr.json", "--fresh"});
    fs::remove(folder_ / "out/measures/checksums.txt");
    expect_refused(analyse(), {"measures/snr.json", "1 layers in place of 4", "--fresh"});
    expect_refused(analyse({"-s", "attack.steps=3"}), {"holds results of another configuration", "--fresh"});
}

TEST_F(AnalyseCommand, GivenOneMeasure_ThenTheOthersAreNotAskedFor) {
    const Json report = good(analyse({"--json", "-s", "sensitivity.measures=[components]", "-s",
                                      "sensitivity.rule=components", "-s", "attack.epsilon=0"}))
                            .json();
    EXPECT_TRUE(report["layers"][1]["change"].is_null());
    EXPECT_TRUE(report["layers"][1]["bits_snr"].is_null());
    EXPECT_FALSE(exists("out/measures/noise.json"));
}

TEST_F(AnalyseCommand, GivenWhatCannotBeMeasured_ThenKeyAndWayOutAreNamed) {
    expect_refused(analyse({"-s", "sensitivity.images=33"}), {"sensitivity.images", "at most data.train_images = 32"});
    expect_refused(analyse({"-s", "attack.epsilon=0.003"}), {"attack.epsilon", "1 / 255"});
    std::string labels;
    for (int sample = 0; sample < 32; ++sample)
        labels += std::to_string(sample % 10) + "\n";
    write("train_labels.txt", labels);
    write("train_samples.f32", std::string(32 * 72 * sizeof(float), '\0'));
    expect_refused(analyse({"-s", "data.set=raw", "-s", "data.directory=.", "-s", "data.shape=[2,6,6]"}),
                   {"data.set", "samples", "sensitivity.measures"});
    expect_refused(analyse({"-s", "numerics.weight_bits=9", "-s", "simulation.values=counts"}),
                   {"numerics.weight_bits"});
    write("random.yaml", "network: net/network.yaml\ncost_table: costs.yaml\n");
    expect_refused({"analyse", "random.yaml", "--out", "out"}, {"weights.from", "weights.trained"});
    const Outcome without = xloop({"analyse"});
    EXPECT_EQ(without.code, 2);
    EXPECT_THAT(without.err, HasSubstr("EXPERIMENT"));
}

TEST_F(AnalyseCommand, GivenHelp_ThenItTeaches) {
    const std::string help = good({"analyse", "--help"}).out;
    for (const char* part : {"Examples:", "sensitivity.rule", "bits.yaml", "--out", "--json", "FGSM"})
        EXPECT_THAT(help, HasSubstr(part));
    EXPECT_THAT(good({"--help"}).out, HasSubstr("analyse"));
}

#endif

}  // namespace
}  // namespace xloop::test
