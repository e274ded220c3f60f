#pragma once

#include "core/progress.hpp"
#include "core/workload/executor.hpp"
#include "systemc_model/chip/chip.hpp"

namespace xloop {

/// The network with biases and factors that make up for what `chip`, programmed with its weights, does to the mean and the standard
/// deviation of each output channel's sums, bias included, on images. Layer by layer, in order: a layer is measured with all
/// layers before it corrected, and held against the same layer of `graph` computed exactly. With a = deviation(exact) /
/// deviation(chip): factor' = factor * a, bias' = mean(exact) / a - mean(chip sums without bias). A channel that does not
/// move on one of the two keeps its factor. An output's logits are compared with each other, so that all its channels have one
/// a, of the deviations of all; its output_scale takes it. With several outputs, whose logits are compared too, it is 1.
///
/// It is the update of batch normalisation's statistics on the chip (AdaBS: Joshi et al., Nature Communications 11, 2473 (2020))
/// for any network. Ours: it works on integer sums after batch normalisation is folded away, so it does not need any; its target
/// are the sums of the exact network, channel by channel, not those of training; the rule for outputs.
///
/// Weights stay, so that the same chip runs the result. What it does not depend on: threads. Throws Error without images.
WorkloadGraph recalibrate(const WorkloadGraph& graph, const MatrixEngine& chip, CalibrationImages images,
                          int threads = 1, const Watch& watch = {});

}  // namespace xloop
