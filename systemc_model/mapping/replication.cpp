#include "systemc_model/mapping/replication.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/partition.hpp"
#include "systemc_model/mapping/pe_cursor.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <set>

namespace xloop {
namespace {

[[noreturn]] void fail(const std::string& entry, const std::string& message) {
    throw KeyError("mapping.replicas", fmt::format("`{}`: {}", entry, message));
}

std::size_t find_layer(const WorkloadGraph& graph, const std::string& entry, const std::string& name) {
    std::vector<std::string> names;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        if (graph.layers[l].name == name && graph.layers[l].on_crossbars())
            return l;
        if (graph.layers[l].name == name)
            fail(entry, fmt::format("layer `{}` ({}) has no matrix to copy; name a conv or linear layer", name,
                                    name_of(graph.layers[l].kind)));
        if (graph.layers[l].on_crossbars())
            names.push_back(graph.layers[l].name);
    }
    fail(entry, fmt::format("network `{}` has no layer `{}`{}", graph.name, name, did_you_mean(name, names)));
}

void apply_list(const WorkloadGraph& graph, const std::vector<std::string>& entries, std::vector<LayerSize>& sizes) {
    std::set<std::size_t> named;
    for (const std::string& entry : entries) {
        const std::size_t equals = entry.rfind('=');
        if (equals == std::string::npos)
            fail(entry, "not of the form layer=copies, as in conv1=4");
        const std::size_t l = find_layer(graph, entry, entry.substr(0, equals));
        if (!named.insert(l).second)
            fail(entry, "the layer is named twice");
        const char* end = entry.data() + entry.size();
        const auto [stop, error] = std::from_chars(entry.data() + equals + 1, end, sizes[l].copies);
        if (error != std::errc{} || stop != end || sizes[l].copies < 1 || sizes[l].copies > sizes[l].positions)
            fail(entry, fmt::format("copies must be a whole number from 1 to {}, the layer's output positions",
                                    sizes[l].positions));
    }
}

/// The next number of copies that shortens the pace; more than `positions` when there is none.
int next_copies(const LayerSize& size) {
    const int rounds = (size.positions + size.copies - 1) / size.copies;
    return rounds == 1 ? size.positions + 1 : (size.positions + rounds - 2) / (rounds - 1);
}

}  // namespace

std::vector<LayerSize> layer_sizes(const MappedNetwork& network) {
    std::vector<LayerSize> sizes;
    for (std::size_t l = 0; l < network.graph.layers.size(); ++l) {
        const GraphLayer& layer = network.graph.layers[l];
        LayerSize size;
        if (layer.on_crossbars()) {
            const HardwareConfig& hardware = network.layer_hardware(static_cast<int>(l));
            const int outputs = layer.held_outputs(), rows = layer.held_rows();
            const BlockSize most = largest_block(layer.groups, outputs, rows, hardware);
            size.type = network.kinds.type_of_layer(static_cast<int>(l));
            size.blocks = block_count(layer.groups, outputs, rows, hardware);
            size.pes = (size.blocks + hardware.pe.arrays - 1) / hardware.pe.arrays;
            size.positions = layer.positions();
            size.interval = network.layer_durations(static_cast<int>(l)).vector_interval(most.rows, most.outs);
        }
        sizes.push_back(size);
    }
    if (network.hardware.mapping.replication == Replication::list)
        apply_list(network.graph, network.hardware.mapping.replicas, sizes);
    return sizes;
}

std::vector<int> tiles_needed(const std::vector<LayerSize>& sizes, LayerRange layers, const MappedNetwork& network) {
    PeCursor cursor(network);
    for (std::size_t l = layers.begin; l < layers.end; ++l) {
        if (sizes[l].blocks == 0)
            continue;
        cursor.begin_layer(sizes[l].type);
        for (int copy = 0; copy < sizes[l].copies; ++copy)
            cursor.place_copy(sizes[l].type, sizes[l].pes);
    }
    return cursor.used_tiles();
}

int tiles_for_all(std::vector<int> needed, const std::vector<int>& others) {
    int sum = 0;
    for (std::size_t type = 0; type < needed.size(); ++type)
        sum += std::max(needed[type], others[type]);
    return sum;
}

void balance(std::vector<LayerSize>& sizes, LayerRange layers, std::int64_t arrays, int tiles,
             const std::vector<int>& others, const MappedNetwork& network) {
    std::int64_t used = 0;
    for (std::size_t l = layers.begin; l < layers.end; ++l)
        used += sizes[l].blocks;
    if (used > arrays)
        throw KeyError("mapping.array_budget",
                       fmt::format("one copy of each layer takes {} arrays, the budget is {}: {} are missing", used,
                                   arrays, used - arrays));
    if (layers.begin == layers.end)
        return;
    const auto by_pace = [](const LayerSize& a, const LayerSize& b) { return a.pace() < b.pace(); };
    for (;;) {
        LayerSize& slowest = *std::max_element(sizes.begin() + static_cast<std::ptrdiff_t>(layers.begin),
                                               sizes.begin() + static_cast<std::ptrdiff_t>(layers.end), by_pace);
        const int before = slowest.copies;
        slowest.copies = next_copies(slowest);
        used += std::int64_t{slowest.copies - before} * slowest.blocks;
        if (slowest.copies > slowest.positions || used > arrays ||
            std::int64_t{slowest.copies} * slowest.blocks > max_arrays_of_layer ||
            tiles_for_all(tiles_needed(sizes, layers, network), others) > tiles) {
            slowest.copies = before;
            return;
        }
    }
}

}  // namespace xloop
