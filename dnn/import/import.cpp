#include "dnn/import/import.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/workload/workload_graph.hpp"
#include "dnn/import/lowering.hpp"
#include "dnn/import/onnx_file.hpp"

#include <fmt/format.h>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

namespace xloop {
namespace {

namespace fs = std::filesystem;

void set_input_shape(importing::OpGraph& graph, const std::vector<std::int64_t>& shape) {
    if (shape.empty() || graph.inputs.size() != 1)
        return;
    importing::GraphInput& input = graph.inputs.front();
    if (input.shape.size() != shape.size() + 1)
        throw InputError(
            fmt::format("{}: the input `{}` has {} axes with that of the images, but the shape given has {} without it",
                        graph.file, input.name, input.shape.size(), shape.size()));
    for (std::size_t a = 0; a < shape.size(); ++a) {
        std::int64_t& size = input.shape[a + 1];
        if (size != importing::GraphInput::unknown && size != shape[a])
            throw InputError(fmt::format("{}: axis {} of the input `{}` is {}, not {}", graph.file, a + 1, input.name,
                                         size, shape[a]));
        size = shape[a];
    }
}

}  // namespace

Imported import_graph(importing::OpGraph graph, const ImportOptions& options, importing::Budget& budget) {
    Imported made;
    set_input_shape(graph, options.input_shape);
    made.report.unused = importing::sort_nodes(graph);
    importing::Lowering lowering(std::move(graph), budget);
    const std::string& file = lowering.graph().file;
    made.network = lowering.run(options.name.empty() ? fs::path(file).stem().string() : options.name);
    WorkloadGraph shapes;
    try {
        // What is written must read back.
        shapes = build_graph(parse_network(network_yaml(made.network.spec), "network.yaml"));
        check_tensors(made.network, "weights");
    } catch (const InputError& error) {
        throw InputError(fmt::format("{}: what it describes is no network that can be built: {}", file, error.what()));
    }
    ImportReport& report = made.report;
    report.file = file;
    report.source = lowering.graph().source;
    report.input = lowering.input_text();
    report.folded = lowering.folded();
    report.rearranged = lowering.rearranged();
    for (std::size_t l = 0; l < shapes.layers.size(); ++l) {
        const GraphLayer& layer = shapes.layers[l];
        ImportedLayer row{layer.name,
                          name_of(layer.kind),
                          layer.activation == ActivationFunction::none ? "" : name_of(layer.activation),
                          lowering.nodes_of(layer.name),
                          layer.out,
                          0,
                          layer.macs()};
        for (const char* part : {".weight", ".bias", ".gamma", ".beta", ".mean", ".variance"})
            if (const auto tensor = made.network.tensors.find(layer.name + part); tensor != made.network.tensors.end())
                row.parameters += static_cast<std::int64_t>(tensor->second.values.size());
        report.parameters += row.parameters;
        report.macs += row.macs;
        report.layers.push_back(std::move(row));
    }
    return made;
}

Imported import_onnx(const std::string& path, const ImportOptions& options) {
    importing::Budget budget;
    return import_graph(importing::read_onnx(path, budget), options, budget);
}

bool is_torchscript(const std::string& path) {
    std::string bytes(4, '\0');
    return fs::is_regular_file(path) && std::ifstream(path, std::ios::binary).read(bytes.data(), 4) &&
           bytes == std::string_view("PK\x03\x04", 4);
}

Json import_json(const Imported& imported) {
    const ImportReport& report = imported.report;
    const NetworkSpec& spec = imported.network.spec;
    Json layers = Json::array();
    for (const ImportedLayer& layer : report.layers)
        layers.push_back({{"name", layer.name},
                          {"type", layer.type},
                          {"activation", layer.activation.empty() ? Json() : Json(layer.activation)},
                          {"nodes", layer.nodes},
                          {"out", {layer.out.channels, layer.out.height, layer.out.width}},
                          {"parameters", layer.parameters},
                          {"macs", layer.macs}});
    Json host = Json::array();
    for (HostFunction function : spec.host_functions)
        host.push_back(name_of(function));
    return {{"file", report.file},
            {"source", report.source},
            {"network", spec.name},
            {"input",
             {{"tensor", report.input},
              {"channels", spec.input.channels},
              {"height", spec.input.height},
              {"width", spec.input.width},
              {"order", name_of(spec.input_order)},
              {"mean", spec.input_mean},
              {"std", spec.input_std}}},
            {"outputs", spec.outputs.empty() ? std::vector<std::string>{spec.layers.back().name} : spec.outputs},
            {"output_order", name_of(spec.output_order)},
            {"host_functions", host},
            {"layers", layers},
            {"folded", report.folded},
            {"rearranged", report.rearranged},
            {"unused_nodes", report.unused},
            {"parameters", report.parameters},
            {"macs", report.macs}};
}

void save_import(const Imported& imported, const std::string& dir, bool replace) {
    if (!replace && fs::exists(fs::path(dir) / "network.yaml"))
        throw InputError(fmt::format("{}: there is a network already; --force replaces it", dir));
    save_float_network(imported.network, dir);
    write_file_atomically(dir + "/import.json",
                          import_json(imported).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace xloop
