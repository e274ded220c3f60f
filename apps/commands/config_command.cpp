#include "analysis/study.hpp"
#include "apps/command.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Examples:
  xloop config show configs/experiments/quickstart.yaml      every effective value and where it comes from
  xloop config show FILE -s adc.bits=6                       the same with a key changed
  xloop config schema                                        every key: type, range, default, source
  xloop config check FILE                                    reads it and every file it names)";

void print_schema(bool json) {
    ExperimentConfig defaults;
    config::Section schema("experiment");
    describe(schema, defaults);
    fmt::print("{}\n", json ? config::describe_json(schema) : config::describe_text(schema));
}

}  // namespace

void add_config_command(CLI::App& app, Action& action) {
    auto* config = app.add_subcommand("config", "check, show and explain configurations");
    config->require_subcommand(1);
    config->footer(examples);
    auto options = std::make_shared<ExperimentOptions>();

    auto* check = config->add_subcommand("check", "read an experiment and every file it names, report mistakes");
    add_experiment_options(*check, *options, false);
    check->callback([options, &action] {
        action = [options] {
            check_files(options->load().config);
            fmt::print("{}: good\n", options->file);
        };
    });

    auto* show =
        config->add_subcommand("show", "print the effective configuration, each value with where it comes from");
    add_experiment_options(*show, *options, false);
    show->callback([options, &action] { action = [options] { fmt::print("{}", options->load().yaml(true)); }; });

    auto* schema = config->add_subcommand("schema", "print every key: type, unit, range, default, source");
    schema->add_flag("--json", options->json, "as a JSON array");
    schema->callback([options, &action] { action = [options] { print_schema(options->json); }; });
}

}  // namespace xloop
