#include "traces/text/glob.hpp"

namespace xloop::trace {

bool Glob::matches(std::string_view path) const {
    const bool found = pattern_.match(path, captures_);
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
