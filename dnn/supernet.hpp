#pragma once

#include "core/workload/float_network.hpp"
#include "core/workload/workload_graph.hpp"
#include "dnn/layer_hooks.hpp"

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace xloop {

/// All subnets of a searchable network in one set of shared weights (Cai et al., "Once-for-All", arXiv 1908.09791):
/// a subnet's layer uses the first output and input channels and the centre of the kernel of the largest one, of several groups the
/// blocks on the diagonal; a layer that a subnet has not passes its input on. A network with nothing to choose from is a
/// concrete module.
///
/// In training mode batch normalisation uses the batch's own statistics and keeps none, because statistics of mixed
/// subnets mean nothing; in evaluation mode it uses those that recalibrate_batch_norm measured.
class SupernetImpl : public torch::nn::Module {
public:
    /// Weights from He et al., arXiv 1502.01852 (normal, fan in), keyed by seed. Throws InputError when the network
    /// does not fit together, or when a linear layer would see maps of different height or width.
    SupernetImpl(NetworkSpec spec, std::uint64_t seed);

    /// x: float [N, C, H, W], as it is before the network's own normalisation -> logits [N, classes].
    torch::Tensor forward(const torch::Tensor& x, const SubnetPath& path, LayerHooks* hooks = nullptr);
    /// The largest subnet; of a concrete module, the only one.
    torch::Tensor forward(const torch::Tensor& x, LayerHooks* hooks = nullptr);

    /// Maps of forward passes: float32 (as it starts), or bfloat16 in memory with channels last; weights, batch normalisation's
    /// sums and logits stay float32.
    void set_arithmetic(torch::ScalarType type) { arithmetic_ = type; }
    torch::ScalarType arithmetic() const { return arithmetic_; }

    /// x as the first layers read it, after the network's own normalisation.
    torch::Tensor normalised(const torch::Tensor& x) const;

    /// A view of the layer's weight, [out][in / groups][kernel height][kernel width]; a linear layer's kernel is its
    /// whole input map.
    torch::Tensor active_weight(int layer, const SubnetPath& path);

    /// Weight and bias of a concrete module's layer with its batch normalisation folded in, float64, without gradient; `factor`
    /// [out]: what that multiplies the weight with, 1 without.
    struct Folded {
        torch::Tensor weight, bias, factor;
    };
    Folded folded(int layer) const;

    /// Takes the weights and statistics of a concrete network; `tensors` are those that check_tensors() knows.
    void set_tensors(const TensorMap& tensors);
    /// The reverse.
    TensorMap tensors() const;

    /// Copies a subnet's weights and statistics into `concrete`, a module of that subnet's network.
    void copy_subnet(const SubnetPath& path, SupernetImpl& concrete);
    /// See recalibrate_batch_norm.
    void measure_statistics(const torch::Tensor& images, LayerHooks* hooks, int batch_size);

    const NetworkSpec& spec() const { return spec_; }
    bool chooses_groups(int layer) const {
        return !spec_.layers.at(static_cast<std::size_t>(layer)).groups_from.empty();
    }
    /// Shapes of a subnet, without weights, with a layer for each of the space's: those that the subnet has not have no inputs. Valid
    /// until the next call with another path.
    const WorkloadGraph& graph(const SubnetPath& path);

private:
    struct Shared {
        torch::Tensor weight, bias;                 ///< with batch normalisation no bias, and of kind scale no weight
        torch::Tensor gamma, beta, mean, variance;  ///< of batch normalisation
    };

    void add_layer(int index, const GraphLayer& layer, std::uint64_t seed);
    torch::Tensor run(const torch::Tensor& x, const WorkloadGraph& graph, LayerHooks& hooks);
    /// The layer's output before its activation function.
    torch::Tensor run_layer(const LayerAt& at, const std::vector<torch::Tensor>& inputs, LayerHooks& hooks);
    torch::Tensor multiply(const LayerAt& at, const torch::Tensor& x, LayerHooks& hooks);
    torch::Tensor as_computed(const torch::Tensor& x) const;
    torch::Tensor scale(int index, const GraphLayer& layer, const torch::Tensor& x);
    torch::Tensor normalise(const Shared& shared, const GraphLayer& layer, const torch::Tensor& x);

    NetworkSpec spec_;
    SubnetPath largest_;
    std::vector<Shared> shared_;
    SubnetPath graph_path_;
    WorkloadGraph graph_;
    torch::ScalarType arithmetic_ = torch::kFloat32;
    double statistics_momentum_ = 0.0;  ///< above 0 while recalibrating: weight of the batch in running statistics
};
TORCH_MODULE(Supernet);

/// The layer's activation function of what it is applied to.
torch::Tensor activated(const GraphLayer& layer, const torch::Tensor& x);

/// The part of a layer's shared weight that a subnet uses: the first channels and the kernel's centre. A view; where groups are
/// chosen, whose shared weight is that of one group, the blocks on its diagonal: a copy.
torch::Tensor slice_weight(const torch::Tensor& shared, const GraphLayer& layer, bool groups_chosen);

/// A trained network as a concrete module, in evaluation mode. Throws Error when it is searchable.
Supernet load_module(const FloatNetwork& network);

/// One subnet as a concrete module with weights and batch normalisation statistics of its own.
Supernet extract(Supernet& supernet, const SubnetPath& path);

/// Measures batch normalisation statistics over `images` [N, C, H, W] (the mean over batches of each batch's mean and
/// unbiased variance), in forward passes with `hooks`. Leaves the module in evaluation mode.
void recalibrate_batch_norm(Supernet& concrete, const torch::Tensor& images, LayerHooks* hooks = nullptr,
                            int batch_size = 128);

}  // namespace xloop
