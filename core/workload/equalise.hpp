#pragma once

#include "core/workload/float_network.hpp"

namespace xloop {

/// The same network with each batch normalisation worked into the weights and biases of its layer.
FloatNetwork fold_batch_norm(FloatNetwork network);

/// Cross-layer equalisation (Nagel et al., arXiv 1906.04721, section 4.1): folds batch normalisation, then scales each channel
/// between two layers of class matrix, of which the second alone reads the first, perhaps after pools, so that its largest
/// weights on both sides are alike: by s = sqrt(r1 / r2) (equation 11), in rounds until nothing moves. The function of the network
/// stays: only activations that commute with a positive factor (none, relu, leaky_relu, prelu) are passed.
FloatNetwork equalise(FloatNetwork network);

}  // namespace xloop
