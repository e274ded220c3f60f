#include "systemc_model/mapping/network_load.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace xloop {
namespace {

int wrapped(int at, int size) { return at == size ? 0 : at < 0 ? size - 1 : at; }

}  // namespace

NetworkLoad::NetworkLoad(const Mapping& mapping, const HardwareConfig& hardware)
    : mapping_(mapping), durations_(hardware), multicast_(hardware.noc.multicast),
      links_(static_cast<std::size_t>(mapping.routers()) * directions),
      to_node_(static_cast<std::size_t>(mapping.tiles()) + 1), from_node_(to_node_.size(), 0),
      inputs_(links_.size(), 0), last_tree_(links_.size(), 0), recent_inputs_(links_.size(), 0),
      recent_to_node_(to_node_.size(), 0), recent_from_node_(to_node_.size(), 0) {}

bool NetworkLoad::is_tree(std::size_t destinations, std::int64_t bytes) const {
    return multicast_ && destinations > 1 && (bytes == 0 || durations_.multicast_payload() > 0);
}

std::int64_t NetworkLoad::injected_flits(std::size_t destinations, std::int64_t bytes) const {
    if (!is_tree(destinations, bytes))
        return static_cast<std::int64_t>(destinations) * durations_.flits(bytes);
    const std::int64_t piece = std::max<std::int64_t>(durations_.multicast_payload(), 1);
    const std::int64_t full = bytes / piece, rest = bytes % piece;
    return full * durations_.flits(piece) + (rest > 0 || bytes == 0 ? durations_.flits(rest) : 0);
}

NetworkLoad::Passed NetworkLoad::send(int source, const std::vector<int>& destinations, std::int64_t bytes,
                                      std::int64_t count) {
    const bool tree = is_tree(destinations.size(), bytes);
    const std::int64_t flits = tree ? injected_flits(destinations.size(), bytes) : durations_.flits(bytes);
    ++trees_;
    Passed passed;
    for (int destination : destinations)
        add_path(source, destination, flits * count, tree, passed);
    return passed;
}

std::int64_t NetworkLoad::port_flits(int source, const std::vector<int>& destinations, std::int64_t bytes) const {
    const std::int64_t flits = injected_flits(destinations.size(), bytes);
    if (!is_tree(destinations.size(), bytes))
        return flits;
    std::vector<std::pair<int, int>> outputs;  // router, port
    for (int destination : destinations)
        follow(source, destination, [&](int router, int output, int) { outputs.emplace_back(router, output); });
    std::sort(outputs.begin(), outputs.end());
    outputs.erase(std::unique(outputs.begin(), outputs.end()), outputs.end());
    std::int64_t branches = 0, most = 1;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        branches = i > 0 && outputs[i].first == outputs[i - 1].first ? branches + 1 : 1;
        most = std::max(most, branches);
    }
    return flits * most;
}

template <class Visit>
void NetworkLoad::follow(int source, int destination, Visit visit) const {
    const int cols = mapping_.mesh_cols, rows = mapping_.mesh_rows, target = mapping_.router_of(destination);
    int x = mapping_.router_of(source) % cols, y = mapping_.router_of(source) / cols, input = directions + source;
    const auto pass = [&](int direction) {
        visit(y * cols + x, direction, input);
        input = direction;
    };
    for (int n = noc::steps(x, target % cols, cols, mapping_.torus); n != 0; n += n > 0 ? -1 : 1) {
        pass(n > 0 ? noc::east : noc::west);
        x = wrapped(x + (n > 0 ? 1 : -1), cols);
    }
    for (int n = noc::steps(y, target / cols, rows, mapping_.torus); n != 0; n += n > 0 ? -1 : 1) {
        pass(n > 0 ? noc::south : noc::north);
        y = wrapped(y + (n > 0 ? 1 : -1), rows);
    }
    visit(target, directions + destination, input);
}

void NetworkLoad::add_path(int source, int destination, std::int64_t flits, bool once, Passed& passed) {
    follow(source, destination, [&](int router, int output, int input) {
        if (output < directions) {
            const int link = router * directions + output;
            if (once && last_tree_[link] == trees_)
                return;
            last_tree_[link] = trees_;
            links_[link] += flits;
            passed.links += flits;
        } else {
            to_node_[destination] += flits;
            recent_to_node_[destination] += flits;
        }
        passed.routers += flits;
        if (visitor_)
            visitor_(router, flits, output < directions);
        if (input < directions) {
            inputs_[router * directions + input] += flits;
            recent_inputs_[router * directions + input] += flits;
        } else {
            from_node_[source] += flits;
            recent_from_node_[source] += flits;
        }
    });
}

int NetworkLoad::routers_between(int source, int destination) const {
    const int a = mapping_.router_of(source), b = mapping_.router_of(destination), cols = mapping_.mesh_cols;
    return 1 + std::abs(noc::steps(a % cols, b % cols, cols, mapping_.torus)) +
           std::abs(noc::steps(a / cols, b / cols, mapping_.mesh_rows, mapping_.torus));
}

std::int64_t NetworkLoad::links_of(int router) const {
    std::int64_t sum = 0;
    for (int d = 0; d < directions; ++d)
        sum += links_[router * directions + d];
    return sum;
}

std::int64_t NetworkLoad::router(int router) const {
    std::int64_t sum = links_of(router);
    for (int n = router * mapping_.concentration; n < (router + 1) * mapping_.concentration; ++n)
        sum += to_node_[n];
    if (router == Mapping::io_router)
        sum += to_node_[mapping_.io_node()];
    return sum;
}

std::int64_t NetworkLoad::busiest_port() const {
    // What goes over a link comes in at the router behind it: the input ports hold the links.
    std::int64_t most = 0;
    for (const auto* ports : {&inputs_, &from_node_, &to_node_})
        most = std::max(most, *std::max_element(ports->begin(), ports->end()));
    return most;
}

std::int64_t NetworkLoad::take_busiest_port() {
    std::int64_t most = 0;
    for (auto* ports : {&recent_inputs_, &recent_to_node_, &recent_from_node_}) {
        most = std::max(most, *std::max_element(ports->begin(), ports->end()));
        std::fill(ports->begin(), ports->end(), 0);
    }
    return most;
}

}  // namespace xloop
