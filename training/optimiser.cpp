#include "training/optimiser.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <sstream>
#include <type_traits>
#include <utility>

namespace xloop {
namespace {

/// What an optimiser finds a parameter's state by: its address, which LibTorch 1 has as text.
using StateKey = std::decay_t<decltype(std::declval<torch::optim::Optimizer&>().state().begin()->first)>;

template <class Key>
Key key_of(const torch::Tensor& parameter) {
    if constexpr (std::is_same_v<Key, std::string>) {
        std::ostringstream text;
        text << parameter.unsafeGetTensorImpl();
        return text.str();
    } else {
        return parameter.unsafeGetTensorImpl();
    }
}

template <class Options>
std::vector<torch::optim::OptimizerParamGroup> groups(const std::vector<torch::Tensor>& network,
                                                      const std::vector<torch::Tensor>& techniques,
                                                      const Options& options) {
    std::vector<torch::optim::OptimizerParamGroup> all;
    all.emplace_back(network, std::make_unique<Options>(options));
    if (!techniques.empty())
        all.emplace_back(techniques, std::make_unique<Options>(Options(options).weight_decay(0.0)));
    return all;
}

}  // namespace

Optimiser::Optimiser(const TrainingConfig& training, const std::vector<torch::Tensor>& network,
                     const std::vector<torch::Tensor>& techniques)
    : training_(training), parameters_(network) {
    parameters_.insert(parameters_.end(), techniques.begin(), techniques.end());
    if (training.optimiser == OptimiserKind::sgd) {
        const auto options = torch::optim::SGDOptions(training.learning_rate)
                                 .momentum(training.momentum)
                                 .nesterov(training.nesterov)
                                 .weight_decay(training.weight_decay);
        optimiser_ = std::make_unique<torch::optim::SGD>(groups(network, techniques, options), options);
    } else {
        const auto options = torch::optim::AdamOptions(training.learning_rate).weight_decay(training.weight_decay);
        optimiser_ = std::make_unique<torch::optim::Adam>(groups(network, techniques, options), options);
    }
}

void Optimiser::step(double learning_rate) {
    if (training_.clip_gradient > 0.0)
        torch::nn::utils::clip_grad_norm_(parameters_, training_.clip_gradient);
    for (auto& group : optimiser_->param_groups())
        group.options().set_lr(learning_rate);
    optimiser_->step();
}

// A parameter's state is kept by its number: LibTorch's own form has addresses in it, which differ from run to run. A parameter
// that no sampled subnet had yet has none.

void Optimiser::save(TrainingState& state) const {
    for (std::size_t n = 0; n < parameters_.size(); ++n) {
        const auto found = optimiser_->state().find(key_of<StateKey>(parameters_[n]));
        if (found == optimiser_->state().end())
            continue;
        const auto name = [n](const char* what) { return fmt::format("optimiser.{}.{}", n, what); };
        if (training_.optimiser == OptimiserKind::sgd) {
            const auto& own = static_cast<const torch::optim::SGDParamState&>(*found->second);
            if (own.momentum_buffer().defined())
                state.tensors[name("momentum")] = own.momentum_buffer();
        } else {
            const auto& own = static_cast<const torch::optim::AdamParamState&>(*found->second);
            state.figures[name("step")] = own.step();
            state.tensors[name("mean")] = own.exp_avg();
            state.tensors[name("square")] = own.exp_avg_sq();
        }
    }
}

void Optimiser::load(const TrainingState& state) {
    for (std::size_t n = 0; n < parameters_.size(); ++n) {
        const auto name = [n](const char* what) { return fmt::format("optimiser.{}.{}", n, what); };
        auto& slot = optimiser_->state()[key_of<StateKey>(parameters_[n])];
        if (training_.optimiser == OptimiserKind::sgd) {
            const auto momentum = state.tensors.find(name("momentum"));
            if (momentum == state.tensors.end())
                continue;
            auto own = std::make_unique<torch::optim::SGDParamState>();
            own->momentum_buffer(momentum->second.clone());
            slot = std::move(own);
        } else if (state.figures.contains(name("step"))) {
            auto own = std::make_unique<torch::optim::AdamParamState>();
            own->step(state.figures.at(name("step")).get<std::int64_t>());
            own->exp_avg(state.tensors.at(name("mean")).clone());
            own->exp_avg_sq(state.tensors.at(name("square")).clone());
            slot = std::move(own);
        }
        if (!slot)
            optimiser_->state().erase(key_of<StateKey>(parameters_[n]));
    }
}

WeightAverage::WeightAverage(double share, std::vector<torch::Tensor> parameters)
    : share_(share), parameters_(std::move(parameters)) {
    if (share_ > 0.0)
        for (const torch::Tensor& p : parameters_)
            averages_.push_back(p.detach().clone());
}

void WeightAverage::add(std::int64_t step) {
    const torch::NoGradGuard no_grad;
    const double t = static_cast<double>(step);
    const double share = std::min(share_, (1.0 + t) / (10.0 + t));
    for (std::size_t n = 0; n < averages_.size(); ++n)
        averages_[n].mul_(share).add_(parameters_[n].detach(), 1.0 - share);
}

void WeightAverage::swap() {
    const torch::NoGradGuard no_grad;
    for (std::size_t n = 0; n < averages_.size(); ++n) {
        const torch::Tensor now = parameters_[n].detach().clone();
        parameters_[n].detach().copy_(averages_[n]);
        averages_[n].copy_(now);
    }
}

void WeightAverage::save(TrainingState& state) const {
    for (std::size_t n = 0; n < averages_.size(); ++n)
        state.tensors[fmt::format("average.{}", n)] = averages_[n];
}

void WeightAverage::load(const TrainingState& state) {
    const torch::NoGradGuard no_grad;
    for (std::size_t n = 0; n < averages_.size(); ++n)
        averages_[n].copy_(state.tensors.at(fmt::format("average.{}", n)));
}

}  // namespace xloop
