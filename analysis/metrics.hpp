#pragma once

#include "analysis/hardware_report.hpp"

#include <string>
#include <vector>

namespace xloop {

/// What a figure is about: the whole chip, one layer, or some classes together.
struct FigureScope {
    int layer = -1;
    std::vector<Component> classes;
    bool total() const { return layer < 0 && classes.empty(); }
};

/// What a unit is one of.
enum class Quantity { time, energy, power, area, edap, share, throughput, operations, efficiency, density };

struct Unit {
    const char* name;
    Quantity quantity;
    double factor;  ///< to s, J, W, mm2, J s mm2, 1, images/s, TOPS, TOPS/W, TOPS/mm2; of `cycles`: cycles
};

/// A figure that every report of a piece of hardware has.
struct Metric {
    enum Scopes : unsigned { total = 1, layer = 2, classes = 4 };
    const char* name;
    Quantity quantity;
    unsigned scopes;  ///< that it can be of
    bool of_stream;   ///< of images in steady state
    /// In the quantity's base unit, times in cycles.
    double (*figure)(const HardwareReport&, const FigureScope&);

    bool can_be_of(const FigureScope& scope) const {
        return (scopes & (scope.total() ? total : scope.layer >= 0 ? layer : classes)) != 0;
    }
    /// Of a report, in `unit`, which is one of the metric's quantity.
    double value(const HardwareReport& report, const FigureScope& scope, const Unit& unit) const;
};

/// All of them; null when there is none of that name.
std::vector<std::string> unit_names(Quantity quantity);
const Unit* find_unit(const std::string& name);
std::vector<std::string> metric_names();
const Metric* find_metric(const std::string& name);

}  // namespace xloop
