#pragma once

#include "core/hardware_config.hpp"
#include "dnn/supernet.hpp"

namespace xloop {

/// What takes each active weight of a subnet to the weight that the programmed arrays realise: quantised to the bits that its
/// layer has on the hardware, sliced into cells, programmed with variation, loaded by the wires (before the ADC). Add them
/// in a forward pass to train or test with the chip's weights. One tensor per layer, undefined for layers without weights.
///
/// The unfolded weights are quantised. Scales are per output channel and batch normalisation multiplies whole
/// channels, so the integers are those that quantise() finds after folding (negated where a channel's factor is
/// negative); only an output layer with batch normalisation, which has one scale, would differ.
WeightOffsets crossbar_offsets(Supernet& supernet, const SubnetPath& path, const HardwareConfig& hardware);

}  // namespace xloop
