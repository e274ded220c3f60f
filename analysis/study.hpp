#pragma once

#include "analysis/hardware_report.hpp"
#include "analysis/study_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "dnn/data/image_set.hpp"
#include "systemc_model/cost/cost_table.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/map_network.hpp"

namespace xloop {

/// A hardware study: one concrete network on one piece of hardware.
struct Study {
    StudyConfig config;
    config::Origins origins;  ///< of the configuration, for messages about it
    CostTable costs;
    WorkloadGraph graph;

    /// The network on the hardware; where reads of zeros alone are left out, with those that simulation.statistics gives for
    /// a run without values. Throws InputError when it does not fit.
    MappedNetwork map() const;
};

/// What a study needs of its network: shapes alone, or weights as well, random by seed or of a workload file.
enum class StudyNeeds { shapes, weights };

/// Reads everything that the configuration names. Throws InputError.
Study load_study(StudyConfig config, config::Origins origins, StudyNeeds needs = StudyNeeds::weights);

/// Throws InputError when a network is given beside a trained one (weights.from: trained) and is another.
void check_same_network(const StudyConfig& config);

/// Reads every file that the configuration names and maps its networks onto its hardware. Throws InputError.
void check_files(const StudyConfig& config);

/// The closed-form figures of a network.
HardwareReport estimate_hardware(const MappedNetwork& network, const CostTable& costs, int images,
                                 EstimateDetail detail = EstimateDetail::instances, const DataAverages& averages = {});

}  // namespace xloop
