#pragma once

#include "core/config/tree.hpp"
#include "core/experiment_config.hpp"
#include "core/json.hpp"

namespace xloop {

/// A configuration as one object of key paths: {"crossbar.rows": 64, "mapping.replicas": ["conv1=4"]}. Numbers and
/// truth values keep their kind, everything else is text.
Json flat_configuration(const config::Node& root);
/// The effective one of an experiment.
Json flat_configuration(const LoadedExperiment& experiment);

}  // namespace xloop
