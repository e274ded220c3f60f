#include "dnn/tensors.hpp"

#include "core/error.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cstring>

namespace xloop {
namespace {

int checked_count(const ImageSet& set, int first, int count) {
    const int wanted = count < 0 ? set.count() - first : count;
    if (first < 0 || wanted < 0 || first + wanted > set.count())
        throw Error("images " + std::to_string(first) + " to " + std::to_string(first + wanted) + " of a set of " +
                    std::to_string(set.count()));
    return wanted;
}

}  // namespace

torch::Tensor image_tensor(const ImageSet& set, int first, int count) {
    const int n = checked_count(set, first, count);
    const Shape s = set.shape;
    // from_blob wants a mutable pointer; the copies made below are all that is kept.
    if (!set.samples.empty()) {
        auto* samples = const_cast<float*>(set.samples.data()) + static_cast<std::ptrdiff_t>(first) * s.size();
        return torch::from_blob(samples, {n, s.height, s.width, s.channels}).permute({0, 3, 1, 2}).contiguous().clone();
    }
    auto* data = const_cast<std::uint8_t*>(set.image(first));
    const auto bytes = torch::from_blob(data, {n, s.height, s.width, s.channels}, torch::kUInt8);
    return bytes.permute({0, 3, 1, 2}).to(torch::kFloat32).contiguous().div_(255.0);
}

torch::Tensor label_tensor(const ImageSet& set, int first, int count) {
    const int n = checked_count(set, first, count);
    auto* data = const_cast<int*>(set.labels.data() + first);
    return torch::from_blob(data, {n}, torch::kInt32).to(torch::kInt64);
}

ImageSet image_set(const torch::Tensor& images, const torch::Tensor& labels) {
    const auto levels = images.detach().mul(255.0).round().clamp(0, 255).to(torch::kUInt8);
    const auto bytes = levels.permute({0, 2, 3, 1}).contiguous();
    const auto names = labels.to(torch::kInt32).contiguous();
    ImageSet set;
    set.shape = {static_cast<int>(images.size(1)), static_cast<int>(images.size(2)), static_cast<int>(images.size(3))};
    set.pixels.assign(bytes.data_ptr<std::uint8_t>(), bytes.data_ptr<std::uint8_t>() + bytes.numel());
    set.labels.assign(names.data_ptr<int>(), names.data_ptr<int>() + names.numel());
    return set;
}

double accuracy(const LogitsFunction& logits, const torch::Tensor& images, const torch::Tensor& labels,
                int batch_size) {
    const torch::NoGradGuard no_grad;
    const std::int64_t count = images.size(0);
    if (count == 0)
        throw Error("accuracy of no images");
    std::int64_t right = 0;
    for (std::int64_t at = 0; at < count; at += batch_size) {
        const std::int64_t n = std::min<std::int64_t>(batch_size, count - at);
        const auto best = logits(images.narrow(0, at, n)).argmax(1);
        right += best.eq(labels.narrow(0, at, n)).sum().item<std::int64_t>();
    }
    return static_cast<double>(right) / static_cast<double>(count);
}

}  // namespace xloop
