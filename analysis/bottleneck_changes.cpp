#include "analysis/bottleneck_changes.hpp"

#include "systemc_model/cost/adc/adc_kind.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace xloop {
namespace {

/// The given copies of every layer, as a list.
std::vector<std::string> copies_of(const MappedNetwork& network, const std::set<int>& one_more) {
    const auto& [graph, hardware, mapping] = network;
    std::vector<std::string> entries;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const int copies = mapping.layers[l].copy_count() + static_cast<int>(one_more.count(static_cast<int>(l)));
        if (graph.layers[l].on_crossbars() && copies > 1)
            entries.push_back(fmt::format("{}={}", graph.layers[l].name, copies));
    }
    return entries;
}

class Changes {
public:
    explicit Changes(const MappedNetwork& network)
        : network_(network), graph_(network.graph), mapping_(network.mapping), fixed_(network.hardware) {
        fixed_.mapping.replication = Replication::list;
        fixed_.mapping.replicas = copies_of(network, {});
    }

    /// Another value of a key, up to `last`.
    template <class Section>
    void set(const char* path, Section HardwareConfig::*section, int Section::*member, int value, int last) {
        const int now = fixed_.*section.*member;
        if (value == now || value > last)
            return;
        HardwareConfig changed = fixed_;
        changed.*section.*member = value;
        list.push_back({fmt::format("{} {} -> {}", path, now, value), changed, false});
    }

    void dac_bits() {
        const std::size_t before = list.size();
        set("dac.bits", &HardwareConfig::dac, &DacConfig::bits,
            std::min(2 * fixed_.dac.bits, fixed_.numerics.activation_bits), 8);
        for (std::size_t i = before; i < list.size(); ++i)
            list[i].other_values = true;
    }

    /// One more of each layer with a matrix.
    void copies(const std::vector<Limit>& limits) {
        std::set<int> layers;
        std::size_t arrays = 0;
        for (const Limit& limit : limits) {
            if (limit.layer < 0 || !graph_.layers[static_cast<std::size_t>(limit.layer)].on_crossbars())
                continue;
            const LayerMapping& placed = mapping_.layers[static_cast<std::size_t>(limit.layer)];
            if (placed.copy_count() < graph_.layers[static_cast<std::size_t>(limit.layer)].positions() &&
                layers.insert(limit.layer).second)
                arrays += placed.copies.front().blocks.size();
        }
        if (layers.empty())
            return;
        HardwareConfig changed = fixed_;
        changed.mapping.replicas = copies_of(network_, layers);
        const std::string of = layers.size() == 1 ? graph_.layers[static_cast<std::size_t>(*layers.begin())].name
                                                  : fmt::format("each of these {} layers", layers.size());
        list.push_back(
            {fmt::format("one more copy of {} ({} more array{})", of, arrays, arrays == 1 ? "" : "s"), changed, false});
    }

    void faster_clock(const AdcKind& adc) {
        HardwareConfig changed = fixed_;
        const double fixed_ghz = fixed_.adc.*adc.clock_ghz;
        changed.adc.*adc.clock_ghz = 2 * fixed_ghz;
        list.push_back({fmt::format("{} {} -> {}", adc.clock_key, fixed_ghz, 2 * fixed_ghz), changed, false});
    }

    std::vector<HardwareChange> list;

private:
    const MappedNetwork& network_;
    const WorkloadGraph& graph_;
    const Mapping& mapping_;
    HardwareConfig fixed_;
};

}  // namespace

int largest_outputs(const LayerMapping& layer) {
    int outputs = 0;
    for (const PlacedBlock& block : layer.copies.front().blocks)
        outputs = std::max(outputs, block.outs);
    return outputs;
}

std::vector<HardwareChange> changes_against(const std::vector<Limit>& limits, const MappedNetwork& network) {
    const Limit& limit = limits.front();
    const HardwareConfig& hardware = network.hardware;
    Changes changes(network);
    switch (limit.kind) {
    case LimitKind::converters:
        if (const AdcKind& adc = adc_kind(hardware.adc); !adc.in_turn)
            changes.faster_clock(adc);
        else {
            const int swept = std::min(
                hardware.adc.columns_per_adc,
                hardware.conversions(largest_outputs(network.mapping.layers[static_cast<std::size_t>(limit.layer)])));
            changes.set("adc.columns_per_adc", &HardwareConfig::adc, &AdcConfig::columns_per_adc, (swept + 1) / 2,
                        hardware.adc.columns_per_adc);
        }
        changes.dac_bits();
        break;
    case LimitKind::reads: changes.dac_bits(); break;
    case LimitKind::places:
        changes.set("pe.input_vectors", &HardwareConfig::pe, &PeConfig::input_vectors, hardware.pe.input_vectors + 1,
                    64);
        changes.set("pe.output_vectors", &HardwareConfig::pe, &PeConfig::output_vectors, hardware.pe.output_vectors + 1,
                    64);
        changes.set("tile.accumulator_positions", &HardwareConfig::tile, &TileConfig::accumulator_positions,
                    2 * hardware.tile.accumulator_positions, 4096);
        break;
    case LimitKind::bus:
        changes.set("tile.bus_bits", &HardwareConfig::tile, &TileConfig::bus_bits, 2 * hardware.tile.bus_bits, 4096);
        break;
    case LimitKind::buffer:
        changes.set("buffer.ports", &HardwareConfig::buffer, &BufferConfig::ports, hardware.buffer.ports + 1, 16);
        changes.set("buffer.banks", &HardwareConfig::buffer, &BufferConfig::banks, 2 * hardware.buffer.banks, 64);
        break;
    case LimitKind::vector_unit:
        changes.set("tile.vector_lanes", &HardwareConfig::tile, &TileConfig::vector_lanes,
                    2 * hardware.tile.vector_lanes, 4096);
        break;
    case LimitKind::network_interface:
    case LimitKind::link:
    case LimitKind::image_input:
        changes.set("noc.flit_bits", &HardwareConfig::noc, &NocConfig::flit_bits, 2 * hardware.noc.flit_bits, 1024);
        break;
    }
    changes.copies(limits);
    return changes.list;
}

}  // namespace xloop
