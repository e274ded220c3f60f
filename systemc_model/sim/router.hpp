#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

namespace xloop::sim {

/// Ports of a router; `io` exists where the io node sits.
enum Port { east, west, north, south, local, io };
inline constexpr int port_count = 6;

/// One flit. `packet` names the packet in the network's store.
struct Flit {
    int packet = 0;
    bool head = false, tail = false;
    std::uint64_t ready = 0;  ///< first cycle in which it may leave this router
};

/// An input-queued wormhole router without virtual channels: x-y routing, round-robin per output, credits for the
/// neighbour's queue. Two phases a cycle: every router decides on the state at the start of the cycle, then all moves
/// are made; so the order of routers does not matter.
class Router {
public:
    struct Move {
        Port from, to;
        Flit flit;
    };

    explicit Router(int buffer_flits) {
        credits_.fill(buffer_flits);
        free_.fill(buffer_flits);
    }

    bool has_space(Port input) const { return free_[input] > 0; }
    void accept(Port input, const Flit& flit) {
        --free_[input];
        queues_[input].push_back(flit);
    }
    void return_credit(Port output) { ++credits_[output]; }
    bool idle() const;

    /// Moves of this cycle. `route(flit)` gives the output port of a head flit. Neighbour outputs need a credit, local
    /// and io outputs (node side) always accept.
    template <class Route>
    void decide(std::uint64_t cycle, Route route, std::array<std::optional<Move>, port_count>& moves);

    /// Earliest cycle in which a queued flit may leave; cycle + 1 when one is blocked now. Only when not idle.
    std::uint64_t next_cycle(std::uint64_t cycle) const;

private:
    static bool is_node_port(int port) { return port == local || port == io; }

    std::array<std::deque<Flit>, port_count> queues_;
    std::array<int, port_count> free_;      ///< space in each input queue
    std::array<int, port_count> credits_;   ///< space in the queue behind each output
    std::array<int, port_count> owner_{-1, -1, -1, -1, -1, -1};  ///< input whose packet holds the output
    std::array<int, port_count> last_{};    ///< round robin: input served last
};

inline bool Router::idle() const {
    for (const auto& queue : queues_)
        if (!queue.empty())
            return false;
    return true;
}

inline std::uint64_t Router::next_cycle(std::uint64_t cycle) const {
    std::uint64_t next = ~std::uint64_t{0};
    for (const auto& queue : queues_)
        if (!queue.empty())
            next = std::min(next, std::max(queue.front().ready, cycle + 1));
    return next;
}

template <class Route>
void Router::decide(std::uint64_t cycle, Route route, std::array<std::optional<Move>, port_count>& moves) {
    std::array<int, port_count> wanted;  // output that each input's first flit wants
    for (int in = 0; in < port_count; ++in) {
        wanted[in] = -1;
        if (queues_[in].empty() || queues_[in].front().ready > cycle)
            continue;
        if (queues_[in].front().head) {
            wanted[in] = route(queues_[in].front());
            continue;
        }
        for (int out = 0; out < port_count; ++out)
            if (owner_[out] == in)
                wanted[in] = out;
    }
    for (int out = 0; out < port_count; ++out) {
        moves[out].reset();
        if (!is_node_port(out) && credits_[out] == 0)
            continue;
        for (int k = 1; k <= port_count; ++k) {
            const int in = (last_[out] + k) % port_count;
            if (wanted[in] != out || (owner_[out] != -1 && owner_[out] != in))
                continue;
            const Flit flit = queues_[in].front();
            queues_[in].pop_front();
            ++free_[in];
            owner_[out] = flit.tail ? -1 : in;
            last_[out] = in;
            if (!is_node_port(out))
                --credits_[out];
            moves[out] = Move{Port(in), Port(out), flit};
            break;
        }
    }
}

}  // namespace xloop::sim
