#pragma once

#include "dnn/data/image_set.hpp"

#include <torch/types.h>

#include <functional>
#include <vector>

namespace xloop {

/// Images [N, C, H, W], float in [0, 1] -> logits [N, classes].
using LogitsFunction = std::function<torch::Tensor(const torch::Tensor&)>;

/// Images first ... first + count - 1 as float [count, C, H, W]: pixel / 255, or samples as they are; count -1: all that follow.
torch::Tensor image_tensor(const ImageSet& set, int first = 0, int count = -1);
/// Their labels, int64 [count].
torch::Tensor label_tensor(const ImageSet& set, int first = 0, int count = -1);

/// The reverse: each pixel rounded to the nearest of 256 values. `images` float [N, C, H, W], `labels` int64 [N].
ImageSet image_set(const torch::Tensor& images, const torch::Tensor& labels);

/// Share of images whose largest logit is the label's, in [0, 1]. Works in batches and records no gradients.
double accuracy(const LogitsFunction& logits, const torch::Tensor& images, const torch::Tensor& labels,
                int batch_size = 256);

}  // namespace xloop
