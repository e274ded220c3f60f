#include "training/training_task.hpp"

#include "core/error.hpp"
#include "core/workload/workload_graph.hpp"

#include <algorithm>
#include <string>

namespace xloop {

AttackConfig training_attack(const TrainingConfig& training, const AttackConfig& attack) {
    AttackConfig mine = attack;
    const int steps = training.adversary == AdversaryKind::fgsm ? 1 : training.attack_steps;
    if (steps == attack.steps)
        return mine;
    mine.steps = steps;
    mine.step_size = std::min(2.5 / steps, 1.25) * attack.epsilon;
    return mine;
}

namespace {

void check_images(const NetworkSpec& spec, const ImageSet& images, int classes, const char* which) {
    if (images.shape != spec.input)
        throw InputError(std::string(which) + " images have shape " + images.shape.str() +
                         ", but the input of network `" + spec.name + "` is " + spec.input.str());
    const int top = *std::max_element(images.labels.begin(), images.labels.end());
    if (top >= classes)
        throw InputError(std::string(which) + " images have labels up to " + std::to_string(top) + ", but network `" +
                         spec.name + "` has " + std::to_string(classes) + " logits");
}

}  // namespace

void check_fit(const TrainingTask& task) {
    if (task.images.count() == 0)
        throw InputError("training needs one image or more");
    const int classes = build_graph(task.spec.resolve(task.spec.smallest_path())).logit_count();
    check_images(task.spec, task.images, classes, "training");
    if (task.validation)
        check_images(task.spec, *task.validation, classes, "validation");
    const bool attacked = task.training.adversary != AdversaryKind::none;
    if (attacked && (!task.preprocessing.mean.empty() || !task.preprocessing.deviation.empty()))
        throw KeyError("data.mean",
                       "an attack's epsilon is one of pixels in [0, 1]; give mean and deviation to the network "
                       "(`input: {mean: ..., std: ...}` in its file), or set training.adversary: none");
}

}  // namespace xloop
