#include "systemc_model/cost/adc/survey.hpp"

#include <cmath>

// A neuron: an amplifier puts a column's charge on a capacitor while the array is read, and takes it off again bit by bit,
// with a decision of a comparator each time. The amplifier is on all through, so energy goes with time.
namespace xloop {
namespace {

enum Parameter : std::size_t { amplifier_ua_ = 2, capacitor_ff_, step_ns_, own_area_um2_ };

/// Of one branch in weak inversion that settles to half a step of `bits` bits in `step_ns`: gm = C (bits + 1) ln 2 / t
/// and I = gm n kT/q, with n = 1.5.
double settling_ua(double capacitor_ff, double step_ns, int bits, double kelvin) {
    constexpr double volts_per_kelvin = 8.617e-5, slope = 1.5;
    // fF / ns is 1e-6 S.
    return capacitor_ff / step_ns * (bits + 1) * std::log(2.0) * slope * volts_per_kelvin * kelvin;
}

Figures integrating(const ModelQuery& query) {
    const HardwareConfig& hardware = query.hardware;
    const int bits = hardware.adc.bits;
    query.uses("adc.bits", bits, "", 1, 10);
    query.uses("adc.sample_rate_gsps", hardware.adc.sample_rate_gsps, "GS/s");
    query.uses("crossbar.read_time_ns", hardware.crossbar.read_time_ns, "ns");
    const double given_ua = query.parameter(amplifier_ua_);
    const double amplifier_ua = given_ua > 0 ? given_ua
                                             : settling_ua(query.parameter(capacitor_ff_), query.parameter(step_ns_),
                                                           bits, query.temperature_k);
    const double on_ns = hardware.crossbar.read_time_ns + 1 / hardware.adc.sample_rate_gsps;
    // The charges of all digits of an input are decided on together.
    const double steps = static_cast<double>(bits) / hardware.digits();
    const Cell decision = comparator(query);
    const Gates gates(query, query.parameter(1));
    Figures figures;
    figures.energy_pj = 1e-3 * (query.technology.supply_v * amplifier_ua * on_ns +
                                steps * (decision.energy_fj + gates.register_bit.energy_fj));
    figures.area_um2 = query.parameter(own_area_um2_) + decision.area_um2 + bits * gates.register_bit.area_um2;
    figures.leakage_uw = bits * gates.register_bit.leakage_uw;
    figures.latency_ns = bits * query.parameter(step_ns_);
    return figures;
}

}  // namespace

CostModel adc_integrating_model() {
    std::vector<ModelParameter> parameters = comparator_parameters();
    for (const ModelParameter& parameter :
         {ModelParameter{"amplifier_ua", "uA", 0, 0, 1e4, "that the amplifier draws; 0: what settling asks for"},
          ModelParameter{"capacitor_ff", "fF", 100, 1, 1e5, "that it charges"},
          ModelParameter{"step_ns", "ns", 300, 0.1, 1e6, "for each bit that is decided"},
          ModelParameter{"capacitor_um2", "um2", 100, 0, 1e6, "area of the capacitors, at 1 fF/um2"}})
        parameters.push_back(parameter);
    return {"adc_integrating",
            {Component::adc},
            integrating,
            parameters,
            "our rule: supply x current of an amplifier in weak inversion that settles to half a step, over read and "
            "conversion; comparator of TIMELY (ISCA 2020) and a register bit (DSENT 0.91) for each bit, once for all "
            "digits of an input"};
}

}  // namespace xloop
