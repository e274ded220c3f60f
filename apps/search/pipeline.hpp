#pragma once

#include "apps/command.hpp"
#include "apps/search/search_study.hpp"
#include "nas/run_folder.hpp"
#include "nas/search.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// Options of the commands that train or use a trained space.
struct PipelineOptions : ExperimentOptions {
    std::string out;
    bool fresh = false;
    std::string trained;  ///< a results folder whose supernet is used; empty: train
};
void add_pipeline_options(CommandLine& command, PipelineOptions& options);
/// Adds --trained.
void add_trained_option(CommandLine& command, PipelineOptions& options);

/// What a search found.
struct SearchResult {
    std::vector<Candidate> candidates;
    std::optional<Candidate> baseline;
};

/// The steps of the main job. Each keeps what it finished in the results folder and takes it from there when run again.
class Pipeline {
public:
    /// Makes the folder. Throws InputError.
    explicit Pipeline(const PipelineOptions& options);

    void train();
    /// Names, judges and chooses candidates, then asks the cycle model and the test images about the chosen and the baseline.
    SearchResult search();
    /// Without a search: one subnet on the experiment's hardware and the test images.
    EvaluatedSubnet evaluate(const SubnetPath& path) const;

    const SearchStudy& study() const { return study_; }
    const ExperimentConfig& config() const { return study_.config(); }
    const NetworkSpec& space() const { return study_.network(); }
    const RunFolder& folder() const { return *folder_; }

private:
    PipelineOptions options_;
    SearchStudy study_;
    std::unique_ptr<RunFolder> folder_;  ///< null where nothing is trained and nothing kept
};

}  // namespace xloop
