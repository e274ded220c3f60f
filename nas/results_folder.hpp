#pragma once

#include "nas/candidate.hpp"
#include "nas/run_folder.hpp"
#include "nas/space_config.hpp"

#include <optional>
#include <string>

namespace xloop {

/// The folder of a search: a run's, with one for each subnet.
class ResultsFolder : public RunFolder, public CandidateStore {
public:
    ResultsFolder(const std::string& folder, const std::string& settings, const std::string& inputs,
                  const SpaceConfig& config, bool fresh);

    /// Folder of one subnet; created when absent.
    std::string subnet(const std::string& path_text) const;

    std::optional<EvaluatedSubnet> find(const std::string& path_text) const override;
    /// Writes workload.yaml, then evaluation.json, whose presence says that both are there.
    void keep(const SubnetRecord& subnet, const WorkloadGraph& workload) override;

private:
    AccuracyCell common_;  ///< of all accuracies of the run: images, epsilon, chip
};

/// Name of a subnet's folder.
std::string folder_name(const std::string& path_text);

}  // namespace xloop
