#include "traces/text/glob.hpp"

namespace xloop::trace {

bool Glob::matches(std::string_view path, char separator) const {
    const bool found = pattern_.match(path, captures_, separator);
    used_ = used_ || found;
    return found;
}

bool Glob::matches_within(std::string_view path, char separator) const {
    for (;; path = path.substr(0, path.rfind(separator))) {
        if (matches(path, separator))
            return true;
        if (path.find(separator) == std::string_view::npos)
            return false;
    }
}

bool Glob::matches_within(const std::vector<std::string_view>& levels) const {
    std::string path;
    for (std::string_view name : levels)
        (path += path.empty() ? "" : std::string_view(&NamePattern::own_separator, 1)) += name;
    return matches_within(path, NamePattern::own_separator);
}

}  // namespace xloop::trace
