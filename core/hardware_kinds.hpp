#pragma once

#include "core/hardware_config.hpp"
#include "core/workload/precision.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Widths that the hardware file asks for, layer by layer. Throws KeyError for an entry of `layers` that matches no layer.
std::vector<LayerBits> asked_bits(const HardwareConfig& chip, const WorkloadGraph& graph);

/// What a layer of that name sees of the hardware: its type of tile, and its own widths and use of the converters.
HardwareConfig hardware_of_layer(const HardwareConfig& chip, const std::string& layer);

/// The kinds of hardware that a network meets on a chip, each a HardwareConfig without types and layers of its own: first the
/// types of tiles, the base as number 0, then what layers see that use their tiles in another way than the type says.
/// Layers that see the same share a kind.
class HardwareKinds {
public:
    /// None, to be assigned to.
    HardwareKinds() = default;
    /// The types alone.
    explicit HardwareKinds(const HardwareConfig& chip);
    /// `graph`: with the widths that its layers have (set_precision). Throws KeyError where a weight does not fit into an
    /// array. `spared_bits`: AdcConfig::spared_bits of each layer; none: 0.
    HardwareKinds(const HardwareConfig& chip, const WorkloadGraph& graph, const std::vector<int>& spared_bits = {});

    int count() const { return static_cast<int>(kinds_.size()); }
    int types() const { return types_; }
    const HardwareConfig& operator[](int kind) const { return kinds_[static_cast<std::size_t>(kind)].hardware; }
    /// Name of a type; of the base, "base".
    const std::string& name_of_type(int type) const { return kinds_[static_cast<std::size_t>(type)].name; }
    /// Path of a key of a type: "buffer.bytes", "tile_types.large.buffer.bytes".
    std::string key(int type, const std::string& key) const;
    int type_of(int kind) const { return kinds_[static_cast<std::size_t>(kind)].type; }
    /// Of a layer without a matrix the base.
    int of_layer(int layer) const { return of_layer_[static_cast<std::size_t>(layer)]; }
    const HardwareConfig& layer(int layer) const { return (*this)[of_layer(layer)]; }
    int type_of_layer(int layer) const { return type_of(of_layer(layer)); }

private:
    struct Kind {
        HardwareConfig hardware;
        int type;
        std::string name;
    };
    int find_or_add(const HardwareConfig& hardware, int type);
    void build_for_all();

    std::vector<Kind> kinds_;
    int types_ = 0;
    std::vector<int> of_layer_;
};

}  // namespace xloop
