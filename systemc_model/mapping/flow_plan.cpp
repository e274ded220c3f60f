#include "systemc_model/mapping/flow_plan.hpp"

#include "core/error.hpp"
#include "systemc_model/mapping/line_buffers.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {
namespace {

std::string name_of_producer(const WorkloadGraph& graph, int producer) {
    return producer < 0 ? "input" : graph.layers[static_cast<std::size_t>(producer)].name;
}

void add_tasks(FlowPlan& plan, const MappedNetwork& network, int l, WorkDetail detail) {
    const std::vector<LayerCopy>& copies = network.mapping.layers[static_cast<std::size_t>(l)].copies;
    for (std::size_t r = 0; r < copies.size(); ++r) {
        std::vector<TileWork> works;
        if (copies[r].has_matrix())
            works = tile_works(network, l, static_cast<int>(r), detail);
        else
            works.emplace_back().tile = copies[r].home;
        for (TileWork& work : works) {
            FlowTask& task = plan.tasks.emplace_back();
            task.layer = l;
            task.copy = static_cast<int>(r);
            task.tile = work.tile;
            task.home = task.tile == copies[r].home;
            if (copies[r].has_matrix())
                task.work = std::move(work);
        }
    }
}

/// One stream for each tile with tasks that read `producer`.
void add_streams(FlowPlan& plan, const FlowGeometry& geometry, int producer, const WorkloadGraph& graph) {
    Stream stream;
    stream.producer = producer;
    stream.positions = graph.map_of(producer).positions();
    stream.position_bytes = static_cast<int>(position_bytes(graph, producer));
    std::vector<int> readers;
    for (int consumer : geometry.consumers(producer))
        for (int t : plan.tasks_of(consumer))
            readers.push_back(t);
    std::stable_sort(readers.begin(), readers.end(), [&](int a, int b) {
        return plan.tasks[static_cast<std::size_t>(a)].tile < plan.tasks[static_cast<std::size_t>(b)].tile;
    });
    for (int t : readers) {
        FlowTask& task = plan.tasks[static_cast<std::size_t>(t)];
        if (plan.streams.empty() || plan.streams.back().producer != producer || plan.streams.back().tile != task.tile) {
            stream.tile = task.tile;
            plan.streams.push_back(stream);
        }
        const int number = static_cast<int>(plan.streams.size()) - 1;
        const std::vector<int>& inputs = graph.layers[static_cast<std::size_t>(task.layer)].inputs;
        task.streams.resize(inputs.size(), -1);
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (inputs[i] == producer)
                task.streams[i] = number;
        plan.streams.back().tasks.push_back(t);
    }
}

/// "`stem` -> `deep` + `sum` (67 positions, 804 bytes)"
std::string describe(const WorkloadGraph& graph, const FlowPlan& plan, const Stream& stream) {
    std::vector<std::string> readers;
    for (int t : stream.tasks) {
        const std::string& name =
            graph.layers[static_cast<std::size_t>(plan.tasks[static_cast<std::size_t>(t)].layer)].name;
        if (readers.empty() || readers.back() != name)
            readers.push_back(name);
    }
    std::string text = fmt::format("`{}` -> ", name_of_producer(graph, stream.producer));
    for (std::size_t r = 0; r < readers.size(); ++r)
        text += fmt::format("{}`{}`", r == 0 ? "" : " + ", readers[r]);
    return text + fmt::format(" ({} positions, {} bytes)", stream.capacity, stream.bytes());
}

/// Finished positions that a home holds until they are sent.
std::int64_t staged_bytes(const MappedNetwork& network, const FlowTask& task) {
    return network.tile_hardware(task.tile).tile.accumulator_positions *
           output_bytes(network.graph.layers[static_cast<std::size_t>(task.layer)]);
}

[[noreturn]] void fail_buffer(const MappedNetwork& network, const FlowPlan& plan, int tile, std::int64_t needed) {
    const HardwareConfig& hardware = network.tile_hardware(tile);
    std::vector<const Stream*> streams;
    std::int64_t stream_bytes = 0;
    for (const Stream& stream : plan.streams)
        if (stream.tile == tile) {
            streams.push_back(&stream);
            stream_bytes += stream.bytes();
        }
    std::stable_sort(streams.begin(), streams.end(),
                     [](const Stream* a, const Stream* b) { return a->bytes() > b->bytes(); });
    constexpr std::size_t shown = 4;
    std::string list;
    for (std::size_t s = 0; s < std::min(streams.size(), shown); ++s)
        list += (s == 0 ? ": " : ", ") + describe(network.graph, plan, *streams[s]);
    if (streams.size() > shown)
        list += fmt::format(", and {} smaller ones", streams.size() - shown);
    throw KeyError(
        network.kinds.key(network.mapping.type_of(tile), "buffer.bytes"),
        fmt::format("{} needs {} bytes of activation buffer, buffer.bytes is {}; {} bytes are of finished positions "
                    "(tile.accumulator_positions = {}), {} of streams{}; enlarge buffer.bytes, {}",
                    network.mapping.tile_name(tile), needed, hardware.buffer.bytes, needed - stream_bytes,
                    hardware.tile.accumulator_positions, stream_bytes, list,
                    !hardware.pipelined() ? "or hold windows instead of whole maps (mapping.schedule: pipelined)"
                    : hardware.mapping.line_buffer_slack_rows > 0
                        ? "reduce mapping.line_buffer_slack_rows, or spread the layers "
                          "(mapping.tiles: exclusive, fewer tile.pes)"
                        : "or spread the layers (mapping.tiles: exclusive, fewer tile.pes)"));
}

void check_buffers(const MappedNetwork& network, const FlowPlan& plan) {
    std::vector<std::int64_t> bytes(static_cast<std::size_t>(network.mapping.tiles()), 0);
    for (const Stream& stream : plan.streams)
        bytes[static_cast<std::size_t>(stream.tile)] += stream.bytes();
    for (const FlowTask& task : plan.tasks)
        if (task.home)
            bytes[static_cast<std::size_t>(task.tile)] += staged_bytes(network, task);
    int fullest = 0;
    const auto excess = [&](int tile) {
        return bytes[static_cast<std::size_t>(tile)] - network.tile_hardware(tile).buffer.bytes;
    };
    for (int tile = 1; tile < network.mapping.tiles(); ++tile)
        if (excess(tile) > excess(fullest))
            fullest = tile;
    if (excess(fullest) > 0)
        fail_buffer(network, plan, fullest, bytes[static_cast<std::size_t>(fullest)]);
}

/// Items with this key, as indices into a list in which `key` rises.
template <class Items, class Key>
std::vector<int> numbers_of(const Items& items, int value, Key key) {
    auto at =
        std::lower_bound(items.begin(), items.end(), value, [&](const auto& item, int v) { return key(item) < v; });
    std::vector<int> found;
    for (; at != items.end() && key(*at) == value; ++at)
        found.push_back(static_cast<int>(at - items.begin()));
    return found;
}

}  // namespace

std::vector<int> FlowPlan::streams_of(int producer) const {
    return numbers_of(streams, producer, [](const Stream& s) { return s.producer; });
}

std::vector<int> FlowPlan::tasks_of(int layer) const {
    return numbers_of(tasks, layer, [](const FlowTask& t) { return t.layer; });
}

bool FlowPlan::imported(int producer) const { return std::count(imports.begin(), imports.end(), producer) > 0; }

bool FlowPlan::exported(int layer) const { return std::count(exports.begin(), exports.end(), layer) > 0; }

std::vector<int> FlowPlan::sources(const Mapping& mapping, int producer) const {
    return imported(producer) ? std::vector<int>{mapping.io_node()} : mapping.home_tiles(producer);
}

std::vector<int> FlowPlan::receivers(const Mapping& mapping, int layer, int copy) const {
    std::vector<int> nodes;
    const int home = mapping.layers[static_cast<std::size_t>(layer)].copies[static_cast<std::size_t>(copy)].home;
    for (int s : streams_of(layer))
        if (const int tile = streams[static_cast<std::size_t>(s)].tile; tile != home)
            nodes.push_back(tile);
    if (exported(layer))
        nodes.push_back(mapping.io_node());
    return nodes;
}

std::int64_t FlowPlan::buffer_bytes(const MappedNetwork& network, int tile) const {
    std::int64_t bytes = 0;
    for (const Stream& stream : streams)
        if (stream.tile == tile)
            bytes += stream.bytes();
    for (const FlowTask& task : tasks)
        if (task.home && task.tile == tile)
            bytes += staged_bytes(network, task);
    return bytes;
}

FlowPlan make_flow_plan(const MappedNetwork& network, int round) {
    return make_flow_plan(FlowGeometry(network.graph), network, round, WorkDetail::lists);
}

FlowPlan make_flow_plan(const FlowGeometry& geometry, const MappedNetwork& network, int round, WorkDetail detail) {
    const WorkloadGraph& graph = network.graph;
    FlowPlan plan;
    plan.round = round;
    const int layers = static_cast<int>(graph.layers.size());
    const auto here = [&](int l) {
        return l >= 0 && network.mapping.layers[static_cast<std::size_t>(l)].round == round;
    };
    for (int l = 0; l < layers; ++l) {
        if (!here(l))
            continue;
        add_tasks(plan, network, l, detail);
        if (network.mapping.is_exported(graph, l))
            plan.exports.push_back(l);
    }
    for (int producer = -1; producer < layers; ++producer) {
        const std::size_t before = plan.streams.size();
        add_streams(plan, geometry, producer, graph);
        if (!here(producer) && plan.streams.size() > before)
            plan.imports.push_back(producer);
    }
    size_streams(plan, geometry, network);
    check_buffers(network, plan);
    return plan;
}

}  // namespace xloop
