#pragma once

#include "systemc_model/crossbar/wires/elimination/block_passage.hpp"

namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT {

/// Cell voltages by the inputs at the border of the array. Either all columns (right-hand sides) for all cells; or, of
/// columns [those of the rows | those of the columns of the array], the product of the two that belong to a cell's own
/// row and column: each rectangle then takes over only those of its own rows and columns.
class InputsPassage : BlockPassage {
public:
    InputsPassage(const Passage& passage, bool own_paths)
        : BlockPassage(passage, static_cast<long>(block_ports) * (own_paths ? 2 * block_size : passage.columns)),
          own_paths_(own_paths) {}

    void run() {
        descend(passage_.root, {passage_.border, passage_.columns, 1}, passage_.columns);
        if (count_ > 0)
            descend_blocks();
    }

private:
    static int whole_granules(int cells) { return (cells + side_granule - 1) / side_granule * side_granule; }

    void descend(int map, View<const double> border, int columns) {
        if (passage_.maps[map].merge < 0) {
            if (add_block(border, columns))
                descend_blocks();
            return;
        }
        const Merge& merge = passage_.merges[passage_.maps[map].merge];
        const auto way = step(merge);
        double* const kept = free_;
        int rows_before = 0, cols_before = 0;
        const int halves[2] = {merge.first, merge.second};
        for (const int half : halves) {
            const Layout &own_layout = layout_of(half), &whole = layout_of(map);
            const int rows = whole_granules(own_layout.size[left]), cols = whole_granules(own_layout.size[bottom]);
            const Columns all{0, columns, 0};
            const Columns own[2] = {{rows_before, rows, 0},
                                    {whole_granules(whole.size[left]) + cols_before, cols, rows}};
            const int half_columns = own_paths_ ? rows + cols : columns;
            const View<double> half_border{take(static_cast<long>(own_layout.width) * half_columns), half_columns, 1};
            const Columns* const ranges = own_paths_ ? own : &all;
            if (half == merge.first)
                way.first_inputs(border, ranges, own_paths_ ? 2 : 1, half_border);
            else
                way.second_inputs(border, ranges, own_paths_ ? 2 : 1, half_border);
            descend(half, half_border, half_columns);
            free_ = kept;
            if (own_layout.order[0] == top)
                rows_before = rows;
            else
                cols_before = cols;
        }
    }

    /// From here on the same with elements of all lanes at once.
    void descend_blocks() {
        const int columns = own_paths_ ? 2 * block_size : passage_.columns;
        const int part = own_paths_ ? columns : column_granule;
        double* const kept = free_;
        double* const border = take(static_cast<long>(block_ports) * part * lanes);
        for (int begin = 0; begin < columns; begin += part) {
            const Layout& inside = plan_.inside[1];
            for (const Side x : inside.order)
                for (int port = 0; port < block_size; ++port)
                    for (int k = 0; k < part; k += lanes) {
                        V rows[lanes] = {};
                        for (int lane = 0; lane < count_; ++lane)
                            rows[lane] = waiting(lane, x, port, columns, begin + k, lanes);
                        to_elements(rows, border + ((inside.begin[x] + port) * part + k) * lanes);
                    }
            first_column_ = begin;
            descend_inside(1, 0, 0, block_size, block_size, elements(border, part), part);
        }
        free_ = kept;
        begin_next_group();
    }

    void descend_inside(int index, int row, int col, int rows, int cols, View<const double> border, int columns) {
        if (index >= leaves_in_block) {
            finish_leaf(index, row, col, border, columns);
            return;
        }
        const auto way = step_inside(index);
        double* const kept = free_;
        const bool stacked = rows == cols;
        const int half_rows = stacked ? rows / 2 : rows, half_cols = stacked ? cols : cols / 2;
        const int half_columns = own_paths_ ? half_rows + half_cols : columns;
        for (int half = 0; half < 2; ++half) {
            const int rows_before = half * (rows - half_rows), cols_before = half * (cols - half_cols);
            const Columns all{0, columns, 0};
            const Columns own[2] = {{rows_before, half_rows, 0}, {rows + cols_before, half_cols, half_rows}};
            const Columns* const ranges = own_paths_ ? own : &all;
            const long width = plan_.inside[2 * index + half].width;
            const auto half_border = elements(take(width * half_columns * lanes), half_columns);
            if (half == 0)
                way.first_inputs(border, ranges, own_paths_ ? 2 : 1, half_border);
            else
                way.second_inputs(border, ranges, own_paths_ ? 2 : 1, half_border);
            descend_inside(2 * index + half, row + rows_before, col + cols_before, half_rows, half_cols, half_border,
                           half_columns);
            free_ = kept;
        }
    }

    void finish_leaf(int index, int row, int col, View<const double> border, int columns) {
        const View<double> voltages = elements(free_, columns);
        const View<const double> by_inputs{record(index), leaf_ports * lanes, lanes};
        Lanes<double>::product<Sign::plus>(leaf_cells, columns, leaf_ports, by_inputs, border, {nullptr, 0, 0},
                                           voltages);
        for (int i = 0; i < leaf_size; ++i)
            for (int j = 0; j < leaf_size; ++j) {
                const View<double> of_cell = voltages.block(i * leaf_size + j, 0);
                if (own_paths_)
                    write_product(row + i, col + j, load(of_cell.at(0, i)) * load(of_cell.at(0, leaf_size + j)));
                else
                    write_columns(row + i, col + j, of_cell, columns);
            }
    }

    void write_product(int row, int col, V product) const {
        for (int lane = 0; lane < lanes; ++lane)
            if (const long to = cell(lane, row, col, false); to >= 0)
                passage_.cells[to] = product[lane];
    }

    void write_columns(int row, int col, View<const double> of_cell, int columns) const {
        for (int k = 0; k < columns; k += lanes) {
            V values[lanes];
            for (int c = 0; c < lanes; ++c)
                values[c] = load(of_cell.at(0, k + c));
            transpose<double>(values);
            const int first = first_column_ + k, count = passage_.cell_columns - first;
            for (int lane = 0; lane < lanes; ++lane) {
                const long to = cell(lane, row, col, true);
                if (to < 0)
                    continue;
                double* const out = passage_.cells + to * passage_.cell_stride + first;
                if (count >= lanes)
                    store(out, values[lane]);
                else
                    for (int c = 0; c < count; ++c)
                        out[c] = values[lane][c];
            }
        }
    }

    bool own_paths_;
    int first_column_ = 0;
};

inline void find_fields(const Passage& passage) { InputsPassage(passage, false).run(); }
inline void find_own_paths(const Passage& passage) { InputsPassage(passage, true).run(); }

}  // namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT
