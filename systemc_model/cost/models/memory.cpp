#include "systemc_model/cost/models/memory.hpp"

#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/cost/models/memory_runs.hpp"
#include "systemc_model/cost/models/wires.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

constexpr double smallest_bytes = 256;
constexpr double um2_per_mm2 = 1e6, uw_per_mw = 1e3;

/// Logarithms of a run's figures: what is interpolated.
using LogFigures = std::array<double, 5>;

LogFigures logs(const MemoryRun& run) {
    return {std::log(run.read_pj), std::log(run.write_pj), std::log(run.mm2), std::log(run.access_ns),
            std::log(run.leakage_mw)};
}

LogFigures between(const LogFigures& a, const LogFigures& b, double weight_of_b) {
    LogFigures result;
    for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = a[i] + weight_of_b * (b[i] - a[i]);
    return result;
}

/// How read and write energy, area, access time and leakage go on with size and width beyond the runs. Upwards: fits to
/// all runs at 32 nm. Downwards: fits to three small memories of the same settings (256 bytes x 16 bits, 512 x 32, 1024
/// x 64).
struct Exponents {
    LogFigures size, width;
};
constexpr Exponents upwards = {{0.52, 0.52, 0.90, 0.39, 0.98}, {0.71, 0.71, 0.20, 0, 0}};
constexpr Exponents downwards = {{0.29, 0.72, 0.91, 0.39, 0.91}, {0.60, 0.35, 0, 0, 0}};

/// Place of a value in a rising scale; clamped to its ends, `beyond` is the logarithm of what is left.
struct Step {
    template <class ValueAt>
    Step(double value, std::size_t count, ValueAt at) {
        const double clamped = std::min(std::max(value, at(0)), at(count - 1));
        beyond = std::log(value / clamped);
        while (lower + 2 < count && at(lower + 1) <= clamped)
            ++lower;
        upper = std::min(lower + 1, count - 1);
        if (upper > lower)
            weight = std::log(clamped / at(lower)) / std::log(at(upper) / at(lower));
    }
    std::size_t lower = 0, upper = 0;
    double weight = 0, beyond = 0;
};

LogFigures at(const MemoryGrid& grid, double kilobytes, double width_bits) {
    const Step size(kilobytes, grid.sizes, [&](std::size_t i) { return grid.at(i, 0).kilobytes; });
    const Step width(width_bits, grid.widths, [&](std::size_t i) { return grid.at(0, i).width_bits; });
    const auto of_size = [&](std::size_t s) {
        const LogFigures narrow = logs(grid.at(s, width.lower));
        return width.weight == 0 ? narrow : between(narrow, logs(grid.at(s, width.upper)), width.weight);
    };
    LogFigures figures = of_size(size.lower);
    if (size.weight > 0)
        figures = between(figures, of_size(size.upper), size.weight);
    for (std::size_t i = 0; i < figures.size(); ++i)
        figures[i] += size.beyond * (size.beyond > 0 ? upwards : downwards).size[i] +
                      width.beyond * (width.beyond > 0 ? upwards : downwards).width[i];
    return figures;
}

/// Mixed devices were run 256 bits wide; other widths in proportion to high-performance ones.
LogFigures mixed_at(const MemoryGrid& mixed, double kilobytes, double width_bits) {
    LogFigures figures = at(mixed, kilobytes, 256);
    if (width_bits == 256)
        return figures;
    for (const MemoryGrid& grid : sram_runs(DeviceClass::high_performance)) {
        if (grid.node_nm != mixed.node_nm)
            continue;
        const LogFigures narrow = at(grid, kilobytes, width_bits), reference = at(grid, kilobytes, 256);
        for (std::size_t i = 0; i < figures.size(); ++i)
            figures[i] += narrow[i] - reference[i];
    }
    return figures;
}

template <std::size_t count, class FiguresAt>
LogFigures at_node(const std::array<MemoryGrid, count>& grids, double node_nm, FiguresAt figures_at) {
    std::array<double, count> nodes;
    for (std::size_t i = 0; i < count; ++i)
        nodes[i] = grids[i].node_nm;
    const NodePlace<count> place(nodes, node_nm);
    const LogFigures lower = figures_at(grids[place.lower]);
    return place.weight == 0 ? lower : between(lower, figures_at(grids[place.upper]), place.weight);
}

/// Beyond the runs: as the tool's own SRAM goes from 32 to 22 nm (energy 0.54, area 0.50, delay 0.8, leakage unchanged).
void carry_on(LogFigures& figures, double node_nm, double lowest_nm, double highest_nm) {
    const double beyond = std::log(node_nm / std::min(std::max(node_nm, lowest_nm), highest_nm));
    const double step = std::log(22.0 / 32.0);
    const LogFigures exponents = {std::log(0.54) / step, std::log(0.54) / step, std::log(0.50) / step,
                                  std::log(0.8) / step, 0};
    for (std::size_t i = 0; i < figures.size(); ++i)
        figures[i] += beyond * exponents[i];
}

constexpr std::array<double, 6> temperatures_k = {300, 320, 340, 350, 360, 380};
constexpr std::array<double, 2> temperature_nodes = {32, 22};
/// Leakage in mW of 64 KB by temperature, for high-performance, low-standby and low-operating devices at 32 and 22 nm.
/// Low-standby devices at 22 nm and 360 K are interpolated: the tool's off current there (3.6e-10 A/um between 7.7e-10
/// at 350 K and 3.1e-9 at 370 K) must be a misprint.
constexpr double leakage_mw[3][2][6] = {
    {{12.0, 12.5, 15.0, 21.2, 41.9, 128}, {5.9, 6.2, 7.4, 10.5, 20.8, 63}},
    {{0.0017, 0.0042, 0.0094, 0.0137, 0.0195, 0.0369}, {0.0011, 0.0043, 0.0171, 0.0341, 0.0682, 0.273}},
    {{3.1, 4.6, 6.4, 7.5, 8.7, 11.3}, {0.43, 1.7, 6.7, 13.2, 26, 69}},
};

/// Leakage over that at 350 K, where the runs were made. Mixed devices leak in their periphery, DRAM in its
/// low-operating-power one.
double leakage_factor(const ModelQuery& query, MemoryKind kind) {
    const double t = query.temperature_k;
    query.uses("temperature", t, "K", temperatures_k.front(), temperatures_k.back());
    if (t == 350)
        return 1;
    const std::size_t devices = kind == MemoryKind::low_standby                                  ? 1
                                : kind == MemoryKind::low_operating || kind == MemoryKind::edram ? 2
                                                                                                 : 0;
    const double clamped = std::min(std::max(t, temperatures_k.front()), temperatures_k.back());
    std::size_t lower = 0;
    while (temperatures_k[lower + 1] < clamped)
        ++lower;
    const double weight = (clamped - temperatures_k[lower]) / (temperatures_k[lower + 1] - temperatures_k[lower]);
    const auto factor = [&](std::size_t node) {
        const double* mw = leakage_mw[devices][node];
        return mw[lower] * std::pow(mw[lower + 1] / mw[lower], weight) / mw[3];
    };
    const NodePlace<2> place(temperature_nodes, query.technology.node_nm);
    return place.between(factor(place.lower), factor(place.upper));
}

/// Time that a DRAM cell holds its bit: 0.9 x 20 fF x 0.125 V / worst off current of 19 ... 20 pA in the tool's cell
/// data.
double retention_us(double node_nm) { return node_nm > 55 ? 138 : node_nm > 38 ? 127 : 119; }

DeviceClass device_class(MemoryKind kind) {
    return kind == MemoryKind::low_standby     ? DeviceClass::low_standby
           : kind == MemoryKind::low_operating ? DeviceClass::low_operating
                                               : DeviceClass::high_performance;
}

LogFigures figures_of(const ModelQuery& query, MemoryKind kind, double kilobytes, double width_bits) {
    const double highest_nm = kind == MemoryKind::edram || kind == MemoryKind::mixed ? 45 : 65;
    const double lowest_nm = kind == MemoryKind::edram ? 32 : 22;
    const double node_nm = query.node(lowest_nm, highest_nm);
    const auto plain = [&](const MemoryGrid& grid) { return at(grid, kilobytes, width_bits); };
    const auto mixed = [&](const MemoryGrid& grid) { return mixed_at(grid, kilobytes, width_bits); };
    LogFigures figures = kind == MemoryKind::edram   ? at_node(edram_runs(), node_nm, plain)
                         : kind == MemoryKind::mixed ? at_node(mixed_sram_runs(), node_nm, mixed)
                                                     : at_node(sram_runs(device_class(kind)), node_nm, plain);
    if (node_nm < lowest_nm || node_nm > highest_nm)
        carry_on(figures, node_nm, lowest_nm, highest_nm);
    return figures;
}

enum BufferParameter : std::size_t { class_ };

/// Banks side by side, with wires to the far end of the memory when there is more than one; a copy of everything for
/// each further port.
Figures buffer(const ModelQuery& query, MemoryKind kind) {
    const BufferConfig& config = query.hardware.buffer;
    const Memory bank = memory_of(query, kind, static_cast<double>(config.bytes) / config.banks, config.width_bits);
    query.uses("buffer.ports", config.ports, "", 1, 1);
    const double area_um2 = config.banks * bank.area_um2;
    double wires_pj = 0, wires_ns = 0;
    if (config.banks > 1) {
        const Wire wire = repeated_wire(query, Repeaters::low_energy);
        const double length_mm = 1e-3 * std::sqrt(area_um2);
        wires_pj = config.width_bits * random_data * wire.swing_pj_per_mm * length_mm;
        wires_ns = wire.ns_per_mm * length_mm;
    }
    const double access_pj = query.event == Event::buffer_write_byte ? config.ports * bank.write_pj : bank.read_pj;
    const double copies = config.ports, bytes = config.bytes;
    Figures figures;
    figures.energy_pj = (access_pj + wires_pj) / (config.width_bits / 8.0);
    figures.area_um2 = copies * area_um2 / bytes;
    figures.leakage_uw = copies * config.banks * bank.leakage_uw / bytes;
    figures.refresh_uw = copies * config.banks * bank.refresh_uw / bytes;
    figures.latency_ns = bank.access_ns + wires_ns;
    return figures;
}

Figures sram_buffer(const ModelQuery& query) {
    return buffer(query, static_cast<MemoryKind>(static_cast<int>(query.parameter(class_))));
}

Figures edram_buffer(const ModelQuery& query) { return buffer(query, MemoryKind::edram); }

/// One memory for each processing element, a sixteenth as wide as it is large; a byte is written once and read once,
/// whole or bit by bit (bits of the same place lie side by side).
Figures register_memory(const ModelQuery& query) {
    const HardwareConfig& hardware = query.hardware;
    const double bytes = static_cast<double>(tile_inventory(hardware)[query.component]) / hardware.tile.pes;
    const double width_bits = std::min(std::max(bytes / 16, 16.0), 256.0);
    const auto kind = static_cast<MemoryKind>(static_cast<int>(query.parameter(class_)));
    const Memory memory = memory_of(query, kind, bytes, width_bits);
    Figures figures;
    figures.energy_pj = (memory.read_pj + memory.write_pj) / (width_bits / 8);
    figures.area_um2 = memory.area_um2 / bytes;
    figures.leakage_uw = memory.leakage_uw / bytes;
    figures.latency_ns = memory.access_ns;
    return figures;
}

/// Banks side by side, which give a set of weights together.
Figures weight_memory(const ModelQuery& query) {
    const DigitalConfig& unit = query.hardware.digital;
    const double set_bytes = unit.set_bytes(), banks = std::ceil(8 * set_bytes / query.parameter(1)),
                 width_bits = std::max(8 * set_bytes / banks, 16.0), bytes = unit.weight_sets * set_bytes;
    const auto kind = static_cast<MemoryKind>(static_cast<int>(query.parameter(class_)));
    const Memory bank = memory_of(query, kind, bytes / banks, width_bits);
    Figures figures;
    figures.energy_pj = banks * (query.event == Event::weight_write_byte ? bank.write_pj : bank.read_pj) / set_bytes;
    figures.area_um2 = banks * bank.area_um2 / bytes;
    figures.leakage_uw = banks * bank.leakage_uw / bytes;
    figures.latency_ns = bank.access_ns;
    return figures;
}

ModelParameter device_parameter() {
    return {"class",
            "",
            0,
            0,
            3,
            "devices; mixed: low-standby cells, high-performance periphery",
            {"mixed", "high_performance", "low_standby", "low_operating"}};
}

constexpr const char* sram_source =
    "our runs of CACTI 7 (ram, one port, 350 K, weights energy : leakage : area), 65/45/32/22 nm";
constexpr const char* edram_source =
    "our runs of CACTI 7 (lp-dram cells, low-operating-power periphery, 350 K), 45/32 nm; a write costs a read; "
    "refresh of all words each 119 us (32 nm) from the cell data";

}  // namespace

Memory memory_of(const ModelQuery& query, MemoryKind kind, double bytes, double width_bits) {
    const bool dram = kind == MemoryKind::edram;
    query.uses("bytes of a bank", bytes, "", dram ? 16384 : smallest_bytes, 512 * 1024);
    query.uses("width", width_bits, "bits", dram ? 128 : 16, 512);
    const LogFigures log_figures = figures_of(query, kind, std::max(bytes, smallest_bytes) / 1024, width_bits);
    const double supply = query.supply_factor();
    Memory memory;
    memory.read_pj = supply * std::exp(log_figures[0]);
    memory.write_pj = supply * std::exp(log_figures[1]);
    memory.area_um2 = um2_per_mm2 * std::exp(log_figures[2]);
    memory.access_ns = std::exp(log_figures[3]);
    memory.leakage_uw = uw_per_mw * std::exp(log_figures[4]) * leakage_factor(query, kind);
    if (dram) {
        const double words = bytes * 8 / width_bits;
        memory.refresh_uw = words * memory.read_pj / retention_us(query.technology.node_nm);  // pJ/us = uW
        memory.leakage_uw = std::max(0.0, memory.leakage_uw - memory.refresh_uw);
    }
    return memory;
}

std::vector<CostModel> memory_models() {
    return {
        {"sram_cacti7", {Component::buffer}, sram_buffer, {device_parameter()}, sram_source},
        {"edram_cacti7", {Component::buffer}, edram_buffer, {}, edram_source},
        {"register_cacti7",
         {Component::input_register, Component::output_register},
         register_memory,
         {device_parameter()},
         sram_source},
        {"weight_sram_cacti7",
         {Component::weight_memory},
         weight_memory,
         {device_parameter(), {"bank_bits", "bits", 256, 16, 512, "of a bank, at most; wider sets lie in several"}},
         sram_source},
    };
}

}  // namespace xloop
