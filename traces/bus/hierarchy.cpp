#include "traces/bus/hierarchy.hpp"

#include <algorithm>
#include <numeric>

namespace xloop::trace {

Levels levels_of(std::string_view path) {
    Levels levels;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        levels.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return levels;
}

void append_level(std::string& path, std::string_view name) {
    if (!path.empty())
        path += '.';
    for (char c : name) {
        if (c == '.' || c == '\\')
            path += '\\';
        path += c;
    }
}

std::string joined(const Levels& levels) {
    std::string path;
    for (std::string_view name : levels)
        append_level(path, name);
    return path;
}

std::vector<std::size_t> by_hierarchy(const std::vector<Signal>& signals) {
    std::vector<Levels> scopes;
    for (const Signal& signal : signals)
        scopes.push_back(levels_of(signal.scope));
    std::vector<std::size_t> order(signals.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scopes[a] < scopes[b]; });
    return order;
}

}  // namespace xloop::trace
