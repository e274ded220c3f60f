#include "core/workload/float_network.hpp"
#include "tests/apps/command_line.hpp"

#include <cmath>
#include <limits>

// Networks in and out of the program, and run on samples.
namespace xloop::test {
namespace {

class NetworkCommands : public CommandLine {
protected:
    NetworkCommands() {
        FloatNetwork network{parse_network(R"(name: tiny
input: {channels: 2, height: 5, width: 4, mean: [0.5], std: [0.25], order: hwc}
host_functions: [softmax]
layers:
  - {name: one, type: conv, out_channels: 6, kernel: 3, activation: hard_swish}
  - {name: two, type: conv, out_channels: 4, kernel: 3, stride: 2, activation: relu}
  - {name: classes, type: linear, out_channels: 3}
)",
                                           "test"),
                             {}};
        int drawn = 0;
        for (const TensorShape& shape : tensor_shapes(network.spec)) {
            FloatTensor& tensor = network.tensors[shape.name];
            tensor.shape = shape.shape;
            for (std::int64_t i = 0; i < FloatTensor::count(shape.shape); ++i)
                tensor.values.push_back(0.5f * static_cast<float>(std::sin(1.7 * ++drawn)));
        }
        save_float_network(network, (folder_ / "net").string());
        std::vector<float> samples;
        for (int i = 0; i < 20 * 40; ++i)
            samples.push_back(static_cast<float>(0.5 + 0.5 * std::sin(0.9 * i * i)));
        write_floats("x.f32", samples);
    }

    void write_floats(const std::string& name, const std::vector<float>& values) const {
        write(name, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
    }
    std::vector<float> floats(const std::string& name) const {
        const std::string bytes = read(name);
        std::vector<float> values(bytes.size() / sizeof(float));
        std::memcpy(values.data(), bytes.data(), bytes.size());
        return values;
    }
};

TEST_F(NetworkCommands, GivenAnExportedModel_ThenItsOwnNumbersComeOutOfIt) {
    good({"export", "net", "-o", "net.onnx"});
    EXPECT_THAT(good({"infer", "net", "--inputs", "x.f32", "--out", "y.f32"}).out,
                HasSubstr("20 results of tiny, 3 values"));
    const std::vector<float> results = floats("y.f32");
    ASSERT_EQ(results.size(), 60u);
    EXPECT_NEAR(results[0] + results[1] + results[2], 1.0f, 1e-6f);
    const Outcome same = good({"infer", "net.onnx", "--inputs", "x.f32", "--expect", "y.f32", "--atol", "1e-5"});
    EXPECT_THAT(same.out, HasSubstr("the same one in 20 of 20"));
    EXPECT_FALSE(exists("net/import.json"));
    std::vector<float> damaged = results;
    damaged[30] = std::numeric_limits<float>::quiet_NaN();
    write_floats("damaged.f32", damaged);
    EXPECT_EQ(xloop({"infer", "net", "--inputs", "x.f32", "--expect", "damaged.f32", "--atol", "0.01"}).code, 1);
    write_floats("other.f32", std::vector<float>(60, 0.25f));
    EXPECT_EQ(xloop({"infer", "net", "--inputs", "x.f32", "--expect", "other.f32", "--atol", "0.01"}).code, 1);
}

TEST_F(NetworkCommands, GivenIntegersAndAnIdealChipThatHasACodeForEachSum_ThenTheyGiveTheSame) {
    const auto with = [&](const std::string& engine, const std::string& out,
                          const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments = {"infer", "net",      "--inputs", "x.f32",       "--out",
                                              out,     "--engine", engine,     "--calibrate", "x.f32"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        good(arguments);
        return floats(out);
    };
    const std::vector<float> real = [&] {
        good({"infer", "net", "--inputs", "x.f32", "--out", "y.f32"});
        return floats("y.f32");
    }();
    const std::vector<float> integer = with("integer", "integer.f32");
    EXPECT_EQ(with("ideal", "ideal.f32"), integer);
    EXPECT_EQ(with("ideal", "threads.f32", {"--threads", "3"}), integer);
    EXPECT_NE(with("chip", "chip.f32"), integer);
    for (std::size_t i = 0; i < real.size(); ++i)
        EXPECT_NEAR(integer[i], real[i], 0.1f);
    EXPECT_NE(with("integer", "narrow.f32", {"-s", "numerics.weight_bits=3", "--ranges", "mse"}), integer);
}

TEST_F(NetworkCommands, GivenSamplesAsTheLastAxis_ThenResultsAreSoAndTheSame) {
    const auto turned = [](const std::vector<float>& values, std::size_t rows) {
        std::vector<float> columns;
        for (std::size_t c = 0; c < values.size() / rows; ++c)
            for (std::size_t r = 0; r < rows; ++r)
                columns.push_back(values[r * (values.size() / rows) + c]);
        return columns;
    };
    write_floats("last.f32", turned(floats("x.f32"), 20));
    good({"infer", "net", "--inputs", "x.f32", "--out", "y.f32", "--batch-first"});
    good({"infer", "net", "--inputs", "last.f32", "--out", "y_last.f32", "--batch-last"});
    EXPECT_EQ(floats("y_last.f32"), turned(floats("y.f32"), 20));
    const Outcome same =
        good({"infer", "net", "--inputs", "last.f32", "--batch-last", "--expect", "y_last.f32", "--atol", "0"});
    EXPECT_THAT(same.out, HasSubstr("largest difference 0, the largest value is the same one in 20 of 20"));
    expect_refused({"infer", "net", "--inputs", "x.f32", "--batch-first", "--batch-last"}, {"--batch-last"});
}

TEST_F(NetworkCommands, GivenFilesThatDoNotFit_ThenTheyAreRefused) {
    write("short.f32", "12345");
    expect_refused({"infer", "net", "--inputs", "short.f32"}, {"short.f32", "40 values", "order hwc"});
    write_floats("nan.f32", std::vector<float>(40, std::numeric_limits<float>::quiet_NaN()));
    expect_refused({"infer", "net", "--inputs", "nan.f32"}, {"nan.f32: value 0 is not finite"});
    expect_refused({"infer", "net", "--inputs", "x.f32", "--expect", "short.f32"}, {"short.f32", "60 values"});
    expect_refused({"infer", "absent", "--inputs", "x.f32"}, {"absent"});
    expect_refused({"export", "absent.yaml", "-o", "y.onnx"}, {"absent.yaml"});
    expect_refused({"export", "net", "--network", "net", "-o", "y.onnx"}, {"--network"});
    write("net/network.yaml", read("net/network.yaml") + "  - {name: \"more\", type: linear, out_channels: 2}\n");
    expect_refused({"infer", "net", "--inputs", "x.f32"}, {"weights.safetensors", "more"});
}

TEST_F(NetworkCommands, GivenNetworkFiles_ThenTheirSizesAreListed) {
    fs::create_directories(folder_ / "nets");
    write("nets/b.yaml",
          "name: space\ninput: {channels: 1, height: 4, width: 4}\nlayers:\n"
          "  - {name: c, type: conv, out_channels: [2, 4], kernel: 3, batch_norm: true, activation: relu}\n"
          "  - {name: l, type: linear, out_channels: 2, bias: false}\n");
    const Json listed = good({"networks", "net/network.yaml", "nets", "--json", "--csv", "sizes.csv"}).json();
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_EQ(listed[0]["network"], "tiny");
    EXPECT_EQ(listed[0]["parameters"], 6 * 2 * 9 + 6 + 4 * 6 * 9 + 4 + 3 * 4 * 6 + 3);
    EXPECT_EQ(listed[1]["subnets"], 2);
    EXPECT_EQ(listed[1]["parameters"], 4 * 9 + 2 * 4 + 2 * 4 * 16);
    EXPECT_EQ(listed[1]["macs"], 16 * 4 * 9 + 2 * 4 * 16);
    EXPECT_GT(listed[1]["arrays"], 0);
    EXPECT_THAT(read("sizes.csv"), HasSubstr("space,nets/b.yaml,1x4x4,2,2,2,"));
    EXPECT_THAT(good({"networks"}).out, HasSubstr("resnet20")) << "those that come along, from any folder";
    fs::create_directories(folder_ / "empty");
    expect_refused({"networks", "empty"}, {"empty", "*.yaml"});
}

}  // namespace
}  // namespace xloop::test
