#pragma once

#include "core/activity.hpp"
#include "core/hardware_config.hpp"
#include "systemc_model/cost/ledger.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace xloop {

using Json = nlohmann::ordered_json;

/// What an estimate or a simulation says about the hardware; one structure for the table, the JSON and the report.
struct HardwareReport {
    struct Layer {
        std::string name;
        std::uint64_t start_cycle = 0, cycles = 0;
    };
    std::string method;   ///< "estimate" or "simulation"
    std::string network;
    int images = 0;
    std::uint64_t cycles = 0, latency_cycles = 0;  ///< of the run; of the first image
    double interval_cycles = 0;
    double clock_ghz = 0;
    int tiles = 0, used_tiles = 0, used_arrays = 0;
    std::vector<Layer> layers;
    ActivityRecord activity;
    Ledger ledger;  ///< of all images

    double seconds(double cycle_count) const { return cycle_count / (clock_ghz * 1e9); }
    double latency_s() const { return seconds(static_cast<double>(latency_cycles)); }
    double energy_per_image_j() const { return ledger.energy_total_j / images; }
    /// Energy per image x image latency x chip area, in J s mm2.
    double edap() const { return energy_per_image_j() * latency_s() * ledger.area_total_mm2; }

    Json json() const;
    /// Latency, energy, area by class; the table adds the layers.
    std::string summary() const;
    std::string table() const;
};

/// Fills in the mapping's and the hardware's figures and the ledger; `report` has its cycles and activity already.
void complete_report(HardwareReport& report, const Mapping& mapping, const HardwareConfig& hardware,
                     const CostTable& costs);

}  // namespace xloop
