#include "systemc_model/device/level_table.hpp"

#include "core/csv_rows.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

LevelTable read_levels(const std::string& path, int expected) {
    CsvRows rows(path, {"mean_s", "sigma_s"});
    std::vector<LevelTable::Level> levels;
    while (rows.next()) {
        levels.push_back({rows.number(0, 0.0), rows.number(1, 0.0)});
        if (levels.size() > 1 && levels.back().mean_s <= levels[levels.size() - 2].mean_s)
            rows.fail(fmt::format(
                "mean_s {} is not above the level before; list levels from the lowest conductance to the highest",
                rows.cell(0)));
    }
    if (static_cast<int>(levels.size()) != expected)
        throw InputError(
            fmt::format("{}: {} levels, but device.bits_per_cell asks for {}", path, levels.size(), expected));
    return LevelTable(std::move(levels));
}

}  // namespace

LevelTable make_levels(const HardwareConfig& hardware) {
    const DeviceConfig& device = hardware.device;
    const int count = 1 << hardware.cell_bits();
    if (!device.level_table.empty())
        return read_levels(device.level_table, count);
    std::vector<LevelTable::Level> levels;
    const double step = (device.g_on() - device.g_off()) / (count - 1);
    for (int level = 0; level < count; ++level)
        levels.push_back({device.g_off() + level * step, 0.0});
    return LevelTable(std::move(levels));
}

}  // namespace xloop
