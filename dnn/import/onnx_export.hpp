#pragma once

#include "core/workload/float_network.hpp"
#include "core/workload/workload_graph.hpp"

#include <string>

namespace xloop {

/// Writes a trained network as an ONNX model, so that other runtimes can check us: float32, batch normalisation as operators of
/// its own, samples and results in the orders of the network's file, the axis of images open. Throws Error for a network without
/// weights.
void export_onnx(const FloatNetwork& network, const std::string& path);

/// Writes an integer network in the QDQ form: each edge of the graph quantised and dequantised with its scale and zero point, weights
/// dequantised by channel, biases as int32. A runtime computes in floats between, so that its values may differ from ours by one
/// step where a sum is half-way between two. The input is real, before quantisation; results are the logits, real. `spec` has what an
/// integer network does not keep: normalisation, orders, host functions. Throws Error where a width is not 8 bits or there are no
/// weights.
void export_onnx(const WorkloadGraph& graph, const NetworkSpec& spec, const std::string& path);

}  // namespace xloop
