#include "systemc_model/mapping/partition.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {
namespace {

void check_numbers(std::int64_t blocks, int copy) {
    if (blocks * (copy + 1) > max_arrays_of_layer)
        throw KeyError(
            "crossbar.rows",
            fmt::format("a layer of {} arrays cannot have {} copies: its arrays are numbered with 20 bits, at "
                        "most {} in all copies; take fewer copies (mapping.replicas) or larger arrays",
                        blocks, copy + 1, max_arrays_of_layer));
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

BlockSize largest_block(int groups, int out_per_group, int rows, const HardwareConfig& hardware) {
    const int row_room = hardware.array_rows(), out_room = hardware.outputs_per_array();
    const int fit = hardware.mapping.group_packing == GroupPacking::none
                        ? 1
                        : std::clamp(std::min(row_room / rows, out_room / out_per_group), 1, groups);
    return {fit, std::min(fit * rows, row_room), std::min(fit * out_per_group, out_room)};
}

int block_count(int groups, int out_per_group, int rows, const HardwareConfig& hardware) {
    const BlockSize most = largest_block(groups, out_per_group, rows, hardware);
    const std::int64_t blocks = ceil_div(groups, most.groups) * ceil_div(most.groups * std::int64_t{rows}, most.rows) *
                                ceil_div(most.groups * std::int64_t{out_per_group}, most.outs) *
                                (hardware.separate() ? 2 : 1);
    check_numbers(blocks, 0);
    return static_cast<int>(blocks);
}

void demand_array_numbers(int groups, int out_per_group, int rows, const HardwareConfig& hardware, int copy) {
    check_numbers(block_count(groups, out_per_group, rows, hardware), copy);
}

std::vector<MatrixBlock> partition_layer(int layer, int groups, int out_per_group, int rows,
                                         const HardwareConfig& hardware, int copy) {
    const int count = block_count(groups, out_per_group, rows, hardware);
    check_numbers(count, copy);
    const BlockSize most = largest_block(groups, out_per_group, rows, hardware);
    const bool separate = hardware.separate();
    std::vector<MatrixBlock> blocks;
    blocks.reserve(static_cast<std::size_t>(count));
    std::uint64_t id = (static_cast<std::uint64_t>(layer) << 20) | static_cast<std::uint64_t>(copy * count);
    for (int g = 0; g < groups; g += most.groups) {
        const int packed = std::min(most.groups, groups - g), all_rows = packed * rows, outs = packed * out_per_group;
        for (int r = 0; r < all_rows; r += most.rows)
            for (int o = 0; o < outs; o += most.outs)
                for (int polarity = separate ? 1 : 0; polarity >= (separate ? -1 : 0); polarity -= 2)
                    blocks.push_back({{g, packed, r, std::min(most.rows, all_rows - r)},
                                      g * out_per_group + o,
                                      std::min(most.outs, outs - o),
                                      static_cast<std::int8_t>(polarity),
                                      id++});
    }
    return blocks;
}

}  // namespace xloop
