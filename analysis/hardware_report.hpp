#pragma once

#include "analysis/json_fields.hpp"
#include "core/activity.hpp"
#include "core/hardware_config.hpp"
#include "core/json.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/cost/expected_data.hpp"
#include "systemc_model/cost/figures_of_merit.hpp"
#include "systemc_model/cost/row_hardware.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// What an estimate or a simulation says about the hardware; one structure for the table, the JSON and the report.
struct HardwareReport {
    /// What a layer, or what is no layer's, takes of the run's energy.
    struct Energy {
        double total_j = 0, dynamic_j = 0, static_j = 0;
        PerComponent by_class_j{};  ///< of the total
    };
    struct Layer {
        std::string name;
        std::uint64_t start_cycle = 0, cycles = 0;  ///< of the first image
        Energy energy = {};
    };
    /// Tiles of one type and what is on them; of the base, what all tiles share too.
    struct TileType {
        std::string name;
        int tiles = 0;
        double area_mm2 = 0, dynamic_j = 0, static_j = 0;  ///< energies of the run
    };
    struct Power {
        std::uint64_t window_cycles = 0;
        double peak_w = 0, energy_j = 0;
    };
    std::string method;  ///< "estimate" or "simulation"
    std::string network;
    int images = 0;
    std::uint64_t cycles = 0, latency_cycles = 0;  ///< of the run; of the first image
    double interval_cycles = 0;                    ///< not a number: one simulated image does not show it
    double clock_ghz = 0;
    int tiles = 0, used_tiles = 0, used_arrays = 0;
    std::vector<TileType> types;  ///< empty where there is one
    std::vector<Layer> layers;
    Energy images_energy, shared_energy;  ///< of sending images; of what belongs to nobody
    ActivityRecord activity;
    bool data_from_values = false;  ///< the events that depend on data were counted, not expected from averages
    std::string cost_table;
    std::vector<std::string> cost_warnings;
    std::vector<OtherHardware> other_hardware;  ///< rows of the cost table that are for other hardware
    std::string powers;                         ///< what energies and powers hold
    std::string reads;      ///< where reads of zeros alone are left out: what is counted without values; else empty
    Ledger ledger;          ///< of the run, all images
    Ledger average_ledger;  ///< the same with averages for data, without instances; equal unless data_from_values
    FiguresOfMerit figures;
    std::vector<double> image_energy_j;           ///< of each image of a simulation
    std::optional<Power> power;                   ///< of a simulation
    std::vector<Estimate::Contended> contention;  ///< of an estimate: what its times leave out

    double seconds(double cycle_count) const { return cycle_count / (clock_ghz * 1e9); }
    double latency_s() const { return figures.latency_s; }
    /// Energy of the run by image: fill and drain of a pipeline included.
    double energy_per_image_j() const { return ledger.energy_total_j / images; }
    bool shows_interval() const { return !std::isnan(interval_cycles); }
    double edap() const { return figures.edap_alone(); }

    /// ActivityRecord::csv with a column `basis` more: `counted`, or `expected` for events that depend on data and come from
    /// averages.
    std::string activity_csv() const;

    Json json() const;
    /// What `json` wrote: its JSON is the same again. Activity comes back as a sum over instances, ledgers without layers
    /// and instances. Throws InputError with the file and the key that is missing or of another kind.
    static HardwareReport from_json(JsonReader json);
};

/// Area of what is with the arrays; of whole tiles, arrays included; of the chip.
struct AreaScopes {
    double arrays = 0, tiles = 0, chip = 0;
    explicit AreaScopes(const PerComponent& area_mm2);
};

/// Fills in the mapping's and the hardware's figures, the ledgers and the figures of merit; `report` has its cycles and
/// activity already. Events that depend on data are taken from `averages` unless `report.data_from_values`. Returns the
/// costs used, of each type of tile.
std::vector<UnitCosts> complete_report(HardwareReport& report, const MappedNetwork& network, const CostTable& costs,
                                       const DataAverages& averages = {});

}  // namespace xloop
