#pragma once

#include "analysis/metrics.hpp"
#include "core/activity.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// Where a published figure was read: in the paper, or in a table that its authors published; in a model or survey of somebody
/// else, who copied or digitised it; or worked out from such figures.
enum class FigureBasis { paper, copied, derived };
constexpr auto names_of(FigureBasis) { return std::array{"paper", "copied", "derived"}; }

/// A class of hardware, or the dynamic energy of one kind of event.
struct MacroPart {
    std::size_t index = 0;  ///< in the order of Component or Event
    bool is_event = false;
    bool operator==(const MacroPart& o) const { return index == o.index && is_event == o.is_event; }
    const char* name() const;
};
using MacroParts = std::vector<MacroPart>;

/// What one vector on the macro costs, as the estimate has it.
struct MacroCosts {
    double seconds = 0;
    double operations = 0;  ///< 2 for each multiply-accumulate
    int cores = 1;          ///< macros whose powers, areas and rates are published together
    PerComponent energy_j{};
    PerEvent event_j{};  ///< what of energy_j is dynamic, by event
    PerComponent area_mm2{};

    double joules(const MacroParts& parts) const;
    /// Of classes.
    double mm2(const MacroParts& parts) const;
};

/// A figure that papers publish of a macro.
struct MacroMetric {
    const char* name;
    Quantity quantity;
    int energy_power;  ///< it goes with this power of the energy: 1, -1, or 0 for none
    /// Of some parts; `all`: those that the chip's figures hold.
    double (*value)(const MacroCosts& costs, const MacroParts& parts, const MacroParts& all);
};
const MacroMetric* find_macro_metric(const std::string& name);
std::vector<std::string> macro_metric_names();

/// One published figure of an operating point.
struct SiliconFigure {
    const MacroMetric* metric = nullptr;
    MacroParts parts;  ///< empty: all that the chip's figures hold
    double value = 0;
    const Unit* unit = nullptr;
    FigureBasis basis = FigureBasis::copied;
    std::string source;
    bool given = false;  ///< the preset takes it over, so that there is nothing to predict
    std::string name() const;
};

/// An operating point: what differs from the preset, and what is published of it.
struct SiliconPoint {
    std::string name;
    std::optional<double> x;             ///< where it lies on the picture's axis
    std::vector<std::string> overrides;  ///< of the hardware, key=value
    int inputs = 0, outputs = 0;         ///< of the matrix
    double supply_v = 0;                 ///< 0: the cost table's
    double active_rows = 0.5;            ///< share of the driven rows whose digit is above 0
    std::vector<SiliconFigure> figures;
};

/// The one constant that may be fitted: a factor on the energy of some classes, such that a figure of one point comes out.
struct SiliconFit {
    std::string point;
    std::size_t point_index = 0, figure_index = 0;
    MacroParts classes;
};

/// A published macro: which preset stands for it, what its figures hold, and its operating points.
struct SiliconChip {
    std::string file, name, citation, hardware, cost_table, axis, note;
    int cores = 1;
    MacroParts scope;  ///< classes
    std::optional<SiliconFit> fit;
    std::vector<SiliconPoint> points;
};

/// Reads a chip's file (docs/silicon.md has its keys). Throws InputError with file, line and column of every key that is wrong:
/// unknown metrics, classes and units, a figure of 0, two points of one name, a fit on a point or figure that is not there.
SiliconChip load_silicon_chip(const std::string& path);
/// The same for text in memory; `name` stands for the file in messages, paths in it are taken as they are.
SiliconChip parse_silicon_chip(const std::string& text, const std::string& name);

}  // namespace xloop
