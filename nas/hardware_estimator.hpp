#pragma once

#include "nas/candidate.hpp"
#include "nas/search_space.hpp"
#include "systemc_model/cost/cost_table.hpp"
#include "systemc_model/cost/unit_costs.hpp"
#include "systemc_model/estimate/quick_estimate.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace xloop {

/// Fills in what candidates cost, by the closed-form estimate of their shapes. For one thread at a time.
class HardwareEstimator {
public:
    /// Both must outlive this.
    HardwareEstimator(const SearchSpace& space, const CostTable& costs) : space_(space), costs_(costs) {}
    /// `weights`, `estimate`, and `refused` where the network does not fit.
    void operator()(Candidate& candidate);

private:
    struct Network {
        std::unique_ptr<QuickEstimator> estimator;
        std::int64_t weights = 0;
    };
    const Network& network_of(const Candidate& candidate);
    const std::vector<UnitCosts>& costs_of(const Candidate& candidate, const HardwareConfig& hardware);

    const SearchSpace& space_;
    const CostTable& costs_;
    // The last ones that were asked for.
    std::map<std::string, Network> networks_;
    std::map<std::vector<std::string>, std::vector<UnitCosts>> unit_costs_;
};

}  // namespace xloop
