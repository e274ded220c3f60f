#include "training/training_task.hpp"

#include "core/error.hpp"
#include "core/workload/workload_graph.hpp"

#include <algorithm>
#include <string>

namespace xloop {

AttackConfig training_attack(const TrainingConfig& training, const AttackConfig& attack) {
    AttackConfig mine = attack;
    if (training.attack_steps == attack.steps)
        return mine;
    mine.steps = training.attack_steps;
    mine.step_size = std::min(2.5 / training.attack_steps, 1.25) * attack.epsilon;
    return mine;
}

void check_fit(const TrainingTask& task) {
    const NetworkSpec& spec = task.spec;
    const ImageSet& images = task.images;
    if (images.count() == 0)
        throw InputError("training needs one image or more");
    if (images.shape != spec.input)
        throw InputError("training images have shape " + images.shape.str() + ", but the input of network `" +
                         spec.name + "` is " + spec.input.str());
    const int classes = build_graph(spec.resolve(spec.smallest_path())).logit_count();
    const int top = *std::max_element(images.labels.begin(), images.labels.end());
    if (top >= classes)
        throw InputError("training images have labels up to " + std::to_string(top) + ", but network `" + spec.name +
                         "` has " + std::to_string(classes) + " logits");
}

}  // namespace xloop
