#pragma once

#include <array>
#include <cstddef>

namespace xloop {

/// Figures of one memory: one bank, one read/write port, an access of `width_bits` bits. Write energies of DRAM: see
/// edram_runs.
struct MemoryRun {
    double kilobytes, width_bits;
    double read_pj, write_pj, mm2, access_ns, leakage_mw;
};

/// Runs at one node: all pairs of some sizes and some widths, sorted by size, then width.
struct MemoryGrid {
    double node_nm;
    std::size_t sizes, widths;
    const MemoryRun* runs;

    const MemoryRun& at(std::size_t size, std::size_t width) const { return runs[size * widths + width]; }
};

enum class DeviceClass { high_performance, low_standby, low_operating };

/// Our runs of CACTI 7 (HewlettPackard/cacti, commit 1ffd8df): type ram, no ECC, 350 K, weights delay : dynamic :
/// leakage : cycle : area = 0:100:100:0:100, conservative wires, repeated wires with 30 % delay penalty, ITRS device
/// classes for cells and periphery. Sub-threshold leakage of the whole array. The area is that of high-performance
/// devices. At 65, 45, 32 and 22 nm; at 65 nm for fewer sizes and widths.
inline constexpr std::size_t sram_nodes = 4;
const std::array<MemoryGrid, sram_nodes>& sram_runs(DeviceClass devices);

/// The same with cells of the low-standby class and high-performance periphery, 256 bits wide, at 45, 32 and 22 nm.
inline constexpr std::size_t mixed_nodes = 3;
const std::array<MemoryGrid, mixed_nodes>& mixed_sram_runs();

/// The same settings with lp-dram cells and low-operating-power periphery at 45 and 32 nm; the tool has no data at 22
/// nm. Its write energy is of a whole page (341 pJ beside 9 pJ for a read), so writes are given the energy of reads.
/// The leakage contains the tool's own refresh.
inline constexpr std::size_t edram_nodes = 2;
const std::array<MemoryGrid, edram_nodes>& edram_runs();

}  // namespace xloop
