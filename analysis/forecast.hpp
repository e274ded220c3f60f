#pragma once

#include "analysis/layer_limits.hpp"
#include "systemc_model/cost/cost_table.hpp"
#include "systemc_model/estimate/run_estimate.hpp"
#include "systemc_model/mapping/flow_geometry.hpp"

#include <string>
#include <vector>

namespace xloop {

/// What a network gives on some hardware in closed form, as far as advice on the hardware needs it.
struct Forecast {
    MappedNetwork network;
    RunEstimate run = {};
    double interval = 0;        ///< cycles from image to image; layer by layer and in rounds: the run over its images
    double dynamic_j = 0;       ///< of an image, with averages for data
    double static_j_cycle = 0;  ///< of the chip, in a cycle of the digital clock
    double area_mm2 = 0;        ///< of the chip
    std::vector<std::string> warnings = {};  ///< of the costs, as UnitCosts::warnings
    bool other_reads = false;                ///< than those that reads of zeros alone were counted of

    /// Of an image in a stream with `cycles` between images.
    double energy_j(double cycles) const { return dynamic_j + static_j_cycle * cycles; }
    /// Why the interval may be longer than said: the place where parts hold each other up most. Empty: nothing known.
    std::string uncertain() const;

private:
    /// Not only the first image, whose layers find their parts idle or not.
    bool delays_images(const Contention& place) const;
};

/// Forecasts of one network for one piece of hardware after the other. Reads of zeros alone are left out as often as `network` has them
/// (reads_as_in). Keeps references to network and table.
class Forecaster {
public:
    Forecaster(const MappedNetwork& network, const CostTable& costs, int images);
    /// Throws InputError when the network does not fit.
    Forecast operator()(const HardwareConfig& hardware) const;
    /// As xloop::rows_blind_to, of the table and of all types of tiles.
    std::vector<std::string> rows_blind_to(const HardwareConfig& from, const HardwareConfig& to) const;

private:
    const MappedNetwork& counted_;
    WorkloadGraph shapes_;  ///< without weights, which nobody asks for
    FlowGeometry geometry_;
    const CostTable& costs_;
    int images_;
};

}  // namespace xloop
