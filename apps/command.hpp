#pragma once

#include "analysis/study.hpp"
#include "apps/command_line.hpp"
#include "apps/experiment.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Options that every subcommand on an experiment shares.
struct ExperimentOptions {
    std::string file;
    std::vector<std::string> overrides;
    std::string seed;  ///< checked as the key `seed` is
    int threads = 1;
    bool json = false;

    /// Reads the experiment with the overrides and the seed. Throws InputError.
    LoadedExperiment load() const;
    /// The study that the experiment describes. Throws InputError.
    Study study(StudyNeeds needs) const;
};

/// What add_experiment_options adds, but for EXPERIMENT.
void add_override_options(CommandLine& command, ExperimentOptions& options, bool with_json);

/// Adds EXPERIMENT, -s, --seed, --threads and, when asked, --json to `command`.
void add_experiment_options(CommandLine& command, ExperimentOptions& options, bool with_json);

/// Each registers one subcommand.
void add_advise_command(CommandLine& line);
void add_config_command(CommandLine& line);
void add_crossbar_command(CommandLine& line);
void add_noc_command(CommandLine& line);
void add_estimate_command(CommandLine& line);
void add_sweep_command(CommandLine& line);
void add_export_command(CommandLine& line);
void add_map_command(CommandLine& line);
void add_networks_command(CommandLine& line);
void add_costs_command(CommandLine& line);
void add_trace_command(CommandLine& line);
void add_trace_plot_command(CommandLine& trace);
void add_silicon_command(CommandLine& line);
void add_simulate_command(CommandLine& line);
void add_validate_command(CommandLine& line);
void add_compare_command(CommandLine& line);
void add_train_command(CommandLine& line);
void add_search_command(CommandLine& line);
void add_eval_command(CommandLine& line);
void add_analyse_command(CommandLine& line);
void add_attack_command(CommandLine& line);
void add_run_command(CommandLine& line);
void add_infer_command(CommandLine& line);
void add_report_command(CommandLine& line);

}  // namespace xloop
