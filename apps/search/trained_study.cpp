#include "apps/search/trained_study.hpp"

#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/hardware_kinds.hpp"
#include "dnn/torchscript.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

namespace xloop {

FloatNetwork load_trained(const std::string& path) {
    return std::filesystem::is_directory(path) ? load_float_network(path) : import_model(path, {}).network;
}

void demand_images(const config::Origins& origins, const std::string& key, int count, const char* of, int loaded) {
    if (count > loaded)
        config::fail_check(origins, key, fmt::format("at most {} = {}", of, loaded));
}

std::vector<LayerBits> computed_widths(const HardwareConfig& hardware, const NetworkSpec& spec) {
    std::vector<LayerBits> bits = asked_bits(hardware, build_graph(spec));
    for (const LayerBits& layer : bits)
        if (layer.weights > 8 || layer.activations > 8)
            throw KeyError(layer.weights > 8 ? "numerics.weight_bits" : "numerics.activation_bits",
                           "values are computed with 1 to 8 bits");
    return bits;
}

void check_labels(const std::vector<int>& labels, const WorkloadGraph& shapes, const std::string& file) {
    if (shapes.outputs.size() != 1)
        throw InputError(
            fmt::format("{}: has {} outputs; a class is the largest logit of one", file, shapes.outputs.size()));
    const int largest = *std::max_element(labels.begin(), labels.end());
    if (largest >= shapes.logit_count())
        throw InputError(
            fmt::format("{}: the network has {} logits, the images have labels up to {}; it was trained "
                        "for other data than data.set names",
                        file, shapes.logit_count(), largest));
}

std::string inputs_digest(const ExperimentConfig& c, const FloatNetwork& network,
                          std::initializer_list<const StudyImages*> all_images) {
    Digest digest;
    digest.add(network_yaml(network.spec));
    for (const auto& [name, tensor] : network.tensors)
        digest.add(name).add(tensor.values.data(), tensor.values.size() * sizeof(float));
    for (const std::string& file : {c.hardware.device.level_table, c.hardware.device.fault_map})
        digest.add(file.empty() ? std::string() : read_file(file));
    for (const StudyImages* images : all_images)
        digest.add(images->values.data(), images->values.size() * sizeof(float))
            .add(images->labels.data(), images->labels.size() * sizeof(int));
    return digest.hex();
}

}  // namespace xloop
