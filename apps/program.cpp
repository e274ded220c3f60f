#include "apps/program.hpp"

#include "apps/command.hpp"
#include "apps/experiment.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "core/standard_streams.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <functional>
#include <new>
#include <optional>
#include <system_error>

namespace xloop {
namespace {

enum ExitCode { ok = 0, failed = 1, bad_input = 2, interrupted_by_user = 130 };

int report(ExitCode code, const std::string& what) {
    say("xloop: " + what + "\n");
    return code;
}

/// For what no catch can reach, such as an exception within a library's own initialisation where memory is short: one line
/// instead of an abort.
[[noreturn]] void on_terminate() {
    remove_own_temporaries();
    const char* what = "ended by an error within a library";
    if (const std::exception_ptr failure = std::current_exception()) {
        try {
            std::rethrow_exception(failure);
        } catch (const std::bad_alloc&) {
            what = "not enough memory";
        } catch (...) {
        }
    }
    for (const char* part : {"xloop: ", what, "\n"})
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, part, std::strlen(part));
    ::_exit(failed);
}

void set_terminate_early() { std::set_terminate(on_terminate); }

/// The loader calls it before it initialises the shared libraries.
[[gnu::section(".preinit_array"), gnu::used]] void (*const early)() = set_terminate_early;

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

}  // namespace

int run_program(int argc, char** argv, const std::vector<CommandGroup>& groups, const std::string& footer,
                std::string (*more_versions)()) {
    open_standard_streams();
    setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 0);
    CommandLine line("XLoop: hardware-in-the-loop simulator of tiled ReRAM accelerators", [&] {
        return fmt::format("xloop {} ({})\nbuilt with {}\nlibraries: {}\n{}", version, commit, compiler, libraries,
                           more_versions());
    });
    bool verbose = false, quiet = false;
    line.option("-v,--verbose", &verbose, "log details");
    line.option("-q,--quiet", &quiet, "no progress, warnings and errors only");
    for (const CommandGroup& group : groups) {
        line.heading(group.title);
        for (AddCommand add : group.commands)
            add(line);
    }
    line.footer(footer);  // after the subcommands, which would inherit it
    std::optional<int> ended;
    if (const int printed = carry_out([&] { ended = line.parse(argc, argv); }); ended || printed != ok)
        return ended.value_or(ok) == ok ? printed : *ended;
    spdlog::set_default_logger(spdlog::stderr_color_mt("xloop"));
    spdlog::set_pattern("%^%l%$: %v");
    spdlog::set_level(quiet ? spdlog::level::warn : verbose ? spdlog::level::debug : spdlog::level::info);
    if (quiet)
        Progress::silence();
    catch_interrupts();
    return carry_out([&] { line.act(); });
}

}  // namespace xloop
