#include "training/train_network.hpp"

#include "attacks/pgd.hpp"
#include "core/hardware_kinds.hpp"
#include "dnn/convolution.hpp"
#include "dnn/data/network_input.hpp"
#include "dnn/tensors.hpp"
#include "dnn/trained_network.hpp"
#include "training/judge.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

namespace xloop {
namespace {

/// Who answers: images [N, C, H, W] -> the share of right ones.
using Answers = std::function<double(const torch::Tensor& images, const torch::Tensor& labels)>;

Answers of_float(Supernet module) {
    return [module](const torch::Tensor& images, const torch::Tensor& labels) mutable {
        return accuracy([&](const torch::Tensor& x) { return module->forward(x); }, images, labels);
    };
}

Answers of_integers(FloatNetwork network, const TrainingTask& task) {
    network.spec.input_order = MapOrder::chw;
    const std::vector<LayerBits> bits = asked_bits(task.hardware, build_graph(network.spec));
    const TrainedNetwork trained(std::move(network));
    const torch::Tensor some = input_tensor(task.images, 1, task.preprocessing);  // steps are known already
    const auto graph = std::make_shared<const WorkloadGraph>(
        trained.quantise({}, {some.data_ptr<float>(), 1}, bits, input_range(task.images, task.preprocessing)));
    return [graph](const torch::Tensor& images, const torch::Tensor& labels) {
        return integer_accuracy(*graph, IntegerEngine(*graph), images, labels, /*threads=*/1, {});
    };
}

}  // namespace

TestFigures test_network(const FloatNetwork& network, const TrainingTask& task, const ImageSet& test) {
    Supernet module = load_module(network);
    TestFigures figures;
    figures.of_integers = has_steps(network);
    const Answers answers = figures.of_integers ? of_integers(network, task) : of_float(module);
    const torch::Tensor images = input_tensor(test, test.count(), task.preprocessing);
    const torch::Tensor labels = label_tensor(test);
    const auto right = [&](const torch::Tensor& shown) {
        return static_cast<int>(std::lround(answers(shown, labels) * test.count()));
    };
    figures.images = test.count();
    figures.right = right(images);
    if (task.training.adversary != AdversaryKind::none) {
        const LogitsFunction logits = [&](const torch::Tensor& x) { return module->forward(x); };
        figures.attacked_images = test.count();
        figures.attacked_right = right(adversarial_pixels(logits, images, labels, task.attack, task.seed));
    }
    return figures;
}

std::string training_remedy() { return convolution_trials().check().remedy; }

}  // namespace xloop
