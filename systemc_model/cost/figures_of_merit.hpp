#pragma once

#include "systemc_model/cost/ledger.hpp"

namespace xloop {

/// Energy, delay and area of a network on a chip, and what is made of them. Two ways of running are told apart:
/// "alone": one image on an empty chip, its delay is the image latency; "stream": images one after the other in steady
/// state, the delay is the initiation interval (layer by layer both are the same). Energies are those of one image:
/// its share of the counted events, and static power (leakage, refresh, clock) x that delay.
struct FiguresOfMerit {
    double latency_s = 0;
    double interval_s = 0;  ///< not a number: not known; figures of a stream are then not numbers either
    double area_mm2 = 0;    ///< of the whole chip, used or not
    double dynamic_j = 0;   ///< per image
    double static_w = 0;    ///< of the whole chip
    double macs = 0;        ///< multiply-accumulates per image

    double operations() const { return 2.0 * macs; }
    double energy_alone_j() const { return dynamic_j + static_w * latency_s; }
    double energy_stream_j() const { return dynamic_j + static_w * interval_s; }
    /// Energy x delay x area, J s mm2.
    double edap_alone() const { return energy_alone_j() * latency_s * area_mm2; }
    double edap_stream() const { return energy_stream_j() * interval_s * area_mm2; }
    double images_per_s() const { return 1.0 / interval_s; }
    double tops() const { return 1e-12 * operations() / interval_s; }
    double tops_per_watt() const { return 1e-12 * operations() / energy_stream_j(); }
    double tops_per_mm2() const { return tops() / area_mm2; }
    double average_power_w() const { return energy_stream_j() / interval_s; }
};

/// Of a run over `images` images whose ledger is `ledger`, with an image's latency and the interval between two in seconds.
/// `macs`: multiply-accumulates of one image, as WorkloadGraph::macs counts them: output positions x output channels x
/// kernel x input channels of a group, with padded inputs, strides and groups as they are; biases, pools, adds and
/// activations are not counted. Throws Error unless both times, as far as they are known, and the number of images
/// are above 0.
FiguresOfMerit figures_of_merit(const Ledger& ledger, int images, double latency_s, double interval_s, double macs);

}  // namespace xloop
