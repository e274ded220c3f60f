#include "dnn/crossbar/weight_offsets.hpp"

#include "core/hardware_kinds.hpp"
#include "dnn/quantise.hpp"
#include "systemc_model/chip/layer_arrays.hpp"

#include <torch/torch.h>

namespace xloop {
namespace {

constexpr int finest_adc_bits = 14;

}  // namespace

WeightOffsets crossbar_offsets(Supernet& supernet, const SubnetPath& path, const HardwareConfig& hardware) {
    const torch::NoGradGuard no_grad;
    const WorkloadGraph& graph = supernet->graph(path);
    WeightOffsets offsets(graph.layers.size());
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        if (!layer.on_crossbars())
            continue;
        const int index = static_cast<int>(l);
        HardwareConfig own = hardware_of_layer(hardware, layer.name);
        // Effective weights come before the ADC. A correction of gain, which is measured behind it, is that of a fine one: the
        // layer's range may not be known yet, and steps over the full scale would hide most sums.
        own.adc.range = AdcRange::full_scale;
        if (own.adc.corrects_gain())
            own.adc.bits = finest_adc_bits;
        const DeviceModel device(own);
        const torch::Tensor weight = supernet->active_weight(index, path).detach();
        IntegerMatrix matrix = integer_matrix(weight, layer.is_output, own.numerics.weight_bits);
        const torch::Tensor scales =
            torch::from_blob(matrix.scales.data(), {layer.out.channels}, torch::kFloat64).to(torch::kFloat32);
        LayerArrays arrays(
            {matrix.weights.data(), layer.groups, layer.out.channels / layer.groups, layer.rows(), index}, own, device);
        arrays.program_all(1);
        std::vector<float> effective = arrays.effective_weights();
        const torch::Tensor realised = torch::from_blob(effective.data(),
                                                        {layer.out.channels, layer.window.y.kernel,
                                                         layer.window.x.kernel, layer.in.channels / layer.groups},
                                                        torch::kFloat32)
                                           .permute({0, 3, 1, 2});
        offsets[l] = (realised * scales.view({-1, 1, 1, 1}) - weight).contiguous();
    }
    return offsets;
}

}  // namespace xloop
