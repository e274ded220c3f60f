#pragma once

#include "core/progress.hpp"
#include "systemc_model/chip/chip.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// How far the sums of one layer on a chip are from the exact ones of the same inputs, over all images, positions and output
/// channels.
struct LayerErrors {
    std::string layer;
    double variance = 0.0;       ///< of the exact sums
    double squared_error = 0.0;  ///< of the chip's, in the mean
    /// The mean of (exact - chip) / exact, each with the weight |exact|: a chip whose sums are all short by a share has that share.
    /// The non-ideality factor of GENIEx (Chakraborty et al., DAC 2020, arXiv 2003.06902) is of currents, which are never
    /// negative, without weights; sums of signed weights come near 0, where such a mean does not exist.
    double non_ideality = 0.0;
    std::uint64_t clipped = 0, conversions = 0;  ///< that left their ADC's range; all

    /// Signal-to-noise ratio, 10 log10(variance / squared error); infinite without error, NaN where exact sums do not vary.
    double snr_db() const;
    /// Share of clipped conversions; NaN where there are none.
    double clipped_share() const;
};

/// Of each layer of class matrix, in order. `network` is the network as it runs on the chip, with its biases and factors;
/// `exact` the one that the chip was programmed with. They may differ after recalibrate(): then the corrected sums are judged.
/// Does not depend on threads.
std::vector<LayerErrors> layer_errors(const WorkloadGraph& exact, const WorkloadGraph& network, const Chip& chip,
                                      CalibrationImages images, int threads = 1, const Watch& watch = {});

/// The same for sums of any engine, without counts of conversions.
std::vector<LayerErrors> layer_errors(const WorkloadGraph& exact, const WorkloadGraph& network,
                                      const MatrixEngine& engine, CalibrationImages images, int threads = 1,
                                      const Watch& watch = {});

}  // namespace xloop
