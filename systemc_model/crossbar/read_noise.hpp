#pragma once

#include "systemc_model/crossbar/adc.hpp"
#include "systemc_model/crossbar/circuit/analog_array.hpp"
#include "systemc_model/crossbar/weight_slicing.hpp"
#include "systemc_model/device/device_model.hpp"

#include <vector>

namespace xloop {

/// Variance of the cells' read noise at the ADC inputs of an array, as a function of what the rows are driven with:
///   variance[c] = sum over rows k of (own[k][c] x_k^2 + cross[k][c] mean x_k) + common[c] mean^2 + spread[c] var
/// x_k: DAC steps of row k; mean and var: their mean and variance over the rows of the read, those that are driven at once. Each cell (k, l) has independent noise of
/// standard deviation read_noise_sigma * g; it reaches the sense of column l through the adjoint voltage u_l(k,l), driven
/// by its voltage v = sum over i of w_i x_i, of which row k's own part is kept and the others enter by mean and variance.
/// Noise of cells of other columns is left out. Units: squared fixed-point ADC steps.
struct ReadNoise {
    std::vector<float> own, cross;      ///< [row][conversion]
    std::vector<float> common, spread;  ///< [conversion]

    bool none() const { return own.empty(); }
    /// `digits`: what the rows are driven with at one read; `variance`: one value for each conversion, added to.
    void add_variance(const std::vector<float>& digits, float* variance) const;
};

/// The read noise of a programmed array whose first `rows` rows are used, for each group of `rows_at_once` of them;
/// `fixed_per_level` fixed-point units are the current of one level step at one DAC step.
std::vector<ReadNoise> refer_read_noise(const AnalogArray& analog, const DeviceModel& device,
                                        const WeightSlicing& slicing, const std::vector<AdcErrors>& adcs, int rows,
                                        int rows_at_once, double fixed_per_level);

}  // namespace xloop
