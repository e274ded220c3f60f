#include "attacks/ranked_faults.hpp"

#include "attacks/effective_network.hpp"
#include "attacks/pixel_network.hpp"
#include "attacks/steps.hpp"
#include "core/hardware_kinds.hpp"
#include "dnn/tensors.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace xloop {
namespace {

/// The integers of the graph in place of the float network's weights.
class StoredWeights : public LayerHooks {
public:
    explicit StoredWeights(const WorkloadGraph& graph) : graph_(graph) {}

    torch::Tensor weight(const LayerAt& at, const torch::Tensor& active) override {
        Stored& stored = stored_[at.index];
        if (!stored.weight.defined())
            load(at, active, stored);
        return stored.weight;
    }
    /// Values are changed in place; gradients are those of the last pass backward.
    struct Stored {
        torch::Tensor integers;           ///< int64 [out * rows], in the graph's order
        torch::Tensor per_step;           ///< [out]: of `weight` for one step
        torch::Tensor weight{};           ///< in the module's order, a leaf
        std::vector<std::int64_t> place;  ///< of each integer in `weight`
    };
    Stored& of(int layer) { return stored_.at(layer); }

    /// d loss / d integer [out * rows].
    torch::Tensor slopes(int layer) {
        const Stored& stored = stored_.at(layer);
        const torch::Tensor gradient = stored.weight.grad().flatten().index_select(0, torch::tensor(stored.place));
        return gradient * stored.per_step.repeat_interleave(gradient.numel() / stored.per_step.numel());
    }
    void set(int layer, std::int64_t weight, int value) {
        const torch::NoGradGuard no_grad;
        Stored& stored = stored_.at(layer);
        const std::int64_t rows = stored.integers.numel() / stored.per_step.numel();
        stored.integers[weight] = value;
        stored.weight.flatten()[stored.place[static_cast<std::size_t>(weight)]] =
            stored.per_step[weight / rows] * static_cast<double>(value);
    }
    void forget_gradients() {
        for (auto& [layer, stored] : stored_)
            stored.weight.mutable_grad() = torch::Tensor();
    }

private:
    void load(const LayerAt& at, const torch::Tensor& active, Stored& stored) const {
        const torch::NoGradGuard no_grad;
        const GraphLayer& layer = graph_.layers[static_cast<std::size_t>(at.index)];
        std::vector<std::int64_t> integers(layer.weights->begin(), layer.weights->end());
        stored.integers = torch::tensor(integers);
        const torch::Tensor steps = torch::tensor(weight_steps(graph_, at.index), torch::kFloat64);
        stored.per_step = (steps / at.module.folded(at.index).factor).to(torch::kFloat32);
        // [out][ky][kx][in] of the graph to [out][in][ky][kx] of the module.
        const torch::Tensor numbers =
            torch::arange(active.numel()).view(active.sizes()).permute({0, 2, 3, 1}).flatten();
        stored.place.assign(numbers.data_ptr<std::int64_t>(), numbers.data_ptr<std::int64_t>() + numbers.numel());
        torch::Tensor weight = torch::empty({active.numel()});
        weight.index_copy_(
            0, numbers,
            stored.integers.to(torch::kFloat32) * stored.per_step.repeat_interleave(active.numel() / active.size(0)));
        stored.weight = weight.view(active.sizes()).requires_grad_(true);
    }

    const WorkloadGraph& graph_;
    std::map<int, Stored> stored_;
};

/// For each value of a weight the changes that one fault can make: [values][most], 0 where there are fewer.
torch::Tensor change_table(int weight_bits, bool cells, const HardwareConfig& hardware) {
    const int largest = largest_weight(weight_bits);
    std::vector<std::vector<int>> changes;
    std::size_t most = 1;
    for (int value = -largest; value <= largest; ++value) {
        changes.emplace_back();
        for (const int other : faulty_values(value, weight_bits, cells, hardware))
            changes.back().push_back(other - value);
        most = std::max(most, changes.back().size());
    }
    torch::Tensor table = torch::zeros({static_cast<std::int64_t>(changes.size()), static_cast<std::int64_t>(most)});
    for (std::size_t v = 0; v < changes.size(); ++v)
        for (std::size_t c = 0; c < changes[v].size(); ++c)
            table[static_cast<std::int64_t>(v)][static_cast<std::int64_t>(c)] = changes[v][c];
    return table;
}

}  // namespace

std::vector<WeightFault> ranked_faults(const FloatNetwork& network, const Preprocessing& how,
                                       const WorkloadGraph& graph, const HardwareConfig& hardware, bool cells,
                                       const std::vector<std::string>& names, const ImageSet& images, int count,
                                       const Watch& watch) {
    PixelNetwork module(network, how);
    StoredWeights weights(graph);
    const torch::Tensor pixels = image_tensor(images), labels = label_tensor(images);
    const auto loss = [&] { return cross_entropies(module.forward(pixels, &weights), labels).mean(); };
    const std::vector<int> layers = matrix_layers(graph, names);
    std::map<int, torch::Tensor> tables;
    for (const int l : layers) {
        const GraphLayer& layer = graph.layers[static_cast<std::size_t>(l)];
        tables[l] = change_table(layer.weight_bits, cells, hardware_of_layer(hardware, layer.name));
    }
    std::vector<WeightFault> faults;
    for (int n = 0; n < count; ++n) {
        if (watch)
            watch({static_cast<double>(n) / count});
        weights.forget_gradients();
        {
            const torch::AutoGradMode with_grad(true);
            loss().backward();
        }
        const torch::NoGradGuard no_grad;
        WeightFault best;
        double best_loss = -1.0;
        for (const int l : layers) {
            const torch::Tensor integers = weights.of(l).integers.clone();
            const std::int64_t largest = (tables[l].size(0) - 1) / 2;
            const torch::Tensor changes = tables[l].index_select(0, integers + largest);
            const torch::Tensor gains = changes * weights.slopes(l).unsqueeze(1);
            const auto flat = gains.argmax().item<std::int64_t>();
            const std::int64_t weight = flat / changes.size(1);
            const auto before = static_cast<int>(integers[weight].item<std::int64_t>());
            const int value = before + static_cast<int>(changes.flatten()[flat].item<float>());
            weights.set(l, weight, value);
            const double raised = loss().item<double>();
            weights.set(l, weight, before);
            if (raised > best_loss) {
                best_loss = raised;
                best = {l, weight, value};
            }
        }
        weights.set(best.layer, best.weight, best.value);
        faults.push_back(best);
    }
    return faults;
}

}  // namespace xloop
