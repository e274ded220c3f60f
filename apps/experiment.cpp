#include "apps/experiment.hpp"

#include "core/config/flat_configuration.hpp"
#include "core/config/schema.hpp"

namespace xloop {
namespace {

/// For messages that come from where no configuration is known.
config::Origins last_origins;

/// `use` of the schema over a copy of the configuration.
template <class Use>
auto with_schema(ExperimentConfig config, Use use) {
    config::Section schema("experiment");
    describe(schema, config);
    return use(schema);
}

}  // namespace

void describe(config::Section& root, ExperimentConfig& c) {
    describe_subject(root, c);
    describe(root.section("training", "training of a network or a space of networks"), c.training);
    describe(root.section("attack", "the attack that accuracy is measured under: PGD, and what other attacks have"),
             c.attack);
    describe(
        root.section("robustness", "which attacks and threat models a trained network is judged by (xloop attack)"),
        c.robustness);
    describe(root.section("search", "how candidates, networks with hardware, are named, judged and chosen"), c.search);
    describe(root.section("jobs", "who judges candidates: this process, others, ranks of MPI, tasks of Slurm"), c.jobs);
    describe_runs(root, c);
}

std::string LoadedExperiment::yaml(bool provenance) const {
    return with_schema(config, [&](const auto& schema) { return config::dump(schema, origins, provenance); });
}

Json LoadedExperiment::flat() const {
    return with_schema(config, [](const auto& schema) { return config::flat_configuration(schema); });
}

LoadedExperiment load_experiment(const std::string& path, const std::vector<std::string>& overrides) {
    return load_experiment(config::load_file(path), overrides);
}

LoadedExperiment load_experiment(config::Node root, const std::vector<std::string>& overrides) {
    for (const std::string& assignment : overrides)
        config::apply_override(root, assignment);
    LoadedExperiment loaded;
    config::Section schema("experiment");
    describe(schema, loaded.config);
    loaded.origins = last_origins = config::read(root, schema);
    complete(loaded.config);
    validate(loaded.config, loaded.origins);
    validate(loaded.config.training, loaded.origins);
    validate(loaded.config.robustness, loaded.config.attack, loaded.origins);
    validate(loaded.config.search, loaded.origins);
    validate(loaded.config.jobs, loaded.origins);
    return loaded;
}

std::string located(const KeyError& error) {
    // Of a section, its first key.
    const std::string& key = error.key();
    const auto origin = last_origins.lower_bound(key);
    const bool known = origin != last_origins.end() && (origin->first == key || origin->first.rfind(key + ".", 0) == 0);
    const std::string place = known ? origin->second.location.str() : "";
    return (place.empty() ? "" : place + ": ") + error.what();
}

}  // namespace xloop
