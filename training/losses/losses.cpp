#include "training/losses/loss.hpp"

#include <torch/torch.h>

#include <array>

namespace xloop {
namespace {

struct Row {
    LossKind kind;
    std::unique_ptr<Loss> (*make)(const TrainingConfig& training);
};

constexpr std::array rows{Row{LossKind::cross_entropy, make_cross_entropy}, Row{LossKind::trades, make_trades},
                          Row{LossKind::mart, make_mart}};

}  // namespace

torch::Tensor Loss::attacked_objective(const torch::Tensor& logits, const torch::Tensor&,
                                       const torch::Tensor& labels) const {
    return smoothed_cross_entropy(logits, labels, 0.0).sum();
}

torch::Tensor smoothed_cross_entropy(const torch::Tensor& logits, const torch::Tensor& labels, double smoothing) {
    return torch::nn::functional::cross_entropy(
        logits, labels,
        torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kNone).label_smoothing(smoothing));
}

std::unique_ptr<Loss> make_loss(const TrainingConfig& training) {
    return rows.at(static_cast<std::size_t>(training.loss)).make(training);
}

}  // namespace xloop
