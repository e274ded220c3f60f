#pragma once

#include "systemc_model/cost/models/gates.hpp"

#include <vector>

namespace xloop {

// What the kinds of converters share of the envelope of the converter survey, as the Accelergy ADC plug-in of T. Andrulis
// and R. Chen fits it, and of the comparators of flash and ramp converters.

/// Best figure of merit (Schreier, dB) where the rate does not limit it, and the limit that falls with the rate.
double slow_merit_db(double bits);
double fast_merit_db(double hz);
/// Energy over that at low rates: 1 up to the corner where the two limits meet.
double adc_rate_penalty(double bits, double hz);
/// How the survey's energy and area go with the node; area takes the energy's share in its formula along.
double adc_energy_scale(double from_nm, double to_nm);
double adc_area_scale(double from_nm, double to_nm);
/// The sample rate that the hardware asks for.
double adc_rate_hz(const ModelQuery& query);

/// One decision and one comparator, of the kind that the model's first parameter chooses.
Cell comparator(const ModelQuery& query);
bool is_column_comparator(const ModelQuery& query);
/// The parameters of models with comparators: their kind, and that of `Gates`.
std::vector<ModelParameter> comparator_parameters();

/// A converter that holds a column's charge on a capacitor behind an amplifier, for chips whose time it takes is given.
CostModel adc_integrating_model();

}  // namespace xloop
