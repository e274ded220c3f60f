#include "apps/plot/gnuplot.hpp"

#include "apps/child_process.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace xloop {
namespace {

/// What gnuplot complains about, on one line.
std::string complaint(const ChildOutcome& outcome) {
    if (outcome.signal != 0)
        return fmt::format("it was ended by signal {}", outcome.signal);
    for (std::size_t begin = 0; begin < outcome.err.size();) {
        const std::size_t end = std::min(outcome.err.find('\n', begin), outcome.err.size());
        const std::string line = outcome.err.substr(begin, end - begin);
        // It repeats the command and points at the place with a caret first.
        if (line.rfind("line ", 0) == 0 || line.find(": ") != line.npos)
            return line;
        begin = end + 1;
    }
    return fmt::format("exit code {}", outcome.code);
}

}  // namespace

std::string escaped(const std::string& text) {
    std::string result;
    for (char c : text)
        result += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    return result;
}

void draw_svg(const std::string& svg_file, int width, int height, const std::string& commands) {
    const std::string preamble = fmt::format(
        "set terminal svg size {},{} dynamic enhanced background rgb 'white' font 'sans,13'\n", width, height);
    const ChildOutcome outcome = [&] {
        try {
            return run_child("gnuplot", {}, preamble + commands);
        } catch (const Error& e) {
            throw Error(fmt::format("{}: gnuplot does not draw it: {}", svg_file, e.what()));
        }
    }();
    check_interrupt();
    if (outcome.code == 127) {
        spdlog::warn("{} was not drawn: install gnuplot (Debian: gnuplot-nox) for the picture", svg_file);
        return;
    }
    if (outcome.code != 0 || outcome.out.find("</svg>") == outcome.out.npos)
        throw Error(fmt::format("{}: gnuplot does not draw it: {}", svg_file, complaint(outcome)));
    write_file_atomically(svg_file, outcome.out);
}

}  // namespace xloop
