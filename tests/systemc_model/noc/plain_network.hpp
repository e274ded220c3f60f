#pragma once

#include "systemc_model/noc/network_config.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace xloop::noc {

/// The same routers as Network, unicast only, written for clarity: objects, queues and full request matrices, everything
/// looked at in every cycle. The yardstick of the tests and of the benchmark.
class PlainNetwork {
public:
    explicit PlainNetwork(const NetworkConfig& config);

    void offer(std::uint32_t packet, int source, int destination, int flits, std::uint64_t cycle);
    void step(std::uint64_t cycle);
    bool idle() const;

    struct Ejection {
        std::uint32_t packet;
        int flit, node;
    };
    /// Flits that arrived in the last step, by rising node.
    const std::vector<Ejection>& ejected() const { return ejected_; }

private:
    struct Flit {
        std::uint32_t packet;
        int number, destination;
        bool tail;
    };
    template <class T>
    using Wire = std::deque<std::pair<std::uint64_t, T>>;  // due cycle, what
    enum class Stage { idle, routing, asking_vc, in_vc_allocator, active, in_switch_allocator };
    struct Input {
        std::deque<Flit> buffer;
        Stage stage = Stage::idle;
        std::uint64_t due = 0;
        int out_port = -1, out_vc = -1, won = -1;
        std::set<int> usable;
    };
    struct Output {
        int credits = 0;
        bool taken = false, tail_sent = false;
    };
    /// iSLIP over requests (input, output).
    struct Matcher {
        std::vector<int> grant, accept;
        std::map<int, int> match(const std::set<std::pair<int, int>>& requests, int iterations);
    };
    struct Router {
        std::vector<std::vector<Input>> inputs;              // port, vc
        std::vector<std::vector<Output>> outputs;            // port, vc
        std::vector<Wire<std::pair<Flit, int>>> flit_wires;  // of each input port
        std::vector<Wire<int>> credit_wires;                 // of each output port
        Matcher vc_matcher, switch_matcher;
        std::vector<int> vc_offset;
        int x = 0, y = 0;
    };
    struct Packet {
        std::uint32_t number;
        int destination, flits;
        std::uint64_t cycle;
    };
    struct Node {
        std::deque<Packet> queue;
        std::vector<Output> outputs;
        Wire<int> credits;
        Wire<std::pair<Flit, int>> flits;
        int router = 0, port = 0, sent = 0, vc = -1, last_vc = -1;
    };

    void find_route(Input& in, const Router& router);
    void receive(Router& router, std::uint64_t cycle);
    void new_head(Input& in, const Router& router, std::uint64_t cycle);
    void inject(Node& node, std::uint64_t cycle);
    void give_credit(Output& output) const;
    void use(Output& output, bool tail) const;
    void evaluate(int number, std::uint64_t cycle);
    std::map<int, int> match_vcs(Router& router);
    void send(Router& router, int number, int port, int vc, std::uint64_t cycle);

    NetworkConfig config_;
    int ports_;
    std::vector<Router> routers_;
    std::vector<Node> nodes_;
    std::map<std::pair<int, int>, int> node_at_;  // (router, port)
    std::vector<Ejection> ejected_;
};

}  // namespace xloop::noc
