#include "traces/bus/trace_bus.hpp"

#include "core/error.hpp"
#include "traces/bus/hierarchy.hpp"
#include "traces/bus/trace_record.hpp"
#include "traces/bus/trace_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cstring>

namespace xloop::trace {
namespace {

std::uint64_t word_of(const char* text) {
    std::uint64_t word = 0;
    std::memcpy(&word, &text, sizeof text);
    return word;
}

void demand_used(const std::vector<Glob>& globs) {
    for (const Glob& glob : globs)
        if (!glob.used())
            throw InputError(fmt::format(
                "trace: no signal of the chosen classes matches the pattern `{}` of trace.select; `*` stays within one "
                "level, "
                "`**` crosses levels (chip.tile_0_0, chip.**.adc_bank){}",
                glob.pattern(),
                glob.pattern().back() == ']' ? "; a bus is matched by its name alone, without brackets" : ""));
}

}  // namespace

TraceBus::TraceBus(Declarations declarations, Selection selection, TimeWindows windows, std::vector<Sink*> sinks,
                   NameMap* names)
    : declarations_(std::move(declarations)), selection_(std::move(selection)), windows_(std::move(windows)),
      sinks_(std::move(sinks)), names_(names), block_(std::make_unique<Block>()) {
    declarations_.windows = &windows_;
    const auto any = [this](Sink::Wants what) {
        return std::any_of(sinks_.begin(), sinks_.end(), [&](Sink* sink) { return sink->wants() == what; });
    };
    signals_wanted_ = any(Sink::Wants::signals);
    counts_wanted_ = any(Sink::Wants::counts);
    timeline_wanted_ = any(Sink::Wants::timeline);
}

TraceBus::~TraceBus() = default;

int TraceBus::declare(Signal signal) {
    if (!signals_wanted_ || !selection_.includes(signal))
        return -1;
    if (const auto known = signal_numbers_.find(signal.scope + "." + signal.name); known != signal_numbers_.end())
        return known->second;
    int number = static_cast<int>(last_.size());
    std::optional<NameMap::Net> net;
    if (names_ && !(net = names_->rename(levels_of(signal.scope), signal.name, signal.width)))
        number = -1;
    signal_numbers_.emplace(signal.scope + "." + signal.name, number);
    if (number < 0)
        return number;
    if (net) {
        signal.scope = fmt::format("{}", fmt::join(net->scope, "."));
        signal.name = net->name;
    }
    words_.push_back(static_cast<std::uint32_t>(signal.words()));
    last_.push_back(0);
    last_times_.push_back(0);
    declarations_.signals.push_back(std::move(signal));
    return number;
}

int TraceBus::declare(Instance instance) {
    const auto [place, is_new] =
        instance_numbers_.emplace(instance.path + '\n' + std::to_string(instance.kind),
                                  static_cast<int>(declarations_.instances.size()));
    if (is_new)
        declarations_.instances.push_back(std::move(instance));
    return place->second;
}

int TraceBus::declare(Track track) {
    const auto [place, is_new] =
        track_numbers_.emplace(track.group + '\n' + track.name, static_cast<int>(declarations_.tracks.size()));
    if (is_new)
        declarations_.tracks.push_back(std::move(track));
    return place->second;
}

int TraceBus::declare(Pattern pattern) {
    const auto same = std::find_if(declarations_.patterns.begin(), declarations_.patterns.end(),
                                   [&](const Pattern& p) { return p.offsets == pattern.offsets; });
    if (same != declarations_.patterns.end())
        return static_cast<int>(same - declarations_.patterns.begin());
    declarations_.patterns.push_back(std::move(pattern));
    return static_cast<int>(declarations_.patterns.size()) - 1;
}

int TraceBus::declare(std::unique_ptr<Job> job) {
    jobs_.push_back(std::move(job));
    return static_cast<int>(jobs_.size()) - 1;
}

void TraceBus::begin() {
    if (signals_wanted_)
        demand_used(selection_.select);
    writer_ = std::make_unique<TraceWriter>(declarations_, windows_, sinks_, jobs_, !selection_.regions.empty());
}

std::uint64_t* TraceBus::push(std::uint64_t kind, int id, std::size_t words) {
    constexpr std::size_t advance_words = 2;
    if (!block_->has_room(1 + words + advance_words)) {
        hand_over();
        if (!block_->has_room(1 + words + advance_words))
            block_->make_room(1 + words + advance_words);
    }
    std::uint64_t* at = block_->words.get() + block_->size;
    block_->size += 1 + words;
    *at = Record::head(kind, words, id);
    ++records_;
    return at + 1;
}

void TraceBus::hand_over() {
    if (block_->capacity == 0)
        return;
    block_->words[block_->size++] = Record::head(Record::advance, 1, 0);
    block_->words[block_->size++] = now_;
    writer_->take(*block_);
}

void TraceBus::demand_order(Time time, int signal) {
    Time& last = last_times_[static_cast<std::size_t>(signal)];
    if (time < last || time < now_) {
        const Signal& s = declarations_.signals[static_cast<std::size_t>(signal)];
        throw Error(fmt::format(
            "trace: {}.{} changes at {} ps after {} ps, the run being at {} ps; this is a fault of the model", s.scope,
            s.name, time, last, now_));
    }
    last = time;
}

void TraceBus::push_change(Time time, int signal, std::uint64_t value) {
    last_[static_cast<std::size_t>(signal)] = value;
    demand_order(time, signal);
    std::uint64_t* words = push(Record::change, signal, 2);
    words[0] = time;
    words[1] = value;
}

void TraceBus::change(Time time, int signal, const std::uint64_t* words) {
    if (signal < 0)
        return;
    const std::size_t count = words_[static_cast<std::size_t>(signal)];
    if (count == 1)
        return push_change(time, signal, words[0]);  // also an equal value: a job may have given another one since
    demand_order(time, signal);
    std::uint64_t* record = push(Record::change, signal, 1 + count);
    record[0] = time;
    std::copy_n(words, count, record + 1);
}

void TraceBus::pulses(Time start, int signal, int pattern, Time high) {
    if (signal < 0)
        return;
    std::uint64_t* words = push(Record::pulses, signal, 4);
    words[0] = start;
    words[1] = start + declarations_.patterns[static_cast<std::size_t>(pattern)].offsets.back() + high;
    words[2] = static_cast<std::uint64_t>(pattern);
    words[3] = high;
}

std::uint8_t* TraceBus::defer(Time begin, Time end, int job, std::size_t bytes) {
    std::uint64_t* words = push(Record::job, job, 3 + (bytes + 7) / 8);
    words[0] = begin;
    words[1] = end;
    words[2] = bytes;
    return reinterpret_cast<std::uint8_t*>(words + 3);
}

void TraceBus::count(int instance, Event event, std::uint64_t n, std::uint64_t begin_cycle, std::uint64_t end_cycle) {
    std::uint64_t* words = push(Record::count, instance, 4);
    words[0] = begin_cycle;
    words[1] = end_cycle;
    words[2] = n;
    words[3] = static_cast<std::uint64_t>(event);
}

void TraceBus::slice(int track, std::string_view name, std::string_view category, Time begin, Time end,
                     std::int64_t layer, std::int64_t image, std::int64_t position) {
    std::uint64_t* words = push(Record::slice, track, 9);
    words[0] = begin;
    words[1] = end;
    words[2] = word_of(name.data());
    words[3] = name.size();
    words[4] = word_of(category.data());
    words[5] = category.size();
    words[6] = static_cast<std::uint64_t>(layer);
    words[7] = static_cast<std::uint64_t>(image);
    words[8] = static_cast<std::uint64_t>(position);
}

void TraceBus::level(int track, Time time, std::int64_t value) {
    std::uint64_t* words = push(Record::level, track, 2);
    words[0] = time;
    words[1] = static_cast<std::uint64_t>(value);
}

void TraceBus::open_window() {
    if (open_regions_++ == 0)
        *push(Record::open, 0, 1) = now_;
}

void TraceBus::close_window() {
    if (--open_regions_ == 0)
        *push(Record::close, 0, 1) = now_;
}

void TraceBus::end(Time time) {
    advance(time);
    hand_over();
    writer_->finish(time, false);
    writer_.reset();
    traced_ = windows_.before(time);
}

void TraceBus::end_early() {
    hand_over();
    writer_->finish(now_, true);
    writer_.reset();
}

}  // namespace xloop::trace
