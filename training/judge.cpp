#include "training/judge.hpp"

#include "attacks/pgd.hpp"
#include "dnn/data/network_input.hpp"
#include "dnn/tensors.hpp"

#include <torch/torch.h>

#include <algorithm>

namespace xloop {

torch::Tensor input_tensor(const ImageSet& set, int count, const Preprocessing& how) {
    const int n = std::min(count, set.count());
    torch::Tensor images = torch::empty({n, set.shape.channels, set.shape.height, set.shape.width});
    network_input(set, 0, n, how, images.data_ptr<float>());
    return images;
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
