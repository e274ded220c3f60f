#include "analysis/layer_limits.hpp"

#include "systemc_model/estimate/activity_count.hpp"
#include "systemc_model/estimate/copy_pace.hpp"

#include <algorithm>
#include <map>

namespace xloop {
namespace {

/// Busy cycles that one layer causes on a tile for each image.
struct Load {
    double bus = 0, port = 0, vector_unit = 0;
};

class RoundLimits {
public:
    RoundLimits(const MappedNetwork& network, int round)
        : network_(network), graph_(network.graph), mapping_(network.mapping), hardware_(network.hardware),
          plan_(make_flow_plan(network, round)), activity_(count_round(network, plan_, 1)),
          flit_(flit_cycles(hardware_)) {}

    void add_to(std::vector<Limit>& limits) {
        for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
            if (mapping_.layers[l].round != plan_.round)
                continue;
            if (graph_.layers[l].on_crossbars())
                matrix_layer(static_cast<int>(l), limits);
            else
                digital_layer(static_cast<int>(l));
        }
        for (const auto& [tile, layers] : loads_) {
            limits.push_back(shared(LimitKind::bus, tile, layers, &Load::bus, 1));
            limits.push_back(
                shared(LimitKind::buffer, tile, layers, &Load::port, network_.tile_hardware(tile).buffer.ports));
            limits.push_back(shared(LimitKind::vector_unit, tile, layers, &Load::vector_unit, 1));
        }
        limits.push_back({LimitKind::link, -1, -1, flit_ * static_cast<double>(activity_.network.busiest_port())});
        limits.push_back({LimitKind::image_input, -1, -1, imports()});
    }

private:
    void matrix_layer(int index, std::vector<Limit>& limits) {
        const GraphLayer& layer = graph_.layers[static_cast<std::size_t>(index)];
        const int copies = mapping_.layers[static_cast<std::size_t>(index)].copy_count();
        const Durations& durations = network_.layer_durations(index);
        Limit arrays{LimitKind::reads, index, -1, 0}, interface {
            LimitKind::network_interface, index, -1, 0
        }, places{LimitKind::places, index, -1, 0};
        for (int r = 0; r < copies; ++r) {
            const std::vector<int> to = plan_.receivers(mapping_, index, r);
            const CopyPace pace = pace_of(network_, index, activity_.network, tasks_of(index, r), to);
            const double positions = (layer.positions() - r + copies - 1) / copies;
            double received = 0;
            for (const CopyPace::Part& part : pace.parts) {
                const int outputs = part.task->work.outputs;
                const double busy =
                    positions * steps_of(network_, *part.task) * static_cast<double>(durations.read_interval(outputs));
                if (busy > arrays.cycles)
                    arrays = {network_.layer_hardware(index).is_digital()          ? LimitKind::multipliers
                              : durations.sweep(outputs) > durations.read(outputs) ? LimitKind::converters
                                                                                   : LimitKind::reads,
                              index, -1, busy};
                if (!part.task->home)
                    received += flit_ * durations.flits(part.task->work.partial_bytes());
                Load& load = loads_[part.task->tile][index];
                load.bus += positions * (part.task->home ? pace.home_bus : part.bus);
                load.port += positions * (part.task->home ? pace.home_port : part.port);
                load.vector_unit += part.task->home ? positions * pace.vector_unit : 0.0;
            }
            const double sent =
                flit_ * static_cast<double>(activity_.network.injected_flits(to.size(), output_bytes(layer)));
            interface.cycles = std::max(interface.cycles, positions * std::max(sent, received));
            places.cycles = std::max(places.cycles, positions * pace.own_pace);
        }
        limits.push_back(arrays);
        limits.push_back(interface);
        // The pace of a copy is the longest of the three; it is that of the places when neither of the others explains
        // it.
        if (places.cycles > std::max(arrays.cycles, interface.cycles))
            limits.push_back(places);
    }

    std::vector<const FlowTask*> tasks_of(int layer, int copy) const {
        std::vector<const FlowTask*> tasks;
        for (int t : plan_.tasks_of(layer))
            if (const FlowTask& task = plan_.tasks[static_cast<std::size_t>(t)]; task.copy == copy)
                tasks.push_back(&task);
        return tasks;
    }

    void digital_layer(int index) {
        const GraphLayer& layer = graph_.layers[static_cast<std::size_t>(index)];
        const FlowTask& task = plan_.tasks[static_cast<std::size_t>(plan_.tasks_of(index).front())];
        const int accesses = plan_.receivers(mapping_, index, task.copy).empty() ? 1 : 2;
        Load& load = loads_[task.tile][index];
        const Durations& durations = network_.tile_durations(task.tile);
        const LayerWindows windows(layer);
        for (int p = 0; p < layer.positions(); ++p) {
            const DigitalWork work = digital_work(graph_, layer, windows.part(p));
            load.bus += durations.bus(work.read_bytes);
            load.port += durations.buffer_port(work.read_bytes) + accesses * durations.buffer_port(output_bytes(layer));
            load.vector_unit += durations.vector_unit(work.operations);
        }
    }

    /// Of a tile's part: its counted cycles, and the layer that causes most of them. Layer by layer, only that layer's count:
    /// the others work at other times.
    Limit shared(LimitKind kind, int tile, const std::map<int, Load>& layers, double Load::*part, int servers) const {
        const RoundActivity::Tile& counted = activity_.tiles[static_cast<std::size_t>(tile)];
        const Counters& counters = kind == LimitKind::bus      ? counted.bus
                                   : kind == LimitKind::buffer ? counted.buffer
                                                               : counted.vector_unit;
        const auto most = std::max_element(layers.begin(), layers.end(), [part](const auto& a, const auto& b) {
            return a.second.*part < b.second.*part;
        });
        const double cycles = hardware_.pipelined() ? static_cast<double>(counters.busy_cycles) : most->second.*part;
        return {kind, most->first, tile, cycles / servers};
    }

    double imports() const {
        double cycles = 0;
        for (int producer : plan_.imports) {
            const int positions = graph_.map_of(producer).positions();
            const int burst = import_burst(graph_, producer);
            cycles += flit_ * (positions / burst) *
                      static_cast<double>(activity_.network.injected_flits(plan_.streams_of(producer).size(),
                                                                           burst * position_bytes(graph_, producer)));
        }
        return cycles;
    }

    const MappedNetwork& network_;
    const WorkloadGraph& graph_;
    const Mapping& mapping_;
    const HardwareConfig& hardware_;
    FlowPlan plan_;
    RoundActivity activity_;
    double flit_;
    std::map<int, std::map<int, Load>> loads_;  ///< by tile and layer
};

}  // namespace

const char* name_of(LimitKind kind) {
    switch (kind) {
    case LimitKind::reads: return "reads";
    case LimitKind::converters: return "adc";
    case LimitKind::multipliers: return "multipliers";
    case LimitKind::places: return "registers and accumulator entries";
    case LimitKind::bus: return "bus";
    case LimitKind::buffer: return "buffer ports";
    case LimitKind::vector_unit: return "vector unit";
    case LimitKind::network_interface: return "network interface";
    case LimitKind::link: return "link";
    case LimitKind::image_input: return "image input";
    }
    return "";
}

bool of_network(LimitKind kind) {
    return kind == LimitKind::network_interface || kind == LimitKind::link || kind == LimitKind::image_input;
}

std::vector<Limit> limits_of(const MappedNetwork& network) {
    std::vector<Limit> limits;
    for (int round = 0; round < network.mapping.rounds; ++round)
        RoundLimits(network, round).add_to(limits);
    std::stable_sort(limits.begin(), limits.end(), [](const Limit& a, const Limit& b) { return a.cycles > b.cycles; });
    return limits;
}

}  // namespace xloop
