#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/crossbar/circuit/analog_array.hpp"
#include "systemc_model/device/device_model.hpp"

namespace xloop {

/// The circuit of one array as the configuration describes it.
AnalogModel analog_model(const HardwareConfig& hardware, const DeviceModel& device);

/// Whether the array's currents are no fixed matrix: exact, and secant with first-order correction.
bool solves_each_read(const AnalogModel& model);

/// Source voltages that secant conductances are fitted to: reads of random inputs on each group of the first `rows_used`
/// rows that is driven at once, the other rows at 0 V. Empty for other circuits.
Eigen::MatrixXd secant_calibration(const HardwareConfig& hardware, int rows_used);

}  // namespace xloop
