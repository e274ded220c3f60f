#include "tests/systemc_model/noc/plain_network.hpp"

#include <algorithm>

namespace xloop::noc {
namespace {

std::uint64_t later(std::uint64_t cycle, int delay) { return cycle + static_cast<std::uint64_t>(delay); }

}  // namespace

PlainNetwork::PlainNetwork(const NetworkConfig& config) : config_(config), ports_(4) {
    const int routers = config.cols * config.rows;
    const auto add_node = [&](int router) {
        int port = 4;
        while (node_at_.count({router, port}))
            ++port;
        node_at_[{router, port}] = static_cast<int>(nodes_.size());
        ports_ = std::max(ports_, port + 1);
        Node node;
        node.router = router;
        node.port = port;
        node.outputs.assign(static_cast<std::size_t>(config.vcs), {config.vc_buffer_flits, false, false});
        nodes_.push_back(node);
    };
    for (int n = 0; n < routers * config.concentration; ++n)
        add_node(n / config.concentration);
    for (int router : config.extra_nodes)
        add_node(router);
    const auto ports = static_cast<std::size_t>(ports_), vcs = static_cast<std::size_t>(config.vcs);
    Router router;
    router.inputs.assign(ports, std::vector<Input>(vcs));
    router.outputs.assign(ports, std::vector<Output>(vcs, Output{config.vc_buffer_flits, false, false}));
    router.flit_wires.resize(ports);
    router.credit_wires.resize(ports);
    router.vc_matcher.grant.assign(ports * vcs, 0);
    router.vc_matcher.accept.assign(ports * vcs, 0);
    router.switch_matcher.grant.assign(ports, 0);
    router.switch_matcher.accept.assign(ports, 0);
    router.vc_offset.assign(ports, 0);
    for (int r = 0; r < routers; ++r) {
        router.x = r % config.cols;
        router.y = r / config.cols;
        routers_.push_back(router);
    }
}

void PlainNetwork::offer(std::uint32_t packet, int source, int destination, int flits, std::uint64_t cycle) {
    nodes_[static_cast<std::size_t>(source)].queue.push_back({packet, destination, flits, cycle});
}

bool PlainNetwork::idle() const {
    for (const Router& router : routers_)
        for (std::size_t p = 0; p < router.inputs.size(); ++p) {
            if (!router.flit_wires[p].empty() || !router.credit_wires[p].empty())
                return false;
            for (const Input& in : router.inputs[p])
                if (!in.buffer.empty())
                    return false;
        }
    return std::all_of(nodes_.begin(), nodes_.end(),
                       [](const Node& n) { return n.queue.empty() && n.credits.empty() && n.flits.empty(); });
}

std::map<int, int> PlainNetwork::Matcher::match(const std::set<std::pair<int, int>>& requests, int iterations) {
    std::map<int, int> matched;
    std::set<int> taken;
    const auto closest = [](const std::set<int>& choice, int pointer) {
        const auto at = choice.lower_bound(pointer);
        return at == choice.end() ? *choice.begin() : *at;
    };
    for (int iteration = 0; iteration < iterations; ++iteration) {
        std::map<int, std::set<int>> asking, granted;
        for (const auto& [in, out] : requests)
            if (!matched.count(in) && !taken.count(out))
                asking[out].insert(in);
        for (const auto& [out, ins] : asking)
            granted[closest(ins, grant[static_cast<std::size_t>(out)])].insert(out);
        for (const auto& [in, outs] : granted) {
            const int out = closest(outs, accept[static_cast<std::size_t>(in)]);
            matched[in] = out;
            taken.insert(out);
            if (iteration == 0) {
                grant[static_cast<std::size_t>(out)] = (in + 1) % static_cast<int>(accept.size());
                accept[static_cast<std::size_t>(in)] = (out + 1) % static_cast<int>(grant.size());
            }
        }
    }
    return matched;
}

void PlainNetwork::find_route(Input& in, const Router& router) {
    const Node& target = nodes_[static_cast<std::size_t>(in.buffer.front().destination)];
    const int to_x = target.router % config_.cols, to_y = target.router / config_.cols;
    const bool along_x = router.x != to_x;
    const int from = along_x ? router.x : router.y, to = along_x ? to_x : to_y,
              size = along_x ? config_.cols : config_.rows;
    int first = 0, end = config_.vcs;
    if (from == to) {
        in.out_port = target.port;
    } else {
        const int up = (to - from + size) % size, down = size - up;
        const bool rising = config_.torus ? up <= down : to > from;
        in.out_port = (along_x ? 0 : 2) + (rising ? 0 : 1);
        if (config_.torus) {
            const bool wraps = rising ? to < from : to > from;
            (wraps ? end : first) = config_.vcs / 2;
        }
    }
    in.usable.clear();
    for (int vc = first; vc < end; ++vc)
        in.usable.insert(vc);
}

void PlainNetwork::new_head(Input& in, const Router& router, std::uint64_t cycle) {
    in.won = -1;
    find_route(in, router);
    in.stage = Stage::routing;
    in.due = later(cycle, config_.routing_delay_cycles);
}

void PlainNetwork::give_credit(Output& output) const {
    ++output.credits;
    if (output.tail_sent && output.credits == config_.vc_buffer_flits)
        output.taken = output.tail_sent = false;
}

void PlainNetwork::use(Output& output, bool tail) const {
    --output.credits;
    if (tail && config_.wait_for_tail_credit)
        output.tail_sent = true;
    else if (tail)
        output.taken = false;
}

void PlainNetwork::receive(Router& router, std::uint64_t cycle) {
    for (std::size_t p = 0; p < router.inputs.size(); ++p) {
        auto& flits = router.flit_wires[p];
        for (; !flits.empty() && flits.front().first == cycle; flits.pop_front()) {
            Input& in = router.inputs[p][static_cast<std::size_t>(flits.front().second.second)];
            in.buffer.push_back(flits.front().second.first);
            if (in.stage == Stage::idle)
                new_head(in, router, cycle);
        }
        auto& credits = router.credit_wires[p];
        for (; !credits.empty() && credits.front().first == cycle; credits.pop_front())
            give_credit(router.outputs[p][static_cast<std::size_t>(credits.front().second)]);
    }
}

void PlainNetwork::inject(Node& node, std::uint64_t cycle) {
    if (node.queue.empty() || node.queue.front().cycle > cycle)
        return;
    const Packet packet = node.queue.front();
    for (int i = 1; i <= config_.vcs && node.vc < 0; ++i) {
        const int vc = (node.last_vc + i) % config_.vcs;
        Output& output = node.outputs[static_cast<std::size_t>(vc)];
        if (output.taken || output.credits == 0)
            continue;
        output.taken = true;
        node.vc = node.last_vc = vc;
    }
    if (node.vc < 0 || node.outputs[static_cast<std::size_t>(node.vc)].credits == 0)
        return;
    const bool tail = node.sent + 1 == packet.flits;
    use(node.outputs[static_cast<std::size_t>(node.vc)], tail);
    routers_[static_cast<std::size_t>(node.router)].flit_wires[static_cast<std::size_t>(node.port)].push_back(
        {later(cycle, 1 + config_.link_delay_cycles),
         {{packet.number, node.sent++, packet.destination, tail}, node.vc}});
    if (!tail)
        return;
    node.queue.pop_front();
    node.sent = 0;
    node.vc = -1;
}

void PlainNetwork::step(std::uint64_t cycle) {
    ejected_.clear();
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
        Node& node = nodes_[n];
        for (; !node.credits.empty() && node.credits.front().first == cycle; node.credits.pop_front())
            give_credit(node.outputs[static_cast<std::size_t>(node.credits.front().second)]);
        for (; !node.flits.empty() && node.flits.front().first == cycle; node.flits.pop_front()) {
            const auto& [flit, vc] = node.flits.front().second;
            ejected_.push_back({flit.packet, flit.number, static_cast<int>(n)});
            routers_[static_cast<std::size_t>(node.router)].credit_wires[static_cast<std::size_t>(node.port)].push_back(
                {later(cycle, 1 + config_.link_delay_cycles + config_.credit_delay_cycles), vc});
        }
        inject(node, cycle);
    }
    for (Router& router : routers_)
        receive(router, cycle);
    for (std::size_t r = 0; r < routers_.size(); ++r)
        evaluate(static_cast<int>(r), cycle);
}

std::map<int, int> PlainNetwork::match_vcs(Router& router) {
    std::set<std::pair<int, int>> requests;
    for (int p = 0; p < ports_; ++p)
        for (int vc = 0; vc < config_.vcs; ++vc) {
            const Input& in = router.inputs[static_cast<std::size_t>(p)][static_cast<std::size_t>(vc)];
            if (in.stage != Stage::asking_vc)
                continue;
            for (int out_vc : in.usable)
                if (!router.outputs[static_cast<std::size_t>(in.out_port)][static_cast<std::size_t>(out_vc)].taken)
                    requests.insert({p * config_.vcs + vc, in.out_port * config_.vcs + out_vc});
        }
    return router.vc_matcher.match(requests, config_.alloc_iters);
}

void PlainNetwork::evaluate(int number, std::uint64_t cycle) {
    Router& router = routers_[static_cast<std::size_t>(number)];
    const auto output_of = [&](const Input& in, int vc) -> Output& {
        return router.outputs[static_cast<std::size_t>(in.out_port)][static_cast<std::size_t>(vc)];
    };
    const auto each_input = [&](auto action) {
        for (int p = 0; p < ports_; ++p)
            for (int vc = 0; vc < config_.vcs; ++vc)
                action(router.inputs[static_cast<std::size_t>(p)][static_cast<std::size_t>(vc)], p, vc);
    };
    // Outcomes of longer allocations, as of the end of the cycle before.
    each_input([&](Input& in, int, int) {
        if (in.stage == Stage::in_vc_allocator && in.due == cycle) {
            const bool good = in.won >= 0 && !output_of(in, in.won).taken;
            in.stage = good ? Stage::active : Stage::asking_vc;
            if (good) {
                output_of(in, in.won).taken = true;
                in.out_vc = in.won;
            }
        }
    });
    each_input([&](Input& in, int p, int vc) {
        if (in.stage == Stage::in_switch_allocator && in.due == cycle) {
            in.stage = Stage::active;
            if (in.won == in.out_port)
                send(router, number, p, vc, cycle - 1);
        }
        if (in.stage == Stage::routing && in.due <= cycle)
            in.stage = Stage::asking_vc;
    });

    const std::map<int, int> vc_matches = match_vcs(router);
    std::set<std::pair<int, int>> requests;
    std::map<std::pair<int, int>, std::set<int>> speaking, guessing;  // (input port, output port) -> channels
    each_input([&](const Input& in, int p, int vc) {
        if (in.stage == Stage::active && !in.buffer.empty() && output_of(in, in.out_vc).credits > 0) {
            speaking[{p, in.out_port}].insert(vc);
            requests.insert({p, in.out_port});
        }
        if (!config_.speculative || in.stage != Stage::asking_vc)
            return;
        if (std::any_of(in.usable.begin(), in.usable.end(), [&](int out_vc) {
                return !output_of(in, out_vc).taken && output_of(in, out_vc).credits > 0;
            })) {
            guessing[{p, in.out_port}].insert(vc);
            requests.insert({p, in.out_port});
        }
    });
    std::map<int, int> winners;  // input port -> vc
    for (const auto& [in, out] : router.switch_matcher.match(requests, config_.alloc_iters)) {
        const std::set<int>& choice = speaking.count({in, out}) ? speaking[{in, out}] : guessing[{in, out}];
        int& offset = router.vc_offset[static_cast<std::size_t>(in)];
        const auto at = choice.lower_bound(offset);
        winners[in] = at == choice.end() ? *choice.begin() : *at;
        offset = (winners[in] + 1) % config_.vcs;
    }
    // Senders are settled before virtual channels change hands.
    std::vector<std::pair<int, int>> senders;
    each_input([&](Input& in, int p, int vc) {
        const bool won_switch = winners.count(p) && winners[p] == vc;
        if (in.stage == Stage::asking_vc) {
            const auto match = vc_matches.find(p * config_.vcs + vc);
            in.won = match == vc_matches.end() ? -1 : match->second % config_.vcs;
            if (won_switch && in.won >= 0 && output_of(in, in.won).credits > 0)
                senders.push_back({p, vc});
        } else if (in.stage == Stage::active && won_switch) {
            senders.push_back({p, vc});
        }
    });
    each_input([&](Input& in, int p, int vc) {
        const bool asks_switch = speaking.count({p, in.out_port}) && speaking[{p, in.out_port}].count(vc);
        if (in.stage == Stage::asking_vc && config_.vc_alloc_delay_cycles > 1) {
            in.stage = Stage::in_vc_allocator;
            in.due = later(cycle, config_.vc_alloc_delay_cycles);
        } else if (in.stage == Stage::asking_vc && in.won >= 0) {
            output_of(in, in.won).taken = true;
            in.out_vc = in.won;
            in.stage = Stage::active;
        } else if (in.stage == Stage::active && asks_switch && config_.switch_alloc_delay_cycles > 1) {
            in.won = winners.count(p) && winners[p] == vc ? in.out_port : -1;
            in.stage = Stage::in_switch_allocator;
            in.due = later(cycle, config_.switch_alloc_delay_cycles);
        }
    });
    if (config_.switch_alloc_delay_cycles == 1)
        for (const auto& [p, vc] : senders)
            send(router, number, p, vc, cycle);
}

void PlainNetwork::send(Router& router, int number, int port, int vc, std::uint64_t cycle) {
    Input& in = router.inputs[static_cast<std::size_t>(port)][static_cast<std::size_t>(vc)];
    const Flit flit = in.buffer.front();
    in.buffer.pop_front();
    use(router.outputs[static_cast<std::size_t>(in.out_port)][static_cast<std::size_t>(in.out_vc)], flit.tail);

    const auto neighbour = [&](int direction) {
        const int dx = direction == 0 ? 1 : direction == 1 ? config_.cols - 1 : 0;
        const int dy = direction == 2 ? 1 : direction == 3 ? config_.rows - 1 : 0;
        return (number % config_.cols + dx) % config_.cols +
               config_.cols * ((number / config_.cols + dy) % config_.rows);
    };
    const std::uint64_t arrives = later(cycle, config_.switch_delay_cycles + 1 + config_.link_delay_cycles);
    if (in.out_port < 4)
        routers_[static_cast<std::size_t>(neighbour(in.out_port))]
            .flit_wires[static_cast<std::size_t>(in.out_port ^ 1)]
            .push_back({arrives, {flit, in.out_vc}});
    else
        nodes_[static_cast<std::size_t>(node_at_.at({number, in.out_port}))].flits.push_back(
            {arrives, {flit, in.out_vc}});
    if (port < 4)
        routers_[static_cast<std::size_t>(neighbour(port))].credit_wires[static_cast<std::size_t>(port ^ 1)].push_back(
            {later(cycle, 1 + config_.link_delay_cycles + config_.credit_delay_cycles), vc});
    else
        nodes_[static_cast<std::size_t>(node_at_.at({number, port}))].credits.push_back(
            {later(cycle, 1 + config_.link_delay_cycles), vc});

    if (!flit.tail)
        return;
    in.stage = Stage::idle;
    if (!in.buffer.empty())
        new_head(in, router, cycle + 1);
}

}  // namespace xloop::noc
