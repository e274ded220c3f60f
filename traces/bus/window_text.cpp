#include "traces/bus/window_text.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <cmath>
#include <cstdlib>
#include <sstream>

namespace xloop::trace {
namespace {

[[noreturn]] void fail(const std::string& text, const std::string& why) {
    throw InputError(
        fmt::format("expected cycles:BEGIN-END, ns:BEGIN-END (ps, us, ms), or a region such as layer:conv3,image:2; "
                    "in window `{}` {}",
                    text, why));
}

double number(const std::string& text, const std::string& whole) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !(value >= 0) || value > 1e18)
        fail(whole, fmt::format("`{}` is no number from 0 on", text));
    return value;
}

/// Picoseconds of a unit; 0: no unit of time.
double picoseconds(const std::string& unit, std::uint64_t cycle_fs) {
    return unit == "cycles" ? 1e-3 * static_cast<double>(cycle_fs)
           : unit == "ps"   ? 1.0
           : unit == "ns"   ? 1e3
           : unit == "us"   ? 1e6
           : unit == "ms"   ? 1e9
                            : 0.0;
}

std::pair<Time, Time> span(const std::string& range, double unit, const std::string& whole) {
    const std::size_t dash = range.find('-');
    if (dash == std::string::npos)
        fail(whole, "`-` between begin and end is missing");
    const std::string end = range.substr(dash + 1);
    const auto time = [&](const std::string& text) {
        const double ps = number(text, whole) * unit;
        return ps < 9e18 ? static_cast<Time>(std::llround(ps)) : never;
    };
    const std::pair<Time, Time> window{time(range.substr(0, dash)), end.empty() ? never : time(end)};
    if (window.first >= window.second)
        fail(whole, "its end is not after its begin");
    return window;
}

}  // namespace

std::variant<std::pair<Time, Time>, Region> parse_window(const std::string& text, std::uint64_t cycle_fs) {
    Region region;
    std::istringstream parts(text);
    int count = 0;
    for (std::string part; std::getline(parts, part, ','); ++count) {
        const std::size_t colon = part.find(':');
        if (colon == std::string::npos && !region.layer.empty() && region.image < 0) {
            region.layer += "," + part;  // a comma of the layer's name
            continue;
        }
        if (colon == std::string::npos)
            fail(text, fmt::format("`{}` has no colon", part));
        const std::string key = part.substr(0, colon), value = part.substr(colon + 1);
        if (const double unit = picoseconds(key, cycle_fs); unit > 0) {
            if (part != text)
                fail(text, "a span of time stands alone");
            return span(value, unit, text);
        }
        if (key == "layer" && !value.empty())
            region.layer = value;
        else if (key == "image")
            region.image = static_cast<std::int64_t>(number(value, text));
        else
            fail(text, fmt::format("`{}` is neither a unit of time, layer nor image", part));
    }
    if (count == 0)
        fail(text, "it is empty");
    return region;
}

}  // namespace xloop::trace
