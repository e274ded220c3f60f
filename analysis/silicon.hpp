#pragma once

#include "analysis/silicon_chip.hpp"

#include <string>
#include <vector>

namespace xloop {

/// A published figure and what comes out here, in its unit: `blind` as the models say, `fitted` with the chip's one constant
/// (the same where there is none).
struct FigureAgainstSilicon {
    /// given: the preset takes it over; anchor: the constant was fitted on it; else it is predicted.
    enum class Role { predicted, given, anchor };
    std::size_t point = 0;
    SiliconFigure figure;
    Role role = Role::predicted;
    double blind = 0, fitted = 0;

    double blind_ratio() const { return blind / figure.value; }
    double fitted_ratio() const { return fitted / figure.value; }
};
constexpr auto names_of(FigureAgainstSilicon::Role) { return std::array{"predicted", "given", "fitted"}; }

/// How far predicted figures of one kind are off: `factor` is exp |ln(predicted / published)|.
struct SiliconErrors {
    int figures = 0;
    double median_factor = 1, worst_factor = 1;
    double worst_ratio = 1;  ///< of the figure with the worst factor
    std::string worst;       ///< chip, point and metric of it
};
/// Kinds of figures that errors are told of: energy, efficiency or power of a macro; of parts of one; ...
enum class SiliconKind { energy, parts, shares, time, area };
constexpr auto names_of(SiliconKind) {
    return std::array{"energy", "energy of parts", "energy shares", "time", "area"};
}
SiliconKind kind_of(const SiliconFigure& figure);

struct SiliconComparison {
    SiliconChip chip;
    double factor = 1;               ///< on the energy of the fit's classes; 1 without a fit
    std::vector<MacroCosts> points;  ///< blind
    std::vector<FigureAgainstSilicon> figures;
    std::vector<std::string> warnings;  ///< of the cost table, each once
};

/// What the preset makes of an operating point: a network of one layer, a matrix of inputs x outputs, through the estimate.
/// Dynamic energy of one vector, static power of the array x the time between two vectors. Throws InputError.
MacroCosts macro_costs(const SiliconChip& chip, const SiliconPoint& point, std::vector<std::string>& warnings);

/// All points, and the fit. Throws InputError where a fit asks for a factor that is not above 0.
SiliconComparison against_silicon(SiliconChip chip);
/// The comparison of costs that are known already, one for each point.
SiliconComparison compare_silicon(SiliconChip chip, std::vector<MacroCosts> costs);

/// Of predicted figures of a kind, over chips; fitted: after the fits, without the figures that they were made on.
SiliconErrors silicon_errors(const std::vector<SiliconComparison>& chips, SiliconKind kind, bool fitted);

}  // namespace xloop
