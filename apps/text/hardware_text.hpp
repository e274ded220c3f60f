#pragma once

#include "analysis/hardware_report.hpp"

#include <string>

namespace xloop {

/// Latency, energy and area by class.
std::string hardware_summary(const HardwareReport& report);
/// The same and every layer.
std::string hardware_text(const HardwareReport& report);

}  // namespace xloop
