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
    const auto matches = [&](const Glob& glob) { return glob.matches_within(path); };
    return (select.empty() || std::any_of(select.begin(), select.end(), matches)) &&
           std::none_of(exclude.begin(), exclude.end(), matches);
}

}  // namespace xloop::trace
