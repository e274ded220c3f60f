#include "systemc_model/mapping/flow_plan.hpp"

#include "core/error.hpp"
#include "systemc_model/mapping/line_buffers.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace xloop {
namespace {

std::string name_of_producer(const WorkloadGraph& graph, int producer) {
    return producer < 0 ? "input" : graph.layers[static_cast<std::size_t>(producer)].name;
}

void add_tasks(FlowPlan& plan, const WorkloadGraph& graph, const Mapping& mapping, int l,
               const HardwareConfig& hardware) {
    const std::vector<Replica>& replicas = mapping.layers[static_cast<std::size_t>(l)].replicas;
    for (std::size_t r = 0; r < replicas.size(); ++r) {
        std::vector<int> tiles = replicas[r].tiles.empty() ? std::vector<int>{replicas[r].home} : replicas[r].tiles;
        std::sort(tiles.begin(), tiles.end());
        for (int tile : tiles) {
            FlowTask task;
            task.layer = l;
            task.replica = static_cast<int>(r);
            task.tile = tile;
            task.home = tile == replicas[r].home;
            if (!replicas[r].blocks.empty())
                task.work = tile_work(graph.layers[static_cast<std::size_t>(l)], replicas[r], tile, hardware);
            plan.tasks.push_back(std::move(task));
        }
    }
}

void add_streams(FlowPlan& plan, const WorkloadGraph& graph, const Mapping& mapping, int producer,
                 const HardwareConfig& hardware) {
    for (int tile : mapping.reader_tiles(graph, producer, plan.round)) {
        Stream stream;
        stream.producer = producer;
        stream.tile = tile;
        stream.positions =
            (producer < 0 ? graph.input : graph.layers[static_cast<std::size_t>(producer)].out).positions();
        stream.position_bytes = static_cast<int>(position_bytes(graph, producer, hardware));
        const int number = static_cast<int>(plan.streams.size());
        for (std::size_t t = 0; t < plan.tasks.size(); ++t) {
            FlowTask& task = plan.tasks[t];
            if (task.tile != tile)
                continue;
            const std::vector<int>& inputs = graph.layers[static_cast<std::size_t>(task.layer)].inputs;
            for (std::size_t i = 0; i < inputs.size(); ++i) {
                if (inputs[i] != producer)
                    continue;
                task.streams.resize(inputs.size(), -1);
                task.streams[i] = number;
                if (stream.tasks.empty() || stream.tasks.back() != static_cast<int>(t))
                    stream.tasks.push_back(static_cast<int>(t));
            }
        }
        plan.streams.push_back(std::move(stream));
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

[[noreturn]] void fail_buffer(const WorkloadGraph& graph, const Mapping& mapping, const FlowPlan& plan, int tile,
                              std::int64_t needed, const HardwareConfig& hardware) {
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
        list += (s == 0 ? ": " : ", ") + describe(graph, plan, *streams[s]);
    if (streams.size() > shown)
        list += fmt::format(", and {} smaller ones", streams.size() - shown);
    throw InputError(
        fmt::format("{} needs {} bytes of activation buffer, buffer.bytes is {}; {} bytes are of finished positions "
                    "(tile.accumulator_positions = {}), {} of streams{}; enlarge buffer.bytes, {}",
                    mapping.tile_name(tile), needed, hardware.buffer.bytes, needed - stream_bytes,
                    hardware.tile.accumulator_positions, stream_bytes, list,
                    !hardware.pipelined() ? "or hold windows instead of whole maps (mapping.schedule: pipelined)"
                    : hardware.mapping.line_buffer_slack_rows > 0
                        ? "reduce mapping.line_buffer_slack_rows, or spread the layers "
                          "(mapping.tiles: exclusive, fewer tile.pes)"
                        : "or spread the layers (mapping.tiles: exclusive, fewer tile.pes)"));
}

void check_buffers(const WorkloadGraph& graph, const Mapping& mapping, const FlowPlan& plan,
                   const HardwareConfig& hardware) {
    int fullest = 0;
    std::int64_t most = 0;
    for (int tile = 0; tile < mapping.tiles(); ++tile)
        if (const std::int64_t bytes = plan.buffer_bytes(graph, hardware, tile); bytes > most) {
            fullest = tile;
            most = bytes;
        }
    if (most > hardware.buffer.bytes)
        fail_buffer(graph, mapping, plan, fullest, most, hardware);
}

}  // namespace

std::vector<int> FlowPlan::streams_of(int producer) const {
    std::vector<int> found;
    for (std::size_t s = 0; s < streams.size(); ++s)
        if (streams[s].producer == producer)
            found.push_back(static_cast<int>(s));
    return found;
}

std::vector<int> FlowPlan::tasks_of(int layer) const {
    std::vector<int> found;
    for (std::size_t t = 0; t < tasks.size(); ++t)
        if (tasks[t].layer == layer)
            found.push_back(static_cast<int>(t));
    return found;
}

std::int64_t FlowPlan::buffer_bytes(const WorkloadGraph& graph, const HardwareConfig& hardware, int tile) const {
    std::int64_t bytes = 0;
    for (const Stream& stream : streams)
        if (stream.tile == tile)
            bytes += stream.bytes();
    for (const FlowTask& task : tasks)
        if (task.home && task.tile == tile)
            bytes += hardware.tile.accumulator_positions *
                     output_bytes(graph.layers[static_cast<std::size_t>(task.layer)], hardware);
    return bytes;
}

int import_burst(const WorkloadGraph& graph, int producer) {
    return (producer < 0 ? graph.input : graph.layers[static_cast<std::size_t>(producer)].out).width;
}

FlowPlan make_flow_plan(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware, int round) {
    FlowPlan plan;
    plan.round = round;
    const int layers = static_cast<int>(graph.layers.size());
    const auto here = [&](int l) { return l >= 0 && mapping.layers[static_cast<std::size_t>(l)].round == round; };
    for (int l = 0; l < layers; ++l) {
        if (!here(l))
            continue;
        add_tasks(plan, graph, mapping, l, hardware);
        if (mapping.is_exported(graph, l))
            plan.exports.push_back(l);
    }
    for (int producer = -1; producer < layers; ++producer) {
        const std::size_t before = plan.streams.size();
        add_streams(plan, graph, mapping, producer, hardware);
        if (!here(producer) && plan.streams.size() > before)
            plan.imports.push_back(producer);
    }
    size_streams(plan, graph, mapping, hardware);
    check_buffers(graph, mapping, plan, hardware);
    return plan;
}

}  // namespace xloop
