#include "analysis/bottleneck_changes.hpp"

#include "systemc_model/cost/adc/adc_kind.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <set>

namespace xloop {
namespace {

/// The tiles that a key says something of; all share what is the chip's.
enum class Tiles { all, analog, digital, chip };

/// A key whose value is a number of things that can be built larger or smaller.
struct Knob {
    const char* key;
    int& (*of)(HardwareConfig&);
    int least, most;
    bool halved;  ///< made smaller by halves; else one by one
    Tiles tiles = Tiles::all;
};

constexpr Knob columns_per_adc{
    "adc.columns_per_adc", [](HardwareConfig& h) -> int& { return h.adc.columns_per_adc; }, 1, 4096, true,
    Tiles::analog};
constexpr Knob dac_bits{"dac.bits", [](HardwareConfig& h) -> int& { return h.dac.bits; }, 1, 8, true, Tiles::analog};
constexpr Knob rows_per_read{"crossbar.rows_per_read",
                             [](HardwareConfig& h) -> int& { return h.crossbar.rows_per_read; },
                             1,
                             1024,
                             true,
                             Tiles::analog};
constexpr Knob digital_cols{"digital.cols", [](HardwareConfig& h) -> int& { return h.digital.cols; }, 1, 1024, true,
                            Tiles::digital};
constexpr Knob input_vectors{"pe.input_vectors", [](HardwareConfig& h) -> int& { return h.pe.input_vectors; }, 1, 64,
                             false};
constexpr Knob output_vectors{"pe.output_vectors", [](HardwareConfig& h) -> int& { return h.pe.output_vectors; }, 1, 64,
                              false};
constexpr Knob accumulator_positions{"tile.accumulator_positions",
                                     [](HardwareConfig& h) -> int& { return h.tile.accumulator_positions; }, 1, 4096,
                                     true};
constexpr Knob bus_bits{"tile.bus_bits", [](HardwareConfig& h) -> int& { return h.tile.bus_bits; }, 8, 4096, true};
constexpr Knob buffer_bytes{"buffer.bytes", [](HardwareConfig& h) -> int& { return h.buffer.bytes; }, 64, 1 << 26,
                            true};
constexpr Knob buffer_ports{"buffer.ports", [](HardwareConfig& h) -> int& { return h.buffer.ports; }, 1, 16, false};
constexpr Knob buffer_banks{"buffer.banks", [](HardwareConfig& h) -> int& { return h.buffer.banks; }, 1, 64, true};
constexpr Knob vector_lanes{"tile.vector_lanes", [](HardwareConfig& h) -> int& { return h.tile.vector_lanes; }, 1, 4096,
                            true};
constexpr Knob pes{"tile.pes", [](HardwareConfig& h) -> int& { return h.tile.pes; }, 1, 1024, true};
constexpr Knob flit_bits{"noc.flit_bits", [](HardwareConfig& h) -> int& { return h.noc.flit_bits; }, 8, 1024, true,
                         Tiles::chip};

/// The given copies of every layer, as a list.
std::vector<std::string> copies_of(const MappedNetwork& network, const std::set<int>& one_more) {
    const WorkloadGraph& graph = network.graph;
    const Mapping& mapping = network.mapping;
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
    /// `type`: of the tiles that change; what all tiles share changes with any.
    Changes(const MappedNetwork& network, int type)
        : network_(network), graph_(network.graph), mapping_(network.mapping), fixed_(network.hardware), type_(type) {
        fixed_.mapping.replication = Replication::list;
        fixed_.mapping.replicas = copies_of(network, {});
    }

    HardwareConfig& fixed() { return at(fixed_); }

    /// Another value of a key, as far as it goes.
    void set(const Knob& knob, int value, bool other_values = false) {
        HardwareConfig changed = fixed_;
        const int now = knob.of(at(changed));
        if (value == now || value < knob.least || value > knob.most)
            return;
        knob.of(at(changed)) = value;
        add(key_of(knob.key), fmt::to_string(now), fmt::to_string(value), changed, other_values, pins(knob, now));
    }
    void twice(const Knob& knob) { set(knob, 2 * knob.of(fixed())); }
    void one_more(const Knob& knob) { set(knob, knob.of(fixed()) + 1); }

    template <class Section, class Value>
    void set(const char* key, Section HardwareConfig::*section, Value Section::*member, Value value) {
        HardwareConfig changed = fixed_;
        const Value now = fixed_.*section.*member;
        if (value == now)
            return;
        changed.*section.*member = value;
        if constexpr (std::is_enum_v<Value>)
            add(key, name_of(now), name_of(value), changed);
        else
            add(key, fmt::to_string(now), fmt::to_string(value), changed);
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
        list.push_back({fmt::format("one more copy of {} ({} more array{})", of, arrays, arrays == 1 ? "" : "s"),
                        copies_setting(changed), changed, false});
    }

    /// Converters that convert one column after the other get fewer columns; others a faster clock.
    void converters(int layer) {
        const HardwareConfig& hardware = fixed();
        const AdcKind& adc = adc_kind(hardware.adc);
        if (adc.in_turn) {
            const int outputs = largest_block(mapping_.layers[static_cast<std::size_t>(layer)]).outs;
            const int swept =
                std::min(hardware.adc.columns_per_adc, network_.layer_hardware(layer).conversions(outputs));
            set(columns_per_adc, (swept + 1) / 2);
        } else if (2 * hardware.adc.*adc.clock_ghz <= 10) {
            HardwareConfig changed = fixed_;
            const double now = hardware.adc.*adc.clock_ghz;
            at(changed).adc.*adc.clock_ghz *= 2;
            std::vector<std::string> kept;
            for_other_types([&](const HardwareConfig& other, int type) {
                if (!other.is_digital() && other.adc.type == hardware.adc.type && other.adc.*adc.clock_ghz == now)
                    kept.push_back(fmt::format("{}={}", network_.kinds.key(type, adc.clock_key), now));
            });
            add(key_of(adc.clock_key), fmt::to_string(now), fmt::to_string(2 * now), changed, false, kept);
        }
    }

    void reads(int layer) {
        if (fixed().crossbar.rows_per_read > 0 &&
            fixed().crossbar.rows_per_read < largest_block(mapping_.layers[static_cast<std::size_t>(layer)]).rows)
            set(rows_per_read, 2 * fixed().crossbar.rows_per_read, true);
        set(dac_bits, std::min(2 * fixed().dac.bits, network_.layer_hardware(layer).numerics.activation_bits), true);
    }

    void network() {
        twice(flit_bits);
        if (const double clock = fixed_.noc_clock_ghz(); 2 * clock <= 10)
            set("noc.clock_ghz", &HardwareConfig::noc, &NocConfig::clock_ghz, 2 * clock);
        set("noc.multicast", &HardwareConfig::noc, &NocConfig::multicast, true);
        set("mapping.placement", &HardwareConfig::mapping, &MappingConfig::placement, Placement::improved);
        set("mapping.tile_blocks", &HardwareConfig::mapping, &MappingConfig::tile_blocks,
            fixed_.mapping.tile_blocks == TileBlocks::outputs ? TileBlocks::rows : TileBlocks::outputs);
    }

    std::vector<HardwareChange> list;

private:
    HardwareConfig& at(HardwareConfig& chip) const {
        return type_ == 0 ? chip : chip.tile_types[static_cast<std::size_t>(type_) - 1].hardware;
    }
    /// Of a key of a type of tile; what all tiles share is of the base.
    std::string key_of(const std::string& key) const { return network_.kinds.key(type_, key); }
    /// What fixes the copies.
    std::vector<std::string> copies_setting(const HardwareConfig& hardware) const {
        if (hardware.mapping.replicas.empty())
            return network_.hardware.mapping.replication == Replication::none
                       ? std::vector<std::string>{}
                       : std::vector<std::string>{"mapping.replication=none"};
        return {"mapping.replication=list",
                fmt::format("mapping.replicas=[{}]", fmt::join(hardware.mapping.replicas, ", "))};
    }

    /// Where the base changes, types that have its value may have it from there, and would follow.
    template <class Use>
    void for_other_types(Use use) const {
        for (int type = 1; type_ == 0 && type < network_.kinds.types(); ++type)
            use(fixed_.tile_types[static_cast<std::size_t>(type) - 1].hardware, type);
    }
    /// What keeps other types as they are.
    std::vector<std::string> pins(const Knob& knob, int now) const {
        std::vector<std::string> kept;
        for_other_types([&](HardwareConfig other, int type) {
            const bool acts = knob.tiles == Tiles::all || (knob.tiles == Tiles::analog && !other.is_digital()) ||
                              (knob.tiles == Tiles::digital && other.is_digital());
            if (acts && knob.of(other) == now)
                kept.push_back(fmt::format("{}={}", network_.kinds.key(type, knob.key), now));
        });
        return kept;
    }

    /// `kept`: settings that keep other types of tiles as they are.
    void add(const std::string& key, const std::string& now, const std::string& value, const HardwareConfig& changed,
             bool other_values = false, const std::vector<std::string>& kept = {}) {
        std::vector<std::string> settings = copies_setting(changed);
        settings.push_back(fmt::format("{}={}", key, value));
        settings.insert(settings.end(), kept.begin(), kept.end());
        list.push_back({fmt::format("{} {} -> {}{}", key, now, value, kept.empty() ? "" : " (base tiles)"),
                        std::move(settings), changed, other_values});
    }

    const MappedNetwork& network_;
    const WorkloadGraph& graph_;
    const Mapping& mapping_;
    HardwareConfig fixed_;
    int type_;
};

}  // namespace

LargestBlock largest_block(const LayerMapping& layer) {
    LargestBlock size;
    for (const PlacedBlock& block : layer.copies.front().blocks)
        size = {std::max(size.rows, block.rows), std::max(size.outs, block.outs)};
    return size;
}

int type_of(const Limit& limit, const MappedNetwork& network) {
    if (of_network(limit.kind))
        return 0;
    return limit.tile >= 0 ? network.mapping.type_of(limit.tile) : network.kinds.type_of_layer(limit.layer);
}

std::vector<HardwareChange> changes_against(const std::vector<Limit>& limits, const MappedNetwork& network) {
    Changes changes(network, type_of(limits.front(), network));
    switch (limits.front().kind) {
    case LimitKind::converters:
        changes.converters(limits.front().layer);
        changes.reads(limits.front().layer);
        break;
    case LimitKind::reads: changes.reads(limits.front().layer); break;
    case LimitKind::multipliers: changes.twice(digital_cols); break;
    case LimitKind::places:
        changes.one_more(input_vectors);
        changes.one_more(output_vectors);
        changes.twice(accumulator_positions);
        break;
    case LimitKind::bus: changes.twice(bus_bits); break;
    case LimitKind::buffer:
        changes.one_more(buffer_ports);
        changes.twice(buffer_banks);
        break;
    case LimitKind::vector_unit: changes.twice(vector_lanes); break;
    case LimitKind::network_interface:
    case LimitKind::link:
    case LimitKind::image_input: changes.network(); break;
    }
    changes.copies(limits);
    return std::move(changes.list);
}

std::vector<std::vector<HardwareChange>> smaller_hardware(const MappedNetwork& network) {
    std::vector<std::vector<HardwareChange>> all;
    for (int type = 0; type < network.kinds.types(); ++type) {
        if (network.mapping.chip().tiles_of_type(type) == 0)
            continue;
        Changes changes(network, type);
        const auto take = [&] {
            all.push_back(std::move(changes.list));
            changes.list.clear();
        };
        const HardwareConfig& hardware = network.kinds[type];
        int conversions = 1;
        for (std::size_t l = 0; l < network.mapping.layers.size(); ++l) {
            const LayerMapping& layer = network.mapping.layers[l];
            const int index = static_cast<int>(l);
            if (!layer.copies.front().blocks.empty() && network.kinds.type_of_layer(index) == type)
                conversions =
                    std::max(conversions, network.layer_hardware(index).conversions(largest_block(layer).outs));
        }
        if (!hardware.is_digital() && adc_kind(hardware.adc).in_turn)
            for (int columns = 2 * hardware.adc.columns_per_adc; columns < 2 * conversions; columns *= 2)
                changes.set(columns_per_adc, columns);
        take();
        for (int columns = hardware.digital.cols / 2; hardware.is_digital() && columns > 0; columns /= 2)
            changes.set(digital_cols, columns);
        take();
        for (const Knob& knob : {pes, buffer_bytes, buffer_ports, buffer_banks, bus_bits, vector_lanes, flit_bits,
                                 accumulator_positions, input_vectors, output_vectors}) {
            if (type > 0 && knob.tiles == Tiles::chip)
                continue;  // tried with the base
            for (int value = knob.of(changes.fixed()); value > knob.least;) {
                value = knob.halved ? value / 2 : value - 1;
                changes.set(knob, value);
            }
            take();
        }
    }
    return all;
}

}  // namespace xloop
