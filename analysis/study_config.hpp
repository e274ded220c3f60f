#pragma once

#include "analysis/evaluation_config.hpp"
#include "analysis/sensitivity_config.hpp"
#include "core/hardware_config.hpp"
#include "core/workload/quantise_config.hpp"
#include "dnn/data/data_config.hpp"
#include "systemc_model/sim/simulation_config.hpp"
#include "traces/trace_config.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace xloop {

enum class WeightsSource { random, workload, trained };
constexpr auto names_of(WeightsSource) { return std::array{"random", "workload", "trained"}; }

/// Where weights come from when nothing is trained: estimate, simulate and eval.
struct WeightsConfig {
    WeightsSource from = WeightsSource::random;
    std::string workload;  ///< a workload.yaml written by a run
    std::string trained;   ///< a folder with network.yaml and weights.safetensors (FloatNetwork)
};

/// What a study of one network on one piece of hardware needs to know.
struct StudyConfig {
    std::string name = "experiment";
    std::string network;     ///< file; with weights.from: trained that of its folder
    std::string cost_table;  ///< file
    std::string path = "";   ///< of a searchable network: "stage1=w8k3 ..."; empty = the largest
    std::uint64_t seed = 1;
    HardwareConfig hardware;
    DataConfig data;
    WeightsConfig weights;
    QuantiseConfig quantise;        ///< of weights.from: trained
    EvaluationConfig evaluation;    ///< the same
    SensitivityConfig sensitivity;  ///< the same
    SimulationConfig simulation;
    TraceConfig trace;
};

/// Declares the keys of a study in two parts, so that those of other rooms may stand between them: what is studied, and
/// how it is run.
void describe_subject(config::Section& root, StudyConfig& study);
void describe_runs(config::Section& root, StudyConfig& study);

/// Fills in what follows from other keys: the network of a trained one.
void complete(StudyConfig& study);

/// Checks between keys. Throws InputError that names the file, line and key path to change.
void validate(const StudyConfig& study, const config::Origins& origins);

}  // namespace xloop
