#include "apps/command.hpp"

#include <CLI/CLI.hpp>

namespace xloop {

LoadedExperiment ExperimentOptions::load() const {
    std::vector<std::string> all = overrides;
    if (!seed.empty())
        all.push_back("seed=" + seed);
    return load_experiment(file, all);
}

Study ExperimentOptions::study(StudyNeeds needs) const {
    LoadedExperiment experiment = load();
    return load_study(std::move(experiment.config), std::move(experiment.origins), needs);
}

void add_experiment_options(CLI::App& command, ExperimentOptions& options, bool with_json) {
    command.add_option("EXPERIMENT", options.file, "experiment file (YAML), e.g. configs/experiments/quickstart.yaml")
        ->required();
    command.add_option("-s,--set", options.overrides, "override one key, e.g. -s crossbar.rows=128 (repeatable)")
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->take_all();
    command.add_option("--seed", options.seed, "seed of everything random but the chip; same as -s seed=N")
        ->type_name("N");
    command.add_option("--threads", options.threads, "threads for the untimed chip; results do not depend on it")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    if (with_json)
        command.add_flag("--json", options.json, "print one JSON object instead of a table");
}

}  // namespace xloop
