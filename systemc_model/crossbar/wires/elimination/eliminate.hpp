#pragma once

#include "systemc_model/crossbar/wires/elimination/blocks.hpp"

namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT {

/// G_eff of a whole array, and the record.
template <class T>
void eliminate(const Problem<T>& problem) {
    constexpr int lanes = vector_size<T>;
    const auto map = [&](int index) -> T* { return problem.workspace + problem.maps[index].offset; };
    int known = 0;
    const auto solve_blocks = [&](int needed_blocks) {
        for (; known < needed_blocks; known += lanes) {
            const int left_over = problem.block_count - known;
            BlocksInLanes<T>(problem, known, left_over < lanes ? left_over : lanes).solve();
        }
    };
    solve_blocks(1);
    int whole = 0;
    for (int i = 0; i < problem.merge_count; ++i) {
        const Merge& step = problem.merges[i];
        solve_blocks(step.blocks_needed);
        merge<Dense<T>>({problem.maps[step.first].layout, map(step.first)},
                        {problem.maps[step.second].layout, map(step.second)},
                        {problem.maps[step.whole].layout, map(step.whole)}, problem.workspace + step.scratch,
                        problem.record ? problem.record + step.record : nullptr);
        whole = step.whole;
    }
    if (!problem.g_eff)
        return;
    const Layout& layout = problem.maps[whole].layout;
    const T* const result = map(whole) + static_cast<long>(layout.begin[left]) * layout.width + layout.begin[bottom];
    const int rows = problem.plan->rows, cols = problem.plan->cols;
    for (int j = 0; j < cols; ++j) {
        T* const column = problem.g_eff + static_cast<long>(j) * rows;
        for (int i = 0; i < rows; ++i)
            column[rows - 1 - i] = -result[static_cast<long>(i) * layout.width + j];
    }
}

}  // namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT
