#include "dnn/torchscript.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "dnn/trained_network.hpp"

#include <gmock/gmock.h>
#include <torch/script.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

namespace xloop {
namespace {

using testing::HasSubstr;

class TorchScript : public testing::Test {
protected:
    ~TorchScript() override { std::filesystem::remove(path_); }

    /// A module with this forward function; its tensors are called a, b, c ...
    torch::jit::Module module_of(const std::string& forward, const std::vector<torch::Tensor>& tensors) {
        torch::jit::Module module("M");
        for (std::size_t t = 0; t < tensors.size(); ++t)
            module.register_parameter(std::string(1, static_cast<char>('a' + t)), tensors[t], /*is_buffer=*/false);
        module.register_attribute("training", c10::BoolType::get(), false);
        module.define(forward);
        return module;
    }

    Imported imported(const torch::jit::Module& module, const std::vector<std::int64_t>& shape) {
        module.save(path_);
        ImportOptions options;
        options.input_shape = shape;
        return import_torchscript(path_, options);
    }

    /// The import gives the module's own numbers.
    void expect_same(torch::jit::Module module, const std::vector<std::int64_t>& shape) {
        torch::manual_seed(3);
        std::vector<std::int64_t> sizes = {3};
        sizes.insert(sizes.end(), shape.begin(), shape.end());
        const torch::Tensor x = torch::randn(sizes);
        const torch::NoGradGuard no_grad;
        const torch::Tensor expected = module.forward({x}).toTensor().flatten(1).contiguous();
        const TrainedNetwork network(imported(module, shape).network);
        const std::vector<float> logits = network.logits({x.data_ptr<float>(), 3});
        const WorkloadGraph shapes = build_graph(network.spec());
        const auto own = static_cast<std::ptrdiff_t>(network.logit_count());
        for (std::ptrdiff_t i = 0; i < 3; ++i) {
            const auto results =
                results_of(network.spec(), shapes, {logits.begin() + i * own, logits.begin() + (i + 1) * own});
            ASSERT_EQ(results.size(), static_cast<std::size_t>(expected.size(1)));
            for (std::size_t r = 0; r < results.size(); ++r)
                EXPECT_NEAR(results[r], expected[i][static_cast<std::int64_t>(r)].item<float>(), 1e-4) << i << ' ' << r;
        }
    }

    std::string error_of(const torch::jit::Module& module, const std::vector<std::int64_t>& shape) {
        try {
            imported(module, shape);
        } catch (const InputError& error) {
            return error.what();
        }
        return "no error";
    }

    std::string path_ = testing::TempDir() + "xloop_script_" + std::to_string(::getpid()) + ".pt";
};

TEST_F(TorchScript, GivenAConvolutionalNetwork_ThenItsNumbersAreKept) {
    torch::manual_seed(1);
    expect_same(module_of(R"(
def forward(self, x):
    x = torch.conv2d(x, self.a, None, [1, 1], [1, 1], [1, 1], 1)
    x = torch.batch_norm(x, self.b, self.c, self.d, self.e, False, 0.1, 1e-3, False)
    x = torch.relu_(x)
    y = torch.max_pool2d(x, [2, 2], [2, 2], [0, 0], [1, 1], False)
    y = torch.flatten(y, 1, -1)
    return torch.log_softmax(torch.addmm(self.g, y, torch.t(self.f)), 1)
)",
                          {torch::randn({4, 3, 3, 3}), torch::rand({4}) + 0.5, torch::randn({4}), torch::randn({4}),
                           torch::rand({4}) + 0.5, torch::randn({5, 36}), torch::randn({5})}),
                {3, 6, 6});
}

TEST_F(TorchScript, GivenResidualsGatesAndSizesFromTheInput_ThenItsNumbersAreKept) {
    torch::manual_seed(2);
    expect_same(module_of(R"(
def forward(self, x):
    x = torch.hardtanh(torch.conv2d(x, self.a, self.b, [2, 1], [1, 1], [1, 1], 1), 0., 6.)
    s = torch.adaptive_avg_pool2d(x, [1, 1])
    s = torch.sigmoid(torch.conv2d(torch.relu(torch.conv2d(s, self.c, None, [1, 1], [0, 0], [1, 1], 1)), self.d, None, [1, 1], [0, 0], [1, 1], 1))
    y = torch.add(x, x * s)
    y = torch.cat([y, torch.leaky_relu(x, 0.2)], 1)
    y = torch.mean(torch.prelu(y, self.e), [2, 3])
    y = y.view(y.size(0), -1)
    return torch.linear(y, self.f, None)
)",
                          {torch::randn({6, 2, 3, 3}), torch::randn({6}), torch::randn({3, 6, 1, 1}),
                           torch::randn({6, 3, 1, 1}), torch::rand({12}), torch::randn({4, 12})}),
                {2, 8, 7});
}

TEST_F(TorchScript, GivenWhatIsNotImported_ThenTheErrorNamesIt) {
    const torch::Tensor weight = torch::randn({2, 2, 1, 1});
    EXPECT_THAT(
        error_of(
            module_of("def forward(self, x):\n    return torch.conv2d(x, self.a, None, [1, 1], [0, 0], [1, 1], 1)\n",
                      {weight}),
            {}),
        HasSubstr("--input-shape"));
    EXPECT_THAT(error_of(module_of(R"(
def forward(self, x):
    if bool(x.sum() > 0):
        x = torch.relu(x)
    return torch.conv2d(x, self.a, None, [1, 1], [0, 0], [1, 1], 1)
)",
                                   {weight}),
                         {2, 3, 3}),
                HasSubstr("control flow"));
    EXPECT_THAT(error_of(module_of("def forward(self, x):\n    return torch.cumsum(x, 1) + self.a.sum()\n", {weight}),
                         {2, 3, 3}),
                HasSubstr("aten::cumsum"));
    EXPECT_THAT(error_of(module_of("def forward(self, x, y):\n    return x + y\n", {weight}), {2, 3, 3}),
                HasSubstr("2 inputs"));
}

TEST_F(TorchScript, GivenAModuleThatRunsCodeWhenItIsLoaded_ThenItIsRefusedUnread) {
    torch::jit::Module module = module_of("def forward(self, x):\n    return torch.relu(x)\n", {torch::ones({1})});
    module.save(path_);
    std::string bytes = read_file(path_);
    // The entry keeps its length.
    const std::size_t at = bytes.find("def forward");
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at, 16, "def __setstate__");
    write_file_atomically(path_, bytes);
    ImportOptions options;
    options.input_shape = {1, 1, 1};
    try {
        import_torchscript(path_, options);
        ADD_FAILURE() << "was read";
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr("__setstate__"));
    }
}

TEST_F(TorchScript, GivenDamagedArchives_ThenEachIsAnInputError) {
    module_of("def forward(self, x):\n    return torch.conv2d(x, self.a, None, [1, 1], [0, 0], [1, 1], 1)\n",
              {torch::randn({2, 2, 1, 1})})
        .save(path_);
    const std::string whole = read_file(path_);
    ImportOptions options;
    options.input_shape = {2, 3, 3};
    EXPECT_TRUE(is_torchscript(path_));
    for (std::size_t size : {std::size_t{4}, std::size_t{40}, whole.size() / 2, whole.size() - 30, whole.size() - 1}) {
        write_file_atomically(path_, whole.substr(0, size));
        EXPECT_THROW(import_torchscript(path_, options), InputError) << size;
    }
    // What LibTorch's own parsers find, in words without bytes that move a terminal's cursor.
    for (const char* word : {"_rebuild_tensor", "__torch__"}) {
        std::string changed = whole;
        for (std::size_t at = changed.find(word); at != std::string::npos; at = changed.find(word, at + 1))
            changed[at] = '\xf2';
        write_file_atomically(path_, changed);
        try {
            import_torchscript(path_, options);
            ADD_FAILURE() << word;
        } catch (const InputError& error) {
            const std::string what = error.what();
            EXPECT_TRUE(std::all_of(what.begin(), what.end(), [](char c) { return c >= ' ' && c <= '~'; })) << what;
        }
    }
    const std::size_t directory = whole.rfind("PK\x01\x02");
    for (const auto& [field, value] :
         {std::pair<std::size_t, char>{10, 8}, {20, 127}, {23, 127}, {28, 127}, {45, 127}}) {
        std::string changed = whole;
        changed[directory + field] = value;
        write_file_atomically(path_, changed);
        EXPECT_THROW(import_torchscript(path_, options), InputError) << field;
    }
}

}  // namespace
}  // namespace xloop
