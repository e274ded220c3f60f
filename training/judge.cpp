#include "training/judge.hpp"

#include "attacks/pgd.hpp"
#include "core/workload/input_pixels.hpp"
#include "dnn/data/network_input.hpp"
#include "dnn/tensors.hpp"
#include "systemc_model/chip/chip.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <utility>

namespace xloop {

torch::Tensor input_tensor(const ImageSet& set, int count, const Preprocessing& how) {
    const int n = std::min(count, set.count());
    torch::Tensor images = torch::empty({n, set.shape.channels, set.shape.height, set.shape.width});
    network_input(set, 0, n, how, images.data_ptr<float>());
    return images;
}

std::vector<std::uint8_t> pixels_of(const WorkloadGraph& graph, const torch::Tensor& images) {
    const torch::Tensor whole = images.contiguous();
    return input_pixels(graph, whole.data_ptr<float>(), static_cast<int>(whole.size(0)));
}

double integer_accuracy(const WorkloadGraph& graph, const MatrixEngine& engine, const torch::Tensor& images,
                        const torch::Tensor& labels, int threads, const Watch& watch) {
    const std::vector<std::uint8_t> pixels = pixels_of(graph, images);
    const int count = static_cast<int>(images.size(0));
    constexpr int slice = 50;
    std::vector<std::vector<std::int32_t>> logits;
    for (int first = 0; first < count; first += slice) {
        if (watch)
            watch({});
        for (auto& row : run_images(graph, engine, pixels.data(), first, std::min(slice, count - first), threads))
            logits.push_back(std::move(row));
    }
    const torch::Tensor own = labels.to(torch::kInt32).contiguous();
    return top1(logits, own.data_ptr<int>());
}

Judge::Judge(const TrainingTask& task, const ImageSet& set, int images, int attacked)
    : attack_(task.attack), seed_(task.seed), attacked_(std::min({attacked, images, set.count()})),
      images_(input_tensor(set, images, task.preprocessing)),
      labels_(label_tensor(set, 0, static_cast<int>(images_.size(0)))) {}

Judgement Judge::operator()(Supernet& network, LayerHooks& hooks) const {
    const LogitsFunction logits = [&](const torch::Tensor& x) { return network->forward(x, &hooks); };
    Judgement result;
    result.clean = accuracy(logits, images_, labels_);
    if (attacked_ > 0) {
        const torch::Tensor some = images_.narrow(0, 0, attacked_), labels = labels_.narrow(0, 0, attacked_);
        result.attacked = accuracy(logits, adversarial_pixels(logits, some, labels, attack_, seed_), labels);
    }
    return result;
}

}  // namespace xloop
