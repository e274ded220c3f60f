#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xloop::noc {

/// Events due a small number of cycles ahead. Each cycle's list keeps its memory, so that a network in steady state
/// allocates nothing.
template <class Event>
class DelayLine {
public:
    explicit DelayLine(int longest_delay) {
        std::size_t slots = 1;
        while (slots <= static_cast<std::size_t>(longest_delay))
            slots *= 2;
        due_.resize(slots);
    }
    /// `cycle` is at most the longest delay ahead.
    void add(std::uint64_t cycle, const Event& event) { add(cycle) = event; }
    /// An event to be filled in place: a copy of one just written member by member would wait for these writes.
    Event& add(std::uint64_t cycle) {
        ++pending_;
        return due_[cycle & (due_.size() - 1)].emplace_back();
    }
    /// Hands all events of `cycle` to `handle`, which may add events of later cycles.
    template <class Handle>
    void take(std::uint64_t cycle, Handle handle) {
        std::vector<Event>& events = due_[cycle & (due_.size() - 1)];
        for (const Event& event : events)
            handle(event);
        pending_ -= events.size();
        events.clear();
    }
    bool empty() const { return pending_ == 0; }
    std::size_t size() const { return pending_; }

private:
    std::vector<std::vector<Event>> due_;
    std::size_t pending_ = 0;
};

}  // namespace xloop::noc
