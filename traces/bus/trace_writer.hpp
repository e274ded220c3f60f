#pragma once

#include "traces/bus/trace_bus.hpp"
#include "traces/bus/trace_record.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace xloop::trace {

/// The writer's thread: takes blocks of records and gives what they say to the sinks.
class TraceWriter : private Emitter {
public:
    TraceWriter(const Declarations& declarations, TimeWindows& windows, std::vector<Sink*> sinks,
                std::vector<std::unique_ptr<Job>>& jobs, bool windows_grow);
    ~TraceWriter();

    /// Takes the block's records and leaves an empty one in its place; waits while the thread is far behind.
    void take(Block& block);
    /// Everything up to `end` is dealt with, files are finished; throws what the thread threw. `or_later`: the end is the last
    /// time that any record spoke of, if that is later.
    void finish(Time end, bool or_later);
    bool failed() const { return failed_; }
    /// Throws what the thread threw, if it did.
    void rethrow();

private:
    /// A record that may not be given on before the model has come to its end.
    struct Held {
        Time end, begin;
        std::uint64_t number;
        std::size_t at;  ///< in `kept_`
        bool operator<(const Held& o) const { return end != o.end ? end < o.end : number < o.number; }
    };

    void work();
    void read(const Block& block);
    void hold(const Record& record);
    void release(Time horizon);
    void advance(Time horizon);
    void give(const Record& record);
    void finish_sinks();

    void value(const ValueChange& change) override;
    void burst(const Burst& burst) override;
    void pulses(const Pulses& pulses) override;

    const Declarations& declarations_;
    TimeWindows& windows_;
    std::vector<Sink*> sinks_, signal_sinks_, count_sinks_, timeline_sinks_;
    std::vector<std::unique_ptr<Job>>& jobs_;
    bool ordered_;

    std::vector<Held> held_;
    std::vector<std::uint64_t> kept_, kept_next_;  ///< the records themselves
    std::uint64_t held_so_far_ = 0;
    Time end_ = 0, latest_ = 0;
    bool or_later_ = false;

    std::mutex mutex_;
    std::condition_variable filled_, emptied_;
    std::deque<Block> blocks_;
    std::vector<Block> spare_;
    bool closed_ = false;
    std::atomic<bool> failed_{false};
    std::exception_ptr failure_;
    std::thread thread_;
};

}  // namespace xloop::trace
