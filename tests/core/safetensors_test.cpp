#include "core/safetensors.hpp"
#include "core/error.hpp"
#include "core/workload/equalise.hpp"
#include "core/workload/float_network.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>

namespace xloop {
namespace {

using testing::HasSubstr;

std::string file_of(const std::string& header, const std::string& values = "") {
    const std::uint64_t length = header.size();
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    return bytes + header + values;
}

std::string error_of(const std::string& bytes) {
    try {
        parse_safetensors(bytes, "w.safetensors");
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

std::string entry(const std::string& type, const std::string& shape, const std::string& offsets) {
    return R"({"w":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

TEST(Safetensors, GivenSavedTensors_ThenLoadingGivesTheSame) {
    const std::string path = testing::TempDir() + "xloop_tensors_" + std::to_string(::getpid()) + ".safetensors";
    const TensorMap tensors = {{"one", {{}, {-0.0f}}},
                               {"none", {{0, 3}, {}}},
                               {"b \"c\"", {{2, 1, 3}, {1, 2, 3, 4, 5, std::numeric_limits<float>::denorm_min()}}}};
    save_safetensors(tensors, path);
    const TensorMap loaded = load_safetensors(path);
    ASSERT_EQ(loaded.size(), tensors.size());
    for (const auto& [name, tensor] : tensors) {
        EXPECT_EQ(loaded.at(name).shape, tensor.shape);
        EXPECT_EQ(loaded.at(name).values, tensor.values);
    }
    std::filesystem::remove(path);
}

TEST(Safetensors, GivenNarrowAndWideNumbers_ThenTheirValuesAreRead) {
    const auto half = [](std::initializer_list<std::uint16_t> bits) {
        std::string bytes(bits.size() * 2, '\0');
        std::memcpy(bytes.data(), bits.begin(), bytes.size());
        return bytes;
    };
    EXPECT_EQ(
        parse_safetensors(file_of(entry("F16", "[5]", "[0,10]"), half({0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000})), "w")
            .at("w")
            .values,
        (std::vector{1.0f, -2.0f, std::ldexp(1.0f, -24), 65504.0f, -0.0f}));
    EXPECT_EQ(half_to_float(0x7c00), std::numeric_limits<float>::infinity());
    EXPECT_TRUE(std::isnan(half_to_float(0x7e00)));
    EXPECT_EQ(parse_safetensors(file_of(entry("BF16", "[2]", "[0,4]"), half({0x3f80, 0xc040})), "w").at("w").values,
              (std::vector{1.0f, -3.0f}));
    const double wide = 0.1;
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &wide, 8);
    EXPECT_EQ(parse_safetensors(file_of(entry("F64", "[]", "[0,8]"), bytes), "w").at("w").values, (std::vector{0.1f}));
}

TEST(Safetensors, GivenMalformedFiles_ThenTheErrorSaysWhatAndNothingIsAllocated) {
    EXPECT_THAT(error_of("short"), HasSubstr("w.safetensors: expected a safetensors file"));
    EXPECT_THAT(error_of(std::string(7, '\xff') + std::string("\x7f") + "{}"), HasSubstr("header's length"));
    EXPECT_THAT(error_of(file_of("[1]")), HasSubstr("no JSON object"));
    EXPECT_THAT(error_of(file_of("{")), HasSubstr("no JSON object"));
    EXPECT_THAT(error_of(file_of(R"({"w":{"dtype":"F32"}})")), HasSubstr("tensor `w`: expected"));
    EXPECT_THAT(error_of(file_of(entry("F32", "[-1]", "[0,4]"), "1234")), HasSubstr("tensor `w`: expected"));
    EXPECT_THAT(error_of(file_of(entry("I64", "[1]", "[0,8]"), "12345678")), HasSubstr("numbers of type I64"));
    EXPECT_THAT(error_of(file_of(entry("F32", "[1]", "[0,8]"), "1234")), HasSubstr("are not in the file"));
    EXPECT_THAT(error_of(file_of(entry("F32", "[1]", "[4,0]"), "1234")), HasSubstr("are not in the file"));
    EXPECT_THAT(error_of(file_of(entry("F32", "[2]", "[0,4]"), "1234")), HasSubstr("do not take 4 bytes"));
    EXPECT_THAT(error_of(file_of(entry("F32", "[4611686018427387904,4,3]", "[0,4]"), "1234")),
                HasSubstr("more values than can be counted"));
    EXPECT_THAT(error_of(file_of(entry("F32", "[4611686018427387904]", "[0,4]"), "1234")),
                HasSubstr("do not take 4 bytes"));
    EXPECT_THAT(error_of(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                 R"("b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                                 "1234")),
                HasSubstr("two tensors share bytes"));
}

/// A network with weights that are numbers in a row.
FloatNetwork small_network(const std::string& layers) {
    FloatNetwork network;
    network.spec =
        parse_network("name: small\ninput: {channels: 2, height: 4, width: 4}\nlayers:\n" + layers, "net.yaml");
    const WorkloadGraph graph = build_graph(network.spec);
    float next = 1.0f;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        if (!layer.on_crossbars())
            continue;
        const auto fill = [&](const std::string& part, const std::vector<std::int64_t>& shape) {
            FloatTensor& tensor = network.tensors[layer.name + "." + part];
            tensor.shape = shape;
            for (std::int64_t i = 0; i < FloatTensor::count(shape); ++i)
                tensor.values.push_back(next = std::fmod(next * 1.7f, 4.0f) + 0.1f);
        };
        fill("weight",
             {layer.out.channels, layer.in.channels / layer.groups, layer.window.y.kernel, layer.window.x.kernel});
        if (network.spec.layers[l].batch_norm)
            for (const char* part : {"gamma", "beta", "mean", "variance"})
                fill(part, {layer.out.channels});
        else
            fill("bias", {layer.out.channels});
    }
    return network;
}

constexpr const char* three_layers = R"(
  - {name: a, type: conv, out_channels: 3, kernel: 3, batch_norm: true, activation: relu}
  - {name: p, type: max_pool, kernel: 2, stride: 2}
  - {name: b, type: conv, out_channels: 3, kernel: 3, groups: 0, activation: sigmoid}
  - {name: c, type: linear, out_channels: 2}
)";

TEST(FloatNetworks, GivenASavedOne_ThenLoadingGivesTheSameAndMistakesAreNamed) {
    const std::string dir = testing::TempDir() + "xloop_float_" + std::to_string(::getpid());
    const FloatNetwork network = small_network(three_layers);
    save_float_network(network, dir);
    const FloatNetwork loaded = load_float_network(dir);
    EXPECT_EQ(network_yaml(loaded.spec), network_yaml(network.spec));
    for (const auto& [name, tensor] : network.tensors)
        EXPECT_EQ(loaded.tensors.at(name).values, tensor.values) << name;
    const auto error_with = [&](const std::function<void(TensorMap&)>& change) -> std::string {
        FloatNetwork changed = network;
        change(changed.tensors);
        try {
            check_tensors(changed, "w");
        } catch (const InputError& error) {
            return error.what();
        }
        return "no error";
    };
    EXPECT_EQ(error_with([](TensorMap&) {}), "no error");
    EXPECT_THAT(error_with([](TensorMap& t) { t.erase("a.mean"); }), HasSubstr("`a.mean` of shape [3] is missing"));
    EXPECT_THAT(error_with([](TensorMap& t) { t["c.bais"] = t["c.bias"]; }), HasSubstr("did you mean `c.bias`"));
    EXPECT_THAT(error_with([](TensorMap& t) {
                    t["c.bias"].shape = {1, 2};
                }),
                HasSubstr("expected shape [2], found [1, 2]"));
    EXPECT_THAT(error_with([](TensorMap& t) { t["c.bias"].values[1] = NAN; }), HasSubstr("value 1 is not finite"));
    EXPECT_THAT(error_with([](TensorMap& t) { t["a.variance"].values[1] = -1; }), HasSubstr("-1 is below 0"));
    std::filesystem::remove_all(dir);
}

float largest(const FloatTensor& tensor, std::size_t begin, std::size_t count) {
    float found = 0.0f;
    for (std::size_t i = begin; i < begin + count; ++i)
        found = std::max(found, std::abs(tensor.values[i]));
    return found;
}

TEST(Equalise, GivenTwoLayers_ThenEachChannelHasTheSameRangeOnBothSidesAndTheProductStays) {
    const FloatNetwork before = small_network(three_layers), after = equalise(before);
    EXPECT_FALSE(after.spec.layers.front().batch_norm);
    const FloatNetwork folded = fold_batch_norm(before);
    const FloatTensor &a = after.tensors.at("a.weight"), &b = after.tensors.at("b.weight");
    for (std::size_t c = 0; c < 3; ++c) {
        EXPECT_NEAR(largest(a, c * 18, 18), largest(b, c * 9, 9), 1e-3f * largest(a, c * 18, 18));
        EXPECT_NEAR(a.values[c * 18 + 4] * b.values[c * 9 + 2],
                    folded.tensors.at("a.weight").values[c * 18 + 4] * folded.tensors.at("b.weight").values[c * 9 + 2],
                    1e-3f);
        EXPECT_NEAR(after.tensors.at("a.bias").values[c] / a.values[c * 18],
                    folded.tensors.at("a.bias").values[c] / folded.tensors.at("a.weight").values[c * 18], 1e-4f);
    }
    // A sigmoid does not commute with factors: what follows it is as it was.
    EXPECT_EQ(after.tensors.at("c.weight").values, before.tensors.at("c.weight").values);
}

TEST(FoldBatchNorm, GivenStatistics_ThenWeightAndBiasAreThoseOfTheFormula) {
    const FloatNetwork before = small_network(three_layers), after = fold_batch_norm(before);
    const auto of = [&](const char* part) { return double{before.tensors.at(std::string("a.") + part).values[1]}; };
    const double factor = of("gamma") / std::sqrt(of("variance") + 1e-5);
    EXPECT_NEAR(after.tensors.at("a.weight").values[20], before.tensors.at("a.weight").values[20] * factor, 1e-5);
    EXPECT_NEAR(after.tensors.at("a.bias").values[1], of("beta") - of("mean") * factor, 1e-5);
    check_tensors(after, "folded");
}

}  // namespace
}  // namespace xloop
