#pragma once

#include "systemc_model/mapping/flow_plan.hpp"
#include "systemc_model/mapping/network_load.hpp"

#include <vector>

namespace xloop {

/// Cycles of the digital clock until a message that is handed to an idle network is complete at its receiver. `flits`:
/// those that leave the source up to the message's last one for this receiver.
double message_cycles(const HardwareConfig& hardware, const NetworkLoad& network, int from, int to, std::int64_t flits);

/// Reads one after the other that the arrays of a task make for a vector: the mean, where some are left out.
double steps_of(const MappedNetwork& network, const FlowTask& task);

/// One flit through a port, in cycles of the digital clock.
double flit_cycles(const HardwareConfig& hardware);

/// One position of a copy of a layer with a matrix, on its way through the idle chip, and how close positions follow one
/// another. Cycles of the digital clock, those of a fetch the mean of the copy's where windows are reused.
struct CopyPace {
    struct Part {  ///< of one tile
        const FlowTask* task = nullptr;
        double gathered = 0;       ///< from the start of a fetch to the sums in the tile's accumulate unit
        double bus = 0, port = 0;  ///< busy for each position
    };
    std::vector<Part> parts;
    double finish = 0;    ///< from the last sum at the home to the position in its buffer
    double read_out = 0;  ///< from there to the network interface; 0: nobody else reads it
    double own_pace = 0;  ///< between positions: arrays, registers, entries and ports of this copy alone
    double home_bus = 0, home_port = 0, vector_unit = 0;  ///< of the home, sums from other tiles included
};

/// `tasks`: of one copy of a layer with a matrix; `receivers`: nodes that its positions are sent to.
CopyPace pace_of(const MappedNetwork& network, int layer, const NetworkLoad& load,
                 const std::vector<const FlowTask*>& tasks, const std::vector<int>& receivers);

}  // namespace xloop
