#include "systemc_model/cost/models/logic.hpp"

#include "systemc_model/cost/adc/adc_kind.hpp"
#include "systemc_model/cost/models/gates.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

/// Adder bits and register bits that all work in one action.
Figures datapath(const Gates& gates, double adder_bits, double register_bits) {
    Figures figures;
    figures.energy_pj = 1e-3 * (adder_bits * gates.adder_bit.energy_fj + register_bits * gates.register_bit.energy_fj);
    figures.area_um2 = adder_bits * gates.adder_bit.area_um2 + register_bits * gates.register_bit.area_um2;
    figures.leakage_uw = adder_bits * gates.adder_bit.leakage_uw + register_bits * gates.register_bit.leakage_uw;
    return figures;
}

Figures shift_add(const ModelQuery& query) {
    const double width = query.parameter(1) > 0 ? query.parameter(1) : shifted_sum_bits(query.hardware);
    query.uses("width", width, "bits");
    return datapath(Gates(query, query.parameter(0)), width, width);
}

// An array multiplier with a row for each bit of the factor, which lies in [0, 2), the addition of an offset, and a register.
Figures gain_multiplier(const ModelQuery& query) {
    const AdcConfig& adc = query.hardware.adc;
    const double width = shifted_sum_bits(query.hardware), factor_bits = adc.correction_bits + 1;
    query.uses("width", width, "bits");
    query.uses("factor", factor_bits, "bits");
    const double rows = factor_bits + (adc.gain_correction == GainCorrectionKind::gain_offset ? 1 : 0);
    return datapath(Gates(query, query.parameter(0)), rows * width, width);
}

Figures adder(const ModelQuery& query) {
    const double width = query.parameter(1);
    query.uses("width", width, "bits");
    return datapath(Gates(query, query.parameter(0)), width, width);
}

// The bits of an array multiplier, its share of a tree that adds up the products of all rows (of n inputs of 2b bits, n (2b + 1)
// adder bits), and a register for the weight.
Figures multiplier_tree(const ModelQuery& query) {
    const double bits = query.hardware.digital.bits;
    query.uses("digital.bits", bits, "");
    return datapath(Gates(query, query.parameter(0)), bits * bits + 2 * bits + 1, bits);
}

// Requantisation: the activation's bits of an array multiplier, the addition of a bias, and registers of sum and result.
Figures vector_lane(const ModelQuery& query) {
    const double factor_bits = query.parameter(1), activation_bits = query.hardware.numerics.activation_bits;
    query.uses("multiplier", factor_bits, "bits");
    query.uses("numerics.activation_bits", activation_bits, "");
    return datapath(Gates(query, query.parameter(0)), factor_bits * activation_bits + partial_sum_bits,
                    partial_sum_bits + activation_bits);
}

// One pass gate of a tree for each column that shares a converter; a selection switches them all.
Figures column_mux(const ModelQuery& query) {
    const HardwareConfig& hardware = query.hardware;
    const int conversions = hardware.conversions(hardware.outputs_per_array());
    const int in_turn = std::min(conversions, adc_kind(hardware.adc).conversions_in_turn(hardware.adc));
    const double choices = in_turn + hardware.crossbar.spare_cols;
    Figures figures;
    if (choices <= 1)
        return figures;  // a converter or a comparator of its own for each column
    const Gates gates(query, query.parameter(0));
    query.uses("columns that share a converter", choices, "", 2, 128);
    figures.energy_pj = 1e-3 * choices * hardware.columns_per_conversion() * gates.mux_input.energy_fj;
    // Each converter has an input for each spare column or pair: they are laid on the columns, of which costs are paid.
    const double converters = std::ceil(static_cast<double>(conversions) / in_turn);
    const double spare_inputs = converters * hardware.crossbar.spare_cols * hardware.columns_per_conversion();
    figures.area_um2 = gates.mux_input.area_um2 * (1.0 + spare_inputs / hardware.crossbar.cols);
    return figures;
}

}  // namespace

int row_group_bits(const HardwareConfig& hardware) {
    int bits = 0;
    while (hardware.read_groups(hardware.crossbar.rows) > 1 << bits)
        ++bits;
    return bits;
}

int shifted_sum_bits(const HardwareConfig& hardware) {
    return std::min(
        hardware.adc.bits + hardware.stored_bits() + hardware.numerics.activation_bits + row_group_bits(hardware),
        partial_sum_bits);
}

std::vector<CostModel> logic_models() {
    const auto width = [](double bits, const char* doc) {
        return ModelParameter{"width_bits", "bits", bits, 0, 64, doc};
    };
    return {
        {"shift_add",
         {Component::shift_add},
         shift_add,
         {leakage_divisor_parameter(),
          width(0, "of adder and register; 0: what the sums of an array need, at most 32")},
         gates_source},
        {"gain_multiplier", {Component::shift_add}, gain_multiplier, {leakage_divisor_parameter()}, gates_source},
        {"adder",
         {Component::accumulator, Component::shift_add, Component::vector_unit},
         adder,
         {leakage_divisor_parameter(), width(partial_sum_bits, "of adder and register")},
         gates_source},
        {"multiplier_tree", {Component::mac_array}, multiplier_tree, {leakage_divisor_parameter()}, gates_source},
        {"vector_lane",
         {Component::vector_unit},
         vector_lane,
         {leakage_divisor_parameter(), {"multiplier_bits", "bits", 16, 1, 32, "of the requantisation's factor"}},
         gates_source},
        {"column_mux",
         {Component::column_mux},
         column_mux,
         {leakage_divisor_parameter()},
         "a digital multiplexer (our runs of DSENT 0.91, MIT licence) stands for the analog one: our estimate"},
    };
}

}  // namespace xloop
