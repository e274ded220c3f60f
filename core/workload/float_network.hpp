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
///
/// A network that was trained with integers has their steps as well (step_shapes), all of them: what an integer of the network's
/// integer form (WorkloadGraph) stands for. `input_step`, `input_zero_point` and `input_bits` [1]; of a layer of class matrix
/// `l.weight_step` [out], of `l.weight` as it is, before batch normalisation, and `l.weight_bits` [1]; of a layer with an edge of
/// its own `l.output_step`, `l.output_zero_point` and `l.output_bits` [1]; `l.sum_step` [1] where sums of 8 bits are looked up in a
/// table that is not in steps of the output.
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
/// The tensors that a network trained with integers has beside those.
std::vector<TensorShape> step_shapes(const NetworkSpec& spec);
/// Whether a network has any of them.
bool has_steps(const FloatNetwork& network);
/// Numbers that training sets.
std::int64_t parameter_count(const NetworkSpec& spec);

/// Throws InputError, with `name` for the file of the tensors, unless the tensors are those of the description, in names, shapes
/// and finite values, and no others; steps are above 0, bits and zero points integers in range.
void check_tensors(const FloatNetwork& network, const std::string& name);

/// DIR/network.yaml.
std::string float_network_file(const std::string& dir);
/// Writes DIR/network.yaml and DIR/weights.safetensors.
void save_float_network(const FloatNetwork& network, const std::string& dir);
/// Reads the two. Throws InputError for anything that does not fit.
FloatNetwork load_float_network(const std::string& dir);

}  // namespace xloop
