#pragma once

#include "core/progress.hpp"
#include "nas/candidate.hpp"
#include "nas/pareto.hpp"
#include "nas/sampler.hpp"

#include <functional>
#include <string>
#include <vector>

namespace xloop {

/// A figure of a subnet that the search weighs against others.
struct Objective {
    std::string name;
    Direction direction;
    std::function<double(const SubnetRecord&)> value;
};

/// The lowest accuracy on the chip under attack, to be large, and EDAP, to be small.
std::vector<Objective> robustness_and_edap();

/// What is known of one subnet: taken from the store, or evaluated and kept there.
SubnetRecord evaluate_candidate(const NetworkSpec& space, const SubnetPath& path, Evaluator& evaluator,
                                CandidateStore& store);

/// Evaluates what the sampler names, then marks the Pareto front of the objectives and, evenly spread over it, `chosen`
/// subnets. In the order of sampling. `watch` is called after each subnet.
std::vector<SubnetRecord> search(const NetworkSpec& space, const Sampler& sampler,
                                 const std::vector<Objective>& objectives, int chosen, Evaluator& evaluator,
                                 CandidateStore& store, const Watch& watch = {});

}  // namespace xloop
