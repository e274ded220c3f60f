#include "systemc_model/crossbar/array_model.hpp"

#include "core/random.hpp"

namespace xloop {
namespace {

constexpr int calibration_reads = 64;

}  // namespace

AnalogModel analog_model(const HardwareConfig& hardware, const DeviceModel& device) {
    const CrossbarConfig& xbar = hardware.crossbar;
    AnalogModel model;
    model.circuit = xbar.circuit;
    model.precision = xbar.precision;
    model.parasitics = {xbar.r_driver_ohm, xbar.r_wire_row_ohm, xbar.r_wire_col_ohm, xbar.r_sense_ohm};
    model.curve = device.curve();
    model.first_order = xbar.secant_first_order && model.circuit == Circuit::secant;
    return model;
}

bool solves_each_read(const AnalogModel& model) { return model.circuit == Circuit::exact || model.first_order; }

Eigen::MatrixXd secant_calibration(const HardwareConfig& hardware, int rows_used) {
    if (hardware.crossbar.circuit != Circuit::secant)
        return {};
    const KeyedRandom random(hardware.chip_seed, RandomUse::secant_calibration);
    const int steps = (1 << hardware.dac.bits) - 1;
    Eigen::MatrixXd volts = Eigen::MatrixXd::Zero(
        static_cast<Eigen::Index>(calibration_reads) * hardware.read_groups(rows_used), hardware.crossbar.rows);
    for (int k = 0; k < calibration_reads; ++k)
        for (int r = 0; r < rows_used; ++r)
            volts(r / hardware.crossbar.rows_at_once() * calibration_reads + k, r) =
                hardware.crossbar.read_voltage_v *
                static_cast<double>(random.below(static_cast<std::uint64_t>(steps) + 1, k, r)) / steps;
    return volts;
}

}  // namespace xloop
