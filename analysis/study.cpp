#include "analysis/study.hpp"

#include "analysis/statistics.hpp"
#include "core/error.hpp"
#include "core/workload/float_network.hpp"
#include "systemc_model/device/device_model.hpp"
#include "systemc_model/mapping/expected_reads.hpp"
#include "systemc_model/mapping/flow_plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

namespace xloop {

namespace {

/// A list of kernels is a choice of square windows; who means height and width would not notice.
void warn_of_choices(const NetworkSpec& spec, const SubnetPath& path) {
    for (const LayerSpec& layer : spec.layers)
        if (layer.kernel.size() > 1) {
            spdlog::warn(
                "{}: kernel [{}] of layer `{}` are sizes of square windows to choose from; without `path` the largest "
                "subnet is taken, here {}. For a window that is not square write kernel_hw: [height, width]",
                layer.location.str(), fmt::join(layer.kernel, ", "), layer.name, spec.path_text(path));
            return;
        }
}

WorkloadGraph network_of(const StudyConfig& config, StudyNeeds needs) {
    const NetworkSpec spec = load_network(config.network);
    const SubnetPath path = config.path.empty() ? spec.largest_path() : spec.parse_path(config.path);
    WorkloadGraph graph = build_graph(spec.resolve(path));
    if (spec.searchable())
        graph.name += " " + spec.path_text(path);
    if (config.path.empty())
        warn_of_choices(spec, path);
    if (needs == StudyNeeds::weights)
        randomise_weights(graph, config.seed);
    return graph;
}

/// The network fits: tiles for all layers, buffers for all streams.
void check_fit(const WorkloadGraph& graph, const HardwareConfig& hardware) {
    const MappedNetwork network = map_network(graph, hardware);
    for (int round = 0; round < network.mapping.rounds; ++round)
        make_flow_plan(network, round);
}

}  // namespace

void check_same_network(const StudyConfig& config) {
    if (config.weights.from != WeightsSource::trained)
        return;
    const std::string own = float_network_file(config.weights.trained);
    if (network_yaml(load_network(own)) != network_yaml(load_network(config.network)))
        throw KeyError("network", fmt::format("{} is not the network of weights.trained, {}; remove the key, which "
                                              "weights.from: trained does not need",
                                              config.network, own));
}

void check_files(const StudyConfig& config) {
    DeviceModel{config.hardware};  // reads the level table and the fault map
    load_cost_table(config.cost_table);
    check_same_network(config);
    if (config.weights.from == WeightsSource::workload)
        check_fit(load_workload(config.weights.workload), config.hardware);
    if (config.network.empty())
        return;
    const NetworkSpec spec = load_network(config.network);
    std::vector<SubnetPath> paths = {spec.smallest_path(), spec.largest_path()};
    if (!config.path.empty())
        paths.push_back(spec.parse_path(config.path));
    for (const SubnetPath& path : paths)
        check_fit(build_graph(spec.resolve(path)), config.hardware);
}

MappedNetwork Study::map() const {
    MappedNetwork network = map_network(graph, config.hardware);
    if (const std::string file = config.simulation.recorded_statistics(); !file.empty() && skips_reads(network))
        network.reads = std::make_shared<const MadeReads>(read_made_reads(file, network));
    return network;
}

Study load_study(StudyConfig settings, config::Origins origins, StudyNeeds needs) {
    Study study;
    study.config = std::move(settings);
    study.origins = std::move(origins);
    const StudyConfig& config = study.config;
    if (config.weights.from == WeightsSource::trained && needs == StudyNeeds::weights && config.simulation.computes())
        throw KeyError("weights.from",
                       "trained: values are computed with integers; make them with `xloop eval`, then set weights.from "
                       "to workload and weights.workload to the workload.yaml that it wrote (or simulation.values to "
                       "counts)");
    check_same_network(config);
    DeviceModel{config.hardware};
    study.costs = load_cost_table(config.cost_table);
    study.graph = config.weights.from == WeightsSource::workload ? load_workload(config.weights.workload)
                                                                 : network_of(config, needs);
    return study;
}

HardwareReport estimate_hardware(const MappedNetwork& network, const CostTable& costs, int images,
                                 EstimateDetail detail, const DataAverages& averages) {
    Estimate figures = estimate(network, images, detail);
    HardwareReport report;
    report.method = "estimate";
    report.network = network.graph.name;
    report.images = images;
    report.cycles = figures.cycles;
    report.latency_cycles = figures.latency_cycles;
    report.interval_cycles = static_cast<double>(figures.interval_cycles);
    for (const Estimate::Layer& layer : figures.layers)
        report.layers.push_back({layer.name, layer.start_cycle, layer.cycles()});
    report.contention = std::move(figures.contended);
    report.activity = std::move(figures.activity);
    complete_report(report, network, costs, averages);
    return report;
}

}  // namespace xloop
