#pragma once

#include "systemc_model/mapping/flow_plan.hpp"

namespace xloop {

/// Sets the capacities of all streams, as make_flow_plan says.
void size_streams(FlowPlan& plan, const FlowGeometry& geometry, const MappedNetwork& network);

}  // namespace xloop
