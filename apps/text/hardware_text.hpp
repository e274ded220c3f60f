#pragma once

#include "analysis/hardware_report.hpp"
#include "core/table.hpp"

#include <string>

namespace xloop {

/// Latency, energy and area by class.
std::string hardware_summary(const HardwareReport& report);
/// The same and every layer.
std::string hardware_text(const HardwareReport& report);

// Their tables; energies are those of an image.
Table class_table(const HardwareReport& report);
Table type_table(const HardwareReport& report);
Table layer_table(const HardwareReport& report);

}  // namespace xloop
