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

int block_count(int groups, int out_per_group, int rows, const HardwareConfig& hardware) {
    const std::int64_t blocks = groups * ceil_div(rows, hardware.crossbar.rows) *
                                ceil_div(out_per_group, hardware.outputs_per_array()) * (hardware.separate() ? 2 : 1);
    check_numbers(blocks, 0);
    return static_cast<int>(blocks);
}

std::vector<MatrixBlock> partition_layer(int layer, int groups, int out_per_group, int rows,
                                         const HardwareConfig& hardware, int copy) {
    const int count = block_count(groups, out_per_group, rows, hardware);
    check_numbers(count, copy);
    const int row_step = hardware.crossbar.rows, out_step = hardware.outputs_per_array();
    const bool separate = hardware.separate();
    std::vector<MatrixBlock> blocks;
    blocks.reserve(static_cast<std::size_t>(count));
    std::uint64_t id = (static_cast<std::uint64_t>(layer) << 20) | static_cast<std::uint64_t>(copy * count);
    for (int g = 0; g < groups; ++g)
        for (int r = 0; r < rows; r += row_step)
            for (int o = 0; o < out_per_group; o += out_step)
                for (int polarity = separate ? 1 : 0; polarity >= (separate ? -1 : 0); polarity -= 2)
                    blocks.push_back({g, r, std::min(row_step, rows - r), g * out_per_group + o,
                                      std::min(out_step, out_per_group - o), static_cast<std::int8_t>(polarity), id++});
    return blocks;
}

}  // namespace xloop
