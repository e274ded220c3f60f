#include "traces/glob.hpp"

namespace xloop::trace {
namespace {

bool match(std::string_view pattern, std::string_view text) {
    while (!pattern.empty()) {
        if (pattern.front() == '*') {
            const bool across = pattern.size() > 1 && pattern[1] == '*';
            const std::string_view rest = pattern.substr(across ? 2 : 1);
            for (std::size_t taken = 0;; ++taken) {
                if (match(rest, text.substr(taken)))
                    return true;
                if (taken == text.size() || (!across && text[taken] == '.'))
                    return false;
            }
        }
        if (text.empty() || (pattern.front() != text.front() && (pattern.front() != '?' || text.front() == '.')))
            return false;
        pattern.remove_prefix(1);
        text.remove_prefix(1);
    }
    return text.empty();
}

}  // namespace

bool Glob::matches(std::string_view path) const {
    const bool found = match(pattern_, path);
    used_ = used_ || found;
    return found;
}

bool Glob::matches_within(std::string_view path) const {
    for (;; path = path.substr(0, path.rfind('.'))) {
        if (matches(path))
            return true;
        if (path.find('.') == std::string_view::npos)
            return false;
    }
}

}  // namespace xloop::trace
