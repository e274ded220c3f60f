#pragma once

#include "analysis/accuracy_table.hpp"
#include "analysis/hardware_report.hpp"
#include "core/workload/workload_graph.hpp"

#include <optional>
#include <string>

namespace xloop {

/// A subnet made ready for the chip, with its accuracy.
struct EvaluatedSubnet {
    WorkloadGraph workload;
    AccuracyTable accuracy;
};

/// One subnet of the search with all that is known of it.
struct SubnetRecord {
    std::string path;
    AccuracyTable accuracy;
    HardwareReport estimate;  ///< of one image
    bool on_front = false, chosen = false;
    Json simulation;  ///< of a chosen one, as `xloop simulate --json` printed it

    Json json() const;
};

/// Answers what a search asks of a subnet; how is not the search's affair.
class Evaluator {
public:
    virtual ~Evaluator() = default;
    /// Takes long, so that answers are kept.
    virtual EvaluatedSubnet evaluate(const SubnetPath& path) = 0;
    /// The hardware's figures for one image of a network that evaluate() gave; quick.
    virtual HardwareReport estimate(const WorkloadGraph& workload) = 0;
};

/// Keeps what has been evaluated.
class CandidateStore {
public:
    virtual ~CandidateStore() = default;
    /// What was kept of the subnet with this path text; none: nothing. Throws InputError when it is damaged.
    virtual std::optional<EvaluatedSubnet> find(const std::string& path_text) const = 0;
    virtual void keep(const SubnetRecord& subnet, const WorkloadGraph& workload) = 0;
};

}  // namespace xloop
