#include "apps/text/import_text.hpp"

#include "core/table.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <vector>

namespace xloop {
namespace {

std::string counts(const std::map<std::string, int>& operators) {
    std::vector<std::string> parts;
    for (const auto& [op, count] : operators)
        parts.push_back(count == 1 ? op : fmt::format("{} {}", count, op));
    return parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::string import_text(const Imported& imported) {
    const ImportReport& report = imported.report;
    const NetworkSpec& spec = imported.network.spec;
    int longest = 8;
    for (const ImportedLayer& layer : report.layers)
        longest = std::max(longest, static_cast<int>(layer.name.size()));
    Table layers{"layers",
                 {{"", "layer", -longest},
                  {"", "type", -10, 2},
                  {"", "activation", -10, 2},
                  {"", "output", 9, 2},
                  {"", "parameters", 10, 2},
                  {"", "multiply-adds", 13, 2},
                  {"", "nodes of the file", -18, 2}}};
    for (const ImportedLayer& layer : report.layers)
        layers.add(layer.name, layer.type, layer.activation, layer.out.str(), layer.parameters, layer.macs,
                   fmt::format("{}", fmt::join(layer.nodes, ", ")));
    std::vector<std::string> host;
    for (HostFunction function : spec.host_functions)
        host.emplace_back(name_of(function));
    return fmt::format("network {} from {}\n  {}\n", spec.name, report.file, report.source) +
           fmt::format("input {}: read as {} channels x {} rows x {} columns, values in the order {}{}\n", report.input,
                       spec.input.channels, spec.input.height, spec.input.width, name_of(spec.input_order),
                       spec.input_mean.empty() ? "" : "; normalised: see `mean` and `std` in network.yaml") +
           fmt::format("result: {}{}\n\n",
                       spec.outputs.size() > 1
                           ? fmt::format("logits of {}", fmt::join(spec.outputs, ", "))
                           : fmt::format("logits of {}, {}", report.layers.back().name, report.layers.back().out.str()),
                       host.empty() ? "" : fmt::format(", then on the host: {}", fmt::join(host, ", "))) +
           layers.text() +
           fmt::format("\n{} layers, {} parameters, {} multiply-adds an image\n", report.layers.size(),
                       report.parameters, report.macs) +
           fmt::format("worked out as constants: {}\nrearranged weights or did nothing: {}\n", counts(report.folded),
                       counts(report.rearranged)) +
           (report.unused > 0 ? fmt::format("left out, since no output needs them: {}\n",
                                            counted(static_cast<std::int64_t>(report.unused), "node"))
                              : "");
}

}  // namespace xloop
