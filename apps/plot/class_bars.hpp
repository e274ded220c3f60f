#pragma once

#include "systemc_model/cost/ledger.hpp"

#include <string>
#include <vector>

namespace xloop {

/// The bars of one panel of a picture, stacked by class of hardware; a class has the same colour in every picture.
struct ClassBars {
    struct Bar {
        double centre;
        PerComponent values;
    };
    std::vector<Bar> bars;
    double width = 0.8;
};

/// Colour of a class, and of the classes that are drawn as one.
const char* class_colour(Component component);
inline constexpr const char* colour_of_others = "#bab0ac";

/// The highest bar.
double highest(const ClassBars& panel);

/// The unit in which an energy has few digits.
struct EnergyUnit {
    const char* name;
    double per_joule;
};
EnergyUnit energy_unit(double joules);

/// The classes that make up a visible part of any bar; the others are drawn as one.
std::vector<bool> visible_classes(const std::vector<ClassBars>& panels);

/// gnuplot data blocks of one panel, named $NAME_CLASS.
std::string class_blocks(const std::string& name, const ClassBars& panel, const std::vector<bool>& visible);
/// The clauses of `plot` that draw them; and those that name the visible classes from top to bottom, each after a
/// comma.
std::string class_clauses(const std::string& name, const std::vector<bool>& visible);
std::string class_legend(const std::vector<bool>& visible);

}  // namespace xloop
