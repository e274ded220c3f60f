#pragma once

#include "core/hardware_config.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// Neighbouring rows of the matrices of a layer's groups, which are as near in its windows (of what is held of them, see
/// GraphLayer::held): some rows of one group, or all rows
/// of each of several.
struct GroupRows {
    int group = 0, groups = 1;    ///< groups [group, group + groups)
    int row_begin = 0, rows = 0;  ///< row_begin: of the group's matrix; rows: of all groups together

    int rows_of_group() const { return rows / groups; }
};

/// The part of a layer's matrix that one array holds. Several groups lie on its diagonal: the rows of one below those of the
/// one before, its outputs beside them.
struct MatrixBlock : GroupRows {
    int out_begin = 0, outs = 0;  ///< output channels of the whole layer
    std::int8_t polarity = 0;     ///< 0: the weights; 1, -1: their positive or negative part only (separate arrays)
    std::uint64_t array_id = 0;   ///< keys the array's devices: layer << 20 | (copy * blocks of a copy + block)
};

/// Array ids number the arrays of all copies of a layer with 20 bits.
inline constexpr int max_arrays_of_layer = 1 << 20;

/// What of a layer one array holds at most, as the layer's groups are packed (mapping.group_packing).
struct BlockSize {
    int groups, rows, outs;  ///< rows and outs: of all its groups together
};
BlockSize largest_block(int groups, int out_per_group, int rows, const HardwareConfig& hardware);

/// Blocks that one copy of a layer's matrix is split into. Throws InputError when they cannot be numbered.
int block_count(int groups, int out_per_group, int rows, const HardwareConfig& hardware);

/// Throws InputError when the blocks of copy `copy` cannot be numbered.
void demand_array_numbers(int groups, int out_per_group, int rows, const HardwareConfig& hardware, int copy);

/// Splits the matrix of one layer, `groups` matrices of `out_per_group` outputs x `rows`, into arrays: rows in steps of
/// HardwareConfig::array_rows(), outputs in steps of outputs_per_array(); blocks of equal rows follow one another. Packed on the
/// diagonal, groups that fit into one array share it with as many of the next ones as its rows and columns have room for.
/// With separate mapping each part is there twice, the positive array first. Copies differ in their array ids only.
/// Throws InputError when the ids of copy `copy` do not fit.
std::vector<MatrixBlock> partition_layer(int layer, int groups, int out_per_group, int rows,
                                         const HardwareConfig& hardware, int copy = 0);

}  // namespace xloop
