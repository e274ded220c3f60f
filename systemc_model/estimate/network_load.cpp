#include "systemc_model/estimate/network_load.hpp"

#include <algorithm>
#include <cstdlib>

namespace xloop {

NetworkLoad::NetworkLoad(const Mapping& mapping, const HardwareConfig& hardware)
    : mapping_(mapping), durations_(hardware), multicast_(hardware.noc.multicast),
      links_(static_cast<std::size_t>(mapping.routers()) * directions, 0),
      to_node_(static_cast<std::size_t>(mapping.tiles()) + 1, 0), from_node_(to_node_.size(), 0),
      passed_(links_.size(), 0) {}

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

void NetworkLoad::send(int source, const std::vector<int>& destinations, std::int64_t bytes, std::int64_t count) {
    const std::int64_t flits = injected_flits(destinations.size(), bytes) * count;
    const bool tree = is_tree(destinations.size(), bytes);
    from_node_[source] += flits;
    ++trees_;
    for (int destination : destinations)
        add_path(source, destination, tree ? flits : durations_.flits(bytes) * count, tree);
}

/// Signed steps along one dimension; on a torus the shorter way, towards larger numbers where both are equal.
int NetworkLoad::steps(int from, int to, int size) const {
    if (!mapping_.torus)
        return to - from;
    const int up = (to - from + size) % size;
    return up <= size - up ? up : up - size;
}

void NetworkLoad::add_path(int source, int destination, std::int64_t flits, bool once) {
    const int cols = mapping_.mesh_cols, rows = mapping_.mesh_rows, target = mapping_.router_of(destination);
    int x = mapping_.router_of(source) % cols, y = mapping_.router_of(source) / cols;
    const auto pass = [&](int direction) {
        const int link = (y * cols + x) * directions + direction;
        if (!once || passed_[link] != trees_)
            links_[link] += flits;
        passed_[link] = trees_;
    };
    for (int n = steps(x, target % cols, cols); n != 0; n += n > 0 ? -1 : 1) {
        pass(n > 0 ? 0 : 1);
        x = (x + (n > 0 ? 1 : cols - 1)) % cols;
    }
    for (int n = steps(y, target / cols, rows); n != 0; n += n > 0 ? -1 : 1) {
        pass(n > 0 ? 2 : 3);
        y = (y + (n > 0 ? 1 : rows - 1)) % rows;
    }
    to_node_[destination] += flits;
}

int NetworkLoad::routers_between(int source, int destination) const {
    const int a = mapping_.router_of(source), b = mapping_.router_of(destination), cols = mapping_.mesh_cols;
    return 1 + std::abs(steps(a % cols, b % cols, cols)) + std::abs(steps(a / cols, b / cols, mapping_.mesh_rows));
}

std::int64_t NetworkLoad::router_flits(int router) const {
    std::int64_t flits = 0;
    for (int d = 0; d < directions; ++d)
        flits += links_[router * directions + d];
    for (int n = router * mapping_.concentration; n < (router + 1) * mapping_.concentration; ++n)
        flits += to_node_[n];
    return flits + (router == Mapping::io_router ? to_node_[mapping_.io_node()] : 0);
}

std::int64_t NetworkLoad::busiest_port() const {
    std::int64_t most = 0;
    for (const auto* ports : {&links_, &to_node_, &from_node_})
        most = std::max(most, *std::max_element(ports->begin(), ports->end()));
    return most;
}

}  // namespace xloop
