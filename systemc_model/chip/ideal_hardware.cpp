#include "systemc_model/chip/ideal_hardware.hpp"

namespace xloop {

HardwareConfig ideal_hardware(HardwareConfig hardware) {
    const DeviceConfig& real = hardware.device;
    DeviceConfig device;
    device.kind = DeviceKind::reram;  // the one whose statistics may all be 0
    device.r_on_ohm = real.r_on_ohm;
    device.r_off_ohm = real.r_off_ohm;
    device.storage = real.storage;
    device.bits_per_cell = real.bits_per_cell;
    device.programming_sigma = 0.0;
    hardware.device = device;
    CrossbarConfig& crossbar = hardware.crossbar;
    crossbar.circuit = Circuit::ideal;
    crossbar.r_driver_ohm = crossbar.r_wire_row_ohm = crossbar.r_wire_col_ohm = crossbar.r_sense_ohm = 0.0;
    AdcConfig& adc = hardware.adc;
    adc.noise_sigma_lsb = adc.gain_sigma = adc.offset_sigma_lsb = adc.inl_sigma_lsb = 0.0;
    adc.gain_correction = GainCorrectionKind::none;
    for (TileType& type : hardware.tile_types)
        type.hardware = ideal_hardware(type.hardware);
    return hardware;
}

}  // namespace xloop
