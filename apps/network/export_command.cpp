#include "apps/command.hpp"
#include "core/error.hpp"
#include "core/standard_streams.hpp"
#include "dnn/import/onnx_export.hpp"

#include <fmt/format.h>
#include <filesystem>

namespace xloop {
namespace {

namespace fs = std::filesystem;

constexpr const char* examples = R"(
A folder with network.yaml and weights.safetensors gives float32 operators; a workload.yaml, the integers that run on the chip, gives
the QDQ form (QuantizeLinear, DequantizeLinear) of 8-bit weights and activations. A runtime then gives the numbers of
`xloop infer --engine float`, or those of the integer engine but for steps of rounding.

Examples:
  xloop export results/resnet20 -o resnet20.onnx
  xloop export results/resnet20_eval/workload.yaml --network results/resnet20 -o resnet20_int8.onnx)";

struct ExportOptions {
    std::string model, network, out;
};

void run_export(const ExportOptions& options) {
    if (fs::is_directory(options.model)) {
        if (!options.network.empty())
            throw InputError("--network goes with a workload.yaml; " + options.model + " has its own network.yaml");
        export_onnx(load_float_network(options.model), options.out);
    } else {
        const WorkloadGraph graph = load_workload(options.model);
        NetworkSpec spec;
        spec.name = graph.name;
        spec.input = graph.input;
        if (!options.network.empty())
            spec =
                load_network(fs::is_directory(options.network) ? options.network + "/network.yaml" : options.network);
        if (spec.input != graph.input)
            throw InputError(fmt::format("--network {}: its input is {}, that of {} is {}", options.network,
                                         spec.input.str(), options.model, graph.input.str()));
        export_onnx(graph, spec, options.out);
    }
    say(fmt::format("written to {}\n", options.out));
}

}  // namespace

void add_export_command(CommandLine& line) {
    CommandLine command = line.command("export", "write a network with weights as an ONNX model");
    command.footer(examples);
    ExportOptions& o = command.runs(run_export);
    command.option("MODEL", &o.model, "folder of a trained network, or a workload.yaml").required();
    command
        .option("--network", &o.network,
                "with a workload.yaml: the network's description, for normalisation and orders")
        .type("DIR");
    command.output("-o,--out", &o.out, "the ONNX file").type("FILE").required();
}

}  // namespace xloop
