#include "systemc_model/chip/effective_weights.hpp"

#include "systemc_model/crossbar/programmed_array.hpp"
#include "systemc_model/mapping/partition.hpp"

#include <algorithm>

namespace xloop {

std::vector<float> effective_weights(const std::vector<std::int8_t>& weights, int groups, int out_per_group, int rows,
                                     const HardwareConfig& hardware, int layer) {
    std::vector<float> effective(weights.size());
    for (const MatrixBlock& block : partition_layer(layer, groups, out_per_group, rows, hardware)) {
        const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(block.out_begin) * rows + block.row_begin;
        const ProgrammedArray array(weights.data() + first, block.outs, block.rows, rows, hardware, block.array_id);
        for (int o = 0; o < block.outs; ++o)
            std::copy_n(array.effective_weights().begin() + static_cast<std::ptrdiff_t>(o) * block.rows, block.rows,
                        effective.begin() + first + static_cast<std::ptrdiff_t>(o) * rows);
    }
    return effective;
}

}  // namespace xloop
