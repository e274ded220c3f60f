#include "systemc_model/mapping/peak_throughput.hpp"

#include "systemc_model/mapping/durations.hpp"

namespace xloop {

double peak_operations_per_s(const HardwareConfig& hardware, int tiles) {
    const int outputs = hardware.outputs_per_array();
    const double interval_s = static_cast<double>(Durations(hardware).vector_interval(hardware.array_rows(), outputs)) /
                              (1e9 * hardware.clock.frequency_ghz);
    const double matrices = static_cast<double>(tiles) * hardware.arrays_per_tile() / (hardware.separate() ? 2 : 1);
    return 2.0 * matrices * hardware.array_rows() * outputs / interval_s;
}

}  // namespace xloop
