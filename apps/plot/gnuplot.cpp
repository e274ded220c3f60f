#include "apps/plot/gnuplot.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <cstdio>

namespace xloop {
namespace {

/// For a string of gnuplot in single quotes.
std::string quoted(const std::string& text) {
    std::string result;
    for (char c : text)
        result += c == '\'' ? std::string("''") : std::string(1, c);
    return result;
}

bool run_gnuplot(const std::string& commands) {
    std::FILE* gnuplot = ::popen("{ gnuplot; } >/dev/null 2>&1", "w");
    if (!gnuplot)
        return false;
    std::fwrite(commands.data(), 1, commands.size(), gnuplot);
    return ::pclose(gnuplot) == 0;
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
        "set terminal svg size {},{} dynamic enhanced background rgb 'white' font 'sans,13'\n"
        "set output '{}'\n",
        width, height, quoted(svg_file));
    if (!run_gnuplot(preamble + commands))
        spdlog::warn("{} was not drawn: install gnuplot (Debian: gnuplot-nox) for the picture", svg_file);
}

}  // namespace xloop
