#include "analysis/study_config.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "core/workload/float_network.hpp"

namespace xloop {
namespace {

void describe(config::Section& s, WeightsConfig& c) {
    s.value("from", c.from,
            "random by seed, a workload.yaml that a run wrote, or the real weights of a trained network (xloop eval; "
            "estimate and map take its shapes)",
            "our choice: hardware studies need no training");
    s.value("workload", c.workload, "the workload.yaml, for from: workload", "none")
        .only_with("weights.from", WeightsSource::workload)
        .file_path();
    s.value("trained", c.trained, "folder of a trained network, with network.yaml and weights.safetensors", "none")
        .only_with("weights.from", WeightsSource::trained)
        .file_path();
}

void demand_weights(const StudyConfig& c, const config::Origins& origins) {
    if (c.weights.from == WeightsSource::workload && c.weights.workload.empty())
        config::fail_check(origins, "weights.workload", "the workload.yaml to read, since weights.from is workload");
    if (c.weights.from == WeightsSource::trained && c.weights.trained.empty())
        config::fail_check(origins, "weights.trained",
                           "the folder of a trained network (network.yaml and weights.safetensors), since weights.from "
                           "is trained");
    if (c.network.empty() && c.weights.from != WeightsSource::workload)
        throw InputError(origins.at("cost_table").location.file +
                         ": network: missing; a network file is expected, unless weights.from is trained or workload");
}

}  // namespace

void describe_subject(config::Section& root, StudyConfig& c) {
    root.value("name", c.name, "name of the experiment, and of its results folder", "convention").filled();
    root.value("network", c.network, "network file; those of weights.from: trained and workload have their own", "none")
        .file_path();
    root.value("path", c.path, "subnet of a searchable network, as `config` and reports print it; empty = the largest",
               "convention");
    root.value("cost_table", c.cost_table, "cost table: energy of events, area of components")
        .required()
        .file_path()
        .filled();
    root.value("seed", c.seed, "seed of everything random but the chip", "convention");
    describe(root, c.hardware);
    describe(root.section("data", "images"), c.data);
    describe(root.section("weights", "weights for estimate, simulate, eval and analyse"), c.weights);
    auto& quantise = root.section("quantise", "how the weights and activations of a trained network become integers");
    quantise.only_with("weights.from", WeightsSource::trained);
    describe(quantise, c.quantise);
    auto& evaluation = root.section("evaluation", "how a trained network is judged (xloop eval)");
    evaluation.only_with("weights.from", WeightsSource::trained);
    describe(evaluation, c.evaluation);
    auto& sensitivity = root.section("sensitivity", "how the layers of a trained network are measured (xloop analyse)");
    sensitivity.only_with("weights.from", WeightsSource::trained);
    describe(sensitivity, c.sensitivity);
}

void describe_runs(config::Section& root, StudyConfig& c) {
    describe(root.section("simulation", "the cycle model"), c.simulation);
    describe(root.section("trace", "traces of the cycle model: signals, activity, power, time line"), c.trace);
}

void complete(StudyConfig& c) {
    if (c.weights.from == WeightsSource::trained && c.network.empty() && !c.weights.trained.empty())
        c.network = float_network_file(c.weights.trained);
}

void validate(const StudyConfig& c, const config::Origins& origins) {
    validate(c.hardware, origins);
    validate(c.evaluation, origins);
    validate(c.sensitivity, origins);
    demand_weights(c, origins);
    if (c.simulation.computes()) {
        const auto check = [&](const std::string& key, int bits) {
            if (bits > 8)
                config::fail_check(origins, key,
                                   "1 to 8 bits, which values are computed with; simulation.values: counts takes 1 to "
                                   "16");
        };
        check("numerics.activation_bits", c.hardware.numerics.activation_bits);
        check("numerics.weight_bits", c.hardware.numerics.weight_bits);
        for (const LayerRule& rule : c.hardware.layers) {
            check("layers." + rule.name + ".activation_bits", rule.activation_bits);
            check("layers." + rule.name + ".weight_bits", rule.weight_bits);
        }
    }
}

}  // namespace xloop
