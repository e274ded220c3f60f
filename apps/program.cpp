#include "apps/program.hpp"

#include "apps/command.hpp"
#include "apps/experiment.hpp"
#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "core/standard_streams.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <system_error>

namespace xloop {
namespace {

enum ExitCode { ok = 0, failed = 1, bad_input = 2, interrupted_by_user = 130 };

int report(ExitCode code, const std::string& what) {
    say("xloop: " + what + "\n");
    return code;
}

/// A name that the system does not take is the user's to mend; a disk that is full is not.
ExitCode code_of(const std::error_code& code) {
    for (std::errc own :
         {std::errc::no_such_file_or_directory, std::errc::not_a_directory, std::errc::is_a_directory,
          std::errc::permission_denied, std::errc::too_many_symbolic_link_levels, std::errc::filename_too_long})
        if (code == own)
            return bad_input;
    return failed;
}

/// Exit code of an action; everything it prints has arrived when it is `ok`.
int carry_out(const std::function<void()>& action) {
    try {
        action();
        finish_standard_output();
        return ok;
    } catch (const KeyError& e) {
        return report(bad_input, located(e));
    } catch (const InputError& e) {
        return report(bad_input, e.what());
    } catch (const Interrupted& e) {
        return report(interrupted_by_user, e.what());
    } catch (const std::bad_alloc&) {
        return report(failed, "not enough memory");
    } catch (const std::filesystem::filesystem_error& e) {
        return report(code_of(e.code()), fmt::format("{}: {}", e.path1().string(), e.code().message()));
    } catch (const std::system_error& e) {
        return report(failed, std::ferror(stdout) != 0 ? "cannot write to standard output: " + e.code().message()
                                                       : std::string(e.what()));
    } catch (const std::exception& e) {
        return report(failed, e.what());
    }
}

/// What stands where a subcommand was expected.
std::string unknown_word(CLI::App& app, const std::string& word) {
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands({}))
        known.push_back(command->get_name());
    return fmt::format("unknown {} `{}`{}; known subcommands: {}; see xloop --help",
                       !word.empty() && word.front() == '-' ? "option" : "subcommand", word, did_you_mean(word, known),
                       fmt::join(known, ", "));
}

/// An option that was given says something: without this, an empty text would be as if it had not been given.
void demand_values(const CLI::App& command) {
    for (const CLI::Option* option : command.get_options())
        if (option->get_items_expected_min() > 0)
            for (const std::string& value : option->results()) {
                if (value.empty())
                    throw InputError(fmt::format(
                        "{}: expected a value, got an empty text; leave it out for the default", option->get_name()));
                // The comparisons of CLI11's checks take NaN for a number in any range.
                if (option->get_type_name().rfind("FLOAT", 0) == 0 &&
                    !std::isfinite(std::strtod(value.c_str(), nullptr)))
                    throw InputError(fmt::format("{}: expected a finite number, got `{}`", option->get_name(), value));
            }
    for (const CLI::App* inner : command.get_subcommands())
        demand_values(*inner);
}

}  // namespace

int run_program(int argc, char** argv, const std::vector<CommandGroup>& groups, const std::string& footer) {
    open_standard_streams();
    setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 0);
    CLI::App app{"XLoop: hardware-in-the-loop simulator of tiled ReRAM accelerators"};
    app.set_version_flag("--version", fmt::format("xloop {} ({})", version, commit));
    app.require_subcommand(1);
    app.fallthrough();
    bool verbose = false, quiet = false;
    app.add_flag("-v,--verbose", verbose, "log details");
    app.add_flag("-q,--quiet", quiet, "no progress, warnings and errors only");

    Action action;
    for (const CommandGroup& group : groups) {
        const std::size_t before = app.get_subcommands({}).size();
        for (AddCommand add : group.commands)
            add(app, action);
        const std::vector<CLI::App*> all = app.get_subcommands({});
        for (std::size_t i = before; i < all.size(); ++i)
            all[i]->group(group.title);
    }
    app.footer(footer);  // after the subcommands, which would inherit it
    if (argc == 1)
        return report(bad_input, "expected a subcommand\n\n" + app.help());
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        if (!app.remaining().empty() && app.get_subcommands().empty())
            return report(bad_input, unknown_word(app, app.remaining().front()));
        int code = ok;
        const int printed = carry_out([&] { code = app.exit(e) == 0 ? ok : bad_input; });
        return code == ok ? printed : code;
    }
    spdlog::set_default_logger(spdlog::stderr_color_mt("xloop"));
    spdlog::set_pattern("%^%l%$: %v");
    spdlog::set_level(quiet ? spdlog::level::warn : verbose ? spdlog::level::debug : spdlog::level::info);
    if (quiet)
        Progress::silence();
    catch_interrupts();
    return carry_out([&] {
        demand_values(app);
        action();
    });
}

}  // namespace xloop
