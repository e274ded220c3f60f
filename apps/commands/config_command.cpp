#include "analysis/study.hpp"
#include "apps/command.hpp"
#include "core/config/schema.hpp"

#include <fmt/format.h>
#include <cstdio>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Examples:
  xloop config show configs/experiments/quickstart.yaml      every effective value and where it comes from
  xloop config show FILE -s adc.bits=6                       the same with a key changed
  xloop config schema                                        every key: type, range, default, source
  xloop config check FILE                                    reads it and every file it names)";

struct SchemaOptions {
    bool json = false;
};

void print_schema(const SchemaOptions& options) {
    ExperimentConfig defaults;
    config::Section schema("experiment");
    describe(schema, defaults);
    fmt::print("{}\n", options.json ? config::describe_json(schema) : config::describe_text(schema));
}

void check(const ExperimentOptions& options) {
    check_files(options.load().config);
    fmt::print("{}: good\n", options.file);
}

void show(const ExperimentOptions& options) { fmt::print("{}", options.load().yaml(true)); }

}  // namespace

void add_config_command(CommandLine& line) {
    CommandLine config = line.command("config", "check, show and explain configurations");
    config.footer(examples);
    CommandLine checking = config.command("check", "read an experiment and every file it names, report mistakes");
    add_experiment_options(checking, checking.runs(check), false);
    CommandLine showing =
        config.command("show", "print the effective configuration, each value with where it comes from");
    add_experiment_options(showing, showing.runs(show), false);
    CommandLine schema = config.command("schema", "print every key: type, unit, range, default, source");
    schema.option("--json", &schema.runs(print_schema).json, "as a JSON array");
}

}  // namespace xloop
