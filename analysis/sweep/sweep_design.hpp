#pragma once

#include "analysis/sweep/sweep_parameter.hpp"
#include "core/names.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// Which combinations of values a sweep tries.
enum class SweepDesign { full, one, latin, random, list };
constexpr auto names_of(SweepDesign) { return std::array{"full", "one", "latin", "random", "list"}; }

/// A combination: for each parameter the number of its level, or as_given where the experiment's own value stays.
using SweepLevels = std::vector<int>;
inline constexpr int as_given = -1;

/// What --sample asks for.
struct SweepSample {
    SweepDesign design = SweepDesign::full;
    int count = 0;  ///< of latin and random
};
/// "full", "one", "latin:200", "random:200". Throws InputError.
SweepSample parse_sweep_sample(const std::string& text);

/// The combinations, none of them twice.
/// full: all. one: the experiment as it is, then one parameter at a time at each of its levels, the others as the experiment
/// has them. latin: a Latin hypercube (McKay, Beckman and Conover, Technometrics 21, 1979): of every `count` points each level
/// of each parameter has its even share, up to one. random: evenly drawn, each combination once.
/// `base`: the level of each parameter that is the experiment's own value, or as_given. Throws InputError where there are more than
/// a million, or no parameters.
std::vector<SweepLevels> sweep_design(const std::vector<SweepParameter>& parameters, const SweepLevels& base,
                                      SweepSample sample, std::uint64_t seed);

/// Combinations from a CSV file: a column for each key, a row for each. Throws InputError.
struct ListedDesign {
    std::vector<SweepParameter> parameters;
    std::vector<SweepLevels> points;
};
ListedDesign read_sweep_list(const std::string& csv_file);

}  // namespace xloop
