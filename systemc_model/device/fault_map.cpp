#include "systemc_model/device/fault_map.hpp"

#include "core/csv_rows.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

Fault fault_of(const CsvRows& row) {
    const std::string_view name = row.cell(3);
    if (name == "on")
        return Fault::on;
    if (name == "off")
        return Fault::off;
    if (name == "open")
        return Fault::open;
    row.fail(fmt::format("fault `{}` is unknown; expected on, off or open", name));
}

}  // namespace

FaultMap::FaultMap(const HardwareConfig& hardware)
    : on_rate_(hardware.device.stuck_on_rate), off_rate_(hardware.device.stuck_off_rate),
      open_rate_(hardware.device.open_rate), random_(hardware.chip_seed, RandomUse::device_faults) {
    if (hardware.device.fault_map.empty())
        return;
    CsvRows rows(hardware.device.fault_map, {"array", "row", "column", "fault"});
    while (rows.next()) {
        std::optional<std::uint64_t> array;
        if (rows.cell(0) != "*")
            array = static_cast<std::uint64_t>(rows.integer(0, 0, std::int64_t{1} << 52));
        if (array)
            lines_.emplace(*array, rows.place());
        const Place place{array, static_cast<int>(rows.integer(1, 0, hardware.crossbar.rows - 1)),
                          static_cast<int>(rows.integer(2, 0, hardware.crossbar.cols - 1))};
        if (!listed_.emplace(place, fault_of(rows)).second)
            rows.fail("this cell has a fault on an earlier line already");
    }
}

std::vector<std::string> FaultMap::outside(const std::set<std::uint64_t>& arrays) const {
    std::vector<std::string> found;
    for (const auto& [array, line] : lines_)
        if (arrays.count(array) == 0)
            found.push_back(
                fmt::format("{}: the network has no array {} (layer {}, array {} of it), so the fault has no effect; "
                            "arrays are numbered "
                            "layer x 2^20 + array of the layer, both from 0, layers in the order of the network file",
                            line, array, array >> 20, array & ((1U << 20) - 1)));
    return found;
}

Fault FaultMap::at(std::uint64_t array, int row, int column, std::uint64_t cell) const {
    if (!listed_.empty())
        for (const Place& place : {Place{array, row, column}, Place{std::nullopt, row, column}})
            if (const auto found = listed_.find(place); found != listed_.end())
                return found->second;
    if (on_rate_ + off_rate_ + open_rate_ == 0.0)
        return Fault::none;
    const double draw = random_.uniform(array, cell);
    if (draw < on_rate_)
        return Fault::on;
    if (draw < on_rate_ + off_rate_)
        return Fault::off;
    return draw < on_rate_ + off_rate_ + open_rate_ ? Fault::open : Fault::none;
}

}  // namespace xloop
