#include "training/train_network.hpp"

#include "dnn/convolution.hpp"
#include "training/judge.hpp"

#include <torch/torch.h>

#include <cmath>

namespace xloop {

TestFigures test_network(const FloatNetwork& network, const TrainingTask& task, const ImageSet& test) {
    Supernet module = load_module(network);
    LayerHooks none;
    const bool attacked = task.training.adversary != AdversaryKind::none;
    const Judge judge(task, test, test.count(), attacked ? test.count() : 0);
    const Judgement found = judge(module, none);
    const auto count = [](double share, int images) { return static_cast<int>(std::lround(share * images)); };
    TestFigures figures{judge.images(), count(found.clean, judge.images())};
    if (attacked) {
        figures.attacked_images = judge.attacked_images();
        figures.attacked_right = count(found.attacked, judge.attacked_images());
    }
    return figures;
}

std::string training_remedy() { return convolution_trials().check().remedy; }

}  // namespace xloop
