#include "dnn/convolution.hpp"

#include "core/error.hpp"
#include "tests/dnn/small_networks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/Context.h>
#include <functional>
#include <limits>
#include <vector>

namespace xloop {
namespace {

using ::testing::HasSubstr;

torch::Tensor right(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                    const ConvolutionSettings& s) {
    return torch::conv2d(x, weight, bias, s.stride, s.padding, s.dilation, s.groups);
}

/// In double precision, whatever oneDNN is like here.
torch::Tensor exact(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                    const ConvolutionSettings& s) {
    const auto wide = [](const torch::Tensor& t) { return t.defined() ? t.to(torch::kFloat64) : t; };
    return right(wide(x), wide(weight), wide(bias), s).to(x.scalar_type());
}

/// Spoils the results for channels of which `hit` is true, in single precision and with oneDNN, as that of Debian 13 does.
template <class Hit, class Spoil>
Convolve wrong_with_onednn(const Hit& hit, const Spoil& spoil) {
    return [=](const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
               const ConvolutionSettings& s) {
        const torch::Tensor y = exact(x, weight, bias, s);
        return at::globalContext().userEnabledMkldnn() && x.scalar_type() == torch::kFloat32 && hit(weight.size(0))
                   ? spoil(y)
                   : y;
    };
}

bool no_vectors(std::int64_t channels) { return channels % 16 != 0; }
bool always(std::int64_t) { return true; }

class Convolutions : public ::testing::Test {
protected:
    Convolutions() { at::globalContext().setUserEnabledMkldnn(true); }
    ~Convolutions() override { at::globalContext().setUserEnabledMkldnn(before_); }

private:
    const bool before_ = at::globalContext().userEnabledMkldnn();
};

TEST_F(Convolutions, ThatAreRightStayAsTheyAreAndAreTriedOnce) {
    ConvolutionTrials trials(exact);
    trials.add(test::small_space());
    EXPECT_EQ(trials.check().path, ConvolutionPath::onednn);
    EXPECT_EQ(trials.check().remedy, "");
    EXPECT_LT(trials.check().worst_error, 1e-6);
    const int shapes = trials.check().shapes;
    EXPECT_GT(shapes, 1);
    trials.add(test::small_space());
    EXPECT_EQ(trials.check().shapes, shapes);
}

// Values, not numbers, and a gradient alone: each must be noticed.
TEST_F(Convolutions, GivenWrongChannelsThatFillNoVector_ThenTheyArePadded) {
    const std::vector<std::function<torch::Tensor(const torch::Tensor&)>> spoils = {
        [](const torch::Tensor& y) { return y * 1.01; },
        [](const torch::Tensor& y) { return y + std::numeric_limits<float>::quiet_NaN(); },
        [](const torch::Tensor& y) { return y + (y - y.detach()); },
    };
    for (const auto& spoil : spoils) {
        ConvolutionTrials trials(wrong_with_onednn(no_vectors, spoil));
        trials.add(test::small_space());
        EXPECT_EQ(trials.check().path, ConvolutionPath::padded);
        EXPECT_TRUE(at::globalContext().userEnabledMkldnn());
        EXPECT_LT(trials.check().worst_error, 1e-3) << "of the path taken";
        EXPECT_THAT(trials.check().remedy, HasSubstr("padded"));
        const torch::Tensor x = torch::rand({2, 3, 6, 5}), w = torch::rand({5, 3, 3, 3}), b = torch::rand({5});
        EXPECT_TRUE(torch::allclose(trials.convolve(x, w, b, {{2, 1}, {1, 0}}), exact(x, w, b, {{2, 1}, {1, 0}})));
    }
}

TEST_F(Convolutions, GivenMemoryThatNobodyWrote_ThenItIsNoticed) {
    ConvolutionTrials trials(
        wrong_with_onednn(no_vectors, [](const torch::Tensor& y) { return y + 0 * torch::empty_like(y); }));
    trials.add(test::small_space());
    EXPECT_EQ(trials.check().path, ConvolutionPath::padded);
}

TEST_F(Convolutions, GivenWrongVectorsToo_ThenTheProcessGoesWithoutOneDnn) {
    ConvolutionTrials trials(wrong_with_onednn(always, [](const torch::Tensor& y) { return 2 * y; }));
    trials.add(test::small_space());
    EXPECT_EQ(trials.check().path, ConvolutionPath::no_onednn);
    EXPECT_FALSE(at::globalContext().userEnabledMkldnn());
    EXPECT_THAT(trials.check().remedy, HasSubstr("without oneDNN"));
}

TEST_F(Convolutions, GivenNoPathThatIsRight_ThenItIsAnError) {
    ConvolutionTrials trials([](const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                                const ConvolutionSettings& s) {
        const torch::Tensor y = right(x, weight, bias, s);
        return x.scalar_type() == torch::kFloat32 ? 2 * y : y;
    });
    try {
        trials.add(test::small_space());
        FAIL() << "went on with wrong convolutions";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("another build of LibTorch"));
    }
}

}  // namespace
}  // namespace xloop
