#include "systemc_model/mapping/tile_work.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace xloop {
namespace {

/// Adds the channels of each kernel position that the rows hold.
void add_channels(const GraphLayer& layer, const GroupRows& rows, std::vector<int>& channels_of_kernel) {
    const int channels = layer.in.channels / layer.groups, last = rows.row_begin + rows.rows_of_group();
    for (int row = rows.row_begin; row < last;) {
        const int tap = layer.matrix_row(row) / channels, end = std::min(layer.first_held((tap + 1) * channels), last);
        channels_of_kernel[static_cast<std::size_t>(tap)] += rows.groups * (end - row);
        row = end;
    }
}

/// Rows [begin, end) of what is held of the matrix of group `group` that the tile's slices have.
int rows_in_slices(const TileWork& work, int group, int begin, int end) {
    auto slice = std::partition_point(work.row_slices.begin(), work.row_slices.end(),
                                      [group](const GroupRows& rows) { return rows.group + rows.groups <= group; });
    int sum = 0;
    for (; slice != work.row_slices.end() && slice->group <= group; ++slice)
        sum +=
            std::max(0, std::min(end, slice->row_begin + slice->rows_of_group()) - std::max(begin, slice->row_begin));
    return sum;
}

/// Of the held rows [begin, end) those whose value is that of another held row, `shift` rows of the matrix on, which the slices
/// have.
int shifted_rows(const GraphLayer& layer, const TileWork& work, int group, int begin, int end, int shift) {
    int sum = 0;
    for (int row = begin; row < end; ++row) {
        const int there = layer.matrix_row(row) + shift, other = layer.first_held(there);
        if (other < layer.held_rows() && layer.matrix_row(other) == there)
            sum += rows_in_slices(work, group, other, other + 1);
    }
    return sum;
}

/// Group and first row of the row slice that was met last.
using LastSlice = std::pair<int, int>;

}  // namespace

TileWork tile_work(const GraphLayer& layer, const LayerCopy& copy, int tile, const HardwareConfig& hardware) {
    for (TileWork& work : tile_works(layer, copy, hardware, WorkDetail::lists))
        if (work.tile == tile)
            return std::move(work);
    throw Error(fmt::format("tile {} has no part of layer `{}`", tile, layer.name));
}

std::vector<TileWork> tile_works(const GraphLayer& layer, const LayerCopy& copy, const HardwareConfig& hardware,
                                 WorkDetail detail) {
    std::vector<int> tiles = copy.tiles;
    std::sort(tiles.begin(), tiles.end());
    std::vector<TileWork> works(tiles.size());
    std::vector<LastSlice> last(tiles.size(), {-1, -1});
    for (std::size_t t = 0; t < tiles.size(); ++t) {
        works[t].tile = tiles[t];
        works[t].covers.assign(static_cast<std::size_t>(layer.out.channels), false);
        works[t].channels_of_kernel.assign(static_cast<std::size_t>(layer.window.taps()), 0);
    }
    const int activation_bytes = hardware.activation_bytes();
    const bool slices = detail == WorkDetail::lists || hardware.tile.window_reuse;
    std::size_t t = 0;  // blocks of a tile come in runs
    for (std::size_t b = 0; b < copy.blocks.size(); ++b) {
        const PlacedBlock& block = copy.blocks[b];
        if (tiles[t] != block.tile)
            t = static_cast<std::size_t>(std::lower_bound(tiles.begin(), tiles.end(), block.tile) - tiles.begin());
        TileWork& work = works[t];
        // Blocks of the same rows follow one another.
        if (const LastSlice slice{block.group, block.row_begin}; slice != last[t]) {
            last[t] = slice;
            work.register_bytes += std::int64_t{block.rows} * activation_bytes;
            add_channels(layer, block, work.channels_of_kernel);
            if (slices)
                work.row_slices.push_back({block, {}});
        }
        if (detail == WorkDetail::lists)
            work.blocks.push_back(static_cast<int>(b));
        if (slices)
            work.row_slices.back().blocks.push_back(static_cast<int>(b));
        ++work.arrays;
        work.driven_rows += block.rows;
        work.gather_bytes += std::int64_t{block.outs} * accumulator_bytes;
        work.products += std::int64_t{block.rows} * block.outs;
        work.weight_sets += hardware.digital.steps(block.outs);
        work.outputs = std::max(work.outputs, block.outs);
        work.rows = std::max(work.rows, block.rows);
        const int reads = hardware.read_groups(block.rows);
        work.reads += reads;
        work.read_rows += hardware.read_rows(block.rows);
        work.read_outputs += std::int64_t{reads} * block.outs;
        // Blocks of other rows or polarity have the same outputs or none of them.
        if (!work.covers[static_cast<std::size_t>(layer.held_channel(block.out_begin))]) {
            for (int out = block.out_begin; out < block.out_begin + block.outs; ++out)
                work.covers[static_cast<std::size_t>(layer.held_channel(out))] = true;
            work.covered += block.outs;
        }
    }
    return works;
}

std::vector<TileWork> tile_works(const MappedNetwork& network, int l, int copy, WorkDetail detail) {
    const LayerCopy& placed =
        network.mapping.layers[static_cast<std::size_t>(l)].copies[static_cast<std::size_t>(copy)];
    if (!placed.works)
        return tile_works(network.graph.layers[static_cast<std::size_t>(l)], placed, network.layer_hardware(l), detail);
    if (detail == WorkDetail::lists)
        throw Error("lists of blocks are asked of a network that was mapped for figures alone");
    std::vector<TileWork> works = *placed.works;
    for (std::size_t n = 0; n < works.size(); ++n)
        works[n].tile = placed.tiles[n];
    std::sort(works.begin(), works.end(), [](const TileWork& a, const TileWork& b) { return a.tile < b.tile; });
    return works;
}

std::int64_t window_bytes(const GraphLayer& layer, const TileWork& work, const KernelPart& inside,
                          const HardwareConfig& hardware) {
    std::int64_t channels = 0;
    for (int ky = inside.y_begin; ky < inside.y_end; ++ky)
        for (int kx = inside.x_begin; kx < inside.x_end; ++kx)
            channels += work.channels_of_kernel[static_cast<std::size_t>(ky * layer.window.x.kernel + kx)];
    return channels * hardware.activation_bytes();
}

int kept_rows(const GraphLayer& layer, const TileWork& work, const GroupRows& rows, const SharedTaps& kept) {
    const int channels = layer.in.channels / layer.groups, width = layer.window.x.kernel;
    const int shift = (kept.y_shift * width + kept.x_shift) * channels;
    int sum = 0;
    for (int ky = kept.part.y_begin; ky < kept.part.y_end; ++ky)
        for (int kx = kept.part.x_begin; kx < kept.part.x_end; ++kx) {
            const int tap = ky * width + kx;
            const int begin = std::max(rows.row_begin, layer.first_held(tap * channels)),
                      end = std::min(rows.row_begin + rows.rows_of_group(), layer.first_held((tap + 1) * channels));
            if (begin < end)
                sum += rows.groups * (layer.held ? shifted_rows(layer, work, rows.group, begin, end, shift)
                                                 : rows_in_slices(work, rows.group, begin + shift, end + shift));
        }
    return sum;
}

FetchBytes fetch_bytes(const GraphLayer& layer, const TileWork& work, const WindowFetches::Kind& window,
                       const HardwareConfig& hardware) {
    FetchBytes bytes{window_bytes(layer, work, window.inside, hardware), work.register_bytes};
    if (window.kept.part.positions() > 0)
        for (const TileWork::RowSlice& slice : work.row_slices) {
            bytes.buffer -= std::int64_t{hardware.activation_bytes()} *
                            kept_rows(layer, work, slice, window.kept.within(window.inside));
            bytes.bus -= std::int64_t{hardware.activation_bytes()} * kept_rows(layer, work, slice, window.kept);
        }
    return bytes;
}

DigitalWork digital_work(const WorkloadGraph& graph, const GraphLayer& layer, const KernelPart& inside) {
    DigitalWork work{0, layer.values_read(inside.positions())};
    for (int input : layer.inputs) {
        const Edge edge = graph.edge(input);
        work.read_bytes += std::int64_t{edge.shape.channels} * inside.positions() * bytes_of(edge.bits);
    }
    return work;
}

std::int64_t output_bytes(const GraphLayer& layer) {
    return std::int64_t{layer.out.channels} * (layer.is_output ? accumulator_bytes : bytes_of(layer.output_bits));
}

std::int64_t position_bytes(const WorkloadGraph& graph, int producer) {
    if (producer < 0)
        return std::int64_t{graph.input.channels} * bytes_of(graph.input_bits);
    return output_bytes(graph.layers[static_cast<std::size_t>(producer)]);
}

}  // namespace xloop
