#pragma once

#include "systemc_model/crossbar/wires/elimination/block_passage.hpp"

namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT {

/// A symmetric form in the inputs at the border of the array, for every cell in its voltage: f S f' with the cell's
/// voltage f u by the inputs u.
class FormPassage : BlockPassage {
public:
    explicit FormPassage(const Passage& passage)
        : BlockPassage(passage, static_cast<long>(block_ports) * block_ports) {}

    void run() {
        descend(passage_.root, {passage_.border, passage_.columns, 1});
        if (count_ > 0)
            descend_blocks();
    }

private:
    void descend(int map, View<const double> form) {
        if (passage_.maps[map].merge < 0) {
            if (add_block(form, layout_of(map).width))
                descend_blocks();
            return;
        }
        const Merge& merge = passage_.merges[passage_.maps[map].merge];
        const auto way = step(merge);
        double* const kept = free_;
        const int halves[2] = {merge.first, merge.second};
        for (const int half : halves) {
            const long width = layout_of(half).width;
            const View<double> half_form{take(width * width), width, 1};
            if (half == merge.first)
                way.first_form(form, half_form, free_);
            else
                way.second_form(form, half_form, free_);
            descend(half, half_form);
            free_ = kept;
        }
    }

    void descend_blocks() {
        double* const kept = free_;
        double* const form = take(static_cast<long>(block_ports) * block_ports * lanes);
        const Layout& inside = plan_.inside[1];
        for (const Side x : inside.order)
            for (int i = 0; i < block_size; ++i)
                for (const Side y : inside.order)
                    for (int j = 0; j < block_size; j += lanes) {
                        V rows[lanes] = {};
                        for (int lane = 0; lane < count_; ++lane)
                            rows[lane] = waiting(lane, x, i, layout(lane).width, layout(lane).begin[y] + j,
                                                 layout(lane).size[y] - j);
                        to_elements(rows, form + ((inside.begin[x] + i) * block_ports + inside.begin[y] + j) * lanes);
                    }
        descend_inside(1, 0, 0, block_size, block_size, elements(form, block_ports));
        free_ = kept;
        begin_next_group();
    }

    void descend_inside(int index, int row, int col, int rows, int cols, View<const double> form) {
        if (index >= leaves_in_block) {
            finish_leaf(index, row, col, form);
            return;
        }
        const auto way = step_inside(index);
        double* const kept = free_;
        const bool stacked = rows == cols;
        const int half_rows = stacked ? rows / 2 : rows, half_cols = stacked ? cols : cols / 2;
        for (int half = 0; half < 2; ++half) {
            const long width = plan_.inside[2 * index + half].width;
            const auto half_form = elements(take(width * width * lanes), width);
            if (half == 0)
                way.first_form(form, half_form, free_);
            else
                way.second_form(form, half_form, free_);
            descend_inside(2 * index + half, row + half * (rows - half_rows), col + half * (cols - half_cols),
                           half_rows, half_cols, half_form);
            free_ = kept;
        }
    }

    void finish_leaf(int index, int row, int col, View<const double> form) const {
        const View<const double> fields{record(index), leaf_ports * lanes, lanes};
        const View<double> product = elements(free_, leaf_ports);
        Lanes<double>::product<Sign::plus>(leaf_cells, leaf_ports, leaf_ports, fields, form, {nullptr, 0, 0}, product);
        for (int c = 0; c < leaf_cells; ++c) {
            V sum{};
            for (int p = 0; p < leaf_ports; ++p)
                sum = fma(load(product.at(c, p)), load(fields.at(c, p)), sum);
            for (int lane = 0; lane < lanes; ++lane)
                if (const long to = cell(lane, row + c / leaf_size, col + c % leaf_size, false); to >= 0)
                    passage_.cells[to] = sum[lane];
        }
    }
};

inline void find_gradient(const Passage& passage) { FormPassage(passage).run(); }

}  // namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT
