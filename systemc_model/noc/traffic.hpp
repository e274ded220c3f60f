#pragma once

#include "core/names.hpp"
#include "core/random.hpp"
#include "systemc_model/noc/topology.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace xloop::noc {

/// Where packets go, (x, y) of a router among cols x rows; nodes of one router keep their place on it.
enum class Pattern {
    uniform,         ///< every node alike, the source included
    neighbor,        ///< ((x + 1) mod cols, (y + 1) mod rows)
    transpose,       ///< (y, x); cols = rows
    bit_complement,  ///< (cols - 1 - x, rows - 1 - y)
    tornado,         ///< (x + ceil(cols / 2) - 1 mod cols, y): the longest way round in one direction
    hotspot          ///< a share of the packets to the hot nodes alike, the others uniform
};
constexpr auto names_of(Pattern) {
    return std::array{"uniform", "neighbor", "transpose", "bit_complement", "tornado", "hotspot"};
}

struct TrafficConfig {
    Pattern pattern = Pattern::uniform;
    double injection_rate = 0.1;  ///< flits per node and cycle; Bernoulli process of packets
    int packet_flits = 1;
    std::uint64_t seed = 1;
    std::vector<int> hotspot_nodes;
    double hotspot_share = 0.1;
};

/// Random packets, each addressed by (node, its number): independent of everything the network does.
class TrafficSource {
public:
    /// Throws InputError on nonsense.
    TrafficSource(const TrafficConfig& config, const NetworkConfig& network);

    /// Calls `emit(source, destination)` for the packets created in `cycle`, by rising source. Cycles rise from 0.
    template <class Emit>
    void packets_of(std::uint64_t cycle, Emit emit) {
        for (std::size_t node = 0; node < next_.size(); ++node) {
            if (next_[node] > cycle)
                continue;
            emit(static_cast<int>(node), take(static_cast<int>(node)));
        }
    }

private:
    int take(int node);
    void draw(int node);
    int destination_of(int node, std::uint64_t random_bits) const;

    TrafficConfig config_;
    KeyedRandom random_;
    double packet_probability_;
    int nodes_;
    std::vector<int> fixed_destination_;  // of each node; empty: random
    std::vector<std::uint64_t> next_;     // cycle of each node's next packet
    std::vector<std::uint64_t> count_;    // packets drawn by each node
    std::vector<int> next_destination_;
};

/// A line of a traffic trace.
struct TracePacket {
    std::uint64_t cycle;
    int source;
    std::vector<int> destinations;
    int flits;
};

/// CSV with the header cycle,source,destination,flits; several destinations separated by ';' or blanks are a multicast.
/// Sorted by cycle. Throws InputError with file and line.
std::vector<TracePacket> read_trace(const std::string& path, const NetworkConfig& network);

}  // namespace xloop::noc
