#include "training/techniques/sparsity.hpp"

#include "core/error.hpp"
#include "core/hardware_kinds.hpp"
#include "core/random.hpp"
#include "training/techniques/masks.hpp"

#include <torch/torch.h>
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace xloop {
namespace {

/// What all methods share: masks of weights, by layer of the largest subnet.
class Sparsity : public Technique {
public:
    Sparsity(Supernet& supernet, const SparsityConfig& config)
        : supernet_(supernet), config_(config), largest_(supernet->spec().largest_path()),
          graph_(supernet->graph(largest_)), masks_(graph_.layers.size()) {}

    /// Of layers that `takes` says yes to.
    template <class Takes>
    void begin(const Takes& takes) {
        bool any = false;
        for (std::size_t l = 0; l < masks_.size(); ++l)
            if (graph_.layers[l].on_crossbars() && takes(graph_.layers[l])) {
                masks_[l] = torch::ones_like(weight(l)).to(torch::kFloat32);
                any = true;
            }
        if (!any)
            throw KeyError("training.sparsity.method", "network `" + graph_.name + "` has no layer that `" +
                                                           name_of(config_.method) + "` can prune");
    }

    torch::Tensor weight(const LayerAt& at, const torch::Tensor& active) override {
        const torch::Tensor& mask = masks_[static_cast<std::size_t>(at.index)];
        return mask.defined()
                   ? active * slice_weight(mask, at.layer, at.module.chooses_groups(at.index)).to(active.options())
                   : active;
    }

    void start_step(const TrainingMoment& now) override {
        now_ = now;
        if (!done_ && now.epochs >= config_.begin_epochs &&
            (now.step % config_.every_steps == 0 || now.epochs >= config_.end_epochs))
            prune(pruned_share(config_, now.epochs), now.epochs >= config_.end_epochs);
    }
    /// The optimiser may move what has no gradient (weight decay, moments of earlier steps).
    void end_step(const TrainingMoment& /*now*/) override { apply(); }
    void end_epoch(const TrainingMoment& now) override {
        if (!done_ && now.epoch + 1 == now.all_epochs)
            prune(config_.share, true);
    }

    void save(TrainingState& state) const override {
        for (std::size_t l = 0; l < masks_.size(); ++l)
            if (masks_[l].defined())
                state.tensors[name(l, "mask")] = masks_[l].clone();
        state.figures["sparsity.done"] = done_;
    }
    void load(const TrainingState& state) override {
        for (std::size_t l = 0; l < masks_.size(); ++l)
            if (masks_[l].defined())
                masks_[l].copy_(state.tensors.at(name(l, "mask")));
        done_ = state.figures.at("sparsity.done").get<bool>();
    }

    Json figures() const override {
        Json shares = Json::object();
        double zeros = 0.0, all = 0.0;
        for (std::size_t l = 0; l < masks_.size(); ++l)
            if (masks_[l].defined()) {
                const double of_layer =
                    static_cast<double>(masks_[l].numel()) - masks_[l].sum(torch::kFloat64).item<double>();
                shares["sparsity." + graph_.layers[l].name] = of_layer / static_cast<double>(masks_[l].numel());
                zeros += of_layer;
                all += static_cast<double>(masks_[l].numel());
            }
        shares["sparsity"] = zeros / all;
        return shares;
    }

    void hand_over(FloatNetwork& network) const override {
        const WorkloadGraph graph = build_graph(network.spec);
        for (std::size_t l = 0; l < masks_.size(); ++l) {
            if (!masks_[l].defined())
                continue;
            const torch::Tensor mask = slice_weight(masks_[l], graph.layers[l], false).cpu().contiguous().flatten();
            const float* stays = mask.data_ptr<float>();
            for (float& value : network.tensors.at(graph.layers[l].name + ".weight").values)
                if (*stays++ == 0.0f)
                    value = 0.0f;
        }
    }

protected:
    /// Makes `share` zero in the masks; `last`: they stay as they are from now on.
    virtual void choose(double share, bool last) = 0;

    torch::Tensor weight(std::size_t layer) const {
        return supernet_->active_weight(static_cast<int>(layer), largest_).detach();
    }
    /// Of what is not masked.
    torch::Tensor sizes(std::size_t layer) const { return weight(layer).abs() * masks_[layer]; }
    std::string name(std::size_t layer, const char* what) const {
        return "sparsity." + graph_.layers[layer].name + "." + what;
    }
    static std::int64_t count_of(double share, std::int64_t all) {
        return static_cast<std::int64_t>(std::floor(share * static_cast<double>(all) + 1e-9));
    }

    Supernet& supernet_;
    const SparsityConfig config_;
    const SubnetPath largest_;
    const WorkloadGraph graph_;         ///< of the largest subnet
    std::vector<torch::Tensor> masks_;  ///< undefined: nothing is pruned
    TrainingMoment now_;
    bool done_ = false;

private:
    void prune(double share, bool last) {
        const torch::NoGradGuard no_grad;
        choose(share, last);
        done_ = last;
        apply();
    }

    /// So that whoever looks at the weights themselves, as programmed arrays do, sees the zeros.
    void apply() {
        const torch::NoGradGuard no_grad;
        for (std::size_t l = 0; l < masks_.size(); ++l)
            if (masks_[l].defined())
                weight(l).mul_(masks_[l]);
    }
};

class Magnitude : public Sparsity {
public:
    Magnitude(Supernet& supernet, const SparsityConfig& config) : Sparsity(supernet, config) {
        begin([](const GraphLayer&) { return true; });
    }

protected:
    void choose(double share, bool) override {
        for (std::size_t l = 0; l < masks_.size(); ++l)
            if (masks_[l].defined())
                masks_[l].copy_(mask_without_smallest(sizes(l), count_of(share, masks_[l].numel())));
    }
};

class Dub : public Magnitude {
public:
    Dub(Supernet& supernet, const SparsityConfig& config, const HardwareConfig& hardware)
        : Magnitude(supernet, config) {
        for (const GraphLayer& layer : graph_.layers)
            geometries_.push_back(column_geometry(hardware_of_layer(hardware, layer.name)));
    }

    torch::Tensor penalty() override {
        if (done_ || config_.dub.penalty == 0.0)
            return {};
        torch::Tensor sum;
        const WorkloadGraph graph = supernet_->graph(now_.path);
        for (std::size_t l = 0; l < masks_.size(); ++l) {
            if (!masks_[l].defined())
                continue;
            const LayerAt at{static_cast<int>(l), graph.layers[l], *supernet_};
            const torch::Tensor masked = weight(at, supernet_->active_weight(at.index, now_.path));
            const double size = masked.detach().square().mean().sqrt().item<double>();
            if (size == 0.0)
                continue;
            const torch::Tensor of_layer = column_variance(masked, at.layer.groups, threshold() * size, geometries_[l]);
            sum = sum.defined() ? sum + of_layer : of_layer;
        }
        return sum.defined() ? config_.dub.penalty * sum : sum;
    }

protected:
    void choose(double share, bool last) override {
        Magnitude::choose(share, last);
        for (std::size_t l = 0; last && l < masks_.size(); ++l)
            if (masks_[l].defined()) {
                const torch::Tensor columns = to_columns(sizes(l), geometries_[l]);
                masks_[l].copy_(from_columns(snap_columns(columns, config_.dub.level, config_.dub.snap_margin),
                                             masks_[l].sizes(), geometries_[l]));
            }
    }

private:
    double threshold() const {
        const double way = config_.end_epochs > 0.0 ? std::min(now_.epochs / config_.end_epochs, 1.0) : 1.0;
        return config_.dub.threshold_begin * std::pow(config_.dub.threshold_end / config_.dub.threshold_begin, way);
    }

    std::vector<ColumnGeometry> geometries_;  ///< by layer
};

class Patterns : public Sparsity {
public:
    Patterns(Supernet& supernet, const SparsityConfig& config) : Sparsity(supernet, config) {
        const NetworkSpec& spec = supernet->spec();
        const WorkloadGraph smallest = supernet->graph(spec.smallest_path());
        const auto is_3x3 = [](const GraphLayer& layer) {
            return layer.kind == LayerKind::conv && layer.window.y.kernel == 3 && layer.window.x.kernel == 3;
        };
        begin([&](const GraphLayer& layer) {
            const auto l = static_cast<std::size_t>(&layer - graph_.layers.data());
            return is_3x3(layer) && is_3x3(smallest.layers[l]);
        });
    }

    void save(TrainingState& state) const override {
        Sparsity::save(state);
        state.figures["sparsity.patterns"] = chosen_;
    }
    void load(const TrainingState& state) override {
        Sparsity::load(state);
        chosen_ = state.figures.at("sparsity.patterns").get<bool>();
    }

protected:
    void choose(double share, bool) override {
        for (std::size_t l = 0; l < masks_.size(); ++l) {
            if (!masks_[l].defined())
                continue;
            if (!chosen_)
                masks_[l].copy_(pattern_mask(weight(l), config_.patterns));
            if (masks_[l].size(1) == 1)
                continue;  // without its one kernel a filter would be gone
            const torch::Tensor kernels = sizes(l).square().sum({2, 3}, /*keepdim=*/true);
            masks_[l].mul_(mask_without_smallest(kernels, count_of(share, kernels.numel())));
        }
        chosen_ = true;
    }

private:
    bool chosen_ = false;
};

class Filters : public Sparsity {
public:
    Filters(Supernet& supernet, const SparsityConfig& config, std::uint64_t seed)
        : Sparsity(supernet, config), seed_(seed), filters_(masks_.size()), activity_(masks_.size()) {
        const auto has_filters = [](const GraphLayer& layer) { return !layer.is_output && keeps_zero(layer); };
        begin([](const GraphLayer&) { return true; });
        bool any = false;
        for (std::size_t l = 0; l < masks_.size(); ++l)
            if (masks_[l].defined() && has_filters(graph_.layers[l])) {
                filters_[l] = torch::ones({graph_.layers[l].out.channels}, masks_[l].options());
                activity_[l] = torch::zeros_like(filters_[l]);
                any = true;
            }
        if (!any)
            throw KeyError("training.sparsity.method",
                           "network `" + graph_.name + "` has outputs only, whose filters stay");
    }

    torch::Tensor output(const LayerAt& at, const torch::Tensor&, const torch::Tensor& map) override {
        const auto l = static_cast<std::size_t>(at.index);
        if (!filters_[l].defined())
            return map;
        const std::int64_t channels = map.size(1);
        if (!done_ && config_.criterion == FilterCriterion::mean_activation && torch::GradMode::is_enabled())
            average(activity_[l].narrow(0, 0, channels), map.detach());
        return map * filters_[l].narrow(0, 0, channels).view({1, -1, 1, 1}).to(map.options());
    }

    void save(TrainingState& state) const override {
        Sparsity::save(state);
        for_each_kept(
            [&](const std::string& name, const torch::Tensor& tensor) { state.tensors[name] = tensor.clone(); });
    }
    void load(const TrainingState& state) override {
        Sparsity::load(state);
        for_each_kept([&](const std::string& name, const torch::Tensor& tensor) {
            torch::Tensor(tensor).copy_(state.tensors.at(name));
        });
    }

    void hand_over(FloatNetwork& network) const override {
        Sparsity::hand_over(network);
        for (std::size_t l = 0; l < filters_.size(); ++l)
            for (const char* part : {"bias", "gamma", "beta", "mean"}) {
                const auto tensor = network.tensors.find(graph_.layers[l].name + "." + part);
                if (!filters_[l].defined() || tensor == network.tensors.end())
                    continue;
                const torch::Tensor filters = filters_[l].cpu();
                const float* stays = filters.data_ptr<float>();
                for (float& value : tensor->second.values)
                    if (*stays++ == 0.0f)
                        value = 0.0f;
            }
    }

protected:
    void choose(double share, bool) override {
        std::vector<std::vector<bool>> gone(masks_.size());
        for (std::size_t l = 0; l < masks_.size(); ++l) {
            if (!filters_[l].defined())
                continue;
            const std::int64_t all = filters_[l].numel();
            // What is gone is before anything else.
            const torch::Tensor scores =
                torch::where(filters_[l] == 0, torch::full_like(filters_[l], -1.0f), scores_of(l));
            filters_[l].copy_(mask_without_smallest(scores, std::min(count_of(share, all), all - 1)));
            for (std::int64_t f = 0; f < all; ++f)
                gone[l].push_back(filters_[l][f].item<float>() == 0.0f);
        }
        const std::vector<std::vector<bool>> zero = zero_channels(graph_, gone);
        for (std::size_t l = 0; l < masks_.size(); ++l) {
            if (!masks_[l].defined())
                continue;
            masks_[l].fill_(1.0);
            if (filters_[l].defined())
                masks_[l].mul_(filters_[l].view({-1, 1, 1, 1}));
            leave_out_inputs(l, zero);
        }
    }

private:
    /// Weights that read channels of zeros.
    void leave_out_inputs(std::size_t l, const std::vector<std::vector<bool>>& zero) {
        const GraphLayer& layer = graph_.layers[l];
        if (layer.inputs.front() < 0)
            return;
        const std::vector<bool>& input = zero[static_cast<std::size_t>(layer.inputs.front())];
        const int in = layer.in.channels / layer.groups, outs = layer.out.channels / layer.groups;
        for (int c = 0; c < layer.in.channels; ++c)
            if (input[static_cast<std::size_t>(c)])
                masks_[l].narrow(0, c / in * outs, outs).narrow(1, c % in, 1).zero_();
    }

    torch::Tensor scores_of(std::size_t l) const {
        switch (config_.criterion) {
        case FilterCriterion::l1: return weight(l).abs().sum({1, 2, 3}).to(torch::kFloat32);
        case FilterCriterion::mean_activation: return activity_[l];
        case FilterCriterion::random: break;
        }
        const KeyedRandom random(seed_, RandomUse::filter_choice);
        std::vector<float> scores;
        for (std::int64_t f = 0; f < filters_[l].numel(); ++f)
            scores.push_back(static_cast<float>(random.uniform(l, static_cast<std::uint64_t>(f))));
        return torch::tensor(scores, filters_[l].options());
    }

    /// The last hundred forward passes or so.
    static void average(torch::Tensor mean, const torch::Tensor& map) {
        const torch::NoGradGuard no_grad;
        mean.mul_(0.99).add_(map.abs().to(torch::kFloat32).mean({0, 2, 3}), 0.01);
    }

    template <class Visit>
    void for_each_kept(const Visit& visit) const {
        for (std::size_t l = 0; l < filters_.size(); ++l)
            if (filters_[l].defined()) {
                visit(name(l, "filters"), filters_[l]);
                visit(name(l, "activity"), activity_[l]);
            }
    }

    std::uint64_t seed_;
    std::vector<torch::Tensor> filters_, activity_;  ///< by layer: 1 for a filter that stays, and its mean magnitude
};

}  // namespace

std::unique_ptr<Technique> make_sparsity(Supernet& supernet, const SparsityConfig& config,
                                         const HardwareConfig& hardware, std::uint64_t seed) {
    if (config.end_epochs < config.begin_epochs)
        throw KeyError("training.sparsity.end_epochs", "pruning ends before it begins (begin_epochs)");
    switch (config.method) {
    case SparsityMethod::none: break;
    case SparsityMethod::magnitude: return std::make_unique<Magnitude>(supernet, config);
    case SparsityMethod::dub: return std::make_unique<Dub>(supernet, config, hardware);
    case SparsityMethod::patterns: return std::make_unique<Patterns>(supernet, config);
    case SparsityMethod::filters: return std::make_unique<Filters>(supernet, config, seed);
    }
    throw Error("sparsity without a method");
}

}  // namespace xloop
