#include "systemc_model/crossbar/drive.hpp"

namespace xloop {

DriveTable::DriveTable(const HardwareConfig& hardware) {
    const int bits = hardware.dac.bits, mask = (1 << bits) - 1;
    for (std::size_t value = 0; value < pulses.size(); ++value) {
        std::uint8_t driven = 0;
        std::uint32_t sum = 0;
        for (auto rest = static_cast<std::uint32_t>(value); rest != 0; rest >>= bits) {
            const std::uint32_t digit = rest & static_cast<std::uint32_t>(mask);
            driven = static_cast<std::uint8_t>(driven + (digit != 0));
            sum += digit * digit;
        }
        pulses[value] = driven;
        squares[value] = sum;
    }
}

}  // namespace xloop
