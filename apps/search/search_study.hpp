#pragma once

#include "apps/experiment.hpp"
#include "core/workload/network_spec.hpp"
#include "dnn/data/image_set.hpp"
#include "jobs/job.hpp"
#include "nas/candidate.hpp"
#include "nas/search_space.hpp"
#include "nas/trained_space.hpp"
#include "systemc_model/cost/cost_table.hpp"

#include <memory>
#include <string>

namespace xloop {

/// A space of networks with hardware, images and, once it is trained or loaded, shared weights: what a search asks and what its workers
/// work with.
class SearchStudy {
public:
    /// Reads and checks everything that later steps need. Throws InputError.
    SearchStudy(LoadedExperiment experiment, int threads);

    /// In the folder, or, where it is named, loads what a finished training left in `trained`. The baseline too, where there is one.
    void train(const std::string& folder, const std::string& trained);
    /// What train() left; nothing is written.
    void load(const std::string& folder, const std::string& trained);

    /// Candidates, network and hardware by their texts; "accuracy": on images of one kind; "cycles": in the SystemC model, in a process
    /// of its own, with logits held against the untimed chip's; "fine_tune". Files of the latter two go to FOLDER/subnets/ID.
    Json carry_out(const Job& job, const std::string& folder) const;
    /// `run`: RunFolder::digest.
    Job accuracy_job(const Candidate& candidate, JudgedBy images, const std::string& run) const;
    Job cycles_job(const Candidate& candidate, const std::string& run) const;
    Job fine_tune_job(const Candidate& candidate, const std::string& run) const;

    const ExperimentConfig& config() const { return experiment_.config; }
    const LoadedExperiment& experiment() const { return experiment_; }
    const NetworkSpec& network() const { return network_; }
    const SearchSpace& space() const { return *space_; }
    const CostTable& costs() const { return costs_; }
    /// The baseline as a space of one network.
    const NetworkSpec& baseline() const { return baseline_; }
    /// Whether accuracies are objectives or constraints of the search, so that weights are needed.
    bool judges() const;
    bool is_trained() const { return trained_ != nullptr; }
    const TrainedSpace& trained() const { return *trained_; }
    /// Of the space, or of the baseline.
    const TrainedSpace& trained(const Candidate& candidate) const;
    /// Of a results folder.
    Subnet subnet(const Candidate& candidate, const std::string& folder) const;
    /// Of all that is read besides the configuration.
    std::string inputs_digest() const;
    /// What of the configuration decides the weights and what is found of a candidate.
    std::string identity() const;

private:
    SpaceConfig space_config() const;
    void check_counts() const;
    void check_labels(const NetworkSpec& network, const std::string& file) const;
    Json accuracy(const Json& task, const std::string& folder) const;
    Json fine_tune(const Json& task, const std::string& folder) const;
    Json cycles(const Json& task, const std::string& folder) const;
    const TrainedSpace& space_of(const Json& task) const;
    SubnetPath path_of(const Json& task) const;
    Subnet subnet_of(const Json& task, const std::string& folder) const;
    WorkloadGraph workload_of(const Json& task, const HardwareConfig& hardware, const std::string& folder) const;
    Json task_of(const Candidate& candidate, const std::string& run) const;

    LoadedExperiment experiment_;
    int threads_;
    NetworkSpec network_, baseline_;
    std::unique_ptr<SearchSpace> space_;
    CostTable costs_;
    SpaceImages images_;
    std::unique_ptr<TrainedSpace> trained_, trained_baseline_;
};

/// Id of the baseline, which is no candidate, and what stands for its network's path.
inline constexpr int baseline_id = 0;
inline constexpr const char* baseline_name = "baseline";
/// Folder of a candidate's files below that of a run: "subnets/c12"; of the baseline "subnets/baseline".
std::string candidate_folder(int id);

}  // namespace xloop
