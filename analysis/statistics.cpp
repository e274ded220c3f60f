#include "analysis/statistics.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {

std::string statistics_yaml(const SimulationResult& result, const std::string& network) {
    std::string text = fmt::format("network: \"{}\"\nlayers:\n", network);
    for (const SimulationResult::Layer& layer : result.layers)
        if (layer.arrays > 0)
            text += fmt::format("  - {{name: \"{}\", active_rows: {:.9g}}}\n", layer.name, layer.active_rows);
    return text;
}

std::vector<double> read_statistics(const std::string& file, const WorkloadGraph& graph) {
    const config::Node root = config::load_file(file);
    const config::Node* layers = root.find("layers");
    if (!layers || layers->kind != config::Node::Kind::sequence)
        throw InputError(root.location.str() + ": expected a list `layers`, as simulate --record-statistics writes it");
    auto entry = layers->items.begin();
    std::vector<double> active_rows(graph.layers.size(), -1.0);
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        if (!layer.on_crossbars())
            continue;
        if (entry == layers->items.end())
            throw InputError(
                fmt::format("{}: no activity of layer `{}`; the file is of another network", file, layer.name));
        std::string name;
        config::Section s("one layer");
        s.value("name", name, "name").required();
        s.value("active_rows", active_rows[l], "share of row lines above 0 V").required().range(0, 1);
        config::read(entry->second, s);
        if (name != layer.name)
            throw InputError(fmt::format("{}: activity of layer `{}` where the network has `{}`",
                                         entry->second.location.str(), name, layer.name));
        ++entry;
    }
    if (entry != layers->items.end())
        throw InputError(entry->second.location.str() + ": more layers than the network has on arrays");
    return active_rows;
}

void add_statistics(SimulationResult& result, const std::string& file, const WorkloadGraph& graph) {
    const std::vector<double> active_rows = read_statistics(file, graph);
    for (std::size_t l = 0; l < active_rows.size(); ++l)
        result.layers[l].active_rows = active_rows[l];
}

}  // namespace xloop
