#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace xloop::sim {

/// A resource with one or more equal servers (ports): each request takes the server that is free first, in the order in
/// which requests come.
class Server {
public:
    explicit Server(int servers = 1) : free_(static_cast<std::size_t>(servers), 0) {}

    /// When a request that comes at `now` would begin.
    std::uint64_t begin(std::uint64_t now) const {
        return std::max(now, *std::min_element(free_.begin(), free_.end()));
    }
    /// Takes a server for `cycles`; returns when it is free again.
    std::uint64_t take(std::uint64_t now, int cycles) {
        auto server = std::min_element(free_.begin(), free_.end());
        *server = std::max(now, *server) + static_cast<std::uint64_t>(cycles);
        busy_ += static_cast<std::uint64_t>(cycles);
        last_ = static_cast<int>(server - free_.begin());
        return *server;
    }
    /// Server-cycles taken.
    std::uint64_t busy_cycles() const { return busy_; }
    /// The server that was taken last.
    int last() const { return last_; }
    int servers() const { return static_cast<int>(free_.size()); }

private:
    std::vector<std::uint64_t> free_;
    std::uint64_t busy_ = 0;
    int last_ = 0;
};

}  // namespace xloop::sim
