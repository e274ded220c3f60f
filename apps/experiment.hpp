#pragma once

#include "analysis/study_config.hpp"
#include "attacks/robustness_config.hpp"
#include "core/config/node.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "jobs/jobs_config.hpp"
#include "nas/space_config.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Everything an experiment file can say: the settings of all rooms.
struct ExperimentConfig : StudyConfig {
    TrainingConfig training;
    AttackConfig attack;
    RobustnessConfig robustness;
    SearchConfig search;
    JobsConfig jobs;

    SpaceConfig space() const { return {training, attack, search, hardware, data.augmentation, seed}; }
};

void describe(config::Section& root, ExperimentConfig& experiment);

/// A configuration with where each value came from.
struct LoadedExperiment {
    ExperimentConfig config;
    config::Origins origins;
    /// The effective configuration as YAML, with or without provenance comments.
    std::string yaml(bool provenance) const;
    /// The same as one object of key paths.
    Json flat() const;
};

/// Reads an experiment file with its bases, applies `-s key=value` overrides in order, and validates.
/// Throws InputError.
LoadedExperiment load_experiment(const std::string& path, const std::vector<std::string>& overrides);
/// The same for what has been read already.
LoadedExperiment load_experiment(config::Node root, const std::vector<std::string>& overrides);

/// The error with file and line where the experiment that was loaded last sets the key.
std::string located(const KeyError& error);

}  // namespace xloop
