#include "systemc_model/cost/adc/adc_kind.hpp"
#include "systemc_model/cost/adc/survey.hpp"
#include "systemc_model/cost/node_scaling.hpp"

#include <algorithm>
#include <array>
#include <cmath>

// One conversion after the other, one sample period each.
namespace xloop {
namespace {

constexpr double survey_lowest_nm = 4, survey_highest_nm = 1000;

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
    return survey_energy_pj(bits, adc_rate_hz(query), query.node(survey_lowest_nm, survey_highest_nm));
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
                                0.180715 * std::log(adc_rate_hz(query)) + 0.299124 * std::log(figures.energy_pj));
    figures.latency_ns = sar_latency_ns(query);
    return figures;
}

// Model B: column converters of compute-in-memory macros, as ZigZag has them.
Figures sar_column(const ModelQuery& query) {
    const double bits = query.hardware.adc.bits;
    query.uses("adc.bits", bits, "", 3, 10);
    query.uses("adc.sample_rate_gsps", query.hardware.adc.sample_rate_gsps, "GS/s", 0, 1);
    const double node_nm = query.node(22, 40);
    const double supply = query.parameter(0) > 0 ? query.parameter(0) : query.technology.supply_v;
    Figures figures;
    figures.energy_pj = (0.1 * bits + 1e-6 * std::pow(4, bits)) * supply * supply * adc_energy_scale(28, node_nm) *
                        adc_rate_penalty(bits, adc_rate_hz(query));
    figures.area_um2 = std::pow(2, bits) * std::pow(10, 1.206 - 0.0369 * bits) * adc_area_scale(28, node_nm);
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
                        adc_rate_penalty(bits, adc_rate_hz(query));
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
                        adc_energy_scale(32, query.technology.node_nm) *
                        adc_rate_penalty(query.hardware.adc.bits, adc_rate_hz(query));
    figures.latency_ns = sar_latency_ns(query);
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

}  // namespace

AdcKind sar_kind() {
    AdcKind kind;
    kind.type = AdcType::sar;
    kind.clock_ghz = &AdcConfig::sample_rate_gsps;
    kind.clock_key = "adc.sample_rate_gsps";
    // It decides a bit in each step, and stops after those that are wanted.
    kind.used_share = [](const AdcConfig& adc) { return static_cast<double>(adc.code_bits()) / adc.bits; };
    kind.cost = sar;
    kind.cost_source = "energy of adc_sar_survey, area of adc_sar_library";
    kind.models = {
        {"adc_sar_survey", {Component::adc}, sar_survey, {}, survey_source},
        {"adc_sar_column",
         {Component::adc},
         sar_column,
         {{"supply_v", "V", 0.9, 0, 5, "of the converters; 0: the table's"}},
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
    };
    return kind;
}

}  // namespace xloop
