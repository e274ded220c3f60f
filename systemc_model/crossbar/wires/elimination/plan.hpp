#pragma once

#include "systemc_model/crossbar/wires/parasitics.hpp"

#include <vector>

namespace xloop::elimination {

// Only data in this header: it is included by files compiled for special instruction sets, where an inline function
// would be compiled for that set and could then be linked into the whole program.

/// Row 0 is the bottom row of the array here (the sense end), column 0 the left one (the driver end), so that of two
/// neighbours the first is always the one with the lower index.
enum Side { left, right, bottom, top };

/// Ports of a rectangle, side by side, in the order in which the sides will be joined to a neighbour: the next one first.
/// A map (the inputs' coefficients for the outputs) is a square matrix of `width` rows, row by row, of which only blocks
/// of sides (x, y) with x not after y are defined, and of those of a side with itself what is not below the diagonal.
struct Layout {
    int sides = 0;
    Side order[4] = {};
    int size[4] = {};             // ports of each side, 0 for sides left out
    int begin[4] = {};            // place of the first of them
    int rank[4] = {};             // place in `order`
    bool at_array_edge[4] = {};   // sides that are never joined: nobody needs what such a side does to itself
    int width = 0;
};

struct Map {
    Layout layout;
    long offset = 0;  // in the workspace
};

/// A block of block_size x block_size cells, cells beyond the array's edge being open.
struct Block {
    int row = 0, col = 0;
    int map = 0;
};

/// Joins the maps `first` and `second` (left | right or bottom | top) once the first `blocks_needed` blocks are known.
struct Merge {
    int first = 0, second = 0, whole = 0;
    int blocks_needed = 0;
    long scratch = 0;  // in the workspace
};

constexpr int leaf_size = 4;
constexpr int leaves_in_block = 16;
constexpr int block_size = 4 * leaf_size;
constexpr int max_lanes = 16;

/// How to eliminate an array of a given shape; the same for every value of the conductances.
struct Plan {
    int rows = 0, cols = 0;
    std::vector<Map> maps;  // the last one is that of the whole array
    std::vector<Block> blocks;
    std::vector<Merge> merges;
    Layout inside[2 * leaves_in_block];  // of a block: 1 is the whole, 2 i and 2 i + 1 the halves of i, bottom | top first
    long lane_offset = 0;               // in the workspace, where lanes begin
    long workspace = 0;                 // scalars
};

Plan make_plan(int rows, int cols);

/// Conductances in siemens, column by column, top row first. G_eff likewise.
template <class T>
struct Problem {
    const Map* maps;
    const Block* blocks;
    int block_count;
    const Merge* merges;
    int merge_count;
    const Plan* plan;
    const double* g;
    Parasitics r;
    T* workspace;
    T* g_eff;
};

}  // namespace xloop::elimination
