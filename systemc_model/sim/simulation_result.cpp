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

double mean_length(const std::vector<CycleSpan>& spans) {
    double sum = 0;
    for (const CycleSpan& span : spans)
        sum += static_cast<double>(span.length());
    return sum / static_cast<double>(std::max<std::size_t>(spans.size(), 1));
}

StateCycles SimulationResult::Layer::states() const {
    StateCycles sum;
    for (const StateCycles& task : tasks)
        sum += task;
    return sum;
}

double SimulationResult::interval_cycles() const {
    if (rounds.size() > 1 && !images.empty())
        return static_cast<double>(cycles) / static_cast<double>(images.size());
    if (images.size() < 2)
        return images.empty() ? 0.0 : static_cast<double>(images.front().length());
    const std::size_t first = (images.size() - 1) / 2, last = images.size() - 1;
    return static_cast<double>(images[last].end - images[first].end) / static_cast<double>(last - first);
}

MadeReads SimulationResult::made_reads() const {
    MadeReads made{"as counted in the run with values", static_cast<int>(images.size()), {}};
    for (const Layer& layer : layers)
        made.layers.push_back(layer.made);
    return made;
}

}  // namespace xloop
