#pragma once

#include "core/activity.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <string>
#include <utility>

namespace xloop {

/// Names of a chip's instances in its hierarchy, the same in counters, ledgers, traces and for the modules of the cycle
/// model. Keeps a reference to the mapping.
class InstancePaths {
public:
    explicit InstancePaths(const Mapping& mapping, std::string chip = "chip")
        : mapping_(mapping), chip_(std::move(chip)) {}

    std::string tile(int tile) const;                                  ///< "chip.tile_3_1"
    std::string tile_part(int tile, Component part) const;             ///< "chip.tile_3_1.buffer"
    std::string pe(int tile, int pe) const;                            ///< "chip.tile_3_1.pe_2"
    std::string pe_part(int tile, int pe, Component registers) const;  ///< "chip.tile_3_1.pe_2.input_register"
    std::string array(int tile, int pe, int slot) const;               ///< "chip.tile_3_1.pe_2.xbar_5"
    std::string array(const PlacedBlock& block) const { return array(block.tile, block.pe, block.slot); }
    std::string router(int router) const;  ///< "chip.noc.router_1_0"
    std::string io() const;                ///< "chip.io"

    /// The same below a path that is at hand, which saves time where many are asked for.
    static std::string below(const std::string& path, const std::string& name) { return path + "." + name; }

    // Last parts of these, for modules that have their paths from the modules above.
    static std::string pe_name(int pe);
    static std::string array_name(int slot);
    std::string router_name(int router) const;

    /// What an instance is, by its path: its name without numbers, "xbar", "router", "input_register".
    static std::string kind_of(const std::string& path);

private:
    const Mapping& mapping_;
    std::string chip_;
};

}  // namespace xloop
