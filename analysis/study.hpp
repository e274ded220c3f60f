#pragma once

#include "analysis/hardware_report.hpp"
#include "core/experiment_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "dnn/data/image_set.hpp"
#include "systemc_model/cost/cost_table.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/map_network.hpp"

namespace xloop {

/// A hardware study: one concrete network on one piece of hardware.
struct Study {
    LoadedExperiment experiment;
    CostTable costs;
    WorkloadGraph graph;

    /// The network on the hardware. Throws InputError when it does not fit.
    MappedNetwork map() const { return map_network(graph, experiment.config.hardware); }
};

/// What a study needs of its network: shapes alone, or weights as well, random by seed or of a workload file.
enum class StudyNeeds { shapes, weights };

/// Reads everything that the experiment names. Throws InputError.
Study load_study(LoadedExperiment experiment, StudyNeeds needs = StudyNeeds::weights);

/// Reads every file that the experiment names and maps its networks onto its hardware. Throws InputError.
void check_files(const ExperimentConfig& config);

/// The closed-form figures of a network.
HardwareReport estimate_hardware(const MappedNetwork& network, const CostTable& costs, int images,
                                 EstimateDetail detail = EstimateDetail::instances);

}  // namespace xloop
