#include "apps/network/import_command.hpp"

#include "apps/text/import_text.hpp"

#include <fmt/format.h>
#include <cstdint>
#include <cstdio>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Reads a trained network and writes DIR/network.yaml, DIR/weights.safetensors and DIR/import.json. What the file computes is kept
exactly, but for rounding to float32; what cannot be is refused with the node and the reason. docs/import.md lists the operators.

Examples:
  xloop import model.onnx -o results/model
  xloop import model.onnx -o results/model --input-shape 3,32,32     a file that leaves the size of images open
  xloop import model.onnx -o results/model --force --json            replaces what is there; report as JSON
  xloop import model.pt -o results/model --input-shape 3,32,32       TorchScript (torch.jit.save), which never says the size)";

struct ImportCommandOptions {
    std::string file, dir, name;
    std::vector<int> input_shape;
    bool json = false, force = false;
    ReadModel read = nullptr;
};

void run_import(const ImportCommandOptions& options) {
    ImportOptions how;
    how.name = options.name;
    how.input_shape.assign(options.input_shape.begin(), options.input_shape.end());
    const Imported imported = options.read(options.file, how);
    save_import(imported, options.dir, options.force);
    fmt::print("{}", options.json ? import_json(imported).dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                                  : import_text(imported) + fmt::format("written to {}\n", options.dir));
}

}  // namespace

void add_import_command(CommandLine& line, ReadModel read) {
    CommandLine command =
        line.command("import", "make a network with weights from a trained model (ONNX, TorchScript)");
    ImportCommandOptions& o = command.runs(run_import);
    o.read = read;
    command.footer(examples);
    command.option("FILE", &o.file, "model in the format of ONNX or TorchScript").required();
    command.option("-o,--out", &o.dir, "folder for network, weights and report").type("DIR").required();
    command.option("--name", &o.name, "name of the network; default: that of the file");
    command
        .option("--input-shape", &o.input_shape,
                "sizes of the input's axes without that of the images, where the file leaves them open")
        .commas();
    command.option("--json", &o.json, "print the report as one JSON object");
    command.option("--force", &o.force, "replace a network that is there already");
}

}  // namespace xloop
