#include "traces/bus/trace_writer.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <system_error>
#include <tuple>

namespace xloop::trace {
namespace {

/// Blocks that may wait for the thread.
constexpr std::size_t most_blocks = 16;

std::vector<Sink*> that_want(const std::vector<Sink*>& sinks, Sink::Wants what) {
    std::vector<Sink*> some;
    std::copy_if(sinks.begin(), sinks.end(), std::back_inserter(some),
                 [&](Sink* sink) { return sink->wants() == what; });
    return some;
}

std::string_view text_at(const Record& record, std::size_t word) {
    const char* text;
    std::memcpy(&text, record.from(word), sizeof text);
    return {text, record[word + 1]};
}

}  // namespace

TraceWriter::TraceWriter(const Declarations& declarations, TimeWindows& windows, std::vector<Sink*> sinks,
                         std::vector<std::unique_ptr<Job>>& jobs, bool windows_grow)
    : declarations_(declarations), windows_(windows), sinks_(std::move(sinks)),
      signal_sinks_(that_want(sinks_, Sink::Wants::signals)), count_sinks_(that_want(sinks_, Sink::Wants::counts)),
      timeline_sinks_(that_want(sinks_, Sink::Wants::timeline)), jobs_(jobs),
      ordered_(windows_grow ||
               std::any_of(sinks_.begin(), sinks_.end(), [](Sink* sink) { return sink->needs_order(); })) {
    for (Sink* sink : sinks_)
        sink->begin(declarations_);
    try {
        thread_ = std::thread([this] { work(); });
    } catch (const std::system_error& e) {
        throw Error(fmt::format("the thread that writes traces cannot be started: {}; see ulimit -u and ulimit -v",
                                e.code().message()));
    }
}

TraceWriter::~TraceWriter() {
    {
        std::lock_guard lock(mutex_);
        closed_ = true;
        failed_ = true;
    }
    filled_.notify_one();
    if (thread_.joinable())
        thread_.join();
}

void TraceWriter::take(Block& block) {
    {
        std::unique_lock lock(mutex_);
        emptied_.wait(lock, [this] { return blocks_.size() < most_blocks || failed_; });
        blocks_.push_back(std::move(block));
        block = Block();
        if (!spare_.empty()) {
            block = std::move(spare_.back());
            spare_.pop_back();
        }
    }
    filled_.notify_one();
    block.size = 0;
    if (failed_)
        rethrow();
}

void TraceWriter::finish(Time end, bool or_later) {
    {
        std::lock_guard lock(mutex_);
        end_ = end;
        or_later_ = or_later;
        closed_ = true;
    }
    filled_.notify_one();
    if (thread_.joinable())  // not at the second call, after the first has thrown
        thread_.join();
    rethrow();
}

void TraceWriter::rethrow() {
    std::lock_guard lock(mutex_);
    if (failure_)
        std::rethrow_exception(failure_);
}

void TraceWriter::work() {
    try {
        for (;;) {
            Block block;
            {
                std::unique_lock lock(mutex_);
                filled_.wait(lock, [this] { return !blocks_.empty() || closed_; });
                if (failed_)
                    return;
                if (blocks_.empty())
                    break;
                block = std::move(blocks_.front());
                blocks_.pop_front();
            }
            emptied_.notify_one();
            read(block);
            std::lock_guard lock(mutex_);
            spare_.push_back(std::move(block));
        }
        finish_sinks();
    } catch (...) {
        std::lock_guard lock(mutex_);
        failure_ = std::current_exception();
        failed_ = true;
        emptied_.notify_one();
    }
}

void TraceWriter::read(const Block& block) {
    for (const std::uint64_t *at = block.words.get(), *end = at + block.size; at < end;) {
        const Record record{at};
        at += 1 + record.words();
        switch (record.kind()) {
        case Record::advance: advance(record[0]); break;
        case Record::open: windows_.open(record[0]); break;
        case Record::close: windows_.close(record[0]); break;
        default:
            if (ordered_)
                hold(record);
            else
                give(record);
        }
    }
}

void TraceWriter::hold(const Record& record) {
    const std::uint64_t* words = record.head_word;
    held_.push_back({record.end(declarations_), record.begin(declarations_), held_so_far_++, kept_.size()});
    kept_.insert(kept_.end(), words, words + 1 + record.words());
}

void TraceWriter::release(Time horizon) {
    const auto waiting =
        std::stable_partition(held_.begin(), held_.end(), [&](const Held& held) { return held.end < horizon; });
    std::sort(held_.begin(), waiting);
    for (auto held = held_.begin(); held != waiting; ++held)
        give({kept_.data() + held->at});
    held_.erase(held_.begin(), waiting);
    // What still waits moves to the front.
    kept_next_.clear();
    for (Held& held : held_) {
        const std::uint64_t* words = kept_.data() + held.at;
        held.at = kept_next_.size();
        kept_next_.insert(kept_next_.end(), words, words + 1 + Record{words}.words());
    }
    kept_.swap(kept_next_);
}

void TraceWriter::advance(Time horizon) {
    release(horizon);
    Time safe = horizon;
    for (const Held& held : held_)
        safe = std::min(safe, held.begin);
    for (Sink* sink : sinks_)
        sink->advance(safe);
}

void TraceWriter::give(const Record& record) {
    latest_ = std::max(latest_, record.end(declarations_));
    switch (record.kind()) {
    case Record::change: return value({record[0], record.id(), record.from(1)});
    case Record::pulses: return pulses({record[0], record.id(), &declarations_.patterns[record[2]], record[3]});
    case Record::job:
        return jobs_[static_cast<std::size_t>(record.id())]->run(
            record[0], reinterpret_cast<const std::uint8_t*>(record.from(3)), *this);
    case Record::count:
        for (Sink* sink : count_sinks_)
            sink->count({record.id(), static_cast<Event>(record[3]), record[2], record[0], record[1]});
        return;
    case Record::slice:
        for (Sink* sink : timeline_sinks_)
            sink->slice({record.id(), text_at(record, 2), text_at(record, 4), record[0], record[1],
                         static_cast<std::int64_t>(record[6]), static_cast<std::int64_t>(record[7]),
                         static_cast<std::int64_t>(record[8])});
        return;
    default:
        for (Sink* sink : timeline_sinks_)
            sink->level({record.id(), record[0], static_cast<std::int64_t>(record[1])});
    }
}

void TraceWriter::value(const ValueChange& change) {
    for (Sink* sink : signal_sinks_)
        sink->value(change);
}

void TraceWriter::burst(const Burst& burst) {
    for (Sink* sink : signal_sinks_)
        sink->burst(burst);
}

void TraceWriter::pulses(const Pulses& pulses) {
    for (Sink* sink : signal_sinks_)
        sink->pulses(pulses);
}

void TraceWriter::finish_sinks() {
    release(never);
    const Time end = or_later_ ? std::max(end_, latest_) : end_;
    for (Sink* sink : sinks_)
        sink->end(end);
}

}  // namespace xloop::trace
