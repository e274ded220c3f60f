#include "core/hardware_kinds.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {
namespace {

/// All that `layers` says of one layer.
LayerRule rule_of(const HardwareConfig& chip, const std::string& layer) {
    LayerRule all;
    const auto take = [](auto& value, const auto& given) {
        if (given != std::decay_t<decltype(given)>{})
            value = given;
    };
    for (const LayerRule& rule : chip.layers) {
        if (!rule.matches(layer))
            continue;
        take(all.tile, rule.tile);
        take(all.weight_bits, rule.weight_bits);
        take(all.activation_bits, rule.activation_bits);
        take(all.adc_bits, rule.adc_bits);
        take(all.adc_lsb_levels, rule.adc_lsb_levels);
        take(all.adc_percentile, rule.adc_percentile);
    }
    return all;
}

/// 0: the base.
int number_of_type(const HardwareConfig& chip, const std::string& name) {
    if (name.empty())
        return 0;
    const auto type =
        std::find_if(chip.tile_types.begin(), chip.tile_types.end(), [&](const TileType& t) { return t.name == name; });
    if (type == chip.tile_types.end())
        throw KeyError("tile_types", fmt::format("no type of tile is called `{}`", name));
    return static_cast<int>(type - chip.tile_types.begin()) + 1;
}

HardwareConfig alone(HardwareConfig hardware) {
    hardware.tile_types.clear();
    hardware.layers.clear();
    return hardware;
}

/// What a layer makes of its type of tile.
void apply(const LayerRule& rule, LayerBits bits, HardwareConfig& hardware) {
    hardware.numerics.weight_bits = bits.weights;
    hardware.numerics.activation_bits = bits.activations;
    if (hardware.is_digital())
        return;
    if (rule.adc_bits > 0 && rule.adc_bits < hardware.adc.bits)
        hardware.adc.used_bits = rule.adc_bits;
    if (rule.adc_lsb_levels > 0)
        hardware.adc.lsb_levels = rule.adc_lsb_levels;
    if (rule.adc_percentile > 0)
        hardware.adc.percentile = rule.adc_percentile;
}

bool same_use(const HardwareConfig& a, const HardwareConfig& b) {
    return a.numerics.weight_bits == b.numerics.weight_bits &&
           a.numerics.activation_bits == b.numerics.activation_bits && a.adc.used_bits == b.adc.used_bits &&
           a.adc.spared_bits == b.adc.spared_bits && a.adc.lsb_levels == b.adc.lsb_levels &&
           a.adc.percentile == b.adc.percentile;
}

void check_multipliers(const HardwareConfig& hardware, const std::string& layer, const std::string& prefix) {
    const int bits = std::max(hardware.numerics.weight_bits, hardware.numerics.activation_bits);
    if (hardware.is_digital() && bits > hardware.digital.bits)
        throw KeyError(prefix + "digital.bits",
                       fmt::format("the multipliers take {} bits, but layer `{}` has weights of {} and reads "
                                   "activations of {} bits; widen them, or lower the layer's weight_bits and "
                                   "activation_bits",
                                   hardware.digital.bits, layer, hardware.numerics.weight_bits,
                                   hardware.numerics.activation_bits));
}

LayerBits bits_of(const HardwareConfig& chip, const LayerRule& rule) {
    return {rule.weight_bits > 0 ? rule.weight_bits : chip.numerics.weight_bits,
            rule.activation_bits > 0 ? rule.activation_bits : chip.numerics.activation_bits};
}

}  // namespace

std::vector<LayerBits> asked_bits(const HardwareConfig& chip, const WorkloadGraph& graph) {
    std::vector<std::string> names;
    for (const GraphLayer& layer : graph.layers)
        names.push_back(layer.name);
    for (const LayerRule& rule : chip.layers) {
        if (std::none_of(names.begin(), names.end(), [&](const std::string& name) { return rule.matches(name); }))
            throw KeyError("layers." + rule.name, fmt::format("network `{}` has no layer that matches `{}`{}",
                                                              graph.name, rule.name, did_you_mean(rule.name, names)));
    }
    std::vector<LayerBits> bits;
    for (const GraphLayer& layer : graph.layers)
        bits.push_back(bits_of(chip, rule_of(chip, layer.name)));
    return bits;
}

HardwareConfig hardware_of_layer(const HardwareConfig& chip, const std::string& layer) {
    const LayerRule rule = rule_of(chip, layer);
    const int type = number_of_type(chip, rule.tile);
    HardwareConfig hardware = type == 0 ? alone(chip) : chip.tile_types[static_cast<std::size_t>(type - 1)].hardware;
    apply(rule, bits_of(chip, rule), hardware);
    return hardware;
}

HardwareKinds::HardwareKinds(const HardwareConfig& chip) : types_(static_cast<int>(chip.tile_types.size()) + 1) {
    kinds_.push_back({alone(chip), 0, "base"});
    for (const TileType& type : chip.tile_types)
        kinds_.push_back({type.hardware, static_cast<int>(kinds_.size()), type.name});
}

HardwareKinds::HardwareKinds(const HardwareConfig& chip, const WorkloadGraph& graph,
                             const std::vector<int>& spared_bits)
    : HardwareKinds(chip) {
    for (const GraphLayer& layer : graph.layers) {
        of_layer_.push_back(0);
        if (!layer.on_crossbars())
            continue;
        const LayerRule rule = rule_of(chip, layer.name);
        const int type = number_of_type(chip, rule.tile);
        HardwareConfig hardware = (*this)[type];
        apply(rule, {layer.weight_bits, graph.edge(layer.inputs.front()).bits}, hardware);
        if (!spared_bits.empty())
            hardware.adc.spared_bits = spared_bits[of_layer_.size() - 1];
        check_multipliers(hardware, layer.name, type == 0 ? "" : "tile_types." + name_of_type(type) + ".");
        if (hardware.outputs_per_array() < 1)
            throw KeyError(key(type, "crossbar.cols"),
                           fmt::format("a {}-bit weight of layer `{}` takes {} cells of {} bits and does not fit into "
                                       "the {} columns of an array of type `{}`; widen it, or lower the layer's "
                                       "weight_bits",
                                       hardware.numerics.weight_bits, layer.name, hardware.slices(),
                                       hardware.cell_bits(), hardware.crossbar.cols, name_of_type(type)));
        of_layer_.back() = find_or_add(hardware, type);
    }
    build_for_all();
}

std::string HardwareKinds::key(int type, const std::string& key) const {
    return type == 0 ? key : "tile_types." + name_of_type(type) + "." + key;
}

int HardwareKinds::find_or_add(const HardwareConfig& hardware, int type) {
    const auto same = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& kind) {
        return kind.type == type && same_use(kind.hardware, hardware);
    });
    if (same != kinds_.end())
        return static_cast<int>(same - kinds_.begin());
    kinds_.push_back({hardware, type, name_of_type(type)});
    return count() - 1;
}

/// A type has the converters and output registers that the most demanding of its layers needs.
void HardwareKinds::build_for_all() {
    for (int type = 0; type < types_; ++type) {
        int outputs = 0, conversions = 0;
        for (const Kind& kind : kinds_)
            if (kind.type == type) {
                outputs = std::max(outputs, kind.hardware.outputs_per_array());
                conversions = std::max(conversions, kind.hardware.conversions(kind.hardware.outputs_per_array()));
            }
        for (Kind& kind : kinds_)
            if (kind.type == type) {
                kind.hardware.most_outputs = outputs;
                kind.hardware.most_conversions = conversions;
            }
    }
}

}  // namespace xloop
