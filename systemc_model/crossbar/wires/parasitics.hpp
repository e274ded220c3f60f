#pragma once

namespace xloop {

/// Resistances around the cells of an array, in ohm; any of them may be 0. The circuit is that of docs/modelling.md,
/// "The analog array".
struct Parasitics {
    double r_driver = 0.0, r_wire_row = 0.0, r_wire_col = 0.0, r_sense = 0.0;

    bool none() const { return r_driver == 0.0 && r_wire_row == 0.0 && r_wire_col == 0.0 && r_sense == 0.0; }
};

}  // namespace xloop
