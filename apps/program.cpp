#include "apps/program.hpp"

#include "apps/command.hpp"
#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace xloop {
namespace {

enum ExitCode { ok = 0, failed = 1, bad_input = 2, interrupted_by_user = 130 };

int report(ExitCode code, const char* what) {
    fmt::print(stderr, "xloop: {}\n", what);
    return code;
}

/// What stands where a subcommand was expected.
std::string unknown_word(CLI::App& app, const std::string& word) {
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands({}))
        known.push_back(command->get_name());
    return fmt::format("unknown {} `{}`{}; known subcommands: {}; see xloop --help",
                       word.front() == '-' ? "option" : "subcommand", word, did_you_mean(word, known),
                       fmt::join(known, ", "));
}

}  // namespace

int run_program(int argc, char** argv, const std::vector<AddCommand>& commands, const std::string& footer) {
    setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 0);
    CLI::App app{"XLoop: hardware-in-the-loop simulator of tiled ReRAM accelerators"};
    app.set_version_flag("--version", fmt::format("xloop {} ({})", version, commit));
    app.footer(footer);
    app.require_subcommand(1);
    app.fallthrough();
    bool verbose = false, quiet = false;
    app.add_flag("-v,--verbose", verbose, "log details");
    app.add_flag("-q,--quiet", quiet, "no progress, warnings and errors only");

    Action action;
    for (AddCommand add : commands)
        add(app, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        if (!app.remaining().empty() && app.get_subcommands().empty())
            return report(bad_input, unknown_word(app, app.remaining().front()).c_str());
        const int code = app.exit(e);
        return code == 0 ? ok : bad_input;
    }
    spdlog::set_default_logger(spdlog::stderr_color_mt("xloop"));
    spdlog::set_pattern("%^%l%$: %v");
    spdlog::set_level(quiet ? spdlog::level::warn : verbose ? spdlog::level::debug : spdlog::level::info);
    if (quiet)
        Progress::silence();
    catch_interrupts();
    std::signal(SIGPIPE, SIG_IGN);  // a plotting program that ends early must not end the run
    try {
        action();
        return ok;
    } catch (const InputError& e) {
        return report(bad_input, e.what());
    } catch (const Interrupted& e) {
        return report(interrupted_by_user, e.what());
    } catch (const std::exception& e) {
        return report(failed, e.what());
    }
}

}  // namespace xloop
