#include "analysis/statistics.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "systemc_model/mapping/expected_reads.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>

namespace xloop {

namespace {

/// All numbers of a layer's copies, in order.
struct Lists {
    std::vector<std::uint64_t> reads, steps;
};

Lists lists_of(const std::vector<MadeReads::Copy>& copies) {
    Lists lists;
    for (const MadeReads::Copy& copy : copies) {
        for (const std::vector<std::uint64_t>& block : copy.blocks)
            lists.reads.insert(lists.reads.end(), block.begin(), block.end());
        for (const auto& [tile, steps] : copy.steps)
            lists.steps.push_back(steps);
    }
    return lists;
}

/// An entry of the file for a layer with arrays.
struct Entry {
    config::Location location;
    double active_rows = 0;
    config::Node reads, steps;
};

/// Of each layer of `graph`; of layers without arrays empty.
std::vector<Entry> read_entries(const std::string& file, const config::Node& root, const WorkloadGraph& graph) {
    const config::Node* layers = root.find("layers");
    if (!layers || layers->kind != config::Node::Kind::sequence)
        throw InputError(root.location.str() + ": expected a list `layers`, as simulate --record-statistics writes it");
    auto item = layers->items.begin();
    std::vector<Entry> entries(graph.layers.size());
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        if (!layer.on_crossbars())
            continue;
        if (item == layers->items.end())
            throw InputError(
                fmt::format("{}: no activity of layer `{}`; the file is of another network", file, layer.name));
        std::string name;
        Entry& entry = entries[l];
        entry.location = item->second.location;
        config::Section s("one layer");
        s.value("name", name, "name").required();
        s.value("active_rows", entry.active_rows, "share of row lines above 0 V; -1: not known, as of a digital layer")
            .required()
            .range(-1, 1);
        s.raw("reads", entry.reads, "made, by copy, array and group of rows");
        s.raw("steps", entry.steps, "by copy and tile");
        config::read(item->second, s);
        if (name != layer.name)
            throw InputError(fmt::format("{}: activity of layer `{}` where the network has `{}`", entry.location.str(),
                                         name, layer.name));
        ++item;
    }
    if (item != layers->items.end())
        throw InputError(item->second.location.str() + ": more layers than the network has on arrays");
    return entries;
}

std::uint64_t number(const config::Node& node) {
    std::uint64_t value = 0;
    const char* end = node.text.data() + node.text.size();
    const auto [stop, error] = std::from_chars(node.text.data(), end, value);
    if (node.kind != config::Node::Kind::scalar || error != std::errc() || stop != end)
        throw InputError(node.location.str() + ": expected a number of reads");
    return value;
}

/// Takes the numbers of a list one after the other.
class Numbers {
public:
    Numbers(const Entry& entry, const char* key, const config::Node& list) : entry_(entry), key_(key), list_(list) {}
    std::uint64_t next(std::uint64_t least, std::uint64_t most) {
        if (next_ >= list_.items.size())
            fail();
        const config::Node& node = list_.items[next_++].second;
        const std::uint64_t value = number(node);
        if (value < least || value > most)
            throw InputError(fmt::format("{}: {}: expected a number in [{}, {}], got {}", node.location.str(), key_,
                                         least, most, value));
        return value;
    }
    void end() const {
        if (next_ != list_.items.size())
            fail();
    }

private:
    [[noreturn]] void fail() const {
        throw InputError(
            fmt::format("{}: {}: expected one for each array and group of rows (of steps: tile) of the "
                        "layer on this hardware, which leaves out reads of zeros alone "
                        "(crossbar.skip_zero_reads), got {}; record it on this hardware",
                        entry_.location.str(), key_, list_.items.size()));
    }
    const Entry& entry_;
    const char* key_;
    const config::Node& list_;
    std::size_t next_ = 0;
};

}  // namespace

std::string statistics_yaml(const SimulationResult& result, const std::string& network) {
    std::string text = fmt::format("network: \"{}\"\n", network);
    const auto skips = [](const SimulationResult::Layer& layer) { return !layer.made.empty(); };
    if (std::any_of(result.layers.begin(), result.layers.end(), skips))
        text += fmt::format("images: {}\n", result.images.size());
    text += "layers:\n";
    for (const SimulationResult::Layer& layer : result.layers) {
        if (layer.arrays == 0)
            continue;
        text += fmt::format("  - {{name: \"{}\", active_rows: {:.9g}", layer.name, layer.active_rows);
        if (const Lists made = lists_of(layer.made); skips(layer))
            text += fmt::format(", reads: [{}], steps: [{}]", fmt::join(made.reads, ", "), fmt::join(made.steps, ", "));
        text += "}\n";
    }
    return text;
}

std::vector<double> read_statistics(const std::string& file, const WorkloadGraph& graph) {
    const std::vector<Entry> entries = read_entries(file, config::load_file(file), graph);
    std::vector<double> active_rows;
    for (std::size_t l = 0; l < entries.size(); ++l)
        active_rows.push_back(graph.layers[l].on_crossbars() ? entries[l].active_rows : -1.0);
    return active_rows;
}

MadeReads read_made_reads(const std::string& file, const MappedNetwork& network) {
    const config::Node root = config::load_file(file);
    const std::vector<Entry> entries = read_entries(file, root, network.graph);
    const config::Node* images = root.find("images");
    MadeReads made{"as recorded in " + file, 0, std::vector<std::vector<MadeReads::Copy>>(entries.size())};
    if (images)
        made.images = static_cast<int>(std::min<std::uint64_t>(number(*images), 1'000'000));
    if (made.images < 1)
        throw InputError(file +
                         ": images: expected the number of images that reads were counted for, as simulate "
                         "--record-statistics writes it with crossbar.skip_zero_reads");
    for (std::size_t l = 0; l < entries.size(); ++l) {
        const GraphLayer& layer = network.graph.layers[l];
        const HardwareConfig& hardware = network.layer_hardware(static_cast<int>(l));
        if (!layer.on_crossbars() || !hardware.skips_zero_reads())
            continue;
        Numbers reads(entries[l], "reads", entries[l].reads), steps(entries[l], "steps", entries[l].steps);
        const LayerMapping& placed = network.mapping.layers[l];
        for (int r = 0; r < placed.copy_count(); ++r) {
            MadeReads::Copy& copy = made.layers[l].emplace_back();
            const auto vectors =
                static_cast<std::uint64_t>(made.images) * static_cast<std::uint64_t>(placed.positions_of(r, layer));
            int most = 1;
            for (const PlacedBlock& block : placed.copies[static_cast<std::size_t>(r)].blocks) {
                most = std::max(most, hardware.reads(block.rows));
                copy.steps[block.tile] = 0;
                std::vector<std::uint64_t>& groups = copy.blocks.emplace_back();
                for (int g = 0; g < hardware.read_groups(block.rows); ++g)
                    groups.push_back(reads.next(0, vectors * static_cast<std::uint64_t>(hardware.digits())));
            }
            for (auto& [tile, of_tile] : copy.steps)
                of_tile = steps.next(vectors, vectors * static_cast<std::uint64_t>(most));
        }
        reads.end();
        steps.end();
    }
    return made;
}

DataAverages assume_data(MappedNetwork& network, const std::string& statistics, int images) {
    DataAverages averages;
    if (!skips_reads(network))
        return averages;
    if (network.reads) {
        if (!statistics.empty())
            averages.active_rows_of_layer = read_statistics(statistics, network.graph);
        return averages;
    }
    network.reads = std::make_shared<const MadeReads>(expected_reads(network, images, averages.active_rows));
    // What is driven above 0 V is in the reads that are left.
    for (const double factor : drives_left_out(network))
        averages.active_rows_of_layer.push_back(factor * averages.active_rows);
    return averages;
}

void add_statistics(SimulationResult& result, const std::string& file, const WorkloadGraph& graph) {
    const std::vector<double> active_rows = read_statistics(file, graph);
    for (std::size_t l = 0; l < active_rows.size(); ++l)
        result.layers[l].active_rows = active_rows[l];
}

}  // namespace xloop
