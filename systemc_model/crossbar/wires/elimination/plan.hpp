#pragma once

#include "systemc_model/crossbar/wires/parasitics.hpp"

#include <vector>

namespace xloop::elimination {

// Only data in this header: it is included by files compiled for special instruction sets, where an inline function
// would be compiled for that set and could then be linked into the whole program.

/// Row 0 is the bottom row of the array here (the sense end), column 0 the left one (the driver end), so that of two
/// neighbours the first is always the one with the lower index.
enum Side { left, right, bottom, top };

/// Ports of a rectangle, side by side, in the order in which the sides will be joined to a neighbour: the next one
/// first. A map (the inputs' coefficients for the outputs) is a square matrix of `width` rows, row by row, of which
/// only blocks of sides (x, y) with x not after y are defined, and of those of a side with itself what is not below
/// the diagonal.
struct Layout {
    int sides = 0;
    Side order[4] = {};
    int size[4] = {};            // ports of each side, 0 for open ends
    int begin[4] = {};           // place of the first of them
    int rank[4] = {};            // place in `order`
    bool at_array_edge[4] = {};  // sides that are never joined: nobody needs what such a side does to itself
    int width = 0;
};

struct Map {
    Layout layout;
    long offset = 0;             // in the workspace
    int merge = -1, block = -1;  // that makes it: one of the two
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
    long record = 0;   // in the record
};

constexpr int leaf_size = 4, leaf_ports = 4 * leaf_size, leaf_cells = leaf_size * leaf_size;
constexpr int leaves_in_block = 16;
constexpr int block_size = 4 * leaf_size, block_ports = 4 * block_size;
constexpr int max_lanes = 16;
constexpr int side_granule = 16, column_granule = 8;  // sides begin at multiples; right-hand sides come in multiples

/// How to eliminate an array of a given shape; the same for every value of the conductances. The record is what the way
/// back from the border to the cells needs: of every merge the voltages and currents at the cut by the other ports of
/// the two halves, of every leaf the cells' voltages by its inputs. Sizes and places in scalars.
struct Plan {
    int rows = 0, cols = 0;
    std::vector<Map> maps;  // the last one is that of the whole array
    std::vector<Block> blocks;
    std::vector<Merge> merges;
    /// Of a block: 1 is the whole, 2 i and 2 i + 1 are the halves of i, bottom | top first.
    Layout inside[2 * leaves_in_block];

    long lane_offset = 0;  // in the workspace, where lanes begin
    long workspace = 0;

    long inside_record[2 * leaves_in_block] = {};  // place in a block's record, for one lane
    long block_record = 0, blocks_record = 0;      // size of a block's record, place of the first one
    long record = 0;

    // On the way back, at most: ports of all rectangles between border and block, or border of a block and cell, and
    // the same for forms (matrices over the ports), with what a step needs beside them.
    long ports_on_way = 0, ports_inside = 0, forms_on_way = 0, forms_inside = 0;
};

Plan make_plan(int rows, int cols);

/// Conductances in siemens, column by column, top row first. G_eff likewise.
template <class T>
struct Problem {
    const Plan* plan;
    const Map* maps;
    const Block* blocks;
    int block_count;
    const Merge* merges;
    int merge_count;
    const double* g;
    Parasitics r;
    T* workspace;
    T* g_eff;
    T* record;  // or null
};

/// The way back from the border of the whole array to its cells.
struct Passage {
    const Plan* plan;
    const Map* maps;
    const Block* blocks;
    const Merge* merges;
    int root;  // the whole's map
    const double* record;
    double* scratch;
    const double* border;  // ports of the whole array x columns, row by row
    int columns;           // a multiple of column_granule
    double* cells;
    int cell_columns;  // of fields: how many of the columns are wanted, next to each other for every cell
    long cell_stride;
};

/// The same arithmetic compiled for one instruction set. All give the same bits.
struct Kernels {
    void (*eliminate_fp32)(const Problem<float>&);
    void (*eliminate_fp64)(const Problem<double>&);
    void (*find_fields)(const Passage&);     // border: inputs -> cells: their voltages, cells row by row
    void (*find_own_paths)(const Passage&);  // border: [by rows | by columns] -> the product of a cell's own two
    void (*find_gradient)(const Passage&);   // border: a form -> its value in every cell's voltage
};
extern const Kernels portable_kernels, avx2_kernels, avx512_kernels;

}  // namespace xloop::elimination
