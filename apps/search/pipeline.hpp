#pragma once

#include "apps/command.hpp"
#include "core/workload/network_spec.hpp"
#include "dnn/data/image_set.hpp"
#include "nas/results_folder.hpp"
#include "nas/trained_space.hpp"
#include "systemc_model/cost/cost_table.hpp"

#include <memory>
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

/// The steps of the main job. Each keeps what it finished in the results folder and takes it from there when run again.
class Pipeline {
public:
    /// Reads and checks everything that later steps need, before anything is written. Throws InputError.
    explicit Pipeline(const PipelineOptions& options);
    ~Pipeline();

    void train();
    SubnetRecord evaluate(const SubnetPath& path);
    /// Samples, evaluates, marks the Pareto front (robust accuracy on the chip against EDAP) and the chosen.
    std::vector<SubnetRecord> search();
    /// Runs a subnet in the SystemC model, in a process of its own, and compares its logits with the untimed chip's.
    void check_in_cycle_model(SubnetRecord& subnet) const;

    const ExperimentConfig& config() const { return experiment_.config; }
    /// What train() found wrong in LibTorch and does instead; empty where nothing is.
    std::string convolution_remedy() const { return trained_->convolution_remedy(); }
    const NetworkSpec& space() const { return space_; }
    const ResultsFolder& folder() const { return *folder_; }

private:
    void check_counts() const;
    void check_labels() const;
    /// Of all that is read besides the configuration.
    std::string inputs_digest() const;
    std::vector<std::string> simulate_arguments(const SubnetRecord& subnet) const;

    PipelineOptions options_;
    LoadedExperiment experiment_;
    NetworkSpec space_;
    CostTable costs_;
    SpaceImages images_;
    std::unique_ptr<ResultsFolder> folder_;  ///< null where nothing is trained and nothing kept
    std::unique_ptr<TrainedSpace> trained_;
};

/// One row for each subnet.
std::string subnet_table(const std::vector<SubnetRecord>& subnets);

}  // namespace xloop
