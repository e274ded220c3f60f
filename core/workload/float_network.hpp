#pragma once

#include "core/safetensors.hpp"
#include "core/workload/network_spec.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// A trained network: its description, with nothing to choose from, and its real weights. Of a layer `l` of class matrix:
/// `l.weight` [out][in / groups][kernel height][kernel width] (linear: the kernel is the whole input map), and either `l.bias`
/// [out] or, with batch normalisation, `l.gamma`, `l.beta`, `l.mean` and `l.variance` [out]. Of a layer of kind scale the four of
/// its batch normalisation, or `l.weight` [out] and `l.bias` [out].
struct FloatNetwork {
    NetworkSpec spec;
    TensorMap tensors;
};

/// What is added to a variance under the root of batch normalisation; networks made with another value have it worked into
/// their variances.
inline constexpr double batch_norm_epsilon = 1e-5;

/// A tensor that a network has; `trained`: no statistic.
struct TensorShape {
    std::string name;
    std::vector<std::int64_t> shape;
    bool trained;
};
std::vector<TensorShape> tensor_shapes(const NetworkSpec& spec);
/// Numbers that training sets.
std::int64_t parameter_count(const NetworkSpec& spec);

/// Throws InputError, with `name` for the file of the tensors, unless the tensors are those of the description, in names, shapes
/// and finite values, and no others.
void check_tensors(const FloatNetwork& network, const std::string& name);

/// DIR/network.yaml.
std::string float_network_file(const std::string& dir);
/// Writes DIR/network.yaml and DIR/weights.safetensors.
void save_float_network(const FloatNetwork& network, const std::string& dir);
/// Reads the two. Throws InputError for anything that does not fit.
FloatNetwork load_float_network(const std::string& dir);

}  // namespace xloop
