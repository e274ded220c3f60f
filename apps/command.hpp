#pragma once

#include "analysis/study.hpp"
#include "apps/experiment.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

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

/// Adds EXPERIMENT, -s, --seed, --threads and, when asked, --json to `command`.
void add_experiment_options(CLI::App& command, ExperimentOptions& options, bool with_json);

/// What a subcommand does once the command line is parsed.
using Action = std::function<void()>;

/// Each registers one subcommand; when that is the one given, `action` is set.
void add_config_command(CLI::App& app, Action& action);
void add_crossbar_command(CLI::App& app, Action& action);
void add_noc_command(CLI::App& app, Action& action);
void add_estimate_command(CLI::App& app, Action& action);
void add_map_command(CLI::App& app, Action& action);
void add_costs_command(CLI::App& app, Action& action);
void add_trace_command(CLI::App& app, Action& action);
void add_trace_plot_command(CLI::App& trace, Action& action);
void add_simulate_command(CLI::App& app, Action& action);
void add_validate_command(CLI::App& app, Action& action);
void add_compare_command(CLI::App& app, Action& action);
void add_train_command(CLI::App& app, Action& action);
void add_search_command(CLI::App& app, Action& action);
void add_eval_command(CLI::App& app, Action& action);
void add_run_command(CLI::App& app, Action& action);

}  // namespace xloop
