#include "systemc_model/device/kinds/cell_kind.hpp"

namespace xloop {
namespace {

CellStatistics statistics(const DeviceConfig& device, const LevelTable& levels, int level) {
    CellStatistics cells;
    if (level > 0)
        cells.spread_s = device.on_current_sigma * levels.mean(level);
    return cells;
}

}  // namespace

/// Bit cells whose read transistors sink a current into the column when they hold a 1 and their row is driven: the current
/// of an on cell is that of the highest level with mismatch, of an off cell the leakage of the lowest level. Current-domain
/// model of mismatch: Gonugondla et al., "Fundamental Limits on Energy-Delay-Accuracy of In-Memory Architectures", TCAD
/// 2022.
CellKind sram_kind() { return {DeviceKind::sram, statistics}; }

}  // namespace xloop
