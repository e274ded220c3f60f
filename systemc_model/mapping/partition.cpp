#include "systemc_model/mapping/partition.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace xloop {

std::vector<MatrixBlock> partition_layer(int layer, int groups, int out_per_group, int rows,
                                         const HardwareConfig& hardware, int replica) {
    std::vector<MatrixBlock> blocks;
    const int out_step = hardware.outputs_per_array();
    const std::vector<std::int8_t> polarities =
        hardware.separate() ? std::vector<std::int8_t>{1, -1} : std::vector<std::int8_t>{0};
    for (int g = 0; g < groups; ++g)
        for (int r = 0; r < rows; r += hardware.crossbar.rows)
            for (int o = 0; o < out_per_group; o += out_step)
                for (std::int8_t polarity : polarities) {
                    MatrixBlock block;
                    block.group = g;
                    block.row_begin = r;
                    block.rows = std::min(hardware.crossbar.rows, rows - r);
                    block.out_begin = g * out_per_group + o;
                    block.outs = std::min(out_step, out_per_group - o);
                    block.polarity = polarity;
                    blocks.push_back(block);
                }
    const std::uint64_t first = static_cast<std::uint64_t>(replica) * blocks.size();
    if (first + blocks.size() > static_cast<std::uint64_t>(max_arrays_of_layer))
        throw InputError(
            fmt::format("a layer of {} arrays cannot have {} copies: its arrays are numbered with 20 bits, at "
                        "most {} in all copies; take fewer copies (mapping.replicas) or larger arrays",
                        blocks.size(), replica + 1, max_arrays_of_layer));
    for (std::size_t b = 0; b < blocks.size(); ++b)
        blocks[b].array_id = (static_cast<std::uint64_t>(layer) << 20) | (first + b);
    return blocks;
}

}  // namespace xloop
