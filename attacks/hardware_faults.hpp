#pragma once

#include "core/hardware_config.hpp"
#include "core/names.hpp"
#include "core/workload/activation.hpp"
#include "core/workload/workload_graph.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace xloop {

/// What an adversary, or time, does to a network that is stored in hardware.
/// random_bits, ranked_bits: bits of stored weights flip, in two's complement; by chance, or one after the other where the loss rises
/// most (progressive bit search: Rakin et al., arXiv 1903.12269). random_cells, ranked_cells: cells are stuck at their lowest or highest
/// level, likewise. drift: cells have drifted for so many seconds. memory: bits of stored maps flip with the probability that a table
/// gives for a supply voltage, but the most significant ones, which are in safer cells (8T beside 6T).
enum class FaultKind { random_bits, ranked_bits, random_cells, ranked_cells, drift, memory };
constexpr auto names_of(FaultKind) {
    return std::array{"random_bits", "ranked_bits", "random_cells", "ranked_cells", "drift", "memory"};
}

/// "ranked_bits-10", "drift-1e6" (seconds), "memory-0.65" (volts).
struct NamedFault {
    FaultKind kind = FaultKind::random_bits;
    double amount = 0.0;

    /// Throws InputError that lists the kinds.
    static NamedFault parse(const std::string& text);
    bool of_weights() const { return kind != FaultKind::drift && kind != FaultKind::memory; }
    bool of_cells() const { return kind == FaultKind::random_cells || kind == FaultKind::ranked_cells; }
    bool ranked() const { return kind == FaultKind::ranked_bits || kind == FaultKind::ranked_cells; }
};
/// Of all kinds, for help.
std::string fault_list();

/// A stored weight that has become another.
struct WeightFault {
    int layer = 0;
    std::int64_t weight = 0;  ///< place in GraphLayer::weights
    int value = 0;            ///< what it is now
};

/// What one fault can make of a weight of a layer: each bit flipped, or each of its cells stuck, cells of both polarities where weights have
/// two. Values that the cells cannot hold become the nearest they can. `cells`: by cells in place of bits.
std::vector<int> faulty_values(int weight, int weight_bits, bool cells, const HardwareConfig& hardware);

/// `count` different weights of the layers (all of class matrix where empty), one fault each, drawn by seed.
std::vector<WeightFault> random_faults(const WorkloadGraph& graph, const HardwareConfig& hardware, bool cells,
                                       const std::vector<std::string>& layers, int count, std::uint64_t seed);
WorkloadGraph with_faults(WorkloadGraph graph, const std::vector<WeightFault>& faults);

/// The matrix layers of these names, all where there are none, in order. Throws InputError for a name that no such layer has.
std::vector<int> matrix_layers(const WorkloadGraph& graph, const std::vector<std::string>& names);

/// Bits of maps that flip in memory: those below the `safe` most significant ones, each with probability `p`, addressed by (seed,
/// image, layer).
class MemoryFaults {
public:
    /// `layers`: whose outputs are stored there, by name, or `input`; empty: the outputs of all layers.
    MemoryFaults(const WorkloadGraph& graph, const std::vector<std::string>& layers, double p, int safe,
                 std::uint64_t seed);
    /// Of layer `producer`, or of the input (-1).
    void apply(int producer, std::int64_t image, FeatureMap& map) const;

private:
    std::vector<Edge> edges_;  ///< the input's first; bits 0 where nothing flips
    double p_;
    int safe_;
    std::uint64_t seed_;
};

/// The probability at `voltage` of a table with the columns voltage (V) and probability, between rows on a line of its logarithm.
/// Throws InputError for a table that is none, and beyond its ends.
double flip_probability(const std::string& table, double voltage);

}  // namespace xloop
