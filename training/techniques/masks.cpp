#include "training/techniques/masks.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

std::int64_t parts_of(std::int64_t all, std::int64_t part) { return (all + part - 1) / part; }

/// Zeros behind the last dimension up to a multiple of `part`, which then becomes a dimension of its own.
torch::Tensor in_parts(const torch::Tensor& values, std::int64_t part) {
    const std::int64_t last = values.size(-1), parts = parts_of(last, part);
    std::vector<std::int64_t> sizes = values.sizes().vec();
    sizes.back() = parts;
    sizes.push_back(part);
    return torch::constant_pad_nd(values, {0, parts * part - last}).reshape(sizes);
}

/// The place of each value among those of the last dimension, the largest first; of equal ones the last.
torch::Tensor ranks(const torch::Tensor& scores) {
    const auto order = [](const torch::Tensor& values) {
        return std::get<1>(torch::sort(values, /*stable=*/c10::optional<bool>(true), /*dim=*/-1, /*descending=*/false));
    };
    return scores.size(-1) - 1 - order(order(scores));
}

}  // namespace

torch::Tensor mask_without_smallest(const torch::Tensor& scores, std::int64_t count) {
    return (ranks(scores.detach().flatten()) < scores.numel() - count).to(torch::kFloat32).view(scores.sizes());
}

ColumnGeometry column_geometry(const HardwareConfig& hardware) {
    return {hardware.array_rows(), hardware.is_digital() ? hardware.array_rows() : hardware.crossbar.rows_at_once(),
            hardware.outputs_per_array()};
}

torch::Tensor to_columns(const torch::Tensor& weight, const ColumnGeometry& geometry) {
    const torch::Tensor matrix = weight.permute({0, 2, 3, 1}).reshape({weight.size(0), -1});
    return in_parts(in_parts(matrix, geometry.rows), geometry.at_once).flatten(1, 2);
}

torch::Tensor from_columns(const torch::Tensor& columns, torch::IntArrayRef sizes, const ColumnGeometry& geometry) {
    const std::int64_t reads = parts_of(geometry.rows, geometry.at_once), rows = sizes[1] * sizes[2] * sizes[3];
    return columns.reshape({sizes[0], -1, reads * geometry.at_once})
        .narrow(2, 0, geometry.rows)
        .reshape({sizes[0], -1})
        .narrow(1, 0, rows)
        .reshape({sizes[0], sizes[2], sizes[3], sizes[1]})
        .permute({0, 3, 1, 2})
        .contiguous();
}

torch::Tensor column_variance(const torch::Tensor& weight, int groups, double threshold,
                              const ColumnGeometry& geometry) {
    const torch::Tensor share =
        to_columns(torch::tanh(weight.abs() / (2.0 * threshold)), geometry).sum(2) / geometry.at_once;
    const std::int64_t outs = weight.size(0) / groups, full = outs / geometry.outs * geometry.outs;
    const torch::Tensor of_group = share.view({groups, outs, -1});
    torch::Tensor sum = torch::zeros({}, weight.options());
    if (full > 0)
        sum = sum + of_group.narrow(1, 0, full)
                        .reshape({groups, full / geometry.outs, geometry.outs, -1})
                        .var(/*dim=*/2, /*unbiased=*/false)
                        .sum();
    if (full < outs)
        sum = sum + of_group.narrow(1, full, outs - full).var(/*dim=*/1, /*unbiased=*/false).sum();
    return sum;
}

torch::Tensor snap_columns(const torch::Tensor& scores, int level, double margin) {
    const std::int64_t rows = scores.size(-1);
    const torch::Tensor held = (scores != 0).sum(-1);
    torch::Tensor next = torch::full_like(held, rows);  // the power of two below
    for (int k = 0; rows >> (k + 1) > 0; ++k)
        next = torch::where(held * (std::int64_t{1} << k) <= rows, torch::full_like(held, rows >> (k + 1)), next);
    const torch::Tensor most = level > 0 ? torch::full_like(held, std::max<std::int64_t>(rows >> level, 1))
                                         : torch::where(held - next <= margin * static_cast<double>(rows), next, held);
    return ((ranks(scores.abs()) < most.unsqueeze(-1)) & (scores != 0)).to(torch::kFloat32);
}

torch::Tensor all_patterns() {
    std::vector<torch::Tensor> patterns;
    constexpr int middle = 4, taps = 9;
    for (int a = 0; a < taps; ++a)
        for (int b = a + 1; b < taps; ++b)
            for (int c = b + 1; c < taps; ++c) {
                if (a == middle || b == middle || c == middle)
                    continue;
                torch::Tensor pattern = torch::zeros({taps});
                for (const int tap : {a, b, c, middle})
                    pattern[tap] = 1.0f;
                patterns.push_back(pattern.view({3, 3}));
            }
    return torch::stack(patterns);
}

torch::Tensor pattern_mask(const torch::Tensor& weight, int count) {
    const torch::Tensor patterns = all_patterns().flatten(1).to(weight.options());
    const torch::Tensor squares = weight.detach().square().reshape({-1, 9});
    const torch::Tensor chosen = squares.matmul(patterns.t()).argmax(1);
    const torch::Tensor votes = torch::bincount(chosen, {}, patterns.size(0));
    // Of equally frequent ones the first.
    const torch::Tensor order = std::get<1>(torch::sort(votes, c10::optional<bool>(true), 0, /*descending=*/true));
    const torch::Tensor kept = patterns.index_select(0, order.narrow(0, 0, count));
    return kept.index_select(0, squares.matmul(kept.t()).argmax(1)).view(weight.sizes());
}

bool keeps_zero(const GraphLayer& layer) {
    for (int c = 0; c < layer.out.channels; ++c)
        if (apply(layer.activation, 0.0, layer.activation_parameters, c) != 0.0)
            return false;
    return true;
}

std::vector<std::vector<bool>> zero_channels(const WorkloadGraph& graph,
                                             const std::vector<std::vector<bool>>& filters) {
    std::vector<std::vector<bool>> zero;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        const auto channels = static_cast<std::size_t>(layer.out.channels);
        std::vector<bool> own(channels, false);
        const auto input = [&](std::size_t i, std::size_t channel) {
            const int producer = layer.inputs[i];
            return producer >= 0 && zero[static_cast<std::size_t>(producer)][channel];
        };
        const auto of_inputs = [&](bool all) {
            for (std::size_t c = 0; c < channels; ++c) {
                own[c] = all;
                for (std::size_t i = 0; i < layer.inputs.size(); ++i)
                    own[c] = all ? own[c] && input(i, c) : own[c] || input(i, c);
            }
        };
        switch (layer.kind) {
        case LayerKind::conv:
        case LayerKind::linear:
            if (!filters[l].empty() && keeps_zero(layer))
                own = filters[l];
            break;
        case LayerKind::max_pool:
        case LayerKind::avg_pool:
        case LayerKind::add: of_inputs(true); break;
        case LayerKind::multiply: of_inputs(false); break;
        case LayerKind::activation:
            if (keeps_zero(layer))
                of_inputs(true);
            break;
        case LayerKind::concat:
            for (std::size_t i = 0, c = 0; i < layer.inputs.size(); ++i)
                for (int k = 0; k < graph.map_of(layer.inputs[i]).channels; ++k)
                    own[c++] = input(i, static_cast<std::size_t>(k));
            break;
        default:
            break;  // scales add something; what channels are cut or added makes no difference to their readers' cost
        }
        zero.push_back(std::move(own));
    }
    return zero;
}

}  // namespace xloop
