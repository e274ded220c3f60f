#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/cost/models/gates.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

constexpr double survey_lowest_nm = 4, survey_highest_nm = 1000;

double rate_hz(const ModelQuery& query) { return 1e9 * query.hardware.adc.sample_rate_gsps; }

// Model A: envelope of the converter survey, as the Accelergy ADC plug-in of T. Andrulis and R. Chen fits it.

/// Best figure of merit (Schreier, dB) where the rate does not limit it.
double slow_merit_db(double bits) { return 128.3068 + 3.22051 * std::ceil(bits); }
/// The limit that falls with the rate.
double fast_merit_db(double hz) { return 213.7807 - 2.87190 * std::log(hz); }
/// Energy over that at low rates: 1 up to the corner where the two limits meet.
double rate_penalty(double bits, double hz) {
    return std::max(1.0, std::pow(10, (slow_merit_db(bits) - fast_merit_db(hz)) / 10));
}
/// How the survey's energy and area go with the node; area takes the energy's share in its formula along.
double survey_energy_scale(double from_nm, double to_nm) { return std::pow(to_nm / from_nm, 1.880037); }
double survey_area_scale(double from_nm, double to_nm) {
    return std::pow(to_nm / from_nm, 0.993279 + 0.299124 * 1.880037);
}

double survey_energy_pj(double bits, double hz, double node_nm) {
    const double signal_to_noise_db = 6.0206 * bits + 1.7609;
    const double merit_db = std::min(fast_merit_db(hz), slow_merit_db(bits));
    return 0.5 * std::pow(10, (signal_to_noise_db - merit_db) / 10) *
           std::exp(26.04962 + 1.880037 * std::log(node_nm) - 2.829126 * std::log(bits) - 1.470202);
}

/// The formula turns up again below 4 bits, where it has no converters.
double survey_bits(const ModelQuery& query) {
    const int bits = query.hardware.adc.bits;
    query.uses("adc.bits", bits, "", 4, 12);
    return std::max(bits, 4);
}

double survey_energy_pj(const ModelQuery& query) {
    const double bits = survey_bits(query);
    query.uses("adc.sample_rate_gsps", query.hardware.adc.sample_rate_gsps, "GS/s", 0, 10);
    return survey_energy_pj(bits, rate_hz(query), query.node(survey_lowest_nm, survey_highest_nm));
}

/// One conversion of the 8-bit converter of Kull et al. (ISSCC 2013, 32 nm) at the 1.28 GS/s of ISAAC; b + 1 clocks,
/// with the node to the power 0.6, that is 0.8 for each of the steps 45, 32, 22 nm.
double sar_latency_ns(const ModelQuery& query) {
    return (query.hardware.adc.bits + 1) / 9.0 / 1.28 * std::pow(query.technology.node_nm / 32, 0.6);
}

Figures sar_survey(const ModelQuery& query) {
    Figures figures;
    figures.energy_pj = survey_energy_pj(query);
    figures.area_um2 = std::exp(1.346192 + 0.993279 * std::log(query.technology.node_nm) +
                                0.180715 * std::log(rate_hz(query)) + 0.299124 * std::log(figures.energy_pj));
    figures.latency_ns = sar_latency_ns(query);
    return figures;
}

// Model B: column converters of compute-in-memory macros, as ZigZag has them.
Figures sar_column(const ModelQuery& query) {
    const double bits = query.hardware.adc.bits;
    query.uses("adc.bits", bits, "", 3, 10);
    query.uses("adc.sample_rate_gsps", query.hardware.adc.sample_rate_gsps, "GS/s", 0, 1);
    const double node_nm = query.node(22, 40);
    Figures figures;
    figures.energy_pj = (0.1 * bits + 1e-6 * std::pow(4, bits)) * 0.9 * 0.9 * survey_energy_scale(28, node_nm) *
                        rate_penalty(bits, rate_hz(query));
    figures.area_um2 = std::pow(2, bits) * std::pow(10, 1.206 - 0.0369 * bits) * survey_area_scale(28, node_nm);
    figures.latency_ns = bits * (0.00653 * query.hardware.crossbar.rows + 0.640);
    return figures;
}

// Least squares over 21 single-channel SAR converters of the survey; its best tenth lies a constant below.
Figures sar_fit(const ModelQuery& query) {
    const bool best = query.parameter(0) > 0;
    const double bits = query.hardware.adc.bits, gsps = query.hardware.adc.sample_rate_gsps;
    query.uses("adc.bits", bits, "", 4, 10.5);
    query.uses("adc.sample_rate_gsps", gsps, "GS/s", 0.02, 10);
    const double node = std::log(query.node(14, 90) / 32), rate = std::log(gsps);
    Figures figures;
    figures.energy_pj = std::exp(-2.107 + 0.484 * bits + 0.730 * node - 0.043 * rate - (best ? 0.86 : 0.0)) *
                        rate_penalty(bits, rate_hz(query));
    figures.area_um2 = std::exp(6.260 + 0.340 * bits + 1.152 * node - 0.185 * rate - (best ? 1.03 : 0.0));
    figures.latency_ns = sar_latency_ns(query);
    return figures;
}

// ISAAC's converter, scaled with the capacitors of its DAC, as the Accelergy library has it at 32 nm for 4 ... 10 bits.
constexpr std::array<double, 7> library_pj = {0.79, 0.99, 1.20, 1.42, 1.67, 1.97, 2.38};
constexpr std::array<double, 7> library_um2 = {361, 477, 627, 845, 1200, 1828, 3002};
constexpr int library_first_bits = 4, library_last_bits = 10;

double library_at(const std::array<double, 7>& figures, int bits) {
    if (bits < library_first_bits)
        return figures[0] * std::pow(figures[0] / figures[1], library_first_bits - bits);
    if (bits > library_last_bits)
        return figures[6] * std::pow(figures[6] / figures[5], bits - library_last_bits);
    return figures[static_cast<std::size_t>(bits - library_first_bits)];
}

/// Faster than the part, several work in turn.
double library_area_um2(const ModelQuery& query) {
    const auto& adc = query.hardware.adc;
    const Technology& to = query.technology;
    query.uses("adc.bits", adc.bits, "", library_first_bits, library_last_bits);
    query.uses("adc.sample_rate_gsps", adc.sample_rate_gsps, "GS/s", 0, 1.28);
    query.node(scaling_lowest_nm, scaling_highest_nm);
    return library_at(library_um2, adc.bits) * stillmaker_baas_2017({32, 0.9}, to).area *
           std::max(1.0, adc.sample_rate_gsps / 1.28);
}

Figures sar_library(const ModelQuery& query) {
    Figures figures;
    figures.area_um2 = library_area_um2(query);
    figures.energy_pj = library_at(library_pj, query.hardware.adc.bits) *
                        survey_energy_scale(32, query.technology.node_nm) *
                        rate_penalty(query.hardware.adc.bits, rate_hz(query));
    figures.latency_ns = sar_latency_ns(query);
    return figures;
}

// Comparators of flash and ramp converters.
enum Comparator : std::size_t { column_comparator, converter_share };

/// One decision and one comparator at 65 nm. TIMELY (ISCA 2020): 41.7 fJ, 40 um2. Flash converter of Chung et al. (VLSI
/// 2009), 3.78 effective bits at 7.67 GS/s, with its ladder and encoder: a fifteenth of 6.78 pJ and 10000 um2.
Cell comparator(const ModelQuery& query) {
    const double node_nm = query.node(22, 65);
    const bool column = query.parameter(0) == column_comparator;
    return {(column ? 41.7 : 6780.0 / 15) * survey_energy_scale(65, node_nm),
            (column ? 40.0 : 10000.0 / 15) * survey_area_scale(65, node_nm), 0.0};
}

Figures flash(const ModelQuery& query) {
    const int bits = query.hardware.adc.bits;
    query.uses("adc.bits", bits, "", 1, 6);
    query.uses("adc.sample_rate_gsps", query.hardware.adc.sample_rate_gsps, "GS/s", 0, 7.67);
    const Cell decision = comparator(query);
    const double comparators = (1 << bits) - 1;
    // Counting the ones of 2^b - 1 comparators takes 2^b - 1 - b full adders.
    const double adders = query.parameter(0) == column_comparator ? comparators - bits : 0;
    const Gates gates(query, query.parameter(1));
    Figures figures;
    figures.energy_pj = 1e-3 * (comparators * decision.energy_fj + adders * gates.adder_bit.energy_fj) *
                        rate_penalty(bits, rate_hz(query));
    figures.area_um2 = comparators * decision.area_um2 + adders * gates.adder_bit.area_um2;
    figures.leakage_uw = adders * gates.adder_bit.leakage_uw;
    figures.latency_ns = 1 / 7.67;
    return figures;
}

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
                                 438.0 / 8 * bits * survey_area_scale(40, query.technology.node_nm);  // DAC of BRAHMS
    const double per_converter = converted / adcs_per_array(hardware);
    Figures figures;
    figures.energy_pj =
        1e-3 * (generator_fj / converted + steps * decision.energy_fj + bits * gates.register_bit.energy_fj);
    figures.area_um2 = generator_um2 / adcs_per_array(hardware) +
                       per_converter * (decision.area_um2 + bits * gates.register_bit.area_um2);
    const double counter_uw = gates.adder_bit.leakage_uw + gates.register_bit.leakage_uw;
    figures.leakage_uw = bits * (counter_uw / adcs_per_array(hardware) + per_converter * gates.register_bit.leakage_uw);
    figures.latency_ns = 0.3 * steps;
    return figures;
}

Figures sar(const ModelQuery& query) {
    Figures figures;
    figures.energy_pj = survey_energy_pj(query);
    figures.area_um2 = library_area_um2(query);
    figures.latency_ns = sar_latency_ns(query);
    return figures;
}

constexpr const char* survey_source =
    "envelope of B. Murmann's ADC performance survey (BSD-3), coefficients of the Accelergy ADC plug-in of T. "
    "Andrulis and R. Chen (MIT)";
constexpr const char* comparator_source =
    "comparator of TIMELY (Li et al., ISCA 2020), 65 nm, or flash converter of Chung et al. (VLSI 2009) / 15, node as"
    " the ADC survey; encoder of 2^b - 1 - b adder bits (DSENT 0.91): our estimate";
constexpr const char* ramp_source =
    "our rule: generator (DAC of 50 fF a bit after ZigZag, MIT; counter) shared by an array's columns, comparator of "
    "TIMELY (ISCA 2020) deciding each step, b latches (DSENT 0.91)";

ModelParameter comparator_parameter() {
    return {"comparator",
            "",
            column_comparator,
            0,
            1,
            "column: TIMELY's; converter: a share of a stand-alone flash converter",
            {"column", "converter"}};
}

Figures by_type(const ModelQuery& query) {
    const std::string& type = query.hardware.adc.type;
    return type == "flash" ? flash(query) : type == "ramp" ? ramp(query) : sar(query);
}

}  // namespace

std::vector<CostModel> adc_models() {
    const std::vector<ModelParameter> comparators = {comparator_parameter(), leakage_divisor_parameter()};
    return {
        {"adc",
         {Component::adc},
         by_type,
         comparators,
         "by adc.type; sar: energy of adc_sar_survey, area of adc_sar_library; flash: adc_flash; ramp: adc_ramp"},
        {"adc_sar_survey", {Component::adc}, sar_survey, {}, survey_source},
        {"adc_sar_column",
         {Component::adc},
         sar_column,
         {},
         "column converters of the ZigZag IMC model (KU Leuven MICAS, MIT), 28 nm, energy after Murmann 2021; other "
         "nodes as the survey's"},
        {"adc_sar_fit",
         {Component::adc},
         sar_fit,
         {{"parts", "", 0, 0, 1, "median or best tenth of the published parts", {"median", "best"}}},
         "our fit of 21 single-channel SAR converters, 90 nm and below, in B. Murmann's ADC performance survey "
         "(BSD-3)"},
        {"adc_sar_library",
         {Component::adc},
         sar_library,
         {},
         "ISAAC's 8-bit converter (Kull et al., ISSCC 2013, 32 nm) scaled to 4 ... 10 bits in the Accelergy library "
         "(MIT); area to other nodes by Stillmaker and Baas 2017, energy as the survey's"},
        {"adc_flash", {Component::adc}, flash, comparators, comparator_source},
        {"adc_ramp", {Component::adc}, ramp, comparators, ramp_source},
    };
}

}  // namespace xloop
