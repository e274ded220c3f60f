#pragma once

#include "dnn/import/op_graph.hpp"

#include <string>

namespace xloop::importing {

/// Reads a model in the format of ONNX (onnx.ai/onnx/intro, onnx.proto): operators of versions 6 to 23. Tensors may lie in files
/// of the model's own folder. Sizes are checked against the bytes that are there before memory is taken. Throws InputError for
/// anything malformed, and for what no operator graph can hold: training, functions, subgraphs, sparse tensors.
OpGraph read_onnx(const std::string& path, Budget& budget);
/// The same for bytes; `name` stands for the file in messages. `folder` is where tensors outside of it lie; empty: nowhere.
OpGraph parse_onnx(const std::string& bytes, const std::string& name, const std::string& folder, Budget& budget);

}  // namespace xloop::importing
