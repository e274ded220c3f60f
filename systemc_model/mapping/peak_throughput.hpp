#pragma once

#include "core/hardware_config.hpp"

namespace xloop {

/// Operations a second of a chip of `tiles` tiles whose arrays all hold full matrices and always have a vector to read: two
/// for each multiply-accumulate, rows x outputs of an array (of a pair of arrays, with separate mapping) each vector interval
/// (`Durations`). Buffers, buses and the network may not keep up with it.
double peak_operations_per_s(const HardwareConfig& hardware, int tiles);

}  // namespace xloop
