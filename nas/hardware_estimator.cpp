#include "nas/hardware_estimator.hpp"

#include "core/error.hpp"
#include "core/hardware_kinds.hpp"
#include "core/workload/float_network.hpp"

#include <algorithm>
#include <iterator>

namespace xloop {
namespace {

constexpr std::size_t most_kept = 256;

}  // namespace

const HardwareEstimator::Network& HardwareEstimator::network_of(const Candidate& candidate) {
    const auto found = networks_.find(candidate.network);
    if (found != networks_.end())
        return found->second;
    if (networks_.size() >= most_kept)
        networks_.clear();
    const NetworkSpec spec = space_.network().resolve(space_.path(candidate.genome));
    return networks_
        .emplace(candidate.network, Network{std::make_unique<QuickEstimator>(build_graph(spec)), parameter_count(spec)})
        .first->second;
}

const std::vector<UnitCosts>& HardwareEstimator::costs_of(const Candidate& candidate, const HardwareConfig& hardware) {
    // What a layer asks of its tiles does not change what a type of tile costs.
    std::vector<std::string> of_chip;
    std::copy_if(candidate.assignments.begin(), candidate.assignments.end(), std::back_inserter(of_chip),
                 [](const std::string& assignment) { return assignment.rfind("layers.", 0) != 0; });
    const auto found = unit_costs_.find(of_chip);
    if (found != unit_costs_.end())
        return found->second;
    if (unit_costs_.size() >= most_kept)
        unit_costs_.clear();
    return unit_costs_.emplace(of_chip, type_costs(costs_, HardwareKinds(hardware), CostDetail::figures)).first->second;
}

void HardwareEstimator::operator()(Candidate& candidate) {
    try {
        const HardwareConfig& hardware = space_.hardware(candidate.assignments);
        const Network& network = network_of(candidate);
        candidate.weights = network.weights;
        const QuickFigures quick = (*network.estimator)(hardware, costs_of(candidate, hardware));
        candidate.estimate = {quick.figures, quick.latency_cycles, quick.contended};
    } catch (const InputError& e) {
        candidate.refused = e.what();
    }
}

}  // namespace xloop
