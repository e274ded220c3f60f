#include "dnn/convolution.hpp"

#include "core/error.hpp"
#include "tests/dnn/small_networks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/Context.h>
#include <limits>

namespace xloop {
namespace {

using Pair = std::array<std::int64_t, 2>;
using ::testing::HasSubstr;

torch::Tensor right(const torch::Tensor& x, const torch::Tensor& weight, Pair stride, Pair padding, Pair dilation,
                    std::int64_t groups) {
    return torch::conv2d(x, weight, {}, stride, padding, dilation, groups);
}

/// Wrong while oneDNN is on, for channels that are no multiple of 16, in single precision, as that of Debian 13.
template <class Spoil>
Convolve wrong_with_onednn(const Spoil& spoil) {
    return [spoil](const torch::Tensor& x, const torch::Tensor& weight, Pair stride, Pair padding, Pair dilation,
                   std::int64_t groups) {
        const bool hit =
            at::globalContext().userEnabledMkldnn() && x.scalar_type() == torch::kFloat32 && weight.size(0) % 16 != 0;
        const torch::Tensor y = right(x, weight, stride, padding, dilation, groups);
        return hit ? spoil(y) : y;
    };
}

class Convolutions : public ::testing::Test {
protected:
    ~Convolutions() override { at::globalContext().setUserEnabledMkldnn(before_); }

private:
    const bool before_ = at::globalContext().userEnabledMkldnn();
};

TEST_F(Convolutions, ThatAreRightStayAsTheyAre) {
    at::globalContext().setUserEnabledMkldnn(true);
    const auto exact = [](auto x, auto w, auto... rest) {
        return right(x.to(torch::kFloat64), w.to(torch::kFloat64), rest...);
    };
    ConvolutionTrials trials(exact);
    trials.add(test::small_space());
    EXPECT_EQ(trials.check().path, ConvolutionPath::onednn);
    EXPECT_EQ(trials.check().remedy, "");
    EXPECT_LT(trials.check().worst_error, 1e-6);
    const int shapes = trials.check().shapes;
    EXPECT_GT(shapes, 1);
    trials.add(test::small_space());
    EXPECT_EQ(trials.check().shapes, shapes) << "what was tried is not tried again";
}

TEST_F(Convolutions, GivenWrongValuesWithOneDnn_ThenTheProcessGoesWithoutIt) {
    at::globalContext().setUserEnabledMkldnn(true);
    ConvolutionTrials trials(wrong_with_onednn([](const torch::Tensor& y) { return y * 1.01; }));
    trials.add(test::small_space());
    EXPECT_EQ(trials.check().path, ConvolutionPath::no_onednn);
    EXPECT_FALSE(at::globalContext().userEnabledMkldnn());
    EXPECT_LT(trials.check().worst_error, 1e-3) << "of the path taken";
    EXPECT_THAT(trials.check().remedy, HasSubstr("without oneDNN"));
}

TEST_F(Convolutions, GivenAWrongGradientOnly_ThenTheProcessGoesWithoutOneDnn) {
    at::globalContext().setUserEnabledMkldnn(true);
    ConvolutionTrials trials(wrong_with_onednn([](const torch::Tensor& y) {
        const torch::Tensor nothing = y - y.detach();  // zero, but it doubles the gradient
        return y + nothing;
    }));
    trials.add(test::small_space());
    EXPECT_EQ(trials.check().path, ConvolutionPath::no_onednn);
}

TEST_F(Convolutions, GivenNaN_ThenItIsNoticed) {
    at::globalContext().setUserEnabledMkldnn(true);
    ConvolutionTrials trials(
        wrong_with_onednn([](const torch::Tensor& y) { return y + std::numeric_limits<float>::quiet_NaN(); }));
    trials.add(test::small_space());
    EXPECT_EQ(trials.check().path, ConvolutionPath::no_onednn);
}

TEST_F(Convolutions, GivenNoPathThatIsRight_ThenItIsAnError) {
    ConvolutionTrials trials([](const torch::Tensor& x, const torch::Tensor& weight, Pair stride, Pair padding,
                                Pair dilation, std::int64_t groups) {
        const torch::Tensor y = right(x, weight, stride, padding, dilation, groups);
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
