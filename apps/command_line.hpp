#pragma once

#include "core/json.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace xloop {

/// A place of the command line, the program or one of its subcommands: what may stand there and what is done with it. The only
/// code that sees the library that parses it, whose header takes seconds to compile.
class CommandLine {
public:
    class Option {
    public:
        Option& required();
        /// What the help calls the value.
        Option& type(const char* name);
        Option& group(const char* title);
        Option& range(int low, int high);
        Option& range(double low, double high);
        Option& not_negative();
        Option& one_of(const std::vector<std::string>& names);
        /// Takes one value each time that it is given.
        Option& repeatable();
        /// Takes values separated by commas.
        Option& commas();
        /// Takes a value or none, which is then an empty text.
        Option& value_optional();
        Option& needs(const char* other);
        /// The help does not tell the default. It does for numbers, and for texts that are not empty.
        Option& without_default();

    private:
        friend class CommandLine;
        Option(CLI::App& app, CLI::Option& option) : app_(app), option_(option) {}
        CLI::App& app_;
        CLI::Option& option_;
    };

    /// Where a value goes; it has its default already. A truth value is a flag.
    using Target =
        std::variant<bool*, int*, std::size_t*, double*, std::string*, std::vector<int>*, std::vector<std::string>*,
                     std::optional<int>*, std::optional<std::int64_t>*, std::optional<double>*>;

    /// `version`: asked for by --version.
    CommandLine(const std::string& title, std::function<std::string()> version);

    /// `names`: "--json", "-s,--set", or "FILE" for what stands by itself.
    Option option(const std::string& names, Target target, const std::string& doc);
    /// The same for a file that is written: if it cannot be, nothing is begun.
    Option output(const std::string& names, std::string* file, const std::string& doc);
    void footer(const std::string& text);
    /// What the help lists the program's next subcommands under.
    void heading(const std::string& title);
    /// A subcommand. A place with subcommands expects one of them.
    CommandLine command(const std::string& name, const std::string& doc);
    /// Makes them optional: without one the place does what it does itself. After the last command().
    void subcommands_optional();
    /// The help does not list this subcommand, nor does tree().
    void hide();
    /// Calls `run` with the options, filled, when this subcommand is the one given. The options live as long as this does.
    template <class Options>
    Options& runs(void (*run)(const Options&)) {
        const auto options = std::make_shared<Options>();
        acts([options, run] { run(*options); });
        return *options;
    }

    /// Fills all targets. Returns the exit code where nothing is left to do: help was asked for, or what is wrong has been
    /// printed. Throws InputError where there is no subcommand, or a word that is none.
    std::optional<int> parse(int argc, char** argv);
    /// Does what the subcommand given does. Throws InputError where an option was given an empty text or no finite number, or
    /// a file of its output cannot be written.
    void act() const;

    /// What may stand at this place, for manual pages and completion:
    ///   {"name", "doc", "footer", "heading", "needs_command": bool, "options": [...], "commands": [the same of each subcommand]}
    /// with an option as
    ///   {"names": ["-s", "--set"], or none of what stands by itself, "value": "KEY=VALUE", of a flag "", "limits": "INT in [1 - 9]",
    ///    "choices": [...], "default", "doc", "group", "needs": ["--json"], "required": bool, "repeats": bool, "value_optional": bool}.
    Json tree() const;

private:
    struct Program;
    CommandLine(std::shared_ptr<Program> program, CLI::App& app);
    void acts(std::function<void()> action);

    std::shared_ptr<Program> program_;
    CLI::App* app_;
};

}  // namespace xloop
