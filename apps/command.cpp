#include "apps/command.hpp"

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

void add_experiment_options(CommandLine& command, ExperimentOptions& options, bool with_json) {
    command.option("EXPERIMENT", &options.file, "experiment file (YAML), e.g. configs/experiments/quickstart.yaml")
        .required();
    add_override_options(command, options, with_json);
}

void add_override_options(CommandLine& command, ExperimentOptions& options, bool with_json) {
    command.option("-s,--set", &options.overrides, "override one key, e.g. -s crossbar.rows=128 (repeatable)")
        .type("KEY=VALUE")
        .repeatable();
    command.option("--seed", &options.seed, "seed of everything random but the chip; same as -s seed=N").type("N");
    command.option("--threads", &options.threads, "threads for the untimed chip; results do not depend on it")
        .range(1, 256);
    if (with_json)
        command.option("--json", &options.json, "print one JSON object instead of a table");
}

}  // namespace xloop
