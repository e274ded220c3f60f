#pragma once

#include "core/workload/network_spec.hpp"

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace xloop {

/// Which of LibTorch's ways of convolving this process takes. Some builds of LibTorch convolve wrongly on processors: the
/// oneDNN of Debian 13 (3.7.2) reads memory that nobody wrote where channels are no multiple of its vectors, in the forward
/// pass and in the backward one.
enum class ConvolutionPath {
    onednn,     ///< LibTorch as it comes
    padded,     ///< with channels of zeros up to the next multiple of 16, so that no vector has a rest
    no_onednn,  ///< oneDNN switched off for the whole process: im2col and a matrix product
};

/// What this process found out so far.
struct ConvolutionCheck {
    ConvolutionPath path = ConvolutionPath::onednn;
    int shapes = 0;            ///< different convolutions that were tried
    double worst_error = 0.0;  ///< of those on the path taken, relative to the largest value of the tensor it stands in
    /// One sentence that says what was found wrong and what is done instead; empty for LibTorch as it comes.
    std::string remedy;
};

/// Pairs are (height, width).
struct ConvolutionSettings {
    std::array<std::int64_t, 2> stride{1, 1}, padding{0, 0}, dilation{1, 1};
    std::int64_t groups = 1;
};

/// As torch::conv2d. x: [N, C, H, W]; weight: [out][C / groups][kernel height][kernel width]; bias: [out] or undefined.
using Convolve = std::function<torch::Tensor(const torch::Tensor& x, const torch::Tensor& weight,
                                             const torch::Tensor& bias, const ConvolutionSettings& settings)>;

/// Tries convolutions and settles the path. `library` stands for LibTorch's in tests.
class ConvolutionTrials {
public:
    ConvolutionTrials();
    explicit ConvolutionTrials(Convolve library);
    ~ConvolutionTrials();

    /// Tries the convolutions that subnets of `space` have and that were not tried before (maps cut to a few positions),
    /// forward and backward, in memory full of NaN, against the same in double precision, which oneDNN has no part in. From
    /// then on the whole process takes the fastest path on which all are right. Throws Error when none is.
    void add(const NetworkSpec& space);
    /// On the path taken.
    torch::Tensor convolve(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                           const ConvolutionSettings& settings) const;
    ConvolutionCheck check() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Those of this process. Each Supernet adds its space before it convolves; trained bits follow from the path.
ConvolutionTrials& convolution_trials();

}  // namespace xloop
