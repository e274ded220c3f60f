#include "systemc_model/sim/simulation_result.hpp"

#include <algorithm>

namespace xloop {

StateCycles& StateCycles::operator+=(const StateCycles& o) {
    busy += o.busy;
    waiting += o.waiting;
    blocked += o.blocked;
    idle += o.idle;
    return *this;
}

void CycleSpan::include(std::uint64_t cycle) {
    start = std::min(start, cycle);
    end = std::max(end, cycle);
}

StateCycles SimulationResult::Layer::states() const {
    StateCycles sum;
    for (const StateCycles& task : tasks)
        sum += task;
    return sum;
}

double SimulationResult::interval_cycles() const {
    if (images.size() < 2)
        return images.empty() ? 0.0 : static_cast<double>(images.front().length());
    const std::size_t first = (images.size() - 1) / 2, last = images.size() - 1;
    return static_cast<double>(images[last].end - images[first].end) / static_cast<double>(last - first);
}

}  // namespace xloop
