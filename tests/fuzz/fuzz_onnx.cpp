#include "dnn/import/import.hpp"
#include "dnn/import/onnx_file.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <string>

namespace xloop::fuzz {
namespace {

/// A file of a few bytes may ask for much work.
constexpr std::int64_t elements = 1 << 20;

}  // namespace

void run_one(std::string_view bytes) {
    importing::Budget budget(elements);
    const Imported made = import_graph(importing::parse_onnx(std::string(bytes), "fuzz.onnx", "", budget), {}, budget);
    const NetworkSpec back = parse_network(network_yaml(made.network.spec), "network.yaml");
    demand(back.layers.size() == made.report.layers.size(), "a network that does not read back");
    demand(import_json(made)["layers"].size() == back.layers.size(), "layers that the report does not list");
}

}  // namespace xloop::fuzz
