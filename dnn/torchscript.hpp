#pragma once

#include "dnn/import/import.hpp"

#include <string>

namespace xloop {

/// Reads a TorchScript module (torch.jit.save): frozen by LibTorch, batch normalisation folded into convolutions where that is its
/// way, then as an ONNX file of the same operators. `options.input_shape` is needed: such files do not have the size of their input.
/// Throws InputError for what import_graph refuses, control flow that freezing leaves over, modules that run code when they are
/// loaded, and damaged files as far as LibTorch notices.
Imported import_torchscript(const std::string& path, const ImportOptions& options);

/// Reads a model file of either format, by its first bytes.
Imported import_model(const std::string& path, const ImportOptions& options);

}  // namespace xloop
