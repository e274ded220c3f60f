#pragma once

#include "core/json.hpp"
#include "core/workload/float_network.hpp"
#include "dnn/import/op_graph.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace xloop {

struct ImportOptions {
    std::string name;                       ///< of the network; empty: that of the file
    std::vector<std::int64_t> input_shape;  ///< of the input without the axis of images; empty: the file's
};

/// What became of one node of the file, or several.
struct ImportedLayer {
    std::string name, type, activation;
    std::vector<std::string> nodes;
    Shape out;
    std::int64_t parameters = 0, macs = 0;
};

/// How a file became a network, for people (apps/text/import_text.hpp) and programs (import_json).
struct ImportReport {
    std::string file, source;
    std::string input;  ///< name and shape of the file's input
    std::vector<ImportedLayer> layers;
    std::map<std::string, int> folded, rearranged;  ///< operators that became constants, or moved weights only, by name
    std::size_t unused = 0;                         ///< nodes that no output needs
    std::int64_t parameters = 0, macs = 0;
};

struct Imported {
    FloatNetwork network;
    ImportReport report;
};

/// Makes a network of a graph, and checks that it can be built. Throws InputError that names file, node, operator and reason
/// for whatever it cannot express exactly.
Imported import_graph(importing::OpGraph graph, const ImportOptions& options, importing::Budget& budget);
/// Reads a model in the format of ONNX.
Imported import_onnx(const std::string& path, const ImportOptions& options);

/// Whether a file is an archive as torch.jit.save writes it, by its first bytes; LibTorch alone reads it (dnn/torchscript.hpp).
bool is_torchscript(const std::string& path);

Json import_json(const Imported& imported);

/// Writes DIR/network.yaml, DIR/weights.safetensors and DIR/import.json. Throws InputError when there is a network already,
/// unless it may be replaced.
void save_import(const Imported& imported, const std::string& dir, bool replace);

}  // namespace xloop
