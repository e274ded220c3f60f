#pragma once

#include "systemc_model/crossbar/wires/elimination/leaf.hpp"
#include "systemc_model/crossbar/wires/elimination/merge.hpp"

namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT {

/// The maps of one block in each lane, from the conductances up, into the places given by the plan. Lanes without a
/// block hold open cells.
template <class T>
class BlocksInLanes {
public:
    static constexpr int lanes = vector_size<T>;

    /// `count` blocks from number `begin` on.
    BlocksInLanes(const Problem<T>& problem, int begin, int count)
        : plan_(*problem.plan), problem_(problem), blocks_(problem.blocks + begin), count_(count),
          free_(problem.workspace + plan_.lane_offset),
          record_(problem.record ? problem.record + plan_.blocks_record + begin * plan_.block_record : nullptr) {}

    void solve() {
        const T* const whole = make_map(1, 0, 0, block_size, block_size);
        for (const Side x : plan_.inside[1].order)
            for (const Side y : plan_.inside[1].order)
                write_sides(x, y, whole);
    }

private:
    using V = Vector<T>;

    T* take(const Layout& layout) {
        T* const map = free_;
        free_ += static_cast<long>(layout.width) * layout.width * lanes;
        return map;
    }

    /// Map of rows x cols cells from (row, col) of every block on, node `index` of the tree inside of a block.
    const T* make_map(int index, int row, int col, int rows, int cols) {
        T* const map = take(plan_.inside[index]);
        T* const kept = free_;
        const int first = 2 * index, second = first + 1;
        const T *first_map, *second_map;
        if (first >= leaves_in_block) {
            T *const left_leaf = take(plan_.inside[first]), *const right_leaf = take(plan_.inside[second]);
            make_leaves(first, row, col, left_leaf, right_leaf);
            first_map = left_leaf;
            second_map = right_leaf;
        } else {
            const bool stacked = rows == cols;
            const int half_rows = stacked ? rows / 2 : rows, half_cols = stacked ? cols : cols / 2;
            first_map = make_map(first, row, col, half_rows, half_cols);
            second_map = make_map(second, row + rows - half_rows, col + cols - half_cols, half_rows, half_cols);
        }
        const Layout* const inside = plan_.inside;
        merge<Lanes<T>>({inside[first], first_map}, {inside[second], second_map}, {inside[index], map}, free_,
                        record(index));
        free_ = kept;
        return map;
    }

    /// Two neighbours in a row, nodes `index` and index + 1, the left one from (row, col) of every block on.
    void make_leaves(int index, int row, int col, T* left_map, T* right_map) const {
        const Parasitics& r = problem_.r;
        T *const left_g = free_, *const right_g = left_g + leaf_cells * lanes;
        T* const workspace = right_g + leaf_cells * lanes;
        read_conductances(row, col, left_g);
        read_conductances(row, col + leaf_size, right_g);
        Leaf<T> left_leaf(workspace), right_leaf(workspace + Leaf<T>::size);
        const V sense = edge_resistance(row == 0, &Block::row, r.r_sense);
        left_leaf.begin(edge_resistance(col == 0, &Block::col, r.r_driver), sense);
        right_leaf.begin(V{}, sense);
        const T wire_row = static_cast<T>(r.r_wire_row), wire_col = static_cast<T>(r.r_wire_col);
        const bool fields = record_ != nullptr;
        for (int i = 0; i < leaf_size; ++i) {
            left_leaf.find_gains(left_g + i * leaf_size * lanes, wire_row);
            right_leaf.find_gains(right_g + i * leaf_size * lanes, wire_row);
            left_leaf.add_row(i, wire_row, wire_col, fields);
            right_leaf.add_row(i, wire_row, wire_col, fields);
        }
        left_leaf.write(plan_.inside[index], left_map);
        right_leaf.write(plan_.inside[index + 1], right_map);
        if (fields) {
            left_leaf.write_fields(plan_.inside[index], record(index));
            right_leaf.write_fields(plan_.inside[index + 1], record(index + 1));
        }
    }

    T* record(int index) const { return record_ ? record_ + plan_.inside_record[index] * lanes : nullptr; }

    V edge_resistance(bool outer_leaf, int Block::*place, double resistance) const {
        T value[lanes] = {};
        for (int lane = 0; lane < count_; ++lane)
            if (outer_leaf && blocks_[lane].*place == 0)
                value[lane] = static_cast<T>(resistance);
        return load(value);
    }

    /// Of leaf_size x leaf_size cells from (row, col) of every block on, row by row; 0 beyond the array.
    void read_conductances(int row, int col, T* g) const {
        for (int cell = 0; cell < leaf_cells; ++cell)
            store(g + cell * lanes, V{});
        for (int lane = 0; lane < count_; ++lane) {
            const int first_row = blocks_[lane].row * block_size + row;
            const int first_col = blocks_[lane].col * block_size + col;
            const int rows = plan_.rows - first_row, cols = plan_.cols - first_col;
            const double* const from = problem_.g;
            const long corner = static_cast<long>(first_col) * plan_.rows + rows - 1;
            for (int j = 0; j < leaf_size && j < cols; ++j)
                for (int i = 0; i < leaf_size && i < rows; ++i)
                    g[(i * leaf_size + j) * lanes + lane] =
                        static_cast<T>(from[corner + static_cast<long>(j) * plan_.rows - i]);
        }
    }

    /// Block (x, y) of every lane's map to those lanes' places whose layout has x before y.
    void write_sides(Side x, Side y, const T* map) const {
        T* out[lanes] = {};
        long out_row[lanes] = {};
        bool any = false;
        for (int lane = 0; lane < count_; ++lane) {
            const Map& target = problem_.maps[blocks_[lane].map];
            const Layout& to = target.layout;
            if (!to.size[x] || !to.size[y] || to.rank[x] > to.rank[y])
                continue;
            out[lane] = problem_.workspace + target.offset + static_cast<long>(to.begin[x]) * to.width + to.begin[y];
            out_row[lane] = to.width;
            any = true;
        }
        if (!any)
            return;
        const Layout& from = plan_.inside[1];
        for (int i = 0; i < block_size; ++i)
            for (int j = 0; j < block_size; j += lanes) {
                V rows[lanes];
                for (int k = 0; k < lanes; ++k) {
                    const int p = from.begin[x] + i, q = from.begin[y] + j + k;
                    rows[k] = load(map + (static_cast<long>(p < q ? p : q) * from.width + (p < q ? q : p)) * lanes);
                }
                transpose<T>(rows);
                for (int lane = 0; lane < count_; ++lane)
                    if (out[lane])
                        store(out[lane] + i * out_row[lane] + j, rows[lane]);
            }
    }

    const Plan& plan_;
    const Problem<T>& problem_;
    const Block* blocks_;
    int count_;
    T *free_, *record_;
};

}  // namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT
