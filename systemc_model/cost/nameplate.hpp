#pragma once

#include "core/chip_shape.hpp"
#include "core/hardware_config.hpp"
#include "systemc_model/cost/expected_data.hpp"
#include "systemc_model/cost/ledger.hpp"
#include "systemc_model/cost/unit_costs.hpp"

namespace xloop {

/// Power and area of one part of a chip, by class of hardware.
struct NameplatePart {
    PerComponent dynamic_w{};  ///< every unit at its highest rate, all the time
    PerComponent static_w{};   ///< leakage, refresh and clock
    PerComponent area_mm2{};

    double power_w(Component component) const;
    double power_total_w() const { return sum_of(dynamic_w) + sum_of(static_w); }
    double area_total_mm2() const { return sum_of(area_mm2); }
};

/// What a component table of a paper says, from structure: each part is the sum of the smaller ones in it and of what it
/// adds. The tile holds its share of a router, 1 / noc.concentration; links between routers and i/o are the chip's own.
struct Nameplate {
    NameplatePart array;  ///< with row drivers, sample-and-hold, multiplexers, converters, adders
    NameplatePart pe;     ///< arrays and registers
    NameplatePart tile;
    NameplatePart chip;
};

/// What hardware and costs leave open.
struct NameplateAssumptions {
    DataAverages data;          ///< of the events that depend on data
    double io_link_gb_s = 6.4;  ///< of one off-chip link; HyperTransport at 1.6 GHz, as in ISAAC and PUMA
};

/// Events a second of one array, of one processing element's registers, of the shared parts of a tile (with its share of a
/// router), and of links and i/o of the chip, each unit at its own highest rate, whether the units beside it keep up or not:
/// - arrays, row drivers, sample-and-hold: a read each crossbar.read_time_ns;
/// - converters, multiplexers, adders: adc.sample_rate_gsps (ramp: all conversions of an array each 2^bits clocks);
/// - gain correction: each output once for each vector, reads of all rows x read_time_ns;
/// - digital units: digital.rate_ghz steps, all multipliers at work;
/// - registers: filled once for each vector, reads of all rows x read_time_ns, or a step for each set of weights;
/// - buffer: a word of width_bits each cycle and port, read or written in turn; bus: bus_bits each cycle;
/// - accumulator and vector unit: every lane each cycle;
/// - controller: a position for each processing element and vector;
/// - router: a flit each cycle of the network for each of its noc.concentration + 4 ports; link: a flit each cycle;
/// - i/o: the assumed bandwidth.
/// Events that depend on data follow from the averages, as in `expect_data`.
PerEvent array_rates(const HardwareConfig& hardware, const NameplateAssumptions& assumed = {});
PerEvent register_rates(const HardwareConfig& hardware);
PerEvent shared_rates(const HardwareConfig& hardware, const NameplateAssumptions& assumed = {});
PerEvent border_rates(const HardwareConfig& hardware, const ChipShape& chip, const NameplateAssumptions& assumed = {});

/// Power at these rates and area, in W and mm2. Throws Error for a chip of less than one tile.
Nameplate make_nameplate(const HardwareConfig& hardware, const ChipShape& chip, const UnitCosts& costs,
                         const NameplateAssumptions& assumed = {});

}  // namespace xloop
