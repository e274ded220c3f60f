#include "systemc_model/crossbar/wires/elimination/plan.hpp"

#include <algorithm>
#include <array>

namespace xloop::elimination {
namespace {

constexpr int open_end = -2, array_edge = -1;

int round_up(int n, int granule) { return (n + granule - 1) / granule * granule; }

/// When each side is joined: the depth of the merge in the tree, `array_edge` or `open_end`.
using Closing = std::array<int, 4>;

Layout make_layout(int rows, int cols, const Closing& closing, int granule) {
    Layout layout;
    std::array<Side, 4> order{left, right, bottom, top};
    std::stable_sort(order.begin(), order.end(), [&](Side x, Side y) { return closing[x] > closing[y]; });
    for (const Side side : order) {
        layout.at_array_edge[side] = closing[side] == array_edge;
        if (closing[side] == open_end)
            continue;
        layout.rank[side] = layout.sides;
        layout.order[layout.sides++] = side;
        layout.size[side] = side == left || side == right ? rows : cols;
        layout.begin[side] = layout.width;
        layout.width += round_up(layout.size[side], granule);
    }
    return layout;
}

Closing with(Closing closing, Side side, int depth) {
    closing[side] = depth;
    return closing;
}

long map_size(const Layout& layout) { return static_cast<long>(layout.width) * layout.width; }

/// Temporary matrices of a merge (see merge.hpp): five of cut x cut, two of cut x the first's and one of cut x the
/// second's other ports.
long merge_size(const Layout& first, const Layout& second, int granule) {
    const long cut = round_up(first.size[first.order[0]], granule);
    return cut * (5 * cut + 2 * (first.width - cut) + (second.width - cut));
}

/// The two matrices of a merge in the record.
long record_size(const Layout& first, const Layout& second, int granule) {
    const long cut = round_up(first.size[first.order[0]], granule);
    return 2 * cut * (first.width - cut + second.width - cut);
}

/// What a step of the way back needs for forms: those of both halves, and two matrices as in the record.
long form_step_size(const Layout& first, const Layout& second, int granule) {
    return map_size(first) + map_size(second) + record_size(first, second, granule);
}

class Planner {
public:
    explicit Planner(Plan& plan) : plan_(plan) {
        plan_inside(1, block_size, block_size, {3, 2, 1, 0}, 4);
        free_ = 2 * max_lanes * block_map_size;
        plan_.lane_offset = free_;
        free_ += max_lanes * lane_size();
        plan_.workspace = free_;
        const auto blocks = [](int cells) { return round_up(cells, block_size) / block_size; };
        const Closing closing{array_edge, open_end, array_edge, open_end};
        add(0, 0, blocks(plan.rows), blocks(plan.cols), closing, 0);
        plan_.blocks_record = plan_.record;
        plan_.record += round_up(static_cast<int>(plan_.blocks.size()), max_lanes) * plan_.block_record;
        plan_.ports_on_way =
            most_on_way(last_map(), [](const Layout& a, const Layout& b) { return a.width + b.width; });
        plan_.forms_on_way = most_on_way(
            last_map(), [](const Layout& a, const Layout& b) { return form_step_size(a, b, side_granule); });
        for (int index = 1; index < leaves_in_block; index *= 2) {
            const Layout &first = plan_.inside[2 * index], &second = plan_.inside[2 * index + 1];
            plan_.ports_inside += first.width + second.width;
            plan_.forms_inside += form_step_size(first, second, 1);
        }
    }

private:
    static constexpr long block_map_size = static_cast<long>(block_ports) * block_ports;

    /// Node `index` of the tree inside of a block, rows x cols cells.
    void plan_inside(int index, int rows, int cols, const Closing& closing, int depth) {
        plan_.inside[index] = make_layout(rows, cols, closing, 1);
        if (index >= leaves_in_block) {
            plan_.inside_record[index] = plan_.block_record;
            plan_.block_record += leaf_cells * leaf_ports;
            return;
        }
        const bool stacked = rows == cols;
        for (int half = 0; half < 2; ++half) {
            const Side cut = stacked ? (half == 0 ? top : bottom) : (half == 0 ? right : left);
            plan_inside(2 * index + half, stacked ? rows / 2 : rows, stacked ? cols : cols / 2,
                        with(closing, cut, depth), depth + 1);
        }
        plan_.inside_record[index] = plan_.block_record;
        plan_.block_record += record_size(plan_.inside[2 * index], plan_.inside[2 * index + 1], 1);
    }

    /// Workspace of one lane: the maps of the two halves at every level, the whole, and one merge or leaf.
    long lane_size() const {
        long size = map_size(plan_.inside[1]) + merge_size(plan_.inside[2], plan_.inside[3], 1);
        for (int index = 2; index < 2 * leaves_in_block; index *= 2)
            size += 2 * map_size(plan_.inside[index]);
        return size + 2 * (leaf_cells + leaf_ports * (leaf_ports + 2 * leaf_size) + leaf_cells * leaf_ports);
    }

    /// Largest sum of step(first, second) over the merges between map `index` and one of its blocks.
    template <class Step>
    long most_on_way(int index, const Step& step) const {
        if (plan_.maps[index].merge < 0)
            return 0;
        const Merge& merge = plan_.merges[plan_.maps[index].merge];
        return step(plan_.maps[merge.first].layout, plan_.maps[merge.second].layout) +
               std::max(most_on_way(merge.first, step), most_on_way(merge.second, step));
    }

    /// Rows x cols blocks, split along the longer side; returns the index of their map.
    int add(int row, int col, int rows, int cols, const Closing& closing, int depth) {
        Map map;
        map.layout = make_layout(std::min(plan_.rows - row * block_size, rows * block_size),
                                 std::min(plan_.cols - col * block_size, cols * block_size), closing, side_granule);
        if (rows == 1 && cols == 1) {
            // A block is used up at the latest when the second next one is there, long before its place is taken again.
            map.offset = static_cast<long>(plan_.blocks.size()) % (2 * max_lanes) * block_map_size;
            map.block = static_cast<int>(plan_.blocks.size());
            plan_.maps.push_back(map);
            plan_.blocks.push_back({row, col, last_map()});
            return last_map();
        }
        map.offset = free_;
        free_ += map_size(map.layout);
        const long kept = free_;
        Merge merge;
        if (cols >= rows) {
            const int first = (cols + 1) / 2;
            merge.first = add(row, col, rows, first, with(closing, right, depth), depth + 1);
            merge.second = add(row, col + first, rows, cols - first, with(closing, left, depth), depth + 1);
        } else {
            const int first = (rows + 1) / 2;
            merge.first = add(row, col, first, cols, with(closing, top, depth), depth + 1);
            merge.second = add(row + first, col, rows - first, cols, with(closing, bottom, depth), depth + 1);
        }
        merge.blocks_needed = static_cast<int>(plan_.blocks.size());
        merge.scratch = free_;
        plan_.workspace = std::max(plan_.workspace, free_ + merge_size(plan_.maps[merge.first].layout,
                                                                       plan_.maps[merge.second].layout, side_granule));
        merge.record = plan_.record;
        plan_.record += record_size(plan_.maps[merge.first].layout, plan_.maps[merge.second].layout, side_granule);
        map.merge = static_cast<int>(plan_.merges.size());
        plan_.maps.push_back(map);
        merge.whole = last_map();
        plan_.merges.push_back(merge);
        free_ = kept;
        return merge.whole;
    }

    int last_map() const { return static_cast<int>(plan_.maps.size()) - 1; }

    Plan& plan_;
    long free_ = 0;
};

}  // namespace

Plan make_plan(int rows, int cols) {
    Plan plan;
    plan.rows = rows;
    plan.cols = cols;
    Planner{plan};
    return plan;
}

}  // namespace xloop::elimination
