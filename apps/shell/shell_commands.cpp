#include "apps/shell/shell_commands.hpp"

#include "apps/child_process.hpp"
#include "apps/experiment.hpp"
#include "apps/shell/completion.hpp"
#include "apps/shell/man_pages.hpp"
#include "apps/torch_program.hpp"
#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Examples:
  source <(xloop completion bash)                                          for this shell
  xloop completion bash > ~/.local/share/bash-completion/completions/xloop for all to come
  xloop completion zsh > ~/.zfunc/_xloop                                   with fpath=(~/.zfunc $fpath) before compinit)";

struct ShellOptions {
    const CommandLine* line = nullptr;
    std::string shell, folder;
};

/// The whole program: what this one only names is described by xloop-torch.
Json whole_tree(const CommandLine& line) {
    Json tree = line.tree();
    tree["name"] = "xloop";
    const std::string program = torch_program();
    if (!std::filesystem::exists(program))
        return tree;
    const ChildOutcome outcome = run_child(program, {tree_command}, "");
    const Json other = Json::parse(outcome.out, nullptr, false);
    if (outcome.code != 0 || other.is_discarded())
        throw Error(fmt::format("{} does not tell its subcommands: {}", program, outcome.err));
    for (Json& command : tree["commands"])
        for (const Json& described : other["commands"])
            if (needs_torch(command["name"]) && described["name"] == command["name"]) {
                const Json heading = command["heading"];
                command = described;
                command["heading"] = heading;
            }
    return tree;
}

void print_completion(const ShellOptions& options) {
    ExperimentConfig defaults;
    config::Section schema("experiment");
    describe(schema, defaults);
    const Json keys = Json::parse(config::describe_json(schema));
    const Json tree = whole_tree(*options.line);
    fmt::print("{}", options.shell == "bash" ? bash_completion(tree, keys) : zsh_completion(tree, keys));
}

void write_man_pages(const ShellOptions& options) {
    make_folder(options.folder);
    for (const ManPage& page : man_pages(whole_tree(*options.line), version, commit_date))
        write_file_atomically(options.folder + "/" + page.name, page.text);
    write_file_atomically(options.folder + "/xloop-torch.1", ".so man1/xloop.1\n");
}

}  // namespace

void add_shell_commands(CommandLine& line) {
    CommandLine completion = line.command("completion", "print a script that completes xloop's commands in a shell");
    ShellOptions& c = completion.runs(print_completion);
    c.line = &line;
    completion.option("SHELL", &c.shell, "bash or zsh").required().one_of({"bash", "zsh"});
    completion.footer(examples);
    CommandLine pages = line.command("man-pages", "write a manual page for each command");
    ShellOptions& p = pages.runs(write_man_pages);
    p.line = &line;
    pages.option("DIR", &p.folder, "folder to write to").required();
    pages.hide();
}

}  // namespace xloop
