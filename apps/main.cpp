#include "apps/command.hpp"
#include "apps/interrupt.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"
#include "xloop_version.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace {

enum ExitCode { ok = 0, failed = 1, bad_input = 2, interrupted_by_user = 130 };

constexpr const char* examples = R"(
Examples:
  xloop run configs/experiments/quickstart.yaml            train, search, check in the cycle model, report
  xloop estimate configs/experiments/hardware_study.yaml   closed-form cycles, energy, area: no training needed
  xloop simulate configs/experiments/hardware_study.yaml --json
  xloop estimate FILE -s crossbar.rows=128 -s adc.bits=6   change keys without editing files
  xloop crossbar --random 64x64 --r-wire-row 5 --r-wire-col 10 --plot loss.svg     one array and its wires
  xloop map configs/experiments/resnet18.yaml --svg map.svg      who sits where, line buffers, pace of every layer
  xloop noc --mesh 8x8 --traffic uniform --sweep           latency and throughput of the network on chip
  xloop config show FILE                                   every effective value and where it comes from
  xloop config schema                                      every key: type, range, default, source

Exit code: 0 done, 1 failed, 2 bad input (file, option, configuration), 130 interrupted.)";

int report(ExitCode code, const char* what) {
    fmt::print(stderr, "xloop: {}\n", what);
    return code;
}

/// What stands where a subcommand was expected.
std::string unknown_word(CLI::App& app, const std::string& word) {
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands({}))
        known.push_back(command->get_name());
    const std::string near = xloop::config::near_miss(word, known);
    return fmt::format("unknown {} `{}`{}; known subcommands: {}; see xloop --help",
                       word.front() == '-' ? "option" : "subcommand", word,
                       near.empty() ? "" : "; did you mean `" + near + "`?", fmt::join(known, ", "));
}

}  // namespace

int main(int argc, char** argv) {
    using namespace xloop;
    setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 0);
    CLI::App app{"XLoop: hardware-in-the-loop simulator of tiled ReRAM accelerators"};
    app.set_version_flag("--version", fmt::format("xloop {} ({})", version, commit));
    app.footer(examples);
    app.require_subcommand(1);
    app.fallthrough();
    bool verbose = false, quiet = false;
    app.add_flag("-v,--verbose", verbose, "log details");
    app.add_flag("-q,--quiet", quiet, "no progress, warnings and errors only");

    Action action;
    add_run_command(app, action);
    add_train_command(app, action);
    add_search_command(app, action);
    add_eval_command(app, action);
    add_map_command(app, action);
    add_estimate_command(app, action);
    add_simulate_command(app, action);
    add_crossbar_command(app, action);
    add_noc_command(app, action);
    add_config_command(app, action);
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
