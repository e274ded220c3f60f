#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <tuple>
#include <vector>

namespace xloop::sim {

/// Something that is due in a tile. Actions of one cycle are carried out in the order of their kinds, then of tasks and
/// numbers, so that it does not matter who was called first.
struct Action {
    enum class Kind : std::uint8_t {
        message_left,
        message_arrived,
        stored,
        partial_received,  // network
        bus_asked,
        fetched,
        register_free,
        rows_free,
        result,
        gathered,  // a task's arrays
        accumulated,
        finished,
        written,
        read_out,  // a home's positions
    };
    std::uint64_t cycle;
    Kind kind;
    int task;              ///< or -1
    std::uint64_t number;  ///< own number of the position, or what the kind needs

    bool operator>(const Action& o) const {
        return std::tie(cycle, kind, task, number) > std::tie(o.cycle, o.kind, o.task, o.number);
    }
};

using ActionQueue = std::priority_queue<Action, std::vector<Action>, std::greater<>>;

}  // namespace xloop::sim
