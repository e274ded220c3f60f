#include "traces/trace_bus.hpp"

namespace xloop {

int TraceBus::declare(std::string scope, std::string name, int width) {
    signals_.push_back({std::move(scope), std::move(name), width});
    values_.push_back(0);
    return static_cast<int>(signals_.size()) - 1;
}

void TraceBus::begin() {
    for (TraceSink* sink : sinks_)
        sink->begin(signals_);
}

void TraceBus::change(std::uint64_t cycle, int signal, std::uint64_t value) {
    std::uint64_t& known = values_[static_cast<std::size_t>(signal)];
    if (known == value)
        return;
    known = value;
    for (TraceSink* sink : sinks_)
        sink->change(cycle, signal, value);
}

void TraceBus::end(std::uint64_t cycle) {
    for (TraceSink* sink : sinks_)
        sink->end(cycle);
}

}  // namespace xloop
