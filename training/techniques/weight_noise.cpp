#include "training/techniques/crossbar.hpp"

#include <torch/torch.h>

namespace xloop {
namespace {

/// Normal noise on every weight of class matrix, new in each forward pass, of a deviation that is a share of the layer's largest weight:
/// Joshi et al., Nature Communications 11, 2473 (2020), "Additive noise".
class WeightNoise : public Technique {
public:
    explicit WeightNoise(const TrainingTask& task) : task_(task) {}

    Part part() const override { return Part::hardware; }
    void start_step(const TrainingMoment& now) override {
        now_ = now;
        pass_ = 0;
    }
    torch::Tensor input(const torch::Tensor& x) override {
        ++pass_;
        return x;
    }
    torch::Tensor weight(const LayerAt& at, const torch::Tensor& active) override {
        const double deviation =
            task_.training.weight_noise * onset_at(task_, now_) * active.detach().abs().max().item<double>();
        return active + noise_at(task_, now_, pass_, at.index, active.sizes()).to(active.device()) * deviation;
    }

private:
    const TrainingTask& task_;
    TrainingMoment now_;
    int pass_ = 0;
};

}  // namespace

std::unique_ptr<Technique> make_weight_noise(Supernet&, const TrainingTask& task) {
    return std::make_unique<WeightNoise>(task);
}

}  // namespace xloop
