#pragma once

#include "systemc_model/crossbar/wires/elimination/descent.hpp"

namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT {

/// The way back from the border of the array to its cells: through the merges to the blocks, then with one block in
/// each lane. Blocks come in the order of the plan; what is at their borders waits until every lane has one.
class BlockPassage {
protected:
    static constexpr int lanes = vector_size<double>;
    using V = Vector<double>;

    /// `border_size`: most scalars that wait for one lane.
    BlockPassage(const Passage& passage, long border_size)
        : passage_(passage), plan_(*passage.plan), free_(passage.scratch + lanes * border_size),
          waiting_(passage.scratch), border_size_(border_size) {}

    double* take(long size) {
        double* const place = free_;
        free_ += size;
        return place;
    }

    const Layout& layout_of(int map) const { return passage_.maps[map].layout; }

    Descent<Dense<double>> step(const Merge& merge) const {
        return {layout_of(merge.first), layout_of(merge.second), layout_of(merge.whole),
                passage_.record + merge.record};
    }

    Descent<Lanes<double>> step_inside(int index) const {
        return {plan_.inside[2 * index], plan_.inside[2 * index + 1], plan_.inside[index], record(index)};
    }

    const double* record(int index) const {
        return passage_.record + plan_.blocks_record + done_ * plan_.block_record + plan_.inside_record[index] * lanes;
    }

    /// Puts the border of the next block, its map's width x columns, where it waits; true if every lane has one now.
    bool add_block(View<const double> border, int columns) {
        const int width = layout_of(passage_.blocks[done_ + count_].map).width;
        copy(Dense<double>{}, width, columns, border, View<double>{waiting_ + count_ * border_size_, columns, 1});
        return ++count_ == lanes;
    }

    /// Part of a row of what waits for a lane, side x, `port`, from column `begin` on; 0 beyond `valid` columns.
    V waiting(int lane, Side x, int port, long columns, long begin, int valid) const {
        V part{};
        if (port >= layout(lane).size[x] || valid <= 0)
            return part;
        part = load(waiting_ + lane * border_size_ + (layout(lane).begin[x] + port) * columns + begin);
        for (int k = valid; k < lanes; ++k)
            part[k] = 0.0;
        return part;
    }

    const Layout& layout(int lane) const { return layout_of(passage_.blocks[done_ + lane].map); }

    /// One row of each lane to as many elements.
    static void to_elements(V* rows, double* to) {
        transpose<double>(rows);
        for (int k = 0; k < lanes; ++k)
            store(to + k * lanes, rows[k]);
    }

    /// Where a cell of a lane's block is in the array as it is given, top row first: column by column, or row by row;
    /// -1 beyond its edges.
    long cell(int lane, int row, int col, bool row_by_row) const {
        if (lane >= count_)
            return -1;
        const Block& block = passage_.blocks[done_ + lane];
        const long i = plan_.rows - 1 - (block.row * block_size + row), j = block.col * block_size + col;
        return i < 0 || j >= plan_.cols ? -1 : row_by_row ? i * plan_.cols + j : j * plan_.rows + i;
    }

    void begin_next_group() {
        done_ += count_;
        count_ = 0;
    }

    static View<double> elements(double* data, long row) { return {data, row * lanes, lanes}; }

    const Passage& passage_;
    const Plan& plan_;
    double *free_, *waiting_;
    long border_size_;
    int done_ = 0, count_ = 0;
};

}  // namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT
