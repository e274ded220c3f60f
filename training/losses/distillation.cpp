#include "training/losses/loss.hpp"

#include <torch/torch.h>

#include <utility>

namespace xloop {
namespace {

class Distillation : public Loss {
public:
    Distillation(std::unique_ptr<Loss> loss, LogitsFunction teacher, double weight, double temperature)
        : loss_(std::move(loss)), teacher_(std::move(teacher)), weight_(weight), temperature_(temperature) {}

    StepLoss operator()(const LogitsFunction& network, const StepImages& images) const override {
        const StepLoss own = (*loss_)(network, images);
        torch::Tensor taught;
        {
            const torch::NoGradGuard no_grad;
            taught = (teacher_(images.clean) / temperature_).log_softmax(1);
        }
        const torch::Tensor told = (own.logits / temperature_).log_softmax(1);
        const torch::Tensor apart = (taught.exp() * (taught - told)).sum(1).mean();
        return {(1.0 - weight_) * own.loss + weight_ * temperature_ * temperature_ * apart, own.logits};
    }

    torch::Tensor attacked_objective(const torch::Tensor& logits, const torch::Tensor& clean_logits,
                                     const torch::Tensor& labels) const override {
        return loss_->attacked_objective(logits, clean_logits, labels);
    }
    bool compares_with_clean() const override { return loss_->compares_with_clean(); }

private:
    std::unique_ptr<Loss> loss_;
    LogitsFunction teacher_;
    double weight_, temperature_;
};

}  // namespace

std::unique_ptr<Loss> make_distillation(std::unique_ptr<Loss> loss, LogitsFunction teacher, double weight,
                                        double temperature) {
    return std::make_unique<Distillation>(std::move(loss), std::move(teacher), weight, temperature);
}

}  // namespace xloop
