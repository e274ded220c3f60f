#include "systemc_model/mapping/tile_work.hpp"

#include <algorithm>

namespace xloop {
namespace {

/// Adds the channels of each kernel position that rows [row_begin, row_begin + rows) of a group's matrix hold.
void add_channels(const GraphLayer& layer, int row_begin, int rows, std::vector<int>& channels_of_kernel) {
    const int channels = layer.in.channels / layer.groups;
    for (int row = row_begin; row < row_begin + rows;) {
        const int end = std::min((row / channels + 1) * channels, row_begin + rows);
        channels_of_kernel[static_cast<std::size_t>(row / channels)] += end - row;
        row = end;
    }
}

}  // namespace

TileWork tile_work(const GraphLayer& layer, const Replica& replica, int tile, const HardwareConfig& hardware) {
    TileWork work;
    work.tile = tile;
    work.covers.assign(static_cast<std::size_t>(layer.out.channels), false);
    work.channels_of_kernel.assign(static_cast<std::size_t>(layer.kernel_h) * layer.kernel_w, 0);
    for (std::size_t b = 0; b < replica.blocks.size(); ++b) {
        const PlacedBlock& block = replica.blocks[b];
        if (block.tile != tile)
            continue;
        work.blocks.push_back(static_cast<int>(b));
        auto slice = std::find_if(work.row_slices.begin(), work.row_slices.end(), [&](const auto& s) {
            return s.group == block.group && s.row_begin == block.row_begin;
        });
        if (slice == work.row_slices.end()) {
            slice = work.row_slices.insert(slice, {block.group, block.row_begin, block.rows, {}});
            work.register_bytes += std::int64_t{block.rows} * hardware.activation_bytes();
            add_channels(layer, block.row_begin, block.rows, work.channels_of_kernel);
        }
        slice->blocks.push_back(static_cast<int>(b));
        work.gather_bytes += std::int64_t{block.outs} * accumulator_bytes;
        work.outputs = std::max(work.outputs, block.outs);
        std::fill_n(work.covers.begin() + block.out_begin, block.outs, true);
    }
    work.covered = static_cast<int>(std::count(work.covers.begin(), work.covers.end(), true));
    return work;
}

std::int64_t window_bytes(const GraphLayer& layer, const TileWork& work, int position, const HardwareConfig& hardware) {
    const int y = position / layer.out.width * layer.stride - layer.padding;
    const int x = position % layer.out.width * layer.stride - layer.padding;
    std::int64_t channels = 0;
    for (int ky = std::max(0, -y); ky < std::min(layer.kernel_h, layer.in.height - y); ++ky)
        for (int kx = std::max(0, -x); kx < std::min(layer.kernel_w, layer.in.width - x); ++kx)
            channels += work.channels_of_kernel[static_cast<std::size_t>(ky * layer.kernel_w + kx)];
    return channels * hardware.activation_bytes();
}

DigitalWork digital_work(const GraphLayer& layer, int position, const HardwareConfig& hardware) {
    std::int64_t elements = static_cast<std::int64_t>(layer.inputs.size()) * layer.out.channels;
    if (layer.kind != LayerKind::add)
        elements = std::int64_t{window_positions(layer, position)} * layer.out.channels;
    return {elements * hardware.activation_bytes(), elements};
}

std::int64_t output_bytes(const GraphLayer& layer, const HardwareConfig& hardware) {
    return std::int64_t{layer.out.channels} * (layer.is_output ? accumulator_bytes : hardware.activation_bytes());
}

std::int64_t position_bytes(const WorkloadGraph& graph, int producer, const HardwareConfig& hardware) {
    if (producer < 0)
        return std::int64_t{graph.input.channels} * hardware.activation_bytes();
    return output_bytes(graph.layers[static_cast<std::size_t>(producer)], hardware);
}

}  // namespace xloop
