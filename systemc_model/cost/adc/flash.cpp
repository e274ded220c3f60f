#include "systemc_model/cost/adc/adc_kind.hpp"
#include "systemc_model/cost/adc/survey.hpp"

// One conversion after the other, one sample period each; codes come adc.flash_latency_samples later.
namespace xloop {
namespace {

Figures flash(const ModelQuery& query) {
    const int bits = query.hardware.adc.bits;
    query.uses("adc.bits", bits, "", 1, 6);
    query.uses("adc.sample_rate_gsps", query.hardware.adc.sample_rate_gsps, "GS/s", 0, 7.67);
    const Cell decision = comparator(query);
    const double comparators = (1 << bits) - 1;
    // Counting the ones of 2^b - 1 comparators takes 2^b - 1 - b full adders.
    const double adders = is_column_comparator(query) ? comparators - bits : 0;
    const Gates gates(query, query.parameter(1));
    Figures figures;
    figures.energy_pj = 1e-3 * (comparators * decision.energy_fj + adders * gates.adder_bit.energy_fj) *
                        adc_rate_penalty(bits, adc_rate_hz(query));
    figures.area_um2 = comparators * decision.area_um2 + adders * gates.adder_bit.area_um2;
    figures.leakage_uw = adders * gates.adder_bit.leakage_uw;
    figures.latency_ns = 1 / 7.67;
    return figures;
}

}  // namespace

AdcKind flash_kind() {
    AdcKind kind;
    kind.type = AdcType::flash;
    kind.clock_ghz = &AdcConfig::sample_rate_gsps;
    kind.clock_key = "adc.sample_rate_gsps";
    kind.latency_clocks = [](const AdcConfig& adc) { return adc.flash_latency_samples; };
    kind.cost = flash;
    kind.cost_source = "adc_flash";
    kind.models = {
        {"adc_flash",
         {Component::adc},
         flash,
         comparator_parameters(),
         "comparator of TIMELY (Li et al., ISCA 2020), 65 nm, or flash converter of Chung et al. (VLSI 2009) / 15, "
         "node as the ADC survey; encoder of 2^b - 1 - b adder bits (DSENT 0.91): our estimate"},
    };
    return kind;
}

}  // namespace xloop
