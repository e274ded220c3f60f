#include "systemc_model/cost/adc/adc_kind.hpp"
#include "systemc_model/cost/adc/survey.hpp"

#include <cmath>
#include "systemc_model/cost/inventory.hpp"

// All columns at once: a ramp of 2^bits steps that a comparator of each column watches.
namespace xloop {
namespace {

Figures ramp(const ModelQuery& query) {
    const HardwareConfig& hardware = query.hardware;
    const int bits = hardware.adc.bits;
    query.uses("adc.bits", bits, "", 1, 10);
    query.uses("adc.ramp_clock_ghz", hardware.adc.ramp_clock_ghz, "GHz", 0, 3.3);
    const Cell decision = comparator(query);
    const Gates gates(query, query.parameter(1));
    const double steps = 1 << bits;
    const double converted = hardware.conversions(hardware.outputs_per_array());
    // One for all columns of an array: a DAC of 50 fF a bit (ZigZag) and a counter of b adder and register bits, each
    // step.
    const double supply = query.technology.supply_v;
    const double generator_fj =
        steps * bits * (50 * supply * supply + gates.adder_bit.energy_fj + gates.register_bit.energy_fj);
    const double generator_um2 = bits * (gates.adder_bit.area_um2 + gates.register_bit.area_um2) +
                                 438.0 / 8 * bits * adc_area_scale(40, query.technology.node_nm);  // DAC of BRAHMS
    const double per_converter = converted / hardware.adcs_per_array();
    Figures figures;
    figures.energy_pj =
        1e-3 * (generator_fj / converted + steps * decision.energy_fj + bits * gates.register_bit.energy_fj);
    figures.area_um2 = generator_um2 / hardware.adcs_per_array() +
                       per_converter * (decision.area_um2 + bits * gates.register_bit.area_um2);
    const double counter_uw = gates.adder_bit.leakage_uw + gates.register_bit.leakage_uw;
    figures.leakage_uw = bits * (counter_uw / hardware.adcs_per_array() + per_converter * gates.register_bit.leakage_uw);
    figures.latency_ns = 0.3 * steps;
    return figures;
}

}  // namespace

AdcKind ramp_kind() {
    AdcKind kind;
    kind.type = AdcType::ramp;
    kind.clock_ghz = &AdcConfig::ramp_clock_ghz;
    kind.clock_key = "adc.ramp_clock_ghz";
    kind.conversion_clocks = [](const AdcConfig& adc) { return 1 << adc.code_bits(); };
    kind.used_share = [](const AdcConfig& adc) { return std::ldexp(1.0, adc.code_bits() - adc.bits); };
    kind.in_turn = false;
    kind.strobe_ns = [](const AdcConfig&) { return 1.0; };
    kind.cost = ramp;
    kind.cost_source = "adc_ramp";
    kind.models = {
        {"adc_ramp",
         {Component::adc},
         ramp,
         comparator_parameters(),
         "our rule: generator (DAC of 50 fF a bit after ZigZag, MIT; counter) shared by an array's columns, comparator "
         "of TIMELY (ISCA 2020) deciding each step, b latches (DSENT 0.91)"},
    };
    return kind;
}

}  // namespace xloop
