#pragma once

#include "analysis/cost_summary.hpp"
#include "core/json.hpp"

#include <string>

namespace xloop {

/// Events, components, nameplate, peak.
std::string costs_text(const CostReport& report);
Json costs_json(const CostReport& report);
/// One line for each event and each component; components with their nameplate power and area.
std::string costs_csv(const CostReport& report);

}  // namespace xloop
