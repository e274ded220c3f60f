#pragma once

#include "core/safetensors.hpp"
#include "core/workload/network_spec.hpp"

#include <string>

namespace xloop {

/// A trained network: its description, with nothing to choose from, and its real weights. Of a layer `l` of class matrix:
/// `l.weight` [out][in / groups][kernel height][kernel width] (linear: the kernel is the whole input map), and either `l.bias`
/// [out] or, with batch normalisation, `l.gamma`, `l.beta`, `l.mean` and `l.variance` [out].
struct FloatNetwork {
    NetworkSpec spec;
    TensorMap tensors;
};

/// What is added to a variance under the root of batch normalisation; networks made with another value have it worked into
/// their variances.
inline constexpr double batch_norm_epsilon = 1e-5;

/// Throws InputError, with `name` for the file of the tensors, unless the tensors are those of the description, in names, shapes
/// and finite values, and no others.
void check_tensors(const FloatNetwork& network, const std::string& name);

/// Writes DIR/network.yaml and DIR/weights.safetensors.
void save_float_network(const FloatNetwork& network, const std::string& dir);
/// Reads the two. Throws InputError for anything that does not fit.
FloatNetwork load_float_network(const std::string& dir);

}  // namespace xloop
