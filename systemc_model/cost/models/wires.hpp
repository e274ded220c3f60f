#pragma once

#include "systemc_model/cost/models/cost_model.hpp"

namespace xloop {

/// One bit of a wire with repeaters.
struct Wire {
    double swing_pj_per_mm = 0;  ///< C V^2: charging the wire once
    double ns_per_mm = 0;
    double leakage_uw_per_mm = 0;
    double um2_per_mm = 0;  ///< its track, four half-pitches wide
};

/// Spacing of repeaters: `optimal`: least delay; `near`: 5 % slower; `low_energy`: 30 % slower.
enum class Repeaters { optimal, near, low_energy };

/// From our runs of CACTI 7 at 65, 45, 32 and 22 nm (semi-global wires, high-performance repeaters).
Wire repeated_wire(const ModelQuery& query, Repeaters repeaters);

/// Energy of random data over that of charging the wire for every bit: half the bits differ from the one before, and
/// half of these draw C V^2 from the supply.
inline constexpr double random_data = 0.25;
/// Mean energy of one bit that differs from the one before: charged or discharged.
inline constexpr double one_toggle = 0.5;

}  // namespace xloop
