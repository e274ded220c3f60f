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

/// `end`: what a whole picture has in it.
void draw(const std::string& file, const std::string& terminal, const std::string& commands, const char* end) {
    const ChildOutcome outcome = [&] {
        try {
            return run_child("gnuplot", {}, terminal + commands);
        } catch (const Error& e) {
            throw Error(fmt::format("{}: gnuplot does not draw it: {}", file, e.what()));
        }
    }();
    check_interrupt();
    if (outcome.code == 127) {
        spdlog::warn("{} was not drawn: install gnuplot (Debian: gnuplot-nox) for the picture", file);
        return;
    }
    if (outcome.code != 0 || outcome.out.find(end) == outcome.out.npos)
        throw Error(fmt::format("{}: gnuplot does not draw it: {}", file, complaint(outcome)));
    write_file_atomically(file, outcome.out);
}

}  // namespace

std::string escaped(const std::string& text) {
    std::string result;
    for (char c : text)
        result += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    return result;
}

void draw_svg(const std::string& svg_file, int width, int height, const std::string& commands) {
    draw(svg_file,
         fmt::format("set terminal svg size {},{} dynamic enhanced background rgb 'white' font 'sans,13'\n", width,
                     height),
         commands, "</svg>");
}

void draw_png(const std::string& png_file, int width, int height, const std::string& commands) {
    draw(png_file, fmt::format("set terminal pngcairo size {},{} noenhanced font 'sans,10'\n", width, height), commands,
         "IEND");
}

}  // namespace xloop
