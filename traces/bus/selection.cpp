#include "traces/bus/selection.hpp"

#include <algorithm>

namespace xloop::trace {

bool Selection::includes(SignalClass kind) const {
    return classes.empty() ? trace::includes(detail, kind) : std::count(classes.begin(), classes.end(), kind) > 0;
}

bool Selection::includes(const Signal& signal) const {
    if (!includes(signal.kind))
        return false;
    const std::string path = signal.scope + "." + signal.name;
    // All patterns are asked: each is to know whether it is of any use.
    const auto any = [&](const std::vector<Glob>& globs) {
        return std::count_if(globs.begin(), globs.end(), [&](const Glob& glob) { return glob.matches_within(path); }) >
               0;
    };
    const bool excluded = any(exclude), selected = any(select) || select.empty();
    return selected && !excluded;
}

}  // namespace xloop::trace
