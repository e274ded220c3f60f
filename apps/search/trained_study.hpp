#pragma once

#include "analysis/study_images.hpp"
#include "apps/experiment.hpp"
#include "core/workload/float_network.hpp"
#include "core/workload/precision.hpp"

#include <initializer_list>
#include <string>
#include <vector>

// What commands on a network with weights of its own (weights.from: trained) have in common.

namespace xloop {

/// The network of weights.trained: a folder, or a model file that xloop import takes.
FloatNetwork load_trained(const std::string& path);

/// Throws InputError with the key unless `count` images are among the `loaded` ones that `of` names.
void demand_images(const config::Origins& origins, const std::string& key, int count, const char* of, int loaded);

/// Widths that LibTorch's network is rounded to; more than 8 can be counted, but not computed. Throws KeyError.
std::vector<LayerBits> computed_widths(const HardwareConfig& hardware, const NetworkSpec& spec);

/// Throws InputError unless the labels are those of the network's one output.
void check_labels(const std::vector<int>& labels, const WorkloadGraph& shapes, const std::string& file);

/// Of the network, the files of its hardware, and the images.
std::string inputs_digest(const ExperimentConfig& config, const FloatNetwork& network,
                          std::initializer_list<const StudyImages*> images);

}  // namespace xloop
