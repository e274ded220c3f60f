#include "training/techniques/technique.hpp"

#include "training/techniques/crossbar.hpp"
#include "training/techniques/quantise_training.hpp"
#include "training/techniques/sparsity.hpp"
#include "training/techniques/weight_clip.hpp"

namespace xloop {
namespace {

bool asks_for_sparsity(const TrainingTask& task) { return sparsity_asked(task.training.sparsity); }
std::unique_ptr<Technique> make_pruning(Supernet& supernet, const TrainingTask& task) {
    return make_sparsity(supernet, task.training.sparsity, task.hardware, task.seed);
}

bool asks_for_integers(const TrainingTask& task) { return asks_for_quantise_training(task.training.quantise); }
std::unique_ptr<Technique> make_integers(Supernet& supernet, const TrainingTask& task) {
    return make_quantise_training(task.training.quantise, supernet, task);
}

bool asks_for_clipped_weights(const TrainingTask& task) { return task.training.clip_weights > 0.0; }

}  // namespace

const std::vector<TechniqueKind>& technique_kinds() {
    static const std::vector<TechniqueKind> kinds = {
        {"quantise", asks_for_integers, make_integers},  // first: it makes outputs anew from what was before them
        {"sparsity", asks_for_sparsity, make_pruning},
        {"clip_weights", asks_for_clipped_weights, make_weight_clip},
        {"offsets", sees<CrossbarTraining::offsets>, make_weight_offsets},
        {"arrays", sees<CrossbarTraining::arrays>, make_array_training},
        {"output_noise", sees<CrossbarTraining::output_noise>, make_output_noise},
        {"weight_noise", sees<CrossbarTraining::weight_noise>, make_weight_noise},
    };
    return kinds;
}

}  // namespace xloop
