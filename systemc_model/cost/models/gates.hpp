#pragma once

#include "systemc_model/cost/models/cost_model.hpp"

namespace xloop {

/// Figures of small digital cells on average (random) data.
struct Cell {
    double energy_fj = 0;
    double area_um2 = 0;
    double leakage_uw = 0;
};

/// Digital cells of a technology, from runs of DSENT 0.91 (MIT licence; default driving strength, 340 K, low-threshold
/// cells) at 45, 32, 22 and 11 nm; between nodes geometric, above 45 nm carried on by Stillmaker and Baas 2017. Leakage
/// is the tool's divided by `leakage_divisor`: its cells are all low-threshold ones; 10 to 30 is our estimate for a
/// library that is not.
struct Gates {
    Gates(const ModelQuery& query, double leakage_divisor);

    Cell adder_bit;     ///< one bit of a ripple adder, an addition
    Cell register_bit;  ///< one flip-flop, a write with its clock
    Cell mux_input;     ///< one input of a multiplexer for one bit; a choice among n costs n x energy_fj
};

inline constexpr const char* gates_source =
    "our runs of DSENT 0.91 (MIT licence), 45/32/22/11 nm, random data, 340 K; leakage divided from low-threshold "
    "cells: our estimate";

/// The parameter of models that use `Gates`.
ModelParameter leakage_divisor_parameter();

}  // namespace xloop
